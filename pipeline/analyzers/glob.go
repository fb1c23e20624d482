package analyzers

import "strings"

// A glob is a pattern for whole texts: * stands for any text, ? for any one
// byte.
type glob struct {
	// parts stand between the stars. Each is looked for behind the one before,
	// at its first place: to go further would leave less room for the rest.
	parts []string
}

func newGlob(pattern string) glob { return glob{strings.Split(pattern, "*")} }

func (g glob) match(text string) bool {
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(g.parts) == 1 {
		return len(text) == len(first) && globPart(text, first)
	}
	if len(text) < len(first)+len(last) || !globPart(text, first) || !globPart(text[len(text)-len(last):], last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range g.parts[1 : len(g.parts)-1] {
		at := globIndex(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}

// globPart reports whether text, which is at least as long, begins with part.
func globPart(text, part string) bool {
	if !strings.Contains(part, "?") {
		return strings.HasPrefix(text, part)
	}
	for i := range len(part) {
		if part[i] != '?' && part[i] != text[i] {
			return false
		}
	}
	return true
}

func globIndex(text, part string) int {
	if !strings.Contains(part, "?") {
		return strings.Index(text, part)
	}
	for at := range len(text) - len(part) + 1 {
		if globPart(text[at:], part) {
			return at
		}
	}
	return -1
}
