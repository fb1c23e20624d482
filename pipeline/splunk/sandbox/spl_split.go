package sandbox

import (
	"fmt"
	"strings"
)

// A splError is a fault in a search, in the words in which Splunk refuses it.
type splError string

func (e splError) Error() string { return string(e) }

func splErrorf(format string, args ...any) error { return splError(fmt.Sprintf(format, args...)) }

const (
	maxSearch   = 256 << 10 // bytes of one search
	maxCommands = 100
)

// A rawCommand is one command of a search: a name and the rest of its text.
type rawCommand struct{ name, args string }

// splitCommands cuts a search at its pipes. Quotes hide everything, with \
// before what is not to end them; ```…``` is a comment.
func splitCommands(spl string) ([]rawCommand, error) {
	if len(spl) > maxSearch {
		return nil, splErrorf("The search is longer than %d bytes.", maxSearch)
	}
	var parts []string
	var part strings.Builder
	for at := 0; at < len(spl); {
		end, err := splitAt(spl, at)
		if err != nil {
			return nil, err
		}
		switch text := spl[at:end]; {
		case text == "|":
			parts = append(parts, part.String())
			part.Reset()
		case strings.HasPrefix(text, "```"):
			part.WriteByte(' ')
		default:
			part.WriteString(text)
		}
		at = end
	}
	parts = append(parts, part.String())
	if len(parts) > 1 && strings.TrimSpace(parts[0]) == "" {
		parts = parts[1:]
	}
	return namedCommands(parts)
}

// splitAt returns where the piece of text at a place ends: a string, a comment,
// or a single byte.
func splitAt(spl string, at int) (int, error) {
	switch spl[at] {
	case '"':
		end := endOfQuotes(spl, at)
		if end < 0 {
			return 0, splError("Error in 'SearchParser': Mismatched quotes and/or parenthesis.")
		}
		return end, nil
	case '\\':
		return min(at+2, len(spl)), nil
	case '[', ']':
		return 0, splError("Error in 'SearchParser': The sandbox knows no subsearches.")
	case '`':
		return endOfBackticks(spl, at)
	}
	return at + 1, nil
}

// endOfQuotes returns the place behind the string that begins at a place, -1 if
// it does not end.
func endOfQuotes(s string, at int) int {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func endOfBackticks(spl string, at int) (int, error) {
	if strings.HasPrefix(spl[at:], "```") {
		n := strings.Index(spl[at+3:], "```")
		if n < 0 {
			return 0, splError("Error in 'SearchParser': Missing a closing tick mark for a comment.")
		}
		return at + 3 + n + 3, nil
	}
	name, _, _ := strings.Cut(spl[at+1:], "`")
	return 0, splErrorf("Error in 'SearchParser': The search specifies a macro '%s' that cannot be found. "+
		"Reasons include: the macro name is misspelled, you do not have \"read\" permission for the macro, "+
		"or the macro has not been shared with this application. Click Settings, Advanced search, Search Macros to view macro information.", name)
}

func namedCommands(parts []string) ([]rawCommand, error) {
	if len(parts) > maxCommands {
		return nil, splErrorf("The search has more than %d commands.", maxCommands)
	}
	commands := make([]rawCommand, len(parts))
	for i, p := range parts {
		p = strings.TrimSpace(p)
		n := 0
		for n < len(p) && isNameByte(p[n]) {
			n++
		}
		commands[i] = rawCommand{strings.ToLower(p[:n]), strings.TrimSpace(p[n:])}
		switch {
		case p == "":
			return nil, splError("Error in 'SearchParser': Missing a search command before '|'.")
		case n == 0:
			return nil, splErrorf("Error in 'SearchParser': Missing a search command before '%c'.", []rune(p)[0])
		}
	}
	return commands, nil
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
