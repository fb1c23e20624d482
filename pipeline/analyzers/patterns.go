package analyzers

import (
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A namePattern matches names of fields: it is a name, or one with a single *
// in it that stands for any text.
type namePattern struct {
	before, after string
	wild          bool
}

func newNamePattern(text string) namePattern {
	before, after, wild := strings.Cut(text, "*")
	return namePattern{before, after, wild}
}

// match returns what the * stands for.
func (p namePattern) match(name string) (middle string, ok bool) {
	if !p.wild {
		return "", name == p.before
	}
	if len(name) < len(p.before)+len(p.after) || !strings.HasPrefix(name, p.before) || !strings.HasSuffix(name, p.after) {
		return "", false
	}
	return name[len(p.before) : len(name)-len(p.after)], true
}

// A namePatterns is a list of patterns that remembers what it made of a name.
type namePatterns struct {
	list  []namePattern
	dict  *pipeline.Dict
	known []int // by key: the pattern's place plus 1, -1 if there is none, 0 if not asked yet
}

func newNamePatterns(texts []string, dict *pipeline.Dict) *namePatterns {
	p := &namePatterns{dict: dict}
	for _, t := range texts {
		p.list = append(p.list, newNamePattern(t))
	}
	return p
}

// find returns the place of the first pattern that matches a name, or -1.
func (p *namePatterns) find(key pipeline.Key) int {
	if n := int(key) + 1; n > len(p.known) {
		p.known = slices.Grow(p.known, n-len(p.known))[:n]
	}
	if p.known[key] == 0 {
		p.known[key] = -1
		name := p.dict.Name(key)
		for i, pattern := range p.list {
			if _, ok := pattern.match(name); ok {
				p.known[key] = i + 1
				break
			}
		}
	}
	return max(p.known[key]-1, -1)
}
