package ioc

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Naive patterns for each type, as one would write them first.
var naive = [typeCount]*regexp.Regexp{
	IPv4:   regexp.MustCompile(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}`),
	IPv6:   regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}`),
	DNS:    regexp.MustCompile(`(?:[A-Za-z0-9_](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}`),
	URL:    regexp.MustCompile(`(?i)(?:https?|s?ftps?|telnet|ldap|file)://[^\s"'<>|\\^` + "`" + `]+`),
	Email:  regexp.MustCompile(`[A-Za-z0-9._+'-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,63}`),
	MD5:    regexp.MustCompile(`\b[0-9A-Fa-f]{32}\b`),
	SHA1:   regexp.MustCompile(`\b[0-9A-Fa-f]{40}\b`),
	SHA256: regexp.MustCompile(`\b[0-9A-Fa-f]{64}\b`),
}

// words makes log lines out of indicators, near misses and plain words, all of
// them apart from each other.
func words(r *rand.Rand, n int) string {
	var b strings.Builder
	hex := func(n int) string {
		s := make([]byte, n)
		for i := range s {
			s[i] = "0123456789abcdef"[r.IntN(16)]
		}
		return string(s)
	}
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	makers := []func() string{
		func() string { return fmt.Sprintf("%d.%d.%d.%d", r.IntN(300), r.IntN(300), r.IntN(256), r.IntN(256)) },
		func() string { return fmt.Sprintf("%d.%d.%d", r.IntN(300), r.IntN(256), r.IntN(256)) },
		func() string { return hex(30 + r.IntN(12)) },
		func() string { return hex(32) },
		func() string { return hex(40) },
		func() string { return hex(64) },
		func() string { return hex(4) + "::" + hex(4) + ":" + hex(1+r.IntN(4)) },
		func() string { return fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60)) },
		func() string { return strings.Join(strings.SplitAfter(hex(8), ""), ":")[:8] },
		func() string {
			return pick("http", "https", "ftp") + "://" + pick("srv", "a-b", "x1") + pick(".example.com", ".example.org", "") +
				pick("", ":8080") + pick("", "/", "/a/b.html", "/index.php?q="+hex(6), "/x_(y)/#z")
		},
		func() string {
			return pick("www", "mail", "a.b") + "." + pick("example", "evil-"+hex(3)) + "." + pick("com", "org", "exe")
		},
		func() string {
			return pick("bob", "a.b", "x+y") + "@" + pick("example.com", "mail.example.org", "host")
		},
		func() string {
			return pick("the", "user", "failed", "0x1f", "C:/Windows", "key=value", "-", "{", "[info]")
		},
	}
	for range n {
		b.WriteString(makers[r.IntN(len(makers))]())
		b.WriteString(pick(" ", " ", "\n", "\t", " | ", "\" \""))
	}
	return b.String()
}

// TestAgainstRegexps: on words that stand apart, patterns with validators find
// the same.
func TestAgainstRegexps(t *testing.T) {
	valid := func(typ Type, v string) bool {
		switch typ {
		case IPv4:
			addr, err := netip.ParseAddr(v)
			return err == nil && addr.Is4()
		case IPv6:
			addr, err := netip.ParseAddr(v)
			return err == nil && addr.Is6()
		case MD5, SHA1, SHA256:
			distinct := make(map[rune]bool)
			for _, c := range v {
				distinct[c] = true
			}
			return len(distinct) >= minDigits && strings.ContainsAny(v, "0123456789") && strings.ContainsAny(v, "abcdef")
		}
		return true
	}
	for seed := range uint64(20) {
		text := words(rand.New(rand.NewPCG(seed, 1)), 2000)
		for _, typ := range []Type{IPv4, IPv6, URL, MD5, SHA1, SHA256} {
			var want, got []Match
			for _, at := range naive[typ].FindAllStringIndex(text, -1) {
				if m := (Match{typ, at[0], at[1], text[at[0]:at[1]]}); valid(typ, m.Value) {
					want = append(want, m)
				}
			}
			got = scan(t, New(SetOf(typ)), text)
			if len(want) == 0 {
				t.Fatalf("seed %d: no %s in it", seed, typ)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("seed %d, %s: (-regexp +scanner)\n%s", seed, typ, d)
			}
		}
	}
}
