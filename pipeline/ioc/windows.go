package ioc

import (
	"strings"
	"unsafe"
)

// atDrive reports the Windows path whose drive's colon is at i.
func (s *Scanner) atDrive(i int) {
	t := s.text
	a := i - 1
	if a < 0 || !is(t[a], alpha) {
		return
	}
	switch prev := before(t, a); {
	case isWord(prev) && !afterEscape(t, a), prev == '.':
		return
	case prev == '\\' && before(t, a-1) != '?' && before(t, a-1) != '.': // \??\C:\ and \\.\C:\ are
		return
	}
	s.path(WindowsPath, a, i+1, false)
}

// path reads the path or key that starts at a, its first separator being at sep.
// The separators of an escaped text are counted back to one.
func (s *Scanner) path(typ Type, a, sep int, isKey bool) {
	r := newPathReader(s.text, a, sep, isKey)
	end := r.end(sep)
	if end <= r.afterSep(sep) {
		return
	}
	s.pathLow = end
	if !isKey && strings.IndexByte(s.text[a:end], '@') < 0 {
		s.fileEnd = end
	}
	s.addPath(typ, a, end, r.doubled)
	s.backFrom = max(s.backFrom, end)
}

func (s *Scanner) addPath(typ Type, a, end int, doubled bool) {
	value := s.text[a:end]
	if doubled && s.want.Has(typ) {
		value = s.unescape(value)
	}
	s.addValue(typ, a, end, value)
}

// unescape makes one backslash of each two.
func (s *Scanner) unescape(value string) string {
	from := len(s.values)
	s.values = appendUnescaped(s.values, value)
	return unsafe.String(&s.values[from], len(s.values)-from)
}

func appendUnescaped(dst []byte, s string) []byte {
	for {
		i := strings.Index(s, `\\`)
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i+1]...)
		s = s[i+2:]
	}
}

// endsRoot tells what may stand before the first backslash of a path or key: the
// last bytes of a hive or variable. beginsObject tells what may stand behind one
// that has nothing before it.
var endsRoot, beginsObject = bytesOf("mMuUrRcCeEtTsSgG:%"), bytesOf(`\rRdDsS`)

func bytesOf(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// The types that hang on backslashes, dots and colons. What a path tells of the
// names in it holds for those that hang on dots as well.
const (
	pathTypes  = 1<<WindowsPath | 1<<UNC | 1<<RegistryKey
	dotTypes   = 1<<IPv4 | 1<<DNS | 1<<Email | 1<<MAC | 1<<MITREAttack
	colonTypes = dotTypes | pathTypes | 1<<URL | 1<<IPv6
)

// atBackslash reports the path or key that hangs on the backslash at i.
func (s *Scanner) atBackslash(i int) {
	t := s.text
	next := at(t, i+1)
	if next == '\\' && s.share(i) {
		return
	}
	switch prev := before(t, i); {
	case prev == '%':
		s.variable(i)
	case isWord(prev) || prev == ':':
		if start := hiveStart(t, i); start >= 0 {
			s.upTo(start)
			s.path(RegistryKey, start, i, true)
		}
	case lower(next) == 'r' || lower(next) == 'd' || lower(next) == 's' || next == '\\':
		s.object(i)
	}
}

// variable reports the path that begins with a variable such as %TEMP%, whose
// end is before the backslash at i.
func (s *Scanner) variable(i int) {
	const maxVariable = 32
	t := s.text
	a := i - 2
	for a >= 0 && i-a < maxVariable && (isWord(t[a]) || t[a] == '(' || t[a] == ')') {
		a--
	}
	if a < 0 || t[a] != '%' || i-a < 4 || is(t[a+1], digit) {
		return
	}
	s.upTo(a)
	s.path(WindowsPath, a, i, false)
}

// objects are where the paths of Windows' object manager begin, with what each
// of them is.
var objectRoots = [...]struct {
	name string
	typ  Type
}{
	{`registry\machine\`, RegistryKey},
	{`registry\user\`, RegistryKey},
	{`registry\a\`, RegistryKey},
	{`device\harddisk`, WindowsPath},
	{`systemroot\`, WindowsPath},
}

// object reports the path of an object, such as \REGISTRY\MACHINE\SOFTWARE, that
// begins with the backslash at i.
func (s *Scanner) object(i int) {
	t := s.text
	from := i + 1
	if at(t, from) == '\\' {
		from++
	}
	for _, root := range objectRoots {
		if hasObject(t, from, root.name, from-i) {
			s.upTo(i)
			s.path(root.typ, i, i, root.typ == RegistryKey)
			return
		}
	}
}

// hasObject reports whether t[i:] begins with the name, in any case, each of its
// backslashes written as so many.
func hasObject(t string, i int, name string, backslashes int) bool {
	for k := range len(name) {
		if name[k] != '\\' {
			if lower(at(t, i)) != name[k] {
				return false
			}
			i++
			continue
		}
		for range backslashes {
			if at(t, i) != '\\' {
				return false
			}
			i++
		}
	}
	return true
}

// share reports the UNC path that begins with the two backslashes at i, or in an
// escaped text with four, and tells whether it is one.
func (s *Scanner) share(i int) bool {
	t := s.text
	lead := 2
	for lead < 5 && at(t, i+lead) == '\\' {
		lead++
	}
	prev := before(t, i)
	if lead == 3 || lead == 5 || isWord(prev) && !afterEscape(t, i) || prev == ':' && is(before(t, i-1), alpha) && !isWord(before(t, i-2)) ||
		prev == '}' || prev == ')' || prev == ']' || prev == '*' || prev == '+' {
		return false
	}
	host := i + lead
	if c := at(t, host); (c == '?' || c == '.') && hasObject(t, host+1, `\unc\`, lead/2) {
		host += len("?UNC") + lead
	}
	sep := serverEnd(t, host)
	r := newPathReader(t, i, sep, false)
	r.doubled = lead == 4
	name := r.afterSep(sep)
	if sep-host < 2 || name == sep || at(t, name) == '\\' || !isWord(at(t, name)) && at(t, name) != '$' || hasFold(t, name, `root\`) || hasFold(t, host, `root\`) {
		return false
	}
	end := r.end(sep)
	if end <= name {
		return false
	}
	s.upTo(i)
	s.pathLow = end
	s.addPath(UNC, i, end, r.doubled)
	return true
}

// serverEnd returns the end of a server's name at i, with the port or the SSL of
// WebDAV (srv@SSL@8443) behind it.
func serverEnd(t string, i int) int {
	if !is(at(t, i), alnum|wide) {
		return i
	}
	for i < len(t) && (is(t[i], name|wide) || t[i] == '@') {
		i++
	}
	return i
}
