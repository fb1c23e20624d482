package commandline

import "strings"

// shellWord looks at an argument of a shell. Where a command for the shell
// begins it is taken apart in its own dialect, and true is returned.
func (t *taker) shellWord(d Dialect, word string, start, end int) bool {
	switch d {
	case Cmd:
		if len(word) >= 2 && word[0] == '/' && strings.IndexByte("ckrCKR", word[1]) >= 0 && t.d != POSIX {
			t.add(word[:2])
			return t.inner(Cmd, skipSeparators(t.text, min(start+2, end)))
		}
	case PowerShell:
		return t.powerShellWord(word, start, end)
	case POSIX:
		if t.value {
			t.value = false
			return t.innerWord(word, start, end)
		}
		t.value = len(word) >= 2 && len(word) <= 5 && word[0] == '-' && word[1] != '-' && strings.Contains(word, "c")
	}
	return false
}

func skipSeparators(s string, at int) int {
	for at < len(s) && (isBlank(s[at]) || strings.IndexByte(",;=", s[at]) >= 0) {
		at++
	}
	return at
}

// powerShellOptions are the options of powershell.exe that a command is started with,
// the shortest form that PowerShell accepts first, and whether a value follows.
var powerShellOptions = []struct {
	short, long string
	value       bool
}{
	{"ep", "ep", true},
	{"ex", "executionpolicy", true},
	{"ec", "ec", true},
	{"e", "encodedcommand", true},
	{"w", "windowstyle", true},
	{"wd", "wd", true},
	{"wo", "workingdirectory", true},
	{"v", "version", true},
	{"i", "inputformat", true},
	{"if", "if", true},
	{"o", "outputformat", true},
	{"of", "of", true},
	{"p", "psconsolefile", true},
	{"config", "configurationname", true},
	{"cus", "custompipename", true},
	{"se", "settingsfile", true},
	{"encodeda", "encodedarguments", true},
}

// abbreviates reports whether word is long or begins it, and is no shorter than short.
func abbreviates(word, short, long string) bool {
	return len(word) >= len(short) && len(word) <= len(long) && long[:len(word)] == word
}

func (t *taker) powerShellWord(word string, start, end int) bool {
	if t.value {
		t.value = false
		return false
	}
	option := strings.ToLower(strings.TrimPrefix(strings.TrimLeft(word, "-/"), "-"))
	if option == strings.ToLower(word) { // it does not begin with a dash: the command itself
		return t.inner(PowerShell, start)
	}
	switch {
	case abbreviates(option, "c", "command"), option == "cwa", option == "commandwithargs":
		t.add(word)
		return t.inner(PowerShell, skipBlanks(t.text, end))
	case abbreviates(option, "f", "file"):
		t.add(word)
		t.next(false) // the script is a command with options of its own
		return true
	case option == "ec", abbreviates(option, "e", "encodedcommand"):
		t.a.note(Base64)
		t.value = true
		return false
	}
	for _, o := range powerShellOptions {
		if abbreviates(option, o.short, o.long) {
			t.value = o.value
		}
	}
	return false
}

// inner takes the command that begins at start and is written in dialect d.
// It reports whether it did.
func (t *taker) inner(d Dialect, start int) bool {
	if t.depth+1 >= t.a.limits.Depth {
		t.a.cut.depth++
		return false
	}
	end := t.innerEnd(d, start)
	from, to := unwrap(t.text[start:end], d)
	from, to = from+start, to+start
	command := t.text[from:to]
	if d == PowerShell && strings.Contains(command, `\"`) {
		command = strings.ReplaceAll(command, `\"`, `"`)
	}
	t.next(false)
	if readable := t.a.walk(command, d, t.depth+1); readable != command {
		t.replace(from, to, readable)
	}
	t.next(false)
	t.at = end
	return true
}

// innerWord takes the command that one word holds.
func (t *taker) innerWord(word string, start, end int) bool {
	if t.depth+1 >= t.a.limits.Depth {
		t.a.cut.depth++
		return false
	}
	t.next(false)
	readable := t.a.walk(word, POSIX, t.depth+1)
	t.next(false)
	if readable != word {
		if c := t.text[start]; c == '"' || c == '\'' {
			start, end = start+1, max(start+1, end-1)
		}
		t.replace(start, end, readable)
	}
	return true
}

// replace puts something else into the readable text.
func (t *taker) replace(from, to int, with string) {
	if t.text[from:to] == with {
		return
	}
	t.out = append(append(t.out, t.text[t.copied:from]...), with...)
	t.copied = to
}

// innerEnd returns where a command ends that another dialect's line holds.
func (t *taker) innerEnd(d Dialect, start int) int {
	rest := t.text[start:]
	if strings.HasPrefix(rest, `"`) {
		if second := strings.IndexByte(rest[1:], '"'); second >= 0 && !strings.Contains(rest[second+2:], `"`) && d != Cmd {
			return start + second + 2
		}
		return len(t.text)
	}
	if t.loose() || t.d == Cmd && d == Cmd {
		return len(t.text)
	}
	var quote byte
	for i, c := range []byte(rest) {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case quoting[t.d][c] == wordQuotes:
			quote = c
		case c == '\n' || strings.IndexByte("|&;}", c) >= 0 && operators[t.d].has(c) && (i == 0 || rest[i-1] != '^'):
			return start + i
		}
	}
	return len(t.text)
}

// unwrap returns the part of a shell's argument within the quotes around it.
// cmd.exe takes away the first and the last quote if there are others between
// them, or nothing behind them.
func unwrap(s string, d Dialect) (from, to int) {
	to = len(s)
	for to > 0 && isBlank(s[to-1]) {
		to--
	}
	if !strings.HasPrefix(s, `"`) {
		return 0, to
	}
	last := strings.LastIndexByte(s[:to], '"')
	switch {
	case last == 0:
		return 1, to
	case last == to-1, d == Cmd && strings.IndexByte(s[1:], '"')+1 != last:
		return 1, last
	}
	return 0, to
}
