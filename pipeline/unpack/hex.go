package unpack

import (
	"encoding/hex"
	"unicode/utf8"
)

// How much proof hexadecimal and numbers need, in bits: see speaks.
const (
	proofHex       = 30 // a string of digits that nothing announces
	proofAnnounced = 15 // one that something does
	proofEscapes   = 12 // \x68\x65
	proofCodes     = 6  // numbers that are cast to characters
	proofDistinct  = 4  // different bytes, where nothing announces them

	// minHex is how many digits of hexadecimal are looked at.
	minHex = 10
	// minMagic is how many bytes a file type is believed of.
	minMagic = 16
)

// tryHex decodes a candidate as hexadecimal and adds its layer, if that makes
// sense: hashes, identifiers and numbers are of the same digits.
func (u *Unpacker) tryHex(s *source, c candidate) (end int, found bool) {
	digits, proof := c.digits, proofHex
	if hasFold(digits, "0x") {
		digits, proof = digits[2:], proofAnnounced
	}
	if len(digits) < minHex || len(digits)%2 != 0 || !only(digits, hexa) || !mayBeHex(digits) {
		return c.end, false
	}
	if c.hint != none {
		return c.end, false
	}
	if told := announcedHex(s.text, c.start); told != 0 {
		proof = told
	} else if only(digits, digit) {
		proof *= 2
	}
	u.looked += len(digits)
	u.bytesOf = append(u.bytesOf[:0], digits...)
	n, err := hex.Decode(u.bytesOf, u.bytesOf)
	if err != nil {
		return c.end, false
	}
	l := Layer{Parent: s.parent, Depth: s.depth, Encoding: "hex", Start: c.start, End: c.end}
	return c.end, u.addBytes(l, u.bytesOf[:n], proof, false)
}

// mayBeHex reports whether the first bytes that digits stand for can begin a
// text or a file of a known type: hashes fail here.
func mayBeHex(digits string) bool {
	var head [8]byte
	n, err := hex.Decode(head[:], []byte(digits[:min(len(digits), 2*len(head))]))
	if err != nil {
		return false
	}
	b := head[:n]
	return isPrintable(b, true) || b[1] == 0 || fileType(b) != "" || b[0] == 'M' && b[1] == 'Z' || b[0] == 'B' && b[1] == 'Z'
}

// announcedHex returns how much proof hexadecimal needs behind the word before
// text[a], 0 if that does not announce it: a function decodes it (fromhex,
// unhexlify, hex2bin), or a name has hex in it.
func announcedHex(text string, a int) int {
	i := a
	for a-i < maxGap {
		n := gapBefore(text, i)
		if n == 0 {
			break
		}
		i -= n
	}
	if i == a {
		return 0
	}
	word, told := text[wordBefore(text, i):i], 0
	for i := range len(word) {
		for _, name := range [...]string{"fromhex", "unhex", "hex2", "hexto"} {
			if hasFold(word[i:], name) {
				return proofEscapes
			}
		}
		if hasFold(word[i:], "hex") {
			told = proofAnnounced
		}
	}
	return told
}

// addBytes adds a layer of bytes that numbers stood for, if they are a text
// with enough proof that it is one, or of a known type, or are known to be bytes.
func (u *Unpacker) addBytes(l Layer, data []byte, proof int, binary bool) bool {
	if len(data) >= minMagic {
		l.Type = fileType(data)
	}
	switch {
	case l.Type == "zlib" && !u.inflates(data[2:], 4):
		return false
	case l.Type != "":
		if !isPacked(l.Type) {
			l.Charset = charset(data)
		}
	case speaks(data, proof):
		l.Charset = utf8Text
	case len(data) >= minMagic && isUTF16(data, false, false) && mostlyASCII(data):
		l.Charset = utf16le
	case len(data) < minBinary || !binary:
		return false
	}
	return u.addCopy(l, data)
}

// speaks reports whether data are printable and hold bits of proof that they
// are text: three for a small letter or a blank, two for a capital, one for
// anything else, which is less than what chance would need for each.
func speaks(data []byte, bits int) bool {
	if !isPrintable(data, false) {
		return false
	}
	proof, distinct := 0, 0
	var seen [256]bool
	for _, b := range data {
		switch {
		case is(b, lower|blank):
			proof += 3
		case is(b, upper), b >= utf8.RuneSelf:
			proof += 2
		default:
			proof++
		}
		if !seen[b] {
			seen[b] = true
			distinct++
		}
	}
	switch {
	case distinct < proofDistinct && bits >= proofEscapes:
		return false
	case bits == proofAnnounced && proof < proofHex: // short: nearly all of it small letters
		return proof >= bits && 2*proof >= 5*len(data)
	}
	return proof >= bits
}

// mostlyASCII reports whether nearly every second byte is zero.
func mostlyASCII(data []byte) bool {
	zeros := 0
	for i := 1; i < len(data); i += 2 {
		if data[i] == 0 {
			zeros++
		}
	}
	return zeros*10 >= len(data)/2*9
}

// addCodes takes the numbers in u.nums for bytes, or for characters where they
// may be that.
func (u *Unpacker) addCodes(s *source, encoding string, start, end, proof int, asBytes bool) bool {
	if len(u.nums) < minCodes {
		return false
	}
	l := Layer{Parent: s.parent, Depth: s.depth, Encoding: encoding, Start: start, End: end}
	narrow := true
	for _, n := range u.nums {
		narrow = narrow && n <= 0xff
	}
	u.bytesOf = u.bytesOf[:0]
	if narrow {
		for _, n := range u.nums {
			u.bytesOf = append(u.bytesOf, byte(n))
		}
		if asBytes || utf8.Valid(u.bytesOf) || len(u.bytesOf) >= minBinary && fileType(u.bytesOf) != "" {
			return u.addBytes(l, u.bytesOf, proof, asBytes)
		}
		u.bytesOf = u.bytesOf[:0]
	}
	for _, n := range u.nums {
		u.bytesOf = utf8.AppendRune(u.bytesOf, n)
	}
	return u.addBytes(l, u.bytesOf, proof, false)
}

// escapes takes characters written as \x68 or \u0068 from text[p] on.
func (u *Unpacker) escapes(s *source, p int) (end int, found bool) {
	text := s.text
	u.bytesOf = u.bytesOf[:0]
	end = p
	printable := 0 // which servers leave as they are when they escape a request
	for end+3 < len(text) && text[end] == '\\' {
		i := end + 1
		if text[i] == '\\' { // twice, as JSON writes it
			i++
		}
		n := 0
		switch {
		case hasFold(text[i:], "x"):
			n = 2
		case hasFold(text[i:], "u"):
			n = 4
		}
		i++
		if n == 0 || i+n > len(text) || !only(text[i:i+n], hexa) {
			break
		}
		var b [2]byte
		if _, err := hex.Decode(b[:n/2], []byte(text[i:i+n])); err != nil {
			break
		}
		if n == 2 {
			u.bytesOf = append(u.bytesOf, b[0])
			b[1] = b[0]
			b[0] = 0
		} else {
			u.bytesOf = utf8.AppendRune(u.bytesOf, rune(b[0])<<8|rune(b[1]))
		}
		if b[0] == 0 && is(b[1], graph) {
			printable++
		}
		end = i + n
	}
	// JSON escapes the letters of other scripts, and nobody escapes ASCII.
	if len(u.bytesOf) < proofDistinct || fileType(u.bytesOf) == "" && printable*8 < len(u.bytesOf) {
		return end, false
	}
	l := Layer{Parent: s.parent, Depth: s.depth, Encoding: "hex", Start: p, End: end}
	return end, u.addBytes(l, u.bytesOf, proofEscapes, true)
}
