package configs

import (
	"regexp"
	"strconv"
)

// Kind says what a node is.
type Kind int

// The kinds of nodes. Null is a key or item without a value.
const (
	Null Kind = iota
	Scalar
	Mapping
	Sequence
)

// String names the kind as messages do.
func (k Kind) String() string {
	return [...]string{"no value", "a value", "a mapping", "a list"}[k]
}

// A Node is one piece of a settings file: a scalar, a mapping, a list, or
// nothing, and where it stood. A tree of nodes is never changed once it is
// made. All methods take a nil node for one without a value.
type Node struct {
	kind      Kind
	text      string // of a scalar
	plain     bool   // the scalar stood without quotes, so that it may be more than text
	file      string
	isFile    bool // the node is the whole file
	line, col int
	keys      []*Node // of a mapping: scalars, in order
	items     []*Node // of a mapping: what stands under each key; of a list: its members
}

// Kind returns what the node is.
func (n *Node) Kind() Kind {
	if n == nil {
		return Null
	}
	return n.kind
}

// Text returns a scalar's text as it was written, less its quotes; of other
// nodes the empty text.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return n.text
}

// File returns the name of the file as it was given to [Parse].
func (n *Node) File() string {
	if n == nil {
		return ""
	}
	return n.file
}

// Line returns the line the node begins on, counted from 1.
func (n *Node) Line() int {
	if n == nil {
		return 0
	}
	return n.line
}

// Keys returns the keys of a mapping in the order of the file.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	names := make([]string, len(n.keys))
	for i, k := range n.keys {
		names[i] = k.text
	}
	return names
}

// Key returns the key of a mapping as a node, for reporting its place; nil if
// the mapping lacks it.
func (n *Node) Key(name string) *Node {
	if i := n.index(name); i >= 0 {
		return n.keys[i]
	}
	return nil
}

// Child returns what stands under a key of a mapping, nil if it lacks the key.
func (n *Node) Child(name string) *Node {
	if i := n.index(name); i >= 0 {
		return n.items[i]
	}
	return nil
}

// At returns the node at a path of keys, or the nearest one above it that is
// there: where a mistake is to be reported.
func (n *Node) At(path ...string) *Node {
	for _, key := range path {
		child := n.Child(key)
		if child == nil {
			break
		}
		n = child
	}
	return n
}

func (n *Node) index(name string) int {
	if n == nil {
		return -1
	}
	for i, k := range n.keys {
		if k.text == name {
			return i
		}
	}
	return -1
}

// Items returns the members of a list, or what stands under the keys of a
// mapping, in the order of the file. The slice belongs to the node.
func (n *Node) Items() []*Node {
	if n == nil {
		return nil
	}
	return n.items
}

// Resolve is [Beside] for the node's file.
func (n *Node) Resolve(path string) (string, error) { return Beside(n.File(), path) }

// ToAny returns the node as plain Go values: nil, bool, int64, uint64 (beyond
// int64), float64, string, []any and map[string]any. A whole number beyond 64
// bits stays text.
func (n *Node) ToAny() any {
	switch n.Kind() {
	case Scalar:
		return n.scalar()
	case Sequence:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.ToAny()
		}
		return list
	case Mapping:
		m := make(map[string]any, len(n.keys))
		for i, k := range n.keys {
			m[k.text] = n.items[i].ToAny()
		}
		return m
	}
	return nil
}

// literal says what a plain scalar is besides text.
type literal int

const (
	litText literal = iota
	litBool
	litInt
	litFloat
)

// The forms of YAML 1.2's core schema (YAML 1.2.2, 10.3.2), but for numbers
// with leading zeros, which YAML 1.1 read as octal.
var (
	intForm   = regexp.MustCompile(`^(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+)$`)
	floatForm = regexp.MustCompile(`^[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$`)
)

func (n *Node) literal() literal {
	switch {
	case !n.plain:
		return litText
	case n.text == "true", n.text == "True", n.text == "TRUE",
		n.text == "false", n.text == "False", n.text == "FALSE":
		return litBool
	case intForm.MatchString(n.text):
		return litInt
	case floatForm.MatchString(n.text):
		return litFloat
	}
	return litText
}

func (n *Node) scalar() any {
	switch n.literal() {
	case litBool:
		return n.truth()
	case litInt:
		if i, err := strconv.ParseInt(n.text, 0, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(n.text, 0, 64); err == nil {
			return u
		}
	case litFloat:
		if f, err := strconv.ParseFloat(n.text, 64); err == nil {
			return f
		}
	}
	return n.text
}

func (n *Node) truth() bool { return n.text[0] == 't' || n.text[0] == 'T' }

// got describes the node for a sentence that says what was found.
func (n *Node) got() string {
	if n.kind != Scalar {
		return n.kind.String()
	}
	if n.isFile {
		return "text" // of a file that holds no settings, but perhaps a secret
	}
	if n.literal() != litText && len(n.text) <= maxQuoted {
		return n.text
	}
	return quote(n.text)
}
