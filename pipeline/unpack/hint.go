package unpack

import "strings"

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
	switch {
	case word == "":
		if strings.HasSuffix(text[:i], "-----") {
			return named
		}
		return none
	case isOption(word) && isDash(text[:from]):
		if len(word) < len("enc") && !namesShell(text[max(from-maxAway, 0):from]) {
			return none
		}
		return option
	case announces(word):
		return named
	}
	return none
}

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
// beginning of it, or ec. Carets are cmd.exe's, which drops them.
func isOption(word string) bool {
	const full, args = "encodedcommand", "encodedarguments"
	var buf [len(args)]byte
	n := 0
	for i := range len(word) {
		if word[i] == '^' {
			continue
		}
		if n == len(buf) {
			return false
		}
		buf[n] = word[i] | 0x20
		n++
	}
	switch w := string(buf[:n]); {
	case w == "":
		return false
	case w == "ec":
		return true
	default:
		return strings.HasPrefix(full, w) || strings.HasPrefix(args, w)
	}
}

// isDash reports whether s ends in what PowerShell takes for the start of an
// option, with no word before it.
func isDash(s string) bool {
	s = strings.TrimRight(s, "^")
	for _, dash := range []string{"-", "/", "\u2013", "\u2014", "\u2015"} {
		if before, ok := strings.CutSuffix(s, dash); ok {
			return before == "" || !is(before[len(before)-1], alnum|std)
		}
	}
	return false
}

// namesShell reports whether PowerShell is mentioned in s.
func namesShell(s string) bool {
	const classic, core = "powershell", "pwsh"
	for i := 0; i+len(core) <= len(s); i++ {
		if s[i]|0x20 != 'p' {
			continue
		}
		if strings.EqualFold(s[i:i+len(core)], core) ||
			i+len(classic) <= len(s) && strings.EqualFold(s[i:i+len(classic)], classic) {
			return true
		}
	}
	return false
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
