package ioc

import "strings"

// maxWord is longer than any word in objects and namespaces.
const maxWord = 16

// isProper reports whether the name t[a:b], whose last label means u, is a
// domain name and not a file's or a piece of code.
func (s *Scanner) isProper(a, b int, u use) bool {
	return !isFile(s.text, a, b, u) && !isMember(s.text, a, b, u) && !isProse(s.text[a:b])
}

// isFile reports whether the name is a file's. A path goes before a name with
// one slash or backslash; two begin a share or an authority.
func isFile(t string, a, b int, u use) bool {
	if u&file != 0 {
		return true
	}
	name := t[a:b]
	if u&(fileInPath|program) == 0 || strings.Count(name, ".") > 1 {
		return false
	}
	if u&program != 0 && isWordOf(programs, name[:strings.IndexByte(name, '.')]) {
		return true
	}
	sep := before(t, a)
	return before(t, a-1) != sep && (sep == '\\' || sep == '/' && u&fileInPath != 0)
}

// isMember reports whether the name is code: a variable's or known object's
// member, a call, or words in camel case.
func isMember(t string, a, b int, u use) bool {
	if u&(member|namespace) == 0 {
		return false
	}
	name := t[a:b]
	first := name[:strings.IndexByte(name, '.')]
	if isWordOf(namespaces, first) {
		return true
	}
	if u&member == 0 {
		return false
	}
	return before(t, a) == '$' || at(t, b) == '(' || isWordOf(objects, first) ||
		isTitle(name) && isTitle(name[strings.LastIndexByte(name, '.')+1:])
}

// isProse reports whether the name is two sentences without a space between
// them, or a property: its last label alone begins with a capital.
func isProse(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	return isTitle(name[dot+1:]) && !isUpper(name[strings.LastIndexByte(name[:dot], '.')+1])
}

// isTitle reports whether s begins with a capital and a small letter.
func isTitle(s string) bool {
	return len(s) > 1 && isUpper(s[0]) && is(s[1], alpha) && !isUpper(s[1])
}

func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }

// isWordOf reports whether the set holds s, in any case.
func isWordOf(set map[string]bool, s string) bool {
	if len(s) > maxWord {
		return false
	}
	var buf [maxWord]byte
	for i := range len(s) {
		buf[i] = lower(s[i])
	}
	return set[string(buf[:len(s)])]
}
