package unpack

import "strings"

const (
	// minRun is how many digits of base64 count where nothing announces them,
	// padding included.
	minRun = 16
	// maxPadding is how many = there are at most.
	maxPadding = 2
	// minHinted is how many count where something does, padding included:
	// three characters of UTF-16.
	minHinted = 8
	// step is how many digits there are at least without padding.
	step = minHinted - maxPadding
	// minLine is how long the lines of base64 are that belong together.
	minLine = 32
)

// scan finds the base64 in text and adds its layers at depth.
func (u *Unpacker) scan(text string, parent, depth int) {
	s := source{text: text, parent: parent, depth: depth}
	// A run of step digits cannot slip between two probes.
	for p := step - 1; p < len(text); {
		if !is(text[p], coded) {
			p += step
			continue
		}
		a := p
		for a > s.done && is(text[a-1], coded) {
			a--
		}
		b, all := runClasses(text, a)
		if u.forms(&s, a); s.done > a {
			p = s.done + step - 1
			continue
		}
		if a > 0 && text[a-1] == '\\' && isBreak(text[a]) {
			a++ // a line break as JSON and many shells write it
		}
		s.done = b
		if b-a >= step {
			s.done = u.run(&s, a, b, all)
		}
		p = s.done + step - 1
	}
	u.forms(&s, len(text))
}

// A source is a text that is scanned.
type source struct {
	text   string
	parent int
	depth  int
	done   int // how far it was looked at
	taken  int // where the last layer ends that was found
	formed int // how far it was looked at for forms
	listed int // how far lists of numbers before their announcement were read

	asked, mentions bool // whether base64 is named anywhere; see mentionsBase64
}

// runEnd returns the end of the run of base64 digits that goes on at text[i].
func runEnd(text string, i int) int {
	for i < len(text) && is(text[i], coded) {
		i++
	}
	return i
}

// runClasses returns the end of the run that begins at text[a], and what it is
// made of.
func runClasses(text string, a int) (end int, all uint8) {
	for end = a; end < len(text); end++ {
		c := class[text[end]]
		if c&coded == 0 {
			break
		}
		all |= c
	}
	return end, all
}

// run looks at the run text[a:b] of the classes in all and the lines that continue it, and returns
// the end of what it looked at.
func (u *Unpacker) run(s *source, a, b int, all uint8) int {
	h := hintBefore(s.text, a)
	if b-a >= minHex && is(s.text[a], hexa) && h == none {
		if end, ok := u.tryHex(s, candidate{digits: s.text[a:b], start: a, end: b}); ok {
			return end
		}
	}
	if b-a < minRun-maxPadding && h == none {
		return b
	}
	if h == option { // an argument stands on one line
		return u.argument(s, a, b, all)
	}
	end := blockEnd(s.text, a, b)
	if end == b {
		return u.single(s, a, b, all, h)
	}
	u.joined = u.joined[:0]
	for i := a; i < end; {
		to := runEnd(s.text, i)
		u.joined = append(u.joined, s.text[i:to]...)
		i = lineBreak(s.text, to)
	}
	c := candidate{digits: view(u.joined), start: a, end: end, hint: h}
	c.url = classes(c.digits)&urlish != 0
	if to, ok := u.try(s, c); ok {
		return to
	}
	// No line starts another block, or many lines would be read again and again.
	for a < end {
		b = runEnd(s.text, a)
		if b-a >= minRun-maxPadding {
			u.single(s, a, b, classes(s.text[a:b]), h)
		}
		a, h = lineBreak(s.text, b), none
	}
	return end
}

// argument looks at the argument of PowerShell's option that begins with the
// run text[a:b], and goes on behind the carets and quotes that a shell drops.
func (u *Unpacker) argument(s *source, a, b int, all uint8) int {
	if noiseEnd(s.text, b) > b {
		if end, ok := u.noisyArgument(s, a); ok {
			return end
		}
	}
	return u.single(s, a, b, all, option)
}

func (u *Unpacker) noisyArgument(s *source, a int) (end int, ok bool) {
	u.joined = u.joined[:0]
	padding := 0
	for i := a; ; {
		end = runEnd(s.text, i)
		u.joined = append(u.joined, s.text[i:end]...)
		if i = noiseEnd(s.text, end); i == end || i == len(s.text) || !is(s.text[i], coded) {
			break
		}
	}
	for i := noiseEnd(s.text, end); i < len(s.text) && padding < maxPadding && s.text[i] == '='; i = noiseEnd(s.text, i+1) {
		padding, end = padding+1, i+1
	}
	c := candidate{digits: view(u.joined), start: a, end: end, hint: option, made: true, pad: padding}
	c.url = classes(c.digits)&urlish != 0 && classes(c.digits)&std == 0
	return u.try(s, c)
}

// noiseEnd returns where the noise ends that begins at text[i].
func noiseEnd(text string, i int) int {
	for i < len(text) && isNoise(text[i]) {
		i++
	}
	return i
}

// maxIndent is how many blanks may stand before a line of base64.
const maxIndent = 32

// lineBreak returns where the line begins, indent aside, that follows the line
// that ends at text[i]; i itself if there is none. Line breaks may be escaped.
func lineBreak(text string, i int) int {
	to := breakEnd(text, i)
	if to == i {
		return i
	}
	for n := 0; n < maxIndent && to < len(text) && (text[to] == ' ' || text[to] == '\t'); n++ {
		to++
	}
	return to
}

func breakEnd(text string, i int) int {
	for n := 0; n < 2 && i < len(text); n++ {
		switch {
		case text[i] == '\n':
			return i + 1
		case text[i] == '\r':
			i++
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == 'n':
			return i + 2
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == 'r':
			i += 2
		default:
			return i
		}
	}
	return i
}

// isBreak reports whether a backslash makes a line break or a tab of b.
func isBreak(b byte) bool { return b == 'n' || b == 'r' || b == 't' }

// blockEnd returns where the lines end that continue the run text[a:b]: they
// are all as long as the first, but for the last, and nothing else is on them.
func blockEnd(text string, a, b int) int {
	width, end := b-a, b
	if width < minLine || width%4 != 0 {
		return b
	}
	all := classes(text[a:b])
	for {
		i := lineBreak(text, end)
		if i == end {
			return end
		}
		to := runEnd(text, i)
		all |= classes(text[i:to])
		mixed := all&std != 0 && all&urlish != 0
		if to == i || to-i > width || mixed || !endsLine(text, i, to) {
			return end
		}
		end = to
		if to-i < width {
			return end
		}
	}
}

// endsLine reports whether the run text[a:b] is the last thing on its line, and
// as long as base64 is, padding included: no word of a next sentence.
func endsLine(text string, a, b int) bool {
	c := candidate{digits: text[a:b], end: b}
	b += c.padding(text)
	if (b-a)%4 != 0 || strings.HasPrefix(text[a:], "--") {
		return false
	}
	return b == len(text) || breakEnd(text, b) > b || strings.IndexByte("'\"`)]}<,;&\\", text[b]) >= 0
}

// single looks at the run text[a:b] of the classes in all on one line, at first as a whole, then in
// parts: base64 may be a part of a path, or be joined to a word by a hyphen.
func (u *Unpacker) single(s *source, a, b int, all uint8, h hint) int {
	mixed := all&std != 0 && all&urlish != 0
	if !mixed || h == option {
		c := candidate{digits: s.text[a:b], start: a, end: b, hint: h, url: all&urlish != 0}
		if mixed {
			c.digits, c.url = validPrefix(c.digits), false
			c.end = a + len(c.digits)
		}
		if end, ok := u.try(s, c); ok {
			return end
		}
	}
	end := b
	switch {
	case mixed:
		if to, ok := u.parts(s, a, b, h, urlish, false); ok {
			end = to
		} else if to, ok := u.parts(s, a, b, h, std, true); ok {
			end = to
		}
	case all&urlish != 0:
		if to, ok := u.parts(s, a, b, h, urlish, false); ok {
			end = to
		}
	case all&std != 0:
		if to, ok := u.parts(s, a, b, h, std, false); ok {
			end = to
		}
	}
	return end
}

// validPrefix returns what of digits stands before the first digit that is
// only in the alphabet for URLs.
func validPrefix(digits string) string {
	return digits[:strings.IndexAny(digits, "-_")]
}

// parts looks at each part of the run text[a:b] between the bytes of the class
// sep. It reports whether any was base64, and the end of what it looked at.
func (u *Unpacker) parts(s *source, a, b int, h hint, sep uint8, url bool) (end int, found bool) {
	end = b
	for a < b {
		to := a
		for to < b && !is(s.text[to], sep) {
			to++
		}
		if to-a >= minRun-maxPadding {
			c := candidate{digits: s.text[a:to], start: a, end: to, hint: h, url: url}
			if past, ok := u.try(s, c); ok {
				end, found = max(b, past), true
			}
		}
		a, h = to+1, none
	}
	return end, found
}
