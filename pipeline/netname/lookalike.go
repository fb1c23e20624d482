package netname

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lookalikes are letters of other alphabets, each with the Latin ones that it is
// taken for in the fonts of browsers.
var lookalikes = strings.NewReplacer(
	// Cyrillic
	"а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e", "һ", "h", "н", "h", "і", "i", "ї", "i", "ј", "j", "к", "k", "ӏ", "l",
	"м", "m", "п", "n", "о", "o", "р", "p", "ԛ", "q", "г", "r", "ѕ", "s", "т", "t", "ц", "u", "ѵ", "v", "ԝ", "w", "ш", "w",
	"х", "x", "у", "y", "ү", "y", "з", "3", "ё", "e", "ь", "b", "є", "e", "ґ", "r", "ҽ", "e", "ɡ", "g",
	// Greek
	"α", "a", "β", "b", "ϲ", "c", "ε", "e", "η", "n", "ι", "i", "κ", "k", "μ", "u", "ν", "v", "ο", "o", "ρ", "p", "σ", "o",
	"τ", "t", "υ", "u", "χ", "x", "γ", "y", "ω", "w", "ϳ", "j", "ά", "a", "έ", "e", "ή", "n", "ί", "i", "ό", "o", "ύ", "u", "ώ", "w",
	// Armenian, Georgian, Cherokee and others
	"ո", "n", "ս", "u", "օ", "o", "հ", "h", "ց", "g", "զ", "q", "ա", "w", "յ", "j", "ք", "p", "ყ", "y", "ი", "o",
	// Latin letters that are not the ones of ASCII
	"ı", "i", "ȷ", "j", "ɩ", "i", "ɑ", "a", "ƅ", "b", "ɓ", "b", "ƈ", "c", "đ", "d", "ɗ", "d", "ɛ", "e", "ƒ", "f", "ǥ", "g", "ɠ", "g",
	"ħ", "h", "ɦ", "h", "ɨ", "i", "ƙ", "k", "ł", "l", "ɭ", "l", "ɯ", "m", "ɱ", "m", "ɲ", "n", "ŋ", "n", "ƞ", "n", "ø", "o", "ɵ", "o",
	"ƥ", "p", "ɋ", "q", "ɍ", "r", "ʂ", "s", "ŧ", "t", "ƭ", "t", "ʉ", "u", "ʋ", "v", "ⱱ", "v", "ƴ", "y", "ʏ", "y", "ƶ", "z", "ʐ", "z",
	"æ", "ae", "œ", "oe", "ß", "ss", "ſ", "s", "ĸ", "k", "ɢ", "g", "ʀ", "r", "ɴ", "n", "ᴀ", "a", "ᴄ", "c", "ᴏ", "o", "ᴜ", "u", "ᴠ", "v", "ᴡ", "w", "ᴢ", "z",
)

// Lookalike returns how a name reads to somebody who takes each letter for the
// Latin one that it looks like, accents left out: аррӏе.com in Cyrillic reads as
// apple.com. It returns "" for a name in plain ASCII, and where letters remain
// that look like none. The host is in Unicode, see [Unicode].
func Lookalike(host string) string {
	if isASCII(host) || len(host) > 4*maxLabel {
		return ""
	}
	read := lookalikes.Replace(host)
	read = norm.NFKD.String(read)
	read = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, read)
	read = lookalikes.Replace(read)
	if !isASCII(read) {
		return ""
	}
	return strings.ToLower(read)
}

// MixesScripts reports whether a label of a name has letters of more than one
// alphabet, which no language needs: Latin with Cyrillic or Greek.
func MixesScripts(host string) bool {
	if isASCII(host) {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		latin, other := false, false
		for _, r := range label {
			latin = latin || unicode.Is(unicode.Latin, r)
			other = other || unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee)
		}
		if latin && other {
			return true
		}
	}
	return false
}
