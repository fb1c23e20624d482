package commandline

import (
	"strings"
)

// undoCmd undoes what hides a command from the eye but not from cmd.exe. Where
// it is not known that cmd.exe will see the text, only what stands in the midst
// of words is taken for such.
func (a *Analyzer) undoCmd(text string, d Dialect) string {
	if strings.IndexByte(text, '^') < 0 && strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '!') < 0 &&
		!divides(text) && !(d == Cmd && strings.ContainsAny(text, ",;=")) {
		return text
	}
	u := cmdUndo{a: a, text: text, out: a.out[:0], shell: d == Cmd, begin: true}
	for u.at < len(text) && !a.spent {
		u.step()
	}
	u.out = append(u.out, text[u.at:]...)
	a.out = u.out
	if string(u.out) == text {
		return text
	}
	return string(u.out)
}

type cmdUndo struct {
	a       *Analyzer
	text    string
	at      int
	out     []byte
	shell   bool // cmd.exe reads the text
	quoted  bool
	begin   bool // of a command
	program bool // within the first word of a command
	command int  // where the command begins in out
}

func (u *cmdUndo) step() {
	switch c := u.text[u.at]; {
	case c == '^' && u.caret(), c == '%' && u.variable('%'), c == '!' && u.variable('!'), c == '"' && u.quote():
		return
	case u.quoted:
		u.put(c)
	case u.shell && strings.IndexByte(",;=", c) >= 0 && (u.begin || u.program) && u.separator():
		return
	case strings.IndexByte("&|(", c) >= 0:
		u.assign()
		u.put(c)
		u.begin, u.program, u.command = true, false, len(u.out)
	default:
		u.put(c)
	}
}

// put copies a character.
func (u *cmdUndo) put(c byte) {
	u.out = append(u.out, c)
	u.at++
	if isBlank(c) {
		u.program = false
	} else if u.begin {
		u.begin, u.program = false, true
	}
}

func (u *cmdUndo) last() byte {
	if len(u.out) == 0 {
		return 0
	}
	return u.out[len(u.out)-1]
}

// caret drops carets before what needs none. Before an operator they take its
// meaning and stay.
func (u *cmdUndo) caret() bool {
	end := u.at
	for end < len(u.text) && u.text[end] == '^' {
		end++
	}
	if end == len(u.text) {
		u.out = append(u.out, u.text[u.at:]...)
		u.at = end
		return true
	}
	next := u.text[end]
	inWord := isWord(u.last()) && isWord(next)
	plain := isWord(next) || strings.IndexByte(`-/\.:,;='"%*+@~#$?[]{}`, next) >= 0 || next >= 0x80 || next == ' ' && u.program
	if !inWord && (u.quoted || !u.shell || !plain) {
		u.out = append(u.out, u.text[u.at:end]...)
		if u.at = end; !u.quoted && strings.IndexByte("&|<>()", next) >= 0 {
			u.put(next)
		}
		return true
	}
	u.a.note(Caret)
	u.at = end
	if next == '\n' || next == '"' { // a quote without its meaning
		u.put(next)
	}
	return true
}

// separator takes a comma, semicolon or equals sign for the blank that it is to
// cmd.exe around the name of a program.
func (u *cmdUndo) separator() bool {
	if u.program && u.text[u.at] == '=' {
		return false // a variable, more likely
	}
	u.at = skipSeparators(u.text, u.at)
	u.a.note(Separators)
	if u.program && len(u.out) > 0 {
		u.out = append(u.out, ' ')
		u.program = false
	}
	return true
}

// divides reports whether a quote stands behind a character of a word and the
// word goes on: without one no word is divided.
func divides(text string) bool {
	for at := 0; ; at++ {
		i := strings.IndexByte(text[at:], '"')
		if i < 0 {
			return false
		}
		if at += i; at > 0 && at+1 < len(text) && isWord(text[at-1]) && !isBlank(text[at+1]) {
			return true
		}
	}
}

// longestQuoted is how long a quoted piece in the midst of a word may be.
const longestQuoted = 64

// quote drops a pair of quotes that divides a word.
func (u *cmdUndo) quote() bool {
	if u.quoted || u.last() == '\\' {
		u.quoted = !u.quoted && u.last() != '\\'
		return false
	}
	rest := u.text[u.at+1:]
	n := strings.IndexByte(rest[:min(len(rest), longestQuoted)], '"')
	if n < 0 || strings.ContainsAny(rest[:n], " \t&|<>()") || n > 0 && rest[n-1] == '\\' {
		u.quoted = true
		return false
	}
	before := isWord(u.last())
	after := n+1 < len(rest) && isWord(rest[n+1])
	if !before && !after || n == 0 && !(before && after) || !before && len(u.out) > 0 && !isBlank(u.last()) && !strings.ContainsRune(`&|(\/`, rune(u.last())) {
		u.out = append(append(append(u.out, '"'), rest[:n]...), '"')
		u.begin = false
	} else {
		u.out = append(u.out, rest[:n]...)
		u.a.note(Quotes)
		u.program, u.begin = u.program || u.begin, false
	}
	u.at += n + 2
	return true
}

// assign remembers the variable that the command just read sets.
func (u *cmdUndo) assign() {
	command := strings.TrimLeft(string(u.out[min(u.command, len(u.out)):min(len(u.out), u.command+longestValue)]), " @")
	if !hasPrefixFold(command, "set ") && !hasPrefixFold(command, `set"`) {
		return
	}
	command = strings.TrimLeft(command[3:], " ")
	if hasPrefixFold(command, "/p") || hasPrefixFold(command, "/a") {
		return
	}
	if strings.HasPrefix(command, `"`) {
		command, _, _ = strings.Cut(command[1:], `"`)
	}
	if name, value, ok := strings.Cut(command, "="); ok && name != "" && u.a.spend(len(command)) {
		u.a.vars[strings.ToLower(name)] = value
	}
}

// longestValue is how long a command that sets a variable may be.
const longestValue = 8192
