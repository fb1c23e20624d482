package ioc

import "strings"

// What bytes do in paths of Windows and keys of its registry.
const (
	inPath  uint8 = iota
	notPath       // never in one
	notFile       // not in the name of a file
	softEnd       // ends one that stands in a text
	blank         // may go before a further word of a name
	quote         // an apostrophe
	slash         // a backslash
)

var pathBytes = classifyPaths()

func classifyPaths() (c [256]uint8) {
	for b := range c {
		if b < ' ' || b == 0x7f {
			c[b] = notPath
		}
	}
	for kind, bytes := range map[uint8]string{
		notPath: "\"<>|", notFile: "/:*?", softEnd: ",;`", blank: " ", quote: "'", slash: `\`,
	} {
		for i := range len(bytes) {
			c[bytes[i]] = kind
		}
	}
	return c
}

// maxBlanks limits a name with blanks that has more behind it, in bytes.
const maxBlanks = 80

// A pathReader reads a path of names between backslashes.
type pathReader struct {
	t string
	// doubled tells that the text is escaped: each backslash is two.
	doubled bool
	// isKey tells that the names are of the registry, which allows more.
	isKey bool
	// until ends a path in quotes; 0 one that is a text of its own; ' ' one in
	// the midst of a text.
	until byte
}

// newPathReader returns the reader of the path that starts at start, its first
// backslash being at sep.
func newPathReader(t string, start, sep int, isKey bool) pathReader {
	r := pathReader{t: t, doubled: at(t, sep+1) == '\\', isKey: isKey, until: ' '}
	switch prev := before(t, start); prev {
	case 0, '"', '\'':
		r.until = prev
	}
	return r
}

// end returns the end of the path whose backslash is at i, i if no name follows.
func (r pathReader) end(i int) int {
	end, from := i, r.afterSep(i)
	if from == i || !r.more(from) {
		return end
	}
	for {
		stop, whole := r.name(from)
		switch {
		case stop == from:
			return end
		case !whole:
			return stop
		}
		end, from = stop, r.afterSep(stop)
		if !r.more(from) {
			return r.withSep(stop)
		}
	}
}

// afterSep returns the end of the separator at i, i if there is none.
func (r pathReader) afterSep(i int) int {
	n := 1
	if r.doubled {
		n = 2
	}
	for j := range n {
		if at(r.t, i+j) != '\\' {
			return i
		}
	}
	if r.isKey && !r.doubled && at(r.t, i+n) == '\\' { // a value's name may be a path
		n++
	}
	return i + n
}

// more reports whether a name begins at i.
func (r pathReader) more(i int) bool {
	c := at(r.t, i)
	return i < len(r.t) && r.goesOn(c) && c != ' ' && c != '\\' && c != '\''
}

// withSep takes the separator at the end of a path with it.
func (r pathReader) withSep(i int) int {
	next := r.afterSep(i)
	if r.doubled || next > i && isWord(at(r.t, next)) { // an escape
		return i
	}
	return next
}

// goesOn reports whether c may stand in a name.
func (r pathReader) goesOn(c byte) bool {
	switch pathBytes[c] {
	case notPath:
		return false
	case notFile:
		return r.isKey
	case softEnd:
		return r.until != ' ' && (r.isKey || r.until != 0)
	}
	return true
}

// name reads the name at i; whole tells that a separator follows.
func (r pathReader) name(i int) (end int, whole bool) {
	t := r.t
	firstBlank := -1
	j := i
	for ; ; j++ {
		for j < len(t) && pathBytes[t[j]] == inPath {
			j++
		}
		if j == len(t) {
			break
		}
		switch c := t[j]; {
		case c == '\\':
			if firstBlank >= 0 && (t[j-1] == ' ' || j-i > maxBlanks) {
				return firstBlank, false
			}
			return j, r.afterSep(j) > j
		case c == ' ':
			if !r.spans(i, j) {
				return r.cut(i, j, firstBlank), false
			}
			if firstBlank < 0 {
				firstBlank = j
			}
		case c == '\'' && (r.until == '\'' || !is(at(t, j+1), alnum) || !isWord(t[j-1])), !r.goesOn(c):
			return r.cut(i, j, firstBlank), false
		}
		if firstBlank >= 0 && j-i > maxBlanks {
			return firstBlank, false
		}
	}
	return r.cut(i, j, firstBlank), false
}

// cut returns where the last name of a path ends that starts at i and could go
// on to j: at the first blank, unless a quote or the end of the text is there.
func (r pathReader) cut(i, j, firstBlank int) int {
	t := r.t
	if firstBlank >= 0 && (r.until == ' ' || at(t, j) != r.until || !r.looksWhole(firstBlank, j)) {
		j = firstBlank
	}
	j = i + r.withoutOffset(t[i:j])
	if r.until != ' ' && at(t, j) == r.until {
		return j
	}
	return trimName(t, i, j)
}

// withoutOffset returns the length of a name without the place in the program
// that a stack trace puts behind it: ntdll.dll+9c534.
func (r pathReader) withoutOffset(name string) int {
	plus := strings.LastIndexByte(name, '+')
	if r.isKey || plus < 0 || !is(at(name, plus+1), hexa) {
		return len(name)
	}
	if dot := strings.LastIndexByte(name[:plus], '.'); dot >= 0 && isWordOf(extensions, name[dot+1:plus]) {
		return plus
	}
	return len(name)
}

// looksWhole reports whether the words from the blank at i to j belong to the
// name of a file or key. In quotes they do.
func (r pathReader) looksWhole(i, j int) bool {
	if r.until != 0 || r.isKey {
		return true
	}
	t := r.t
	for k := j - 1; k > j-7 && k > i; k-- { // an extension of up to five letters
		if t[k] == '.' {
			return k < j-1
		}
		if !is(t[k], alnum) {
			break
		}
	}
	for k := i; k < j; k++ {
		if t[k] == ' ' && is(at(t, k+1), alpha) && !isUpper(t[k+1]) {
			return false
		}
	}
	return true
}

// spans reports whether the name that starts at i may go on behind the blank at
// j. It does not behind a program's or a document's extension, nor before an
// option or a key.
func (r pathReader) spans(i, j int) bool {
	t := r.t
	next := at(t, j+1)
	switch {
	case next == '-', next == '/', next == ' ' && r.until == ' ', next == '"', next == '\\':
		return false
	case lower(next) == 'h' && hiveAt(t, j+1), is(next, alpha) && at(t, j+2) == ':':
		return false
	}
	if r.until == ' ' && is(next, alpha) && !isUpper(next) && !isWordOf(secondWords, wordAt(t, j+1)) {
		return false
	}
	if r.isKey {
		return true
	}
	for k := j - 1; k > i && k >= j-6; k-- {
		if t[k] == '.' {
			return !isWordOf(extensions, t[k+1:j])
		}
	}
	return true
}

// wordAt returns the letters at t[i:].
func wordAt(t string, i int) string {
	j := i
	for j < len(t) && j-i <= maxWord && is(t[j], alpha) {
		j++
	}
	return t[i:j]
}

// trimName returns the end of the name t[i:j] without the punctuation of the
// text behind it.
func trimName(t string, i, j int) int {
	for j > i {
		switch c := t[j-1]; c {
		case '.', ':', '!', ' ':
		case ')', ']', '}':
			if opened(t[i:j-1], c) {
				return j
			}
		default:
			return j
		}
		j--
	}
	return j
}

// opened reports whether the bracket that c closes stands in s.
func opened(s string, c byte) bool {
	for k := len(s) - 1; k >= 0; k-- {
		switch s[k] {
		case c:
			return false
		case '(', '[', '{':
			return closing(s[k]) == c
		}
	}
	return false
}
