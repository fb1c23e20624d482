package unpack

import (
	"bytes"
	"strings"
)

// combine writes to u.joined what -join and replace make of an expression
// that begins at text[start], and reports whether there is any of them.
func (u *Unpacker) combine(e *expression, start int) bool {
	made := u.joins(e, start)
	if !made {
		if e.comma {
			return false
		}
		i := e.behind()
		if !e.filled && (i == len(e.text) || e.text[i] != '.' && e.text[i] != '-') {
			return false // no replace can follow
		}
		u.joined = e.appendTerms(u.joined[:0], e.terms, "")
	}
	for u.replaces(e) {
		made = true
	}
	return made || e.filled
}

// joins joins a list: 'a','b' -join ”, -join('a','b'), [string]::Join(”,'a','b'),
// ['a','b'].join(”), ”.join(['a','b']). It takes VBA's Replace(a, b, c) too.
func (u *Unpacker) joins(e *expression, start int) bool {
	if !e.comma {
		return false
	}
	terms := e.terms
	var sep string
	var ok bool
	before := strings.TrimRight(e.text[max(0, start-maxLead):start], " \t\r\n(@[")
	switch {
	case endsFold(before, "-join"):
		ok = true
	case endsFold(before, "''.join"), endsFold(before, `"".join`):
		ok = true
	case endsFold(before, ":join"), endsFold(before, "string.join"):
		sep, ok = string(e.appendTerm(nil, terms[0])), true
		terms = terms[1:]
	case endsFold(before, "replace") && len(terms) == 3 && !endsFold(before, ".replace") && !endsFold(before, "-replace"):
		u.joined = e.appendTerm(u.joined[:0], terms[0])
		return u.replace(e.appendTerm(nil, terms[1]), e.appendTerm(nil, terms[2]), false)
	default:
		sep, ok = e.joinBehind()
	}
	if !ok {
		return false
	}
	if (len(sep)+1)*len(terms) > u.mostMade() {
		u.cut[cutBytes]++
		return false
	}
	u.joined = e.appendTerms(u.joined[:0], terms, sep)
	e.spaced = sep != ""
	return true
}

// joinBehind reads the join that follows a list, and what it puts between.
func (e *expression) joinBehind() (sep string, ok bool) {
	i := e.behind()
	if i < len(e.text) && e.text[i] == ']' {
		i++
	}
	method := false
	switch rest := e.text[i:]; {
	case hasFold(rest, "-join"):
		i += len("-join")
	case hasFold(rest, ".join("):
		i += len(".join(")
		method = true
	default:
		return "", false
	}
	arg := e.arguments(i, method)
	if !arg.term() {
		return "", false
	}
	e.p = arg.closed()
	return string(arg.appendTerm(nil, arg.terms[0])), true
}

// replaces applies the replace that follows an expression to u.joined.
func (u *Unpacker) replaces(e *expression) bool {
	i := e.behind()
	rest := e.text[i:]
	method, fold := hasFold(rest, ".replace("), false
	switch {
	case method:
		i += len(".replace(")
	case hasFold(rest, "-replace"), hasFold(rest, "-ireplace"):
		fold = true
		i += strings.IndexAny(rest, "eE") + len("eplace")
	case hasFold(rest, "-creplace"):
		i += len("-creplace")
	default:
		return false
	}
	args := e.arguments(i, method)
	if !args.read() || len(args.terms) > 2 || !args.comma && len(args.terms) > 1 || method && len(args.terms) != 2 {
		return false
	}
	from := args.appendTerm(nil, args.terms[0])
	var to []byte
	if len(args.terms) == 2 {
		to = args.appendTerm(nil, args.terms[1])
	}
	if !method {
		var ok bool
		if from, ok = literally(from); !ok {
			return false
		}
	}
	if !u.replace(from, to, fold) {
		return false
	}
	e.p = args.closed()
	return true
}

// literally returns what a regular expression matches that has no operators.
func literally(pattern []byte) ([]byte, bool) {
	var out []byte
	for i := 0; i < len(pattern); i++ {
		switch b := pattern[i]; {
		case b == '\\' && i+1 < len(pattern) && is(pattern[i+1], graph) && !is(pattern[i+1], alnum):
			i++
			out = append(out, pattern[i])
		case strings.IndexByte(`\^$.|?*+()[]{}`, b) >= 0:
			return nil, false
		default:
			out = append(out, b)
		}
	}
	return out, true
}

// replace replaces from by to in u.joined, within the limits.
func (u *Unpacker) replace(from, to []byte, fold bool) bool {
	if len(from) == 0 {
		return false
	}
	if len(from) > maxReplaced {
		u.cut[cutBytes]++
		return false
	}
	if !u.mayWork(len(u.joined)) {
		return false
	}
	most := u.mostMade()
	out := u.replaced[:0]
	for in := u.joined; len(in) > 0; {
		if len(in) >= len(from) && (fold && bytes.EqualFold(in[:len(from)], from) || !fold && bytes.HasPrefix(in, from)) {
			out = append(out, to...)
			in = in[len(from):]
		} else {
			out = append(out, in[0])
			in = in[1:]
		}
		if len(out) > most {
			u.work += most
			u.cut[cutBytes]++
			return false
		}
	}
	u.work += len(out)
	u.joined, u.replaced = out, u.joined
	return true
}

// endsFold reports whether s ends in suffix, in any case.
func endsFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}
