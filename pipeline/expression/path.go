package expression

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A path leads to a part of a JSON value.
type path []pathStep

// A pathStep is a member's name, a place in a list (below 0 from its end), or with
// all every member of a list.
type pathStep struct {
	name  string
	place int
	list  bool
	all   bool
}

const maxSteps = 64

// parsePath reads a path such as a.b[0].c, ["odd name"][-1] or users[*].name.
func parsePath(s string) (path, error) {
	var p path
	for rest := s; rest != ""; {
		next, after, ok := parseStep(rest, len(p) == 0)
		if !ok || len(p) == maxSteps {
			return nil, fmt.Errorf(`%q is no path into JSON: write it as in user.name, hosts[0].ip, hosts[*].ip or ["odd name"]`, shortened(s, 80))
		}
		p, rest = append(p, next), after
	}
	if p == nil {
		return nil, errors.New(`json wants a path, as in json(_raw, "user.name")`)
	}
	return p, nil
}

func parseStep(s string, first bool) (next pathStep, after string, ok bool) {
	inner, bracket := strings.CutPrefix(s, "[")
	if !bracket {
		name, dotted := strings.CutPrefix(s, ".")
		if dotted == first {
			return pathStep{}, "", false
		}
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		return pathStep{name: name[:end]}, name[end:], end > 0
	}
	if strings.HasPrefix(inner, `"`) {
		quoted, err := strconv.QuotedPrefix(inner)
		if err != nil {
			return pathStep{}, "", false
		}
		name, err := strconv.Unquote(quoted)
		after, closed := strings.CutPrefix(inner[len(quoted):], "]")
		return pathStep{name: name}, after, err == nil && closed
	}
	place, after, closed := strings.Cut(inner, "]")
	if place == "*" {
		return pathStep{list: true, all: true}, after, closed
	}
	n, err := strconv.Atoi(place)
	return pathStep{list: true, place: n}, after, err == nil && closed
}

// of returns what a path leads to in a text of JSON, nil where it leads nowhere
// or the text is none. Numbers are as they are written, objects are JSON again.
func (p path) of(text string) any {
	if begin := strings.TrimLeft(text, " \t\r\n"); begin == "" || begin[0] != '{' && begin[0] != '[' {
		if !json.Valid([]byte(begin)) {
			return nil
		}
		return p.in(nil) // leads no further in a text or a number than in nothing, at a tenth of the work
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.InputOffset() < int64(len(strings.TrimRight(text, " \t\r\n"))) {
		return nil
	}
	return p.in(v)
}

func (p path) in(v any) any {
	for i, s := range p {
		switch {
		case s.all:
			out := []any{}
			for _, w := range asList(v) {
				if found := p[i+1:].in(w); isList(found) {
					out = append(out, list(found)...)
				} else if found != nil {
					out = append(out, found)
				}
			}
			return out
		case s.list:
			v = member(asList(v), s.place)
			if v == "" {
				return nil
			}
		default:
			object, _ := v.(map[string]any)
			v = object[s.name]
		}
	}
	return plain(v)
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

// plain turns the numbers of a JSON value into the texts they are written as.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}
