package msticpy

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/huntd/huntd/pipeline/ioc"
)

const (
	maxLabel  = 63
	maxLabels = 126
)

// dns finds names whose last label is on the public suffix list.
func (s *Scanner) dns() {
	t := s.text
	for i := 0; i < len(t); {
		if !is(t[i], label) {
			i++
			continue
		}
		end := run(t, i, label)
		start := labelStart(t, i, end)
		next := dotEnd(t, end)
		if start < 0 || next == end {
			i = end
			continue
		}
		from, stop := s.name(start, next, true)
		if from >= 0 && knownTLD(t[from:stop]) {
			s.add(ioc.DNS, from, stop)
		}
		i = stop
	}
}

// labelStart returns where in t[low:end] the longest label starts that ends at
// end, -1 if there is none: no hyphens at its ends nor two in a row.
func labelStart(t string, low, end int) int {
	if end == low || t[end-1] == '-' {
		return -1
	}
	start := end - 1
	for start > max(low, end-maxLabel) && !(t[start-1] == '-' && t[start] == '-') {
		start--
	}
	if t[start] == '-' {
		start++
	}
	return start
}

// name reads the name whose first label starts at start and whose second one
// would start at next: up to 126 labels before the longest run of letters, as
// many as possible. If slide is set, it may begin with a later label. It returns
// the name, or -1 and where to look on.
func (s *Scanner) name(start, next int, slide bool) (from, end int) {
	t := s.text
	s.starts = append(s.starts[:0], start)
	first, best := 0, -1
	for {
		if is(at(t, next), letter) && is(at(t, next+1), letter) {
			best = next
		}
		stop := run(t, next, label)
		after := dotEnd(t, stop)
		if after == stop || stop-next > maxLabel || stop == next || labelStart(t, next, stop) != next {
			break
		}
		if len(s.starts)-first == maxLabels {
			if best >= 0 || !slide {
				break
			}
			first++
		}
		s.starts = append(s.starts, next)
		next = after
	}
	if best < 0 {
		return -1, next
	}
	end = best + 2
	for end < len(t) && end-best < maxLabel && is(t[end], letter) {
		end++
	}
	return s.starts[first], end
}

// knownTLD reports whether the last label of the name was on the list of 2021. Only a dot
// with both brackets, or with none, counts as one.
func knownTLD(name string) bool {
	tld := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	if strings.HasPrefix(tld, "]") && strings.HasSuffix(name[:len(name)-len(tld)], "[.") {
		tld = tld[1:]
	}
	if retired[tld] || newer[tld] {
		return retired[tld]
	}
	whole := "-." + tld // some domains, as that of Cambodia, are on it by their children alone
	suffix, icann := publicsuffix.PublicSuffix(whole)
	return icann && len(suffix) >= len(tld)
}

// emails finds a user, an @ and a name.
func (s *Scanner) emails() {
	t := s.text
	low := 0
	for i := 0; i < len(t); {
		n := strings.IndexAny(t[i:], "@[")
		if n < 0 {
			return
		}
		i += n
		domain := atEnd(t, i)
		if domain == i {
			i++
			continue
		}
		start, sign := runBack(t, i, low, user), i
		i = domain
		if start == sign {
			continue
		}
		if _, end := s.nameAt(domain); end > domain {
			s.add(ioc.Email, start, end)
			low, i = end, end
		}
	}
}

// atEnd returns the end of the @ or [at] at i, i if there is none.
func atEnd(t string, i int) int {
	const defanged = "[at]"
	switch {
	case t[i] == '@':
		return i + 1
	case len(t)-i >= len(defanged) && strings.EqualFold(t[i:i+len(defanged)], defanged):
		return i + len(defanged)
	}
	return i
}

// nameAt reads the name that starts at i; end is i if there is none.
func (s *Scanner) nameAt(i int) (start, end int) {
	stop := run(s.text, i, label)
	next := dotEnd(s.text, stop)
	if next == stop || stop-i > maxLabel || labelStart(s.text, i, stop) != i {
		return i, i
	}
	if from, end := s.name(i, next, false); from >= 0 {
		return from, end
	}
	return i, i
}
