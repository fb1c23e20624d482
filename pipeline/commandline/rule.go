package commandline

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unsafe"
)

// A Rule says what makes a command risky. Everything that it states must hold.
//
// A rule that names programs looks at single commands: the program and its own
// words. One that names none looks at all words of the line together.
//
// A term is a word, or several that stand in a row, in any case. A star stands
// for any characters; a hyphen at the beginning for a slash as well; from a tilde
// on an option may be cut short, so that -w~indowstyle is -w, -win and so on.
type Rule struct {
	ID       string   `koanf:"id" required:"true" doc:"A short name."`
	Title    string   `koanf:"title" required:"true" doc:"What the command does, in half a sentence."`
	Severity string   `koanf:"severity" required:"true" enum:"informational,low,medium,high,critical" doc:"How bad it is."`
	Attack   []string `koanf:"attack" pattern:"^T\\d{4}(\\.\\d{3})?$" doc:"ATT&CK techniques."`
	Program  []string `koanf:"program" doc:"Names of programs, without folder and .exe."`
	Into     []string `koanf:"into" doc:"Programs, one of which must read what the command writes."`
	All      []string `koanf:"all" doc:"Terms that must all be there."`
	Any      []string `koanf:"any" doc:"Terms of which one must be there."`
	None     []string `koanf:"none" doc:"Terms that must not be there."`
	Regex    string   `koanf:"regex" doc:"A regular expression that the text must match."`
}

// Severities are the severities of rules, the least first.
func Severities() []string { return []string{"informational", "low", "medium", "high", "critical"} }

// A Match is a rule that matches a command.
type Match struct {
	Rule    *Rule
	Command string // the words of the command that it matches
}

// Rules are rules made ready.
type Rules struct {
	byName map[string][]*matcher // those that name programs
	others []*matcher
	index  index
	likely []bool   // of the others: whether the text has what they need
	text   []byte   // the text in lower case
	lower  []string // the words of the command that is looked at
	found  []Match
}

type matcher struct {
	rule           *Rule
	all, any, none []term
	regex          *regexp.Regexp
	needs          []string // one of these stands in the text, in lower case
}

// NewRules makes rules ready. An error names the rule that makes no sense.
func NewRules(rules []Rule) (*Rules, error) {
	r := &Rules{byName: map[string][]*matcher{}}
	ids := map[string]bool{}
	for i := range rules {
		rule := &rules[i]
		if ids[rule.ID] {
			return nil, fmt.Errorf("two rules are called %s", rule.ID)
		}
		ids[rule.ID] = true
		m, err := newMatcher(rule)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule.ID, err)
		}
		for _, name := range rule.Program {
			r.byName[name] = append(r.byName[name], m)
		}
		if len(rule.Program) == 0 {
			for _, literal := range m.needs {
				r.index.add(literal, len(r.others))
			}
			r.others = append(r.others, m)
		}
	}
	r.likely = make([]bool, len(r.others))
	return r, nil
}

func newMatcher(rule *Rule) (*matcher, error) {
	m := &matcher{rule: rule}
	var err error
	for _, group := range []struct {
		texts []string
		terms *[]term
	}{{rule.All, &m.all}, {rule.Any, &m.any}, {rule.None, &m.none}} {
		for _, text := range group.texts {
			t, err := newTerm(text)
			if err != nil {
				return nil, err
			}
			*group.terms = append(*group.terms, t)
		}
	}
	if rule.Regex != "" {
		if m.regex, err = regexp.Compile(rule.Regex); err != nil {
			return nil, err
		}
	}
	switch {
	case len(rule.Program) == 0 && len(rule.Into) > 0:
		return nil, fmt.Errorf("into wants program")
	case len(rule.Program)+len(m.all)+len(m.any) == 0 && m.regex == nil:
		return nil, fmt.Errorf("it states nothing: want program, all, any or regex")
	}
	m.needs = needed(m)
	if m.regex != nil && len(m.needs) == 0 {
		if re, err := syntax.Parse(rule.Regex, syntax.Perl); err == nil && literalOf(re) != "" {
			m.needs = []string{lowerASCII(literalOf(re))}
		}
	}
	return m, nil
}

// needed returns literals of which every text has one that the rule matches;
// none if there is no telling.
func needed(m *matcher) []string {
	var best string
	for _, t := range m.all {
		if l := t.literal(); len(l) > len(best) {
			best = l
		}
	}
	if best != "" {
		return []string{best}
	}
	var each []string
	for _, t := range m.any {
		l := t.literal()
		if l == "" {
			return nil
		}
		each = append(each, l)
	}
	return each
}

// Match returns the rules that match a command, each once. The result is valid
// until the next call.
func (r *Rules) Match(c *Command) []Match {
	r.found, r.lower = r.found[:0], r.lower[:0]
	for i := range c.parts {
		for _, m := range r.byName[c.parts[i].name] {
			if !r.has(m.rule) && r.matchPart(m, c, i) {
				p := c.parts[i]
				r.found = append(r.found, Match{m.rule, strings.Join(c.Tokens[p.from:p.to], " ")})
			}
		}
	}
	r.look(c)
	for i, m := range r.others {
		if !r.likely[i] && len(m.needs) > 0 {
			continue
		}
		r.lowerWords(c)
		if m.holds(r.lower, c) {
			r.found = append(r.found, Match{m.rule, c.Readable})
		}
	}
	return r.found
}

// look sets which of the rules without programs may match.
func (r *Rules) look(c *Command) {
	clear(r.likely)
	mark := func(owner int) { r.likely[owner] = true }
	r.text = appendLower(r.text[:0], c.Readable)
	r.index.find(unsafe.String(unsafe.SliceData(r.text), len(r.text)), mark)
	if c.Readable != c.text {
		r.text = appendLower(r.text[:0], c.text)
		r.index.find(unsafe.String(unsafe.SliceData(r.text), len(r.text)), mark)
	}
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, lowerByte(s[i]))
	}
	return b
}

func (r *Rules) has(rule *Rule) bool {
	return slices.ContainsFunc(r.found, func(m Match) bool { return m.Rule == rule })
}

// lowerWords makes the command's words ready, once.
func (r *Rules) lowerWords(c *Command) {
	if len(r.lower) == 0 {
		for _, w := range c.Tokens {
			r.lower = append(r.lower, lowerASCII(w))
		}
	}
}

func (r *Rules) matchPart(m *matcher, c *Command, i int) bool {
	r.lowerWords(c)
	p := c.parts[i]
	return (len(m.rule.Into) == 0 || readBy(c.parts[i+1:], m.rule.Into)) && m.holds(r.lower[p.program+1:p.to], c)
}

// longestPipe is how far down a pipe a program is looked for.
const longestPipe = 16

// readBy reports whether one of the programs stands further down the pipe.
func readBy(parts []part, programs []string) bool {
	for _, p := range parts[:min(len(parts), longestPipe)] {
		if !p.piped {
			return false
		}
		if slices.Contains(programs, p.name) {
			return true
		}
	}
	return false
}

func (m *matcher) holds(words []string, c *Command) bool {
	for _, t := range m.all {
		if !t.in(words) {
			return false
		}
	}
	for _, t := range m.none {
		if t.in(words) {
			return false
		}
	}
	if len(m.any) > 0 && !slices.ContainsFunc(m.any, func(t term) bool { return t.in(words) }) {
		return false
	}
	return m.regex == nil || m.regex.MatchString(c.text) || c.Readable != c.text && m.regex.MatchString(c.Readable)
}
