package commandline

import (
	"errors"
	"strings"
)

// A term are patterns of words in a row.
type term []pattern

// A pattern is what one word must look like.
type pattern struct {
	pieces []string // between the stars
	option bool     // a slash may stand for the hyphen; the pieces are without
	short  int      // how many characters of an option must be there, 0 for all
}

func newTerm(text string) (term, error) {
	var t term
	for _, word := range strings.Fields(strings.ToLower(text)) {
		p := pattern{}
		if len(word) > 1 && word[0] == '-' && word[1] != '-' {
			p.option, word = true, word[1:]
		}
		if i := strings.IndexByte(word, '~'); i > 0 && p.option {
			p.short, word = i, word[:i]+word[i+1:]
			if strings.Contains(word, "*") {
				return nil, errors.New("an option that may be cut short has no star")
			}
		}
		p.pieces = strings.Split(word, "*")
		t = append(t, p)
	}
	if t == nil {
		return nil, errors.New("a term is empty")
	}
	return t, nil
}

// literal returns the longest text that stands in every word the term matches.
func (t term) literal() string {
	best := ""
	for _, p := range t {
		for _, piece := range p.pieces {
			if p.short > 0 {
				piece = piece[:p.short]
			}
			if len(piece) > len(best) {
				best = piece
			}
		}
	}
	return best
}

// in reports whether the term stands among the words.
func (t term) in(words []string) bool {
	for i := 0; i+len(t) <= len(words); i++ {
		n := 0
		for n < len(t) && t[n].match(words[i+n]) {
			n++
		}
		if n == len(t) {
			return true
		}
	}
	return false
}

func (p *pattern) match(word string) bool {
	if p.option {
		if len(word) < 2 || word[0] != '-' && word[0] != '/' {
			return false
		}
		word = strings.TrimPrefix(word[1:], "-")
		if p.short > 0 {
			return abbreviates(word, p.pieces[0][:p.short], p.pieces[0])
		}
	}
	first, last := p.pieces[0], p.pieces[len(p.pieces)-1]
	if len(p.pieces) == 1 {
		return word == first
	}
	if len(word) < len(first)+len(last) || word[:len(first)] != first || word[len(word)-len(last):] != last {
		return false
	}
	word = word[len(first) : len(word)-len(last)]
	for _, piece := range p.pieces[1 : len(p.pieces)-1] {
		i := strings.Index(word, piece)
		if i < 0 {
			return false
		}
		word = word[i+len(piece):]
	}
	return true
}
