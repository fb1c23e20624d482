package unpack

import (
	"strings"
	"unicode/utf8"
)

// A hint is what the words before a run of digits say about it.
type hint uint8

const (
	none   hint = iota
	named       // a function, a header or an armour that announces base64
	option      // PowerShell's -EncodedCommand, abbreviated or not
)

const (
	// maxGap is how many quotes, brackets and blanks may stand between the
	// announcement and what it announces.
	maxGap = 8
	// maxWord is how long a word that announces base64 may be.
	maxWord = 40
	// maxAway is how far before -e, -ec or -en the shell must be named: many
	// programs have such options.
	maxAway = 512
)

// hintBefore returns what is said before text[a].
func hintBefore(text string, a int) hint {
	i := a
	for a-i < maxGap {
		n := gapBefore(text, i)
		if n == 0 {
			break
		}
		i -= n
	}
	if i == 0 || i == a {
		return none
	}
	from := i
	for from > 0 && i-from < maxWord && (is(text[from-1], alnum) || text[from-1] == '_' || text[from-1] == '^') {
		from--
	}
	word := text[from:i]
	if from > 0 && mayBeDash(text[from-1]) && optionBefore(text, i) {
		return option
	}
	switch {
	case word == "":
		if strings.HasSuffix(text[:i], "-----") {
			return named
		}
		return none
	case announces(word):
		return named
	}
	return none
}

// optionBefore reports whether the word that ends before text[i] is
// PowerShell's option.
func optionBefore(text string, i int) bool {
	from := i
	for from > 0 && i-from < maxWord && (is(text[from-1], alnum) || isNoise(text[from-1])) {
		from--
	}
	word := text[from:i]
	n, ok := isOption(word)
	return ok && isDash(text[:from]) && (n >= len("enc") || namesShell(text[max(from-maxAway, 0):from]))
}

// mayBeDash reports whether a dash may end in the byte, or noise stand between
// it and its word.
func mayBeDash(b byte) bool { return b == '-' || b == '/' || b >= utf8.RuneSelf || isNoise(b) }

// isNoise reports whether a shell drops the byte inside a word: cmd.exe its
// carets, PowerShell its backticks, all of them quotes.
func isNoise(b byte) bool { return b == '^' || b == '`' || b == '"' || b == '\'' }

// gapBefore returns the length of the blank, quote, bracket or escaped line
// break before text[i], 0 if there is none.
func gapBefore(text string, i int) int {
	if i == 0 {
		return 0
	}
	switch b := text[i-1]; b {
	case ' ', '\t', '\r', '\n', '\'', '"', '`', '\\', '(', '=', ':', ',', '<', '@', '{', '[':
		return 1
	default:
		if isBreak(b) && i > 1 && text[i-2] == '\\' {
			return 2
		}
	}
	return 0
}

// isOption reports whether PowerShell takes the word for EncodedCommand: any
// beginning of it, or ec. It returns the length without noise.
func isOption(word string) (n int, ok bool) {
	const full, args = "encodedcommand", "encodedarguments"
	var buf [len(args)]byte
	for i := range len(word) {
		if isNoise(word[i]) {
			continue
		}
		if n == len(buf) {
			return 0, false
		}
		buf[n] = word[i] | 0x20
		n++
	}
	switch w := string(buf[:n]); {
	case w == "":
		return 0, false
	case w == "ec":
		return n, true
	default:
		return n, strings.HasPrefix(full, w) || strings.HasPrefix(args, w)
	}
}

// isDash reports whether s ends in what PowerShell takes for the start of an
// option, with no word before it.
func isDash(s string) bool {
	s = strings.TrimRight(s, "^`\"'")
	for _, dash := range []string{"-", "/", "\u2013", "\u2014", "\u2015"} {
		if before, ok := strings.CutSuffix(s, dash); ok {
			return before == "" || !is(before[len(before)-1], alnum|std)
		}
	}
	return false
}

// namesShell reports whether PowerShell is mentioned in s, with noise in its
// name or not.
func namesShell(s string) bool {
	for i := range len(s) {
		if s[i]|0x20 == 'p' && (spells(s[i:], "powershell") || spells(s[i:], "pwsh")) {
			return true
		}
	}
	return false
}

// spells reports whether s begins with a word in small letters, in any case,
// and with noise between its letters or not.
func spells(s, word string) bool {
	n := 0
	for i := 0; i < len(s) && n < len(word) && i < 2*len(word)+1; i++ {
		switch {
		case s[i]|0x20 == word[n]:
			n++
		case !isNoise(s[i]):
			return false
		}
	}
	return n == len(word)
}

// announces reports whether a word is the name of something that holds or
// takes base64: FromBase64String, b64decode, atob, data:…;base64.
func announces(word string) bool {
	for i := 0; i+3 <= len(word); i++ {
		if word[i]|0x20 != 'b' {
			continue
		}
		rest := word[i:]
		if len(rest) >= 6 && strings.EqualFold(rest[:6], "base64") || strings.EqualFold(rest[:3], "b64") {
			return true
		}
	}
	return strings.EqualFold(word, "atob")
}
