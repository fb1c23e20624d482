package ioc

import (
	"strings"
	"testing"
)

// hostile are pieces that, repeated, tempt a scanner to go back.
var hostile = []struct{ head, piece, tail string }{
	{"", "a", ".com"},
	{"", "a.", "com"},
	{"", "a.b@", "c.com"},
	{"", "a'b.c@d.com", ""},
	{"", "1.", "2.3.4"},
	{"", "1.2.3.4-", ""},
	{"", "1:", ":2"},
	{"", "::", "1"},
	{"", "f:e::", ""},
	{"", "0123456789abcde", ""},
	{"", "http", "://a.com"},
	{"", "http://", "a.com"},
	{"", "http://a.com/", ""},
	{"", "http://a.com/(", ""},
	{"", "http://a.com/(http://b)", ""},
	{"", "http://a.com/?u=", ""},
	{"http://a.com/", "(", "http://b.com"},
	{"", "http://a.com/(", strings.Repeat(")", 1<<16)},
	{"http://a.com/", ".", ""},
	{"http://a.com/", ",a", ""},
	{"http://a.com/", "&q", ""},
	{"http://", "a:", "@b.com"},
	{"", "http://[", "::1]"},
	{"", "ü.", "com"},
	{"", "ü.“", "com"},
	{"", "\xff.a", ""},
	{"", `\u0027.a`, ""},
	{"", "%20.a", ""},
	{"", "a[.]", "com"},
	{"", "a{.}", "com"},
	{"", "a (dot) ", "com"},
	{"", "[(", "."},
	{"", `C:\a b`, ""},
	{"", `C:\ `, ""},
	{"", `'C:\a `, "'"},
	{"", `C:\x)`, ""},
	{`C:\x`, ")]}", ""},
	{`C:\x`, "(", ")"},
	{`C:\`, "a ", `\x`},
	{`C:\`, `a \`, ""},
	{`C:\`, `\`, "x"},
	{`"C:\a `, "b", ""},
	{"", `\\a`, ""},
	{"", `\\a\b `, ""},
	{"", `\\`, "x"},
	{"", `HKLM\`, ""},
	{"", `HKLM\a `, ""},
	{"", `\REGISTRY\MACHINE\`, ""},
	{"", `%a%\`, ""},
	{"", `%`, `\x`},
	{"", "/etc/", ""},
	{"", ` "/etc/x `, ""},
	{"", "~/a ", ""},
	{"", `/etc/a\ `, ""},
	{"", "00-", ""},
	{"", "00:", ""},
	{"", "CVE-2020-", ""},
	{"", "T1059.", ""},
	{"", "AS1", ""},
	{"", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 ", ""},
	{"", "ja3", "d41d8cd98f00b204e9800998ecf8427e"},
}

// TestHostile does not end in any time if a megabyte of one of them costs more
// than linear time; BenchmarkHostile tells how much each byte costs.
func TestHostile(t *testing.T) {
	s := New(All)
	for _, h := range hostile {
		scan(t, s, h.head+strings.Repeat(h.piece, 1<<20/len(h.piece))+h.tail)
	}
}

// TestRereads: URLs within URLs are read again until the fuel is gone, and then
// still reported, each up to the next. All together they are in proportion to the
// text, for a megabyte has room for eighty thousand.
func TestRereads(t *testing.T) {
	const n = 1000
	for _, piece := range []string{"http://a.com/(", "http://a.com/%41%", "hxxp://a[.]b/", "http://a.com/?u=", "http://a.com/foo://"} {
		text := strings.Repeat(piece, n)
		s, found, bytes, whole := New(SetOf(URL)), 0, 0, 0
		for _, m := range scan(t, s, text) {
			if m.Start != found*len(piece) || m.End > len(text) {
				t.Fatalf("%s: URL %d from %d to %d", piece, found, m.Start, m.End)
			}
			found++
			bytes += len(m.Value)
			if m.End > len(text)-len(piece) {
				whole++
			}
		}
		if budget := (rereads + 3) * len(text); found != n || whole <= 1 || bytes > budget {
			t.Errorf("%s: %d URLs of %d bytes, %d of them whole, want %d of at most %d", piece, found, bytes, whole, n, budget)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		piece := []rune(h.head + h.piece + " " + h.tail)
		text := h.head + strings.Repeat(h.piece, 1<<18/len(h.piece)) + h.tail
		b.Run(strings.ReplaceAll(string(piece[:min(len(piece), 24)]), "/", "|"), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			s := New(All)
			for b.Loop() {
				s.Scan(text, func(Match) {})
			}
		})
	}
}
