package sandbox

import "strings"

type tokenKind int

const (
	wordToken tokenKind = iota
	stringToken
	compareToken // = != < > <= >=
	openToken
	closeToken
	commaToken
)

type token struct {
	kind tokenKind
	text string // of a string: without its quotes, escapes as they are
}

// tokenize cuts a command's arguments into tokens.
func tokenize(s string) []token {
	var all []token
	for at := 0; at < len(s); {
		switch c := s[at]; c {
		case ' ', '\t', '\r', '\n':
			at++
		case '"':
			end := endOfQuotes(s, at) // which it has: see splitAt
			all = append(all, token{stringToken, s[at+1 : end-1]})
			at = end
		case '(':
			all = append(all, token{openToken, "("})
			at++
		case ')':
			all = append(all, token{closeToken, ")"})
			at++
		case ',':
			all = append(all, token{commaToken, ","})
			at++
		default:
			n := lenCompare(s[at:])
			kind := compareToken
			if n == 0 {
				n, kind = lenWord(s[at:], len(all) > 0 && all[len(all)-1].kind == compareToken), wordToken
			}
			all = append(all, token{kind, s[at : at+n]})
			at += n
		}
	}
	return all
}

func lenCompare(s string) int {
	for _, op := range [...]string{"!=", "<=", ">=", "==", "=", "<", ">"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 0
}

// lenWord returns the length of the word at the start of s. A value, which
// stands behind a comparator, may hold comparators itself: url=/a?b=c.
func lenWord(s string, value bool) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t', '\r', '\n', '"', '(', ')', ',':
			return i
		case '\\':
			i++
		case '=', '<', '>':
			if !value {
				return i
			}
		case '!':
			if !value && i+1 < len(s) && s[i+1] == '=' {
				return i
			}
		}
	}
	return len(s)
}

// unescape reads the escapes of a search: \" is a quote and \\ a backslash; any
// other backslash is one.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
