package configs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a file may hold. The YAML library takes time that grows with the square
// of most of these, or stack that grows with depth.
const (
	maxSize  = 1 << 20 // bytes
	maxDepth = 64      // levels of mappings and lists
	maxKeys  = 30_000  // keys, all mappings together
	maxBlank = 500     // empty lines in a row
	maxTabs  = 200     // tabs on a line
)

// Parse reads a settings file, as [ReadFile] does: YAML, or JSON, in UTF-8, with
// one document. Layers override the file, later ones the earlier. The error joins an
// [*Error] for each mistake found.
func Parse(path string, above ...Layer) (*Node, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := ParseBytes(path, data)
	if err != nil {
		return nil, err
	}
	return layered(file, above)
}

// ParseBytes does the same, without layers, with what was read already; name is the file's
// name, for messages and for the paths that stand in it.
func ParseBytes(name string, data []byte) (root *Node, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkBytes(name, data); err != nil {
		return nil, err
	}
	// The library's own mistakes must not end a daemon that reloads.
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, &Error{File: name, Msg: fmt.Sprintf("is not valid YAML: the reader gave up (%v)", p)}
		}
	}()
	tokens := lexer.Tokenize(string(spaced(data)))
	if err := checkTokens(name, tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(name, err)
	}
	c := converter{file: name}
	root = &Node{file: name, line: 1, col: 1}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			root = c.node(doc.Body, 1)
		}
	}
	root.isFile = true
	if err := inOrder(c.errs); err != nil {
		return nil, err
	}
	return root, nil
}

// spaced returns JSON with blanks for the tabs between its tokens, which the
// YAML library takes in some places only; anything else as it is.
func spaced(data []byte) []byte {
	if !json.Valid(data) {
		return data
	}
	data = bytes.Clone(data)
	within := false
	for i := 0; i < len(data); i++ {
		switch {
		case within && data[i] == '\\':
			i++
		case data[i] == '"':
			within = !within
		case data[i] == '\t': // within a text JSON allows none
			data[i] = ' '
		}
	}
	return data
}

// checkBytes refuses what is no text, and what the YAML library would take
// unreasonably long for.
func checkBytes(name string, data []byte) error {
	if len(data) > maxSize {
		return tooLarge(name)
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Error{File: name, Msg: "is UTF-16 text: save it as UTF-8"}
	}
	line, col, blank, tabs := 1, 0, 0, 0
	refuse := func(msg string) error {
		return &Error{File: name, Line: line, Col: col, Msg: msg, column: true}
	}
	empty := true // nothing but white space on this line yet
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		col++
		switch {
		case r == utf8.RuneError && size == 1:
			return refuse("is not UTF-8 text: save it as UTF-8")
		case r == '\n' || r == '\r':
			if empty {
				blank++
			}
			if blank > maxBlank {
				return refuse(fmt.Sprintf("has more than %d empty lines in a row: remove some", maxBlank))
			}
			if r == '\n' {
				line++
			}
			col, tabs, empty = 0, 0, true
		case r == '\t':
			tabs++
		case r < ' ' || r == 0x7f:
			return refuse(fmt.Sprintf("holds the control character %U: in double quotes it can be written as \\x%02x", r, r))
		case r != ' ':
			blank, empty = 0, false
		}
		if tabs > maxTabs {
			return refuse(fmt.Sprintf("has more than %d tabs on one line: remove some", maxTabs))
		}
		i += size
	}
	return nil
}

// checkTokens refuses the parts of YAML that settings do without, and depth.
func checkTokens(name string, tokens token.Tokens) error {
	depth, entries, keys, content := 0, 0, 0, false
	var errs []error
	refuse := func(tk *token.Token, msg string) {
		errs = append(errs, &Error{File: name, Line: tk.Position.Line, Col: tk.Position.Column, Msg: msg, column: true})
	}
	for _, tk := range tokens {
		if tk.Type == token.SequenceEntryType {
			entries++
		} else {
			entries = 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.MappingValueType:
			keys++
		case token.DocumentHeaderType:
			if content {
				refuse(tk, "a second document begins here: a file holds one, so put it into a file of its own")
				return inOrder(errs)
			}
		case token.DirectiveType:
			refuse(tk, `directives such as "%YAML" are not taken: remove the line, or put a text that begins with % in quotes`)
			return inOrder(errs)
		case token.DoubleQuoteType:
			if strings.Contains(strings.TrimSpace(tk.Origin), "\t") {
				refuse(tk, `a tab inside a double-quoted text: write \t`)
			}
		default:
			if msg := refusedToken(tk.Type); msg != "" {
				refuse(tk, msg)
			}
		}
		content = content || tk.Type != token.CommentType
		if max(depth, entries) > maxDepth {
			refuse(tk, tooDeep)
			return inOrder(errs)
		}
		if keys > maxKeys {
			refuse(tk, fmt.Sprintf("has more than %d keys: split the file", maxKeys))
			return inOrder(errs)
		}
	}
	return inOrder(errs)
}

var tooDeep = fmt.Sprintf("is nested more than %d levels deep", maxDepth)

func refusedToken(t token.Type) string {
	switch t {
	case token.AnchorType, token.AliasType:
		return `anchors and aliases ("&name", "*name") are not taken: write the value out, or put a text that begins with & or * in quotes`
	case token.MergeKeyType:
		return `the merge key "<<" is not taken: write the keys out`
	case token.TagType:
		return `tags such as "!!str" are not taken: put a text that begins with ! in quotes`
	case token.MappingKeyType:
		return `a key after "? " is not taken: write "key: value"`
	}
	return ""
}

// syntaxError makes one sentence of what the YAML library says, whose own
// message draws the source, secrets included.
func syntaxError(name string, err error) error {
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &at) {
		return &Error{File: name, Msg: "is not valid YAML: " + err.Error()}
	}
	e := &Error{File: name, Msg: "is not valid YAML: " + strings.ReplaceAll(at.GetMessage(), "\t", `\t`), column: true}
	for said, hint := range syntaxHints() {
		if strings.HasPrefix(at.GetMessage(), said) {
			e.Msg += " (" + hint + ")"
		}
	}
	if tk := at.GetToken(); tk != nil && tk.Position != nil {
		e.Line, e.Col = tk.Position.Line, tk.Position.Column
	}
	return e
}

// syntaxHints are what helps against the commonest mistakes, by how the
// library's message begins. At most one matches.
func syntaxHints() map[string]string {
	const quotes = `put a text that holds ": " in quotes, and check that this line and the next are indented as meant`
	return map[string]string{
		"mapping value is not allowed":         quotes,
		"value is not allowed in this context": "check the indentation, and put a text that holds quotes, or begins with them, in quotes whole",
		"unexpected key name":                  `check that each key is followed by ": "`,
		"found character '\t'":                 "indent with spaces: YAML takes no tabs there",
		"tab character":                        "indent with spaces: YAML takes no tabs there",
		"could not find end character":         "the text's closing quote is missing",
		"sequence end token":                   "the list's closing ] is missing",
		"could not find flow map":              "the mapping's closing } is missing, or a comma too many stands in it",
		"found unknown escape":                 `in double quotes write \\ for a backslash, or use single quotes`,
		"block sequence entries":               `begin the list on a line of its own, or put a text that begins with "- " in quotes`,
		"'@' is a reserved":                    "put the text in quotes",
		"'`' is a reserved":                    "put the text in quotes",
	}
}
