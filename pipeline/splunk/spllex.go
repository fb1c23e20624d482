package splunk

import (
	"fmt"
	"strings"
)

// A tokenKind says what a piece of SPL is.
type tokenKind int

const (
	wordToken   tokenKind = iota // anything that is not one of the below
	stringToken                  // "…" with its quotes
	macroToken                   // `…` with its backticks
	pipeToken                    // |
	openToken                    // [
	closeToken                   // ]
	equalToken                   // =
	otherToken                   // ( ) , < > ! '
)

// A token is a piece of SPL. Blanks and comments are not tokens.
type token struct {
	kind tokenKind
	at   int // offset of its first byte
	text string
}

// A splError is a fault in SPL, with its place.
type splError struct {
	at   int
	text string
}

func (e *splError) Error() string { return fmt.Sprintf("byte %d of the search: %s", e.at+1, e.text) }

func splErrorf(at int, format string, args ...any) error {
	return &splError{at, fmt.Sprintf(format, args...)}
}

// tokenize cuts SPL into tokens the way Splunk's search language does: quotes
// hide everything, \ hides the next byte within them, ```…``` is a comment,
// `…` a macro. Where readings differ it takes the one that hides less: single
// quotes hide nothing.
func tokenize(spl string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(spl); {
		end, kind, err := scan(spl, at)
		if err != nil {
			return nil, err
		}
		if kind >= 0 {
			tokens = append(tokens, token{kind, at, spl[at:end]})
		}
		at = end
	}
	return tokens, nil
}

const skipped tokenKind = -1

const blanks = " \t\r\n"

func scan(spl string, at int) (end int, kind tokenKind, err error) {
	switch c := spl[at]; c {
	case ' ', '\t', '\r', '\n':
		return at + 1, skipped, nil
	case '"':
		end, err := endOfString(spl, at)
		return end, stringToken, err
	case '`':
		return scanBackticks(spl, at)
	case '|':
		return at + 1, pipeToken, nil
	case '[':
		return at + 1, openToken, nil
	case ']':
		return at + 1, closeToken, nil
	case '=':
		return at + 1, equalToken, nil
	case '(', ')', ',', '<', '>', '!', '\'':
		return at + 1, otherToken, nil
	}
	return scanWord(spl, at)
}

// scanWord ends a word at the first byte that can begin something else.
func scanWord(spl string, at int) (int, tokenKind, error) {
	for i := at; i < len(spl); i++ {
		switch c := spl[i]; {
		case c < ' ' && !strings.ContainsRune(blanks, rune(c)), c == 0x7f:
			return 0, 0, splErrorf(i, "a control character (%#02x) has no place in a search", c)
		case c == '\\' && i+1 < len(spl) && spl[i+1] == '"':
			return 0, 0, splErrorf(i, `a backslash before a quote, outside of quotes, can be read in two ways: put the whole value in quotes`)
		case strings.IndexByte(blanks+"\"'`|[]=(),<>!", c) >= 0:
			return i, wordToken, nil
		}
	}
	return len(spl), wordToken, nil
}

func endOfString(spl string, at int) (int, error) {
	for i := at + 1; i < len(spl); i++ {
		switch spl[i] {
		case '\\':
			i++
		case '"':
			return i + 1, nil
		}
	}
	return 0, splErrorf(at, "the quotes opened here are not closed")
}

func scanBackticks(spl string, at int) (int, tokenKind, error) {
	const fence = "```"
	if strings.HasPrefix(spl[at:], fence) {
		n := strings.Index(spl[at+len(fence):], fence)
		if n < 0 {
			return 0, 0, splErrorf(at, "the comment opened here is not closed")
		}
		return at + n + 2*len(fence), skipped, nil
	}
	n := strings.IndexByte(spl[at+1:], '`')
	if n < 0 {
		return 0, 0, splErrorf(at, "the macro opened here is not closed")
	}
	return at + n + 2, macroToken, nil
}

// A command is one command of a search with what follows it up to the next.
type command struct {
	head token   // its name; kind macroToken or stringToken if it is no plain word
	args []token // without the bodies of its subsearches
}

// name returns the command's name in lower case, as Splunk compares it.
func (c command) name() string { return strings.ToLower(c.head.text) }

// parse cuts a search into its commands.
func parse(spl string) ([]token, []command, error) {
	tokens, err := tokenize(spl)
	if err != nil {
		return nil, nil, err
	}
	if len(tokens) == 0 {
		return nil, nil, splErrorf(0, "the search is empty: write for instance search index=windows EventCode=4688")
	}
	all, err := commands(tokens)
	return tokens, all, err
}

// commands returns the commands of a search in the order in which they begin,
// those of subsearches included.
func commands(tokens []token) ([]command, error) {
	type frame struct{ opened, command int }
	var all []command
	var around []frame
	current := -1                // the command being read, -1 where one is due
	last := token{kind: skipped} // the token before
	for _, t := range tokens {
		switch {
		case t.kind == pipeToken:
			if current < 0 && last.kind == pipeToken {
				return nil, splErrorf(t.at, "a command is missing before this pipe")
			}
			current = -1
		case t.kind == closeToken && len(around) == 0:
			return nil, splErrorf(t.at, "this ] closes no subsearch")
		case t.kind == closeToken && current < 0:
			return nil, splErrorf(t.at, "a command is missing before this ]")
		case t.kind == closeToken:
			current, around = around[len(around)-1].command, around[:len(around)-1]
		case t.kind == openToken && current < 0:
			return nil, splErrorf(t.at, "a subsearch cannot stand for a command")
		case t.kind == openToken:
			around, current = append(around, frame{t.at, current}), -1
		case current < 0:
			all = append(all, command{head: t})
			current = len(all) - 1
		default:
			all[current].args = append(all[current].args, t)
		}
		last = t
	}
	switch {
	case len(around) > 0:
		return nil, splErrorf(around[len(around)-1].opened, "the subsearch opened here is not closed")
	case current < 0:
		return nil, splErrorf(last.at, "a command is missing behind this")
	}
	return all, nil
}
