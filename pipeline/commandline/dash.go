package commandline

import "strings"

// dashes are the characters that PowerShell takes for a hyphen before an option.
var dashes = []string{"\u2013", "\u2014", "\u2015"}

// plainDashes puts hyphens where another dash begins an option.
func (a *Analyzer) plainDashes(text string, d Dialect) string {
	if d == POSIX || !strings.Contains(text, "\u2013"[:2]) {
		return text
	}
	out, from := a.out[:0], 0
	for at := 1; at+3 < len(text); at++ {
		if text[at] != dashes[0][0] || !isBlank(text[at-1]) || !isLetter(text[at+3]) {
			continue
		}
		for _, dash := range dashes {
			if text[at:at+3] == dash {
				out = append(append(out, text[from:at]...), '-')
				from = at + 3
				a.note(Dash)
			}
		}
	}
	if from == 0 {
		return text
	}
	a.out = append(out, text[from:]...)
	return string(a.out)
}
