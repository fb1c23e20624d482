package commandline

import "strings"

const (
	classLetter = 1 << iota
	classDigit
	classBlank
)

var class = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = classLetter, classLetter
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = classDigit
	}
	t['_'] = classDigit
	for _, c := range " \t\r\n\v\f" {
		t[c] = classBlank
	}
	return t
}()

func isLetter(c byte) bool { return class[c]&classLetter != 0 }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return class[c]&(classLetter|classDigit) != 0 }
func isBlank(c byte) bool  { return class[c]&classBlank != 0 }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func lowerByte(c byte) byte {
	if isUpper(c) {
		c += 'a' - 'A'
	}
	return c
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

func skipBlanks(s string, at int) int {
	for at < len(s) && isBlank(s[at]) {
		at++
	}
	return at
}

// firstWord returns the first word of a text, its quotes off if they surround
// it, and what follows behind blanks.
func firstWord(text string) (word, rest string) {
	at := skipBlanks(text, 0)
	text = text[at:]
	if text == "" {
		return "", ""
	}
	if text[0] == '"' || text[0] == '\'' {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			after := 1 + end + 1
			if after == len(text) || isBlank(text[after]) || text[after] == ',' || text[after] == ';' {
				return text[1 : 1+end], text[skipBlanks(text, after):]
			}
		}
	}
	end := 0
	for end < len(text) && !isBlank(text[end]) {
		end++
	}
	return text[:end], text[skipBlanks(text, end):]
}

// longestPath is how far the end of an unquoted path with blanks is looked for.
const longestPath = 260

// program cuts a readable line behind the program that it starts. In a script
// it is the first command that is no assignment.
func (a *Analyzer) program(text string) (program, arguments string) {
	if a.script {
		for _, p := range a.parts {
			for _, word := range a.words[p.from:p.to] {
				if strings.HasPrefix(word, "$") || strings.IndexByte(word, '=') > 0 && !strings.Contains(word, "/") {
					continue
				}
				_, after, _ := strings.Cut(text, word)
				return word, strings.TrimLeft(after, "\"' \t\r\n")
			}
		}
		return "", text
	}
	program, arguments = firstWord(text)
	start := skipBlanks(text, 0)
	if end := unquotedPath(text[start:]); end > 0 {
		end += start
		return text[start:end], text[skipBlanks(text, end):]
	}
	return program, arguments
}

// unquotedPath returns where a path with blanks and without quotes ends, as in
// C:\Program Files\a\b.exe -x; 0 if the text begins with none.
func unquotedPath(text string) int {
	if len(text) < 4 || text[1] != ':' || text[2] != '\\' {
		return 0
	}
	text = text[:min(len(text), longestPath)]
	for i := 3; i+4 <= len(text); i++ {
		switch c := text[i]; {
		case c == '"', isBlank(c) && (text[i+1] == '-' || text[i+1] == '/' || isBlank(text[i+1])):
			return 0
		case c == '.' && strings.EqualFold(text[i:i+4], ".exe") && (i+4 == len(text) || isBlank(text[i+4])):
			return i + 4
		}
	}
	return 0
}

// nameOf returns a program's name in lower case, without folders and .exe.
func nameOf(program string) string {
	if i := strings.LastIndexAny(program, `/\`); i >= 0 {
		program = program[i+1:]
	}
	program = strings.ToLower(program)
	return strings.TrimSuffix(program, ".exe")
}
