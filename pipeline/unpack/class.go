package unpack

// Classes of bytes, one bit each.
const (
	upper  = 1 << iota // A-Z
	lower              // a-z
	digit              // 0-9
	hexa               // 0-9 A-F a-f
	std                // + /
	urlish             // - _
	blank              // space, tab, line breaks
	graph              // printable ASCII but blanks

	alnum = upper | lower | digit
	coded = alnum | std | urlish
)

var class = classify()

func classify() (c [256]uint8) {
	for b := range c {
		switch {
		case b >= 'A' && b <= 'Z':
			c[b] = upper | graph
		case b >= 'a' && b <= 'z':
			c[b] = lower | graph
		case b >= '0' && b <= '9':
			c[b] = digit | hexa | graph
		case b > ' ' && b < 0x7f:
			c[b] = graph
		}
		if l := b | 0x20; l >= 'a' && l <= 'f' && b < 0x80 {
			c[b] |= hexa
		}
	}
	for _, b := range []byte("+/") {
		c[b] |= std
	}
	for _, b := range []byte("-_") {
		c[b] |= urlish
	}
	for _, b := range []byte(" \t\r\n") {
		c[b] |= blank
	}
	return c
}

func is(b byte, mask uint8) bool { return class[b]&mask != 0 }

// classes returns all classes that occur in s.
func classes(s string) uint8 {
	var all uint8
	for i := range len(s) {
		all |= class[s[i]]
	}
	return all
}

// only reports whether every byte of s is of the classes in mask.
func only(s string, mask uint8) bool {
	for i := range len(s) {
		if class[s[i]]&mask == 0 {
			return false
		}
	}
	return true
}
