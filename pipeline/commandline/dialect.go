package commandline

import (
	"fmt"
	"strings"
)

// A Dialect is the language that a command is written in.
type Dialect uint8

// The dialects. Windows is a program that was started with its arguments, by no
// shell; Unknown is the same where even the system cannot be told.
const (
	Unknown Dialect = iota
	Windows
	Cmd
	PowerShell
	POSIX
)

var dialectNames = []string{"unknown", "windows", "cmd", "powershell", "posix"}

// String returns the dialect's name.
func (d Dialect) String() string { return dialectNames[d] }

// ParseDialect returns the dialect of a name; "auto" is [Unknown], to be told
// from the text.
func ParseDialect(name string) (Dialect, error) {
	if name == "auto" {
		return Unknown, nil
	}
	for i, n := range dialectNames {
		if n == name {
			return Dialect(i), nil
		}
	}
	return Unknown, fmt.Errorf("no shell is called %q: want auto, windows, cmd, powershell or posix", name)
}

// shells are the programs that take commands of their own.
var shells = map[string]Dialect{
	"cmd": Cmd, "%comspec%": Cmd, "powershell": PowerShell, "pwsh": PowerShell, "powershell_ise": PowerShell,
	"sh": POSIX, "bash": POSIX, "dash": POSIX, "zsh": POSIX, "ksh": POSIX, "ash": POSIX, "rbash": POSIX,
	"-sh": POSIX, "-bash": POSIX, "-zsh": POSIX,
}

// unixPrograms are names that hardly mean a program of Windows.
var unixPrograms = setOf("cat ls chmod chown chattr cp mv rm ln dd sed awk grep egrep sudo su doas nohup crontab systemctl " +
	"service useradd usermod passwd wget nc ncat socat python python3 perl ruby php base64 xxd rev tr printf history unset export " +
	"kill pkill mkfifo mount umount insmod modprobe iptables ufw setenforce auditctl head tail cut uname id ps env source " +
	"apt yum dnf docker kubectl ssh scp touch mkdir openssl gcc make find xargs tee")

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Fields(names) {
		set[n] = true
	}
	return set
}

// outer is the dialect that a text itself is written in: what starts
// PowerShell is no script yet.
func outer(text string, d Dialect) Dialect {
	if d != PowerShell {
		return d
	}
	word, _ := firstWord(text)
	if shells[nameOf(hidden.Replace(word))] == PowerShell {
		return Windows
	}
	return d
}

// hidden are the characters that a program's name is taken apart with.
var hidden = strings.NewReplacer("^", "", "`", "", `"`, "", "'", "")

// verbs begin the name of a command of PowerShell.
var verbs = setOf("add clear close connect convert convertfrom convertto copy disable enable enter exit export find foreach format get " +
	"import install invoke measure mount move new open out push read receive register remove rename resolve restart resume save " +
	"select send set show sort split start stop tee test update wait where write")

// detect tells the dialect of a text: by the program that it begins with, else
// by what only one of the shells writes.
func detect(text string) Dialect {
	word, rest := firstWord(text)
	bare := word
	if strings.ContainsAny(word, "^`\"'") {
		bare = hidden.Replace(word)
	}
	name := nameOf(bare)
	if d, ok := shells[name]; ok {
		if strings.IndexByte(word, '^') >= 0 {
			return Cmd
		}
		return d
	}
	if start := strings.TrimLeft(bare, ",;="); start != bare || strings.ContainsAny(name, ",;") {
		if end := strings.IndexAny(start, ",;="); end > 0 {
			start = start[:end]
		}
		if shells[nameOf(start)] == Cmd {
			return Cmd
		}
	}
	switch {
	case looksPowerShell(word, name, rest):
		return PowerShell
	case strings.HasPrefix(bare, "/"), strings.HasPrefix(bare, "./"), strings.HasPrefix(bare, "~/"):
		return POSIX
	case caretInWord(text), strings.Contains(text, ":~"), name == "set" && strings.Contains(rest, "&"), name == "echo" && strings.Contains(rest, "%"):
		return Cmd
	case strings.Contains(bare, `:\`), strings.HasPrefix(bare, `\\`), strings.HasPrefix(bare, `.\`), strings.HasPrefix(bare, "%"),
		hasSuffixFold(bare, ".exe"), hasSuffixFold(bare, ".bat"), hasSuffixFold(bare, ".com"):
		return Windows
	case unixPrograms[name], looksPOSIX(text):
		return POSIX
	case strings.Contains(rest, "&&"), strings.Contains(rest, "|"):
		return Cmd
	}
	return Unknown
}

func looksPowerShell(word, name, rest string) bool {
	if word == "" {
		return false
	}
	switch c := word[0]; {
	case c == '[' && len(word) > 2 && strings.Contains(word, "]"), strings.HasPrefix(word, "$") && powerShellVariable(word, rest),
		strings.HasPrefix(word, "&("), strings.HasPrefix(word, ".("), strings.HasPrefix(word, "(("), strings.HasPrefix(word, "('"),
		(word == "&" || word == ".") && len(rest) > 0 && strings.ContainsAny(rest[:1], `($'"`):
		return true
	case (c == '{' || c == '(') && (strings.Contains(word, "$") || strings.Contains(rest, "$") || strings.Contains(rest, "New-Object")),
		c == '"' && hasPrefixFold(word, `"iex`):
		return true
	case keywords[name], strings.Contains(word, "(") && strings.HasPrefix(rest, "{"):
		return strings.Contains(rest, "$") && !strings.Contains(rest, "; do") && !strings.Contains(rest, "; then")
	}
	if i := strings.IndexByte(word, '`'); i > 0 && i+1 < len(word) && isLetter(word[i-1]) && isLetter(word[i+1]) {
		return true
	}
	if verb, _, ok := strings.Cut(name, "-"); ok && verbs[verb] {
		return true
	}
	return hasPrefixFold(word, "iex") && (len(word) == 3 || !isWord(word[3])) ||
		strings.Contains(rest, "$env:") || strings.Contains(word, "]::") || strings.Contains(rest, "]::") || strings.Contains(rest, "New-Object ") || strings.Contains(rest, "| iex") || strings.Contains(rest, "|iex")
}

// keywords begin a script of PowerShell, some of POSIX as well.
var keywords = setOf("function foreach param if while for try filter begin process using do switch")

// powerShellVariable tells $a = 1 and $env:x from the $a and $(…) of POSIX.
func powerShellVariable(word, rest string) bool {
	return strings.Contains(word, ":") || strings.Contains(word, "=") || strings.HasPrefix(rest, "=") || strings.Contains(word, ".")
}

func looksPOSIX(text string) bool {
	for _, mark := range []string{"| sh", "|sh", "| bash", "|bash", "| sudo ", "| python", "| perl", "|perl", "|python", "$(", "${", "/dev/", "/etc/", "/tmp/", "/bin/", "$'", "; do "} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	word, _ := firstWord(text)
	if i := strings.IndexByte(word, '\''); i > 0 && isLetter(word[i-1]) && strings.Count(word, "'")%2 == 0 {
		return true
	}
	i := strings.IndexByte(word, '\\')
	if i >= 0 && i < len(word)-1 && !strings.ContainsAny(word, ".:") && word[0] != '\\' && i < 3 {
		return true
	}
	name, _, assigned := strings.Cut(word, "=")
	return assigned && name != "" && strings.Contains(text, "$"+name)
}

// caretInWord reports whether a caret stands between two characters of a word.
func caretInWord(text string) bool {
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '^')
		if i < 0 {
			return false
		}
		if at += i + 1; at >= 2 && at < len(text) && isWord(text[at-2]) && isWord(text[at]) {
			return true
		}
	}
}
