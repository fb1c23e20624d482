package msticpy

import (
	"strings"
	"unicode/utf8"

	"github.com/huntd/huntd/pipeline/ioc"
)

// dotEnd returns the end of the dot at i, which may have a bracket on either
// side; i if there is none.
func dotEnd(t string, i int) int {
	j := i
	if at(t, j) == '[' {
		j++
	}
	if at(t, j) != '.' {
		return i
	}
	if j++; at(t, j) == ']' {
		j++
	}
	return j
}

// ipv4 finds four times one to three digits, with dots between.
func (s *Scanner) ipv4() {
	t := s.text
	for i := 0; i < len(t); {
		n := strings.IndexByte(t[i:], '.')
		if n < 0 {
			return
		}
		dot := i + n
		end := dot
		if end > i && t[end-1] == '[' {
			end--
		}
		start := runBack(t, end, max(i, end-3), digit)
		if start == end {
			i = dot + 1
			continue
		}
		i = dot + 1
		if stop, ok := quadEnd(t, end); ok {
			s.add(ioc.IPv4, start, stop)
			i = stop
		}
	}
}

// quadEnd returns the end of the three octets that follow the first, which ends
// at i.
func quadEnd(t string, i int) (end int, ok bool) {
	for range 3 {
		next := dotEnd(t, i)
		if next == i {
			return i, false
		}
		i = next
		for i < len(t) && i-next < 3 && is(t[i], digit) {
			i++
		}
		if i == next {
			return i, false
		}
	}
	return i, true
}

// ipv6 finds two to seven groups of up to four digits, each before a colon, and
// one behind, of which no part of a word, dot or colon is a neighbour.
func (s *Scanner) ipv6() {
	t := s.text
	for i := 0; i < len(t); {
		n := strings.IndexByte(t[i:], ':')
		if n < 0 {
			return
		}
		start := runBack(t, i+n, i, hexa)
		end := i + n
		for end < len(t) && (is(t[end], hexa) || t[end] == ':') {
			end++
		}
		prev, _ := utf8.DecodeLastRuneInString(t[:start])
		if free(prev, start > 0) {
			if stop, ok := groupsEnd(t, start); ok {
				s.add(ioc.IPv6, start, stop)
			}
		}
		i = end
	}
}

// free reports whether an address of groups may stand beside r.
func free(r rune, there bool) bool {
	return !there || r != ':' && r != '.' && !isWord(r)
}

func groupsEnd(t string, i int) (end int, ok bool) {
	groups := 0
	for groups < 7 {
		j := i
		for j < len(t) && j-i < 4 && is(t[j], hexa) {
			j++
		}
		if at(t, j) != ':' {
			break
		}
		groups++
		i = j + 1
	}
	end = i
	for end < len(t) && end-i < 4 && is(t[end], hexa) {
		end++
	}
	next, _ := utf8.DecodeRuneInString(t[end:])
	return end, groups >= 2 && free(next, end < len(t))
}
