package commandline

import (
	"hash/crc32"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Features are figures of a text for clustering: two texts that differ in a
// name or a number have nearly the same. They are those of MSTICPy's
// eventcluster, to the digit.
type Features struct {
	Length        int     // characters; commandlineLen
	LengthLog     float64 // decimal logarithm, 0 for none; commandlineLogLen
	Delimiters    int     // delim_count, commandlineTokensFull
	DelimiterHash uint32  // CRC-32 of the delimiters in a row; delim_hash, commandlineTokensHash
	CharSum       int     // sum of the code points; char_ord_score, pathScore, commandlineScore
	CharSumLog    float64 // decimal logarithm, 0 for none; pathLogScore
	Words         int     // pieces between single spaces; token_count
	Hash          uint32  // CRC-32 of the text; crc32_hash, pathHash
}

// delimiters are the ASCII characters that MSTICPy counts as delimiters, its
// \s among them.
var delimiters = func() (d [utf8.RuneSelf]bool) {
	for _, c := range " \t\n\v\f\r\x1c\x1d\x1e\x1f" + `-\/.,"'|&:;%$()` {
		d[c] = true
	}
	return d
}()

// FeaturesOf computes the features of a text.
func FeaturesOf(text string) Features {
	var f Features
	var row [64]byte
	delims := row[:0]
	for at := 0; at < len(text); f.Length++ {
		if c := text[at]; c < utf8.RuneSelf {
			f.CharSum += int(c)
			if delimiters[c] {
				f.Delimiters++
				delims = append(delims, c)
			}
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		f.CharSum += int(r)
		if unicode.IsSpace(r) {
			f.Delimiters++
			delims = append(delims, text[at:at+size]...)
		}
		at += size
	}
	f.LengthLog, f.CharSumLog = log10(f.Length), log10(f.CharSum)
	f.Words = strings.Count(text, " ") + 1
	f.DelimiterHash = crc32.ChecksumIEEE(delims)
	f.Hash = crc32.ChecksumIEEE([]byte(text))
	return f
}
