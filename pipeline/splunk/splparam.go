package splunk

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huntd/huntd/pipeline"
)

// A rendered value is ready to be put into a search.
type rendered struct {
	text   string // within quotes, in a macro; a list as a whole
	word   string // outside of quotes
	quoted bool   // safe only within quotes
	list   bool
}

func bare(s string) rendered { return rendered{text: s, word: s} }

func quoted(s string) rendered {
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
	return rendered{text: text, word: `"` + text + `"`, quoted: true}
}

const (
	maxParamText = 16 << 10
	maxParamList = 10_000
)

var (
	fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.{}]{0,254}$`)
	indexName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,254}$`)
	spanText  = regexp.MustCompile(`^[1-9][0-9]{0,8}[smhdw]$`)
)

// reservedWords would be read as operators or clauses, not as a field's name.
var reservedWords = []string{"and", "as", "by", "in", "like", "not", "or", "output", "outputnew", "over", "where", "xor"}

// checkIndex refuses what Splunk does not take for the name of one index:
// lower-case letters, digits, _ and -, without wildcards.
func checkIndex(name string) error {
	if !indexName.MatchString(name) {
		return fmt.Errorf("%q is no name of an index: lower-case letters, digits, _ and -, and no wildcard", name)
	}
	return nil
}

func splParamErrorf(name, format string, args ...any) error {
	return fmt.Errorf("parameter %q: "+format, append([]any{name}, args...)...)
}

// A param is a [pipeline.Param] that is rendered.
type param pipeline.Param

// render checks the value against its type and writes it for a search.
func (p param) render() (rendered, error) {
	if p.Type == "list" {
		return p.renderList()
	}
	switch p.Value.(type) {
	case nil:
		return rendered{}, errors.New("it has no value")
	case []any, []string, map[string]any:
		return rendered{}, fmt.Errorf("its type is %q, so its value must be a single one; for several write type: list and of: %s", p.Type, p.Type)
	}
	text, err := scalarText(p.Value)
	if err != nil {
		return rendered{}, err
	}
	return p.scalar(p.Type, text)
}

func (p param) renderList() (rendered, error) {
	var members []any
	switch v := p.Value.(type) {
	case []any:
		members = v
	case []string:
		for _, s := range v {
			members = append(members, s)
		}
	default:
		return rendered{}, errors.New("its type is list, so its value must be a list: [a, b]")
	}
	switch {
	case len(members) == 0:
		return rendered{}, errors.New("the list is empty, which would match nothing: leave the parameter out or give it a value")
	case len(members) > maxParamList:
		return rendered{}, fmt.Errorf("the list has %d members, more than %d: use a lookup in Splunk", len(members), maxParamList)
	}
	of := p.Of
	if of == "" {
		of = "string"
	}
	words := make([]string, len(members))
	for i, m := range members {
		text, err := scalarText(m)
		if err != nil {
			return rendered{}, fmt.Errorf("member %d: %w", i+1, err)
		}
		v, err := p.scalar(of, text)
		if err != nil {
			return rendered{}, fmt.Errorf("member %d: %w", i+1, err)
		}
		words[i] = v.word
	}
	list := "(" + strings.Join(words, ",") + ")"
	return rendered{text: list, word: list, list: true}, nil
}

// scalarText writes down a value as a configuration file may hold it.
func scalarText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10), nil
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("its value is neither text nor a number but %T", v)
}

func (p param) scalar(kind, s string) (rendered, error) {
	switch kind {
	case "string":
		return renderText(s)
	case "enum":
		if !slices.Contains(p.Values, s) {
			return rendered{}, fmt.Errorf("%q is none of its values: %s", s, strings.Join(p.Values, ", "))
		}
		return renderText(s)
	case "ip":
		return renderIP(s)
	case "cidr":
		return renderCIDR(s)
	case "int":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return rendered{}, fmt.Errorf("%q is no whole number", s)
		}
		return bare(strconv.FormatInt(n, 10)), nil
	case "duration":
		if !spanText.MatchString(s) {
			return rendered{}, fmt.Errorf("%q is no duration that Splunk reads: a whole number and one of s m h d w, such as 90s", s)
		}
		return bare(s), nil
	case "field":
		if !fieldName.MatchString(s) || slices.Contains(reservedWords, strings.ToLower(s)) {
			return rendered{}, fmt.Errorf("%q is no name of a field: letters, digits, _ . and {}, beginning with a letter or _, and no keyword", s)
		}
		return bare(s), nil
	case "index":
		return bare(s), checkIndex(s)
	case "":
		return rendered{}, errors.New("it has no type: write one of string ip cidr int duration enum field index list")
	}
	return rendered{}, fmt.Errorf("%q is no type: write one of string ip cidr int duration enum field index list", kind)
}

func renderText(s string) (rendered, error) {
	if len(s) > maxParamText {
		return rendered{}, fmt.Errorf("the text is %d bytes long, more than %d", len(s), maxParamText)
	}
	if !utf8.ValidString(s) {
		return rendered{}, errors.New("the text is not UTF-8")
	}
	for _, r := range s {
		switch {
		case r == '`':
			return rendered{}, errors.New("a text may not hold a backtick, with which Splunk calls macros")
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return rendered{}, fmt.Errorf("a text may not hold the control character %U", r)
		}
	}
	return quoted(s), nil
}

// An address needs quotes in expressions and bears them in searches, but
// nothing in it means anything to Splunk, so that a macro may have it without.
func renderIP(s string) (rendered, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return rendered{}, fmt.Errorf("%q is no IP address", s)
	}
	return rendered{text: a.String(), word: `"` + a.String() + `"`}, nil
}

func renderCIDR(s string) (rendered, error) {
	n, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return rendered{}, fmt.Errorf("%q is no network: write 10.0.0.0/8", s)
	case n != n.Masked():
		return rendered{}, fmt.Errorf("%q has bits behind its mask: the network is %s", s, n.Masked())
	}
	return rendered{text: n.String(), word: `"` + n.String() + `"`}, nil
}
