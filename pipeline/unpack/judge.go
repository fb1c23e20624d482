package unpack

import "unicode/utf8"

const (
	// minBinary is how many bytes of an unknown kind count where something
	// announces base64.
	minBinary = 24
	// shortText is below how many bytes a text must read like one: so few
	// bytes can be printable by chance.
	shortText = 32
	// minDeflate is from how many bytes on unannounced bytes are tried as raw
	// deflate.
	minDeflate = 30
)

// unlikely reports whether the digits, which nothing announces, are a hash, a
// number, or a word rather than base64.
func (c *candidate) unlikely() bool {
	if only(c.digits, hexa|urlish) {
		return true
	}
	var buf [probe / 4 * 3]byte
	head := candidate{digits: c.digits[:min(len(c.digits), probe)], url: c.url}
	b := head.decode(buf[:decodedLen(len(head.digits))])
	if len(c.digits) < minLine {
		all := classes(c.digits)
		if all&upper == 0 || all&lower == 0 {
			return true
		}
	}
	switch {
	case fileType(b) != "" || isTarName(b) || isDER(b, decodedLen(len(c.digits))):
		return false
	case isPrintable(b, len(c.digits) > probe):
		return false
	case isUTF16(b, false, false) || hasMark(b, 0xff, 0xfe) || hasMark(b, 0xfe, 0xff):
		return false
	}
	return !(len(b) >= minDeflate && mayDeflate(b) && classes(head.digits)&alnum == alnum)
}

// isTarName reports whether b may be the name in the header of a tar archive,
// whose mark comes later: text, then nothing but zeros.
func isTarName(b []byte) bool {
	i := 0
	for i < len(b) && is(b[i], graph) {
		i++
	}
	zeros := i
	for zeros < len(b) && b[zeros] == 0 {
		zeros++
	}
	return i > 0 && zeros == len(b) && i < zeros
}

// mayDeflate reports whether b can begin a deflate stream (RFC 1951, 3.2.3):
// there is no block of type 3, and a stored block has its length twice.
func mayDeflate(b []byte) bool {
	switch b[0] >> 1 & 3 {
	case 3:
		return false
	case 0:
		return len(b) > 4 && b[1] == ^b[3] && b[2] == ^b[4]
	}
	return true
}

// judge decides whether the decoded data of l makes sense, and sets its type
// and its charset.
func (u *Unpacker) judge(l *Layer, c candidate) bool {
	data := l.Data
	l.Type = fileType(data)
	if l.Type != "" {
		if !isPacked(l.Type) {
			l.Charset = charset(data)
		}
		return c.hint != none || l.Type != "zlib" || u.inflates(data[2:], 4)
	}
	l.Charset = charset(data)
	switch {
	case l.Charset == utf8Text && c.hint == none:
		return isPrintable(data, false) && reads(data, c.digits)
	case l.Charset == utf8Text && len(c.digits) < minRun-maxPadding:
		return isPrintable(data, false) && reads(data, c.digits)
	case l.Charset == "" && c.hint == option && c.mixed() && isUTF16(data, false, true):
		l.Charset = utf16le // as PowerShell reads it, however strange
		return true
	case l.Charset != "":
		return true
	}
	if len(data) >= minDeflate && mayDeflate(data) && u.inflates(data, 0) {
		l.Type = "deflate"
		return true
	}
	return c.hint != none && len(data) >= minBinary && c.mixed()
}

// mixed reports whether the digits are enough and of all kinds, as those of
// bytes without a pattern are.
func (c *candidate) mixed() bool {
	return len(c.digits) >= minRun && classes(c.digits)&alnum == alnum
}

// isPrintable reports whether b is UTF-8 without any control character. If it
// is cut, its last character may be incomplete.
func isPrintable(b []byte, cut bool) bool {
	for i := 0; i < len(b); {
		if class[b[i]]&(graph|blank) != 0 {
			i++
			continue
		}
		if b[i] < utf8.RuneSelf {
			return false
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return cut && !utf8.FullRune(b[i:])
		}
		i += n
	}
	return true
}

// reads reports whether printable text is text rather than a word taken for
// base64. Where it is short, it must consist of words for the greater part.
func reads(b []byte, digits string) bool {
	if len(b) >= shortText {
		return true
	}
	if classes(digits)&(digit|std) == 0 && len(digits)%4 == 0 && len(digits) < minLine {
		return false
	}
	smooth, wide := 0, 0
	for i := 1; i < len(b); i++ {
		p, q := class[b[i-1]], class[b[i]]
		switch {
		case b[i] >= utf8.RuneSelf:
			wide++
		case p&q&(lower|upper|digit) != 0, p&upper != 0 && q&lower != 0,
			p&alnum != 0 && q&blank != 0, p&blank != 0 && q&alnum != 0:
			smooth++
		}
	}
	return wide == 0 && smooth*5 >= (len(b)-1)*2
}
