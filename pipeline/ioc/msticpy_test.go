package ioc

import (
	"slices"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

type difference struct {
	reason  string
	typ     Type
	theirs  bool // MSTICPy finds it and this package does not; else the reverse
	because func(text, value string) bool
}

// differences are what this scanner sees otherwise than MSTICPy's patterns do,
// and why. Each must explain something, and something must explain each.
var differences = []difference{
	{"no octets, or a part of a longer number", IPv4, true, func(text, v string) bool {
		at := strings.Index(text, v)
		return !isQuad(v) || is(before(text, at), name) || strings.HasPrefix(text[at+len(v):], ".")
	}},
	{"clock times, MAC addresses", IPv6, true, func(_, v string) bool { return !isIPv6(v) }},
	{"hosts without a dot, brackets", DNS, true, func(_, v string) bool { return !strings.Contains(v, ".") }},
	{"files and code", DNS, true, func(text, v string) bool {
		last := v[strings.LastIndexByte(v, '.')+1:]
		return uses[strings.ToLower(last)]&(file|fileInPath|member) != 0 || strings.Contains(text, v+"1")
	}},
	{"a piece of a longer name, or of an escape", DNS, true, func(text, v string) bool {
		return strings.Contains(text, "_"+v) || strings.Contains(text, "-"+v) || strings.Contains(text, "%"+v)
	}},
	{"underscores end no registered name", DNS, true, func(_, v string) bool { return strings.Contains(v, "_") }},
	{"quotes and what follows are no part of it", URL, true, func(_, v string) bool { return strings.ContainsAny(v, "'\"") }},
	{"an ipv6 host in brackets", URL, true, func(_, v string) bool { return strings.Contains(v, "://[") }},
	{"decoded text does not stand there", URL, true, func(text, v string) bool { return !strings.Contains(text, v) }},
	{"a URL's user", Email, true, func(text, v string) bool {
		return strings.Contains(text, "://") && strings.Contains(text, ":"+v)
	}},
	{"fillers", MD5, true, func(_, v string) bool { return !isHash(v, 0, len(v)) }},
	{"a word runs on behind it", SHA1, true, func(text, v string) bool { return strings.Contains(text, v+"h") }},

	{"without quotes and what follows", URL, false, func(text, v string) bool {
		return strings.Contains(text, v+"'") || strings.Contains(text, v+"\"")
	}},
	{"an ipv6 host in brackets", URL, false, func(_, v string) bool { return strings.Contains(v, "://[") }},
	{"schemes that MSTICPy does not know", URL, false, func(_, v string) bool {
		return strings.HasPrefix(v, "ws:") || strings.HasPrefix(v, "gopher:")
	}},
	{"a name behind an escape", DNS, false, func(text, v string) bool { return strings.Contains(text, "%2F"+v) }},
	{"a mapped address", IPv6, false, func(_, v string) bool { return strings.Contains(v, ".") }},
	{"one ends where the next begins", MD5, false, func(text, v string) bool { return strings.Contains(text, " "+v) }},
}

// refangedAll makes of a defanged value of MSTICPy's what we make of it.
func refangedAll(v string) string {
	return strings.NewReplacer("[.]", ".", "[at]", "@", "[AT]", "@", "hxxp", "http", "hXXp", "http", "fXp", "ftp").Replace(v)
}

func TestMSTICPy(t *testing.T) {
	var golden []struct {
		Input string
		Str   map[string][]string
	}
	recorded.JSON(t, recorded.Path(t, "golden", "ioc_strings.json"), &golden)
	compared := SetOf(IPv4, IPv6, DNS, URL, Email, MD5, SHA1, SHA256) // their paths are no measure
	s, used, agreed := New(compared), make(map[int]bool), 0
	for _, g := range golden {
		theirs := make(map[string]bool)
		for name, values := range g.Str {
			if typ, err := ParseType(strings.TrimSuffix(name, "_hash")); err == nil && compared.Has(typ) {
				for _, v := range values {
					theirs[typ.String()+" "+refangedAll(v)] = true
				}
			}
		}
		ours := make(map[string]bool)
		for _, line := range list(scan(t, s, g.Input)) {
			ours[line] = true
		}
		explain := func(from, in map[string]bool, isTheirs bool) {
			for line := range from {
				if in[line] {
					agreed++
					continue
				}
				typ, v, _ := strings.Cut(line, " ")
				i := slices.IndexFunc(differences, func(d difference) bool {
					return d.theirs == isTheirs && d.typ.String() == typ && d.because(refangedAll(g.Input), v)
				})
				if i < 0 {
					t.Errorf("%q: %s, theirs %t, for no known reason", g.Input, line, isTheirs)
				}
				used[i] = true
			}
		}
		explain(theirs, ours, true)
		explain(ours, theirs, false)
	}
	for i, d := range differences {
		if !used[i] {
			t.Errorf("%s, %s: nothing differs for that reason", d.typ, d.reason)
		}
	}
	if agreed == 0 {
		t.Error("nothing agrees")
	}
}
