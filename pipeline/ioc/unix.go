package ioc

import "strings"

// roots are the folders at the root of Linux and macOS that a path must begin
// with, if not with the home folder's sign: /c and /24 are no paths.
var roots = setOf(`
	bin boot dev etc home lib lib32 lib64 media mnt opt proc root run sbin snap srv sys tmp usr var
	applications library private system users volumes`)

// methods are what stands before a URL's path in a request.
var methods = setOf("get head post put delete options patch connect trace propfind")

// unixEnds are the bytes that end a Linux path outside of quotes.
const unixEnds = " \t\"'`<>|;,&:?#()[]{}\\^"

// atSlash reports the Linux path whose first slash is at i.
func (s *Scanner) atSlash(i int) {
	if !s.want.Has(LinuxPath) {
		return
	}
	t := s.text
	a := i
	if before(t, i) == '~' {
		a--
	}
	if !beginsPath(t, a) {
		return
	}
	if a == i && !hasRoot(t, i) {
		return
	}
	end := unixEnd(t, a, i)
	if end <= i+1 {
		return
	}
	s.upTo(a)
	s.pathLow = max(s.pathLow, end)
	s.add(LinuxPath, a, end)
}

// hasRoot reports whether one of the usual folders, and a name in it, stand behind
// the slash at i.
func hasRoot(t string, i int) bool {
	first := i + 1
	for first < len(t) && first-i <= maxWord && is(t[first], alnum) {
		first++
	}
	next := at(t, first+1)
	return at(t, first) == '/' && isWordOf(roots, t[i+1:first]) && next > ' ' && strings.IndexByte(unixEnds, next) < 0
}

// beginsPath reports whether a path may begin at i, by what stands before it.
func beginsPath(t string, i int) bool {
	prev := before(t, i)
	switch {
	case prev == '/':
		return hasFold(t, i-len("file://"), "file://")
	case prev == ' ':
		return !followsMethod(t, i-1)
	}
	return prev < ' ' || strings.IndexByte("\"'`<>|;,&:=([{!", prev) >= 0 || isWord(prev) && afterEscape(t, i)
}

// followsMethod reports whether the word before t[i] is the method of a request.
func followsMethod(t string, i int) bool {
	a := i
	for a > 0 && i-a <= maxWord && is(t[a-1], alpha) {
		a--
	}
	return isUpper(at(t, a)) && isWordOf(methods, t[a:i])
}

// unixEnd returns the end of the path that starts at a: in quotes the next one,
// if it is on the same line, else the next byte that ends paths. An escaped
// blank belongs to it.
func unixEnd(t string, a, i int) int {
	if q := before(t, a); q == '"' || q == '\'' {
		if n := strings.IndexAny(t[i:min(len(t), i+maxUnix)], "\"'\n\\\x00<>|"); n > 0 && t[i+n] == q && !strings.Contains(t[i:i+n], " -") {
			return i + n
		}
	}
	j := i
	for j < len(t) && t[j] >= ' ' && t[j] != 0x7f && strings.IndexByte(unixEnds, t[j]) < 0 || at(t, j) == '\\' && at(t, j+1) == ' ' {
		if t[j] == '\\' {
			j++
		}
		j++
	}
	for j > i && strings.IndexByte(".!=*$", t[j-1]) >= 0 {
		j--
	}
	return j
}

// maxUnix limits a path in quotes (PATH_MAX of Linux).
const maxUnix = 4096
