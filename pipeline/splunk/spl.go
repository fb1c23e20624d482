package splunk

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

var paramName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Render implements [pipeline.Language]. It puts parameters into a search: $name$ becomes the value of the
// parameter, $$ a dollar sign. Within quotes a dollar sign that begins no
// $name$ stands for itself, as regular expressions want it.
//
// No value can change what the search does: texts, addresses and the members
// of enums are put in quotes unless the search has them there already, with
// quotes and backslashes escaped; other types allow only characters that mean
// nothing to Splunk. A parameter may not stand where a command's name is
// expected, nor in a comment, nor, if it needs quotes, in a macro's arguments,
// which Splunk pastes without them. Regular expressions and wildcards in a text
// keep their meaning.
//
// An unknown name in the search, a parameter that the search does not use and
// a value that does not fit its type are errors.
func (SIEM) Render(spl string, params map[string]pipeline.Param) (string, error) {
	r := renderer{params: map[string]rendered{}, used: map[string]bool{}, heads: map[int]bool{}}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !paramName.MatchString(name) {
			return "", splParamErrorf(name, "a parameter's name is made of letters, digits and _, and begins with no digit")
		}
		v, err := param(params[name]).render()
		if err != nil {
			return "", splParamErrorf(name, "%w", err)
		}
		r.params[name] = v
	}
	_, all, err := parse(spl)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		r.heads[c.head.at] = true
	}
	for at := 0; at < len(spl); {
		end, kind, err := scan(spl, at)
		if err != nil {
			return "", err
		}
		if err := r.expand(spl[at:end], at, kind); err != nil {
			return "", err
		}
		at = end
	}
	for name := range r.params {
		if !r.used[name] {
			return "", splParamErrorf(name, "the search does not use it: write $%s$ where its value belongs, or leave it out", name)
		}
	}
	return r.out.String(), nil
}

type renderer struct {
	params map[string]rendered
	used   map[string]bool
	heads  map[int]bool // where commands' names begin
	out    strings.Builder
}

// expand writes a token with its parameters replaced.
func (r *renderer) expand(text string, at int, kind tokenKind) error {
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			r.out.WriteByte(text[i])
			continue
		}
		rest := text[i+1:]
		if strings.HasPrefix(rest, "$") {
			r.out.WriteByte('$')
			i++
			continue
		}
		name, _, closed := strings.Cut(rest, "$")
		if !closed || !paramName.MatchString(name) {
			if kind != stringToken && kind != skipped {
				return splErrorf(at+i, "a dollar sign stands alone: write $name$ for a parameter and $$ for the sign itself")
			}
			r.out.WriteByte('$')
			continue
		}
		value, err := r.value(name, at+i, kind, r.heads[at])
		if err != nil {
			return err
		}
		if n := trailingBackslashes(text[:i]); n%2 == 1 || n > 0 && kind != stringToken {
			return splErrorf(at+i-1, `a backslash right before $%s$ would join its value: within quotes, write two for the sign itself`, name)
		}
		r.out.WriteString(value)
		i += len(name) + 1
	}
	return nil
}

func trailingBackslashes(s string) int { return len(s) - len(strings.TrimRight(s, `\`)) }

// value returns what takes the place of $name$ in a token of some kind.
func (r *renderer) value(name string, at int, kind tokenKind, head bool) (string, error) {
	v, ok := r.params[name]
	switch {
	case !ok && len(r.params) == 0:
		return "", splErrorf(at, "$%s$ is no parameter of the hunt, which has none: for the signs themselves write $$%s$$", name, name)
	case !ok:
		return "", splErrorf(at, "$%s$ is no parameter of the hunt, which has %s: for the signs themselves write $$%s$$",
			name, strings.Join(slices.Sorted(maps.Keys(r.params)), ", "), name)
	case kind == skipped:
		return "", splErrorf(at, "$%s$ stands in a comment: write $$%s$$ there", name, name)
	case head:
		return "", splErrorf(at, "$%s$ stands where a command's name is expected: a parameter cannot name a command", name)
	case v.list && kind != wordToken:
		return "", splErrorf(at, `$%s$ is a list and comes with parentheses and quotes of its own: write field IN $%s$`, name, name)
	case v.quoted && kind == macroToken:
		return "", splErrorf(at, "$%s$ stands in a macro, which would lose the quotes around it: only ip, cidr, int, duration, field and index may stand there", name)
	}
	r.used[name] = true
	if v.list || kind != wordToken {
		return v.text, nil
	}
	return v.word, nil
}
