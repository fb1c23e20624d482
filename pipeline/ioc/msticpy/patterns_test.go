package msticpy

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/ioc"
)

// patterns say again, for Go's regexp, which prefers the same of several
// matches as Python's re, what those without look-around find.
var patterns = map[ioc.Type]*regexp.Regexp{
	ioc.IPv4:        regexp.MustCompile(`([0-9]{1,3}\[?\.\]?){3}[0-9]{1,3}`),
	ioc.WindowsPath: regexp.MustCompile(`(?i)([a-z]:|\\\\[\w.$-]+||\.+)\\([^/:*?"'<>|\r\n]+\\)*[^\\/*?"<>|\r\n ]+`),
	ioc.LinuxPath:   regexp.MustCompile(`(/+||\.+)/([^\\/:*?<>|\r\n]+/)*[^/\x00<>|\r\n ]+`),
}

// checkPatterns compares what each pattern finds with what its function does.
func checkPatterns(t *testing.T, text string) {
	t.Helper()
	for typ, re := range patterns {
		var want []string
		for _, v := range re.FindAllString(text, -1) {
			if !slices.Contains(want, v) {
				want = append(want, v)
			}
		}
		slices.Sort(want)
		got := sets(t, New(ioc.SetOf(typ)), text)[typ.String()]
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q, %s: (-pattern +function)\n%s", text, typ, d)
		}
	}
}

// pieces are what texts that try the patterns are made of.
var pieces = strings.Split(`http://|hxxps://|file:///|://|a|evil|com|.|[.]|[.|.]|..|-|--|_|@|[at]|:|::|/|//|\|\\|`+
	` |"|'|<|?|#|%20|%3a%2f%2f|%E4%|1|123|1234|f0|c:\|.exe|*|é|00236a2ae558018ed13b5222ef1bd987|1.2.3.4|srv\x`, "|")

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(30) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(20) == 0 {
			b.WriteString("\n|"[r.IntN(2):])
		}
	}
	return b.String()
}

func TestPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 20_000 {
		checkPatterns(t, randomText(r))
	}
}

func TestOddities(t *testing.T) {
	const hash = "d41d8cd98f00b204e9800998ecf8427e"
	labels := strings.Repeat("1.", 130)
	for _, c := range []struct {
		text, typ string
		want      []string
	}{
		{"1.2.3.4567 999.1.1.1 1[.]2.]3[.4", "ipv4", []string{"1.2.3.456", "1[.]2.]3[.4", "999.1.1.1"}},
		{"at 12:34:56 fe80::1%eth0 x::1 00:11:22:33:44:55:66:77", "ipv6", []string{"00:11:22:33:44:55:66:77", "12:34:56", "fe80::1"}},
		{"_dmarc.example.com r1---sn-x.example.org a.b[.]com9 x.invalid", "dns", []string{"a.b[.]com", "dmarc.example.com", "sn-x.example.org"}},
		{strings.Repeat("a", 70) + ".com", "dns", []string{strings.Repeat("a", 63) + ".com"}},
		{labels + "com", "dns", []string{labels[8:] + "com"}},
		{hash + " " + hash[1:] + "0\n" + hash[2:] + "00", "md5", []string{hash[2:] + "00", hash}},
		{"bob[AT]evil[.]com //x@y.invalidtld", "email", []string{"//x@y.invalidtld", "bob[AT]evil[.]com"}},
		{"http://a.com/%68ttp http://localhost/b", "url", []string{"http://a.com/%68ttp", "http://a.com/http", "http://localhost/b"}},
		{"http://localhost/a http://localhost2/b", "dns", []string{"localhost"}},
		{"http://a.com/%e4%bdx%ff", "url", []string{"http://a.com/%e4%bdx%ff", "http://a.com/\ufffdx\ufffd"}},
		{"file:///c:/x", "dns", []string{""}},
		{`copy c:\program files\a b.exe`, "windows_path", []string{`c:\program files\a`}},
		{"cmd /c dir //srv/x", "linux_path", []string{"//srv/x", "/c"}},
		{"a.ses b.music", "dns", []string{"a.ses"}},
	} {
		if d := cmp.Diff(c.want, sets(t, New(known), c.text)[c.typ]); d != "" {
			t.Errorf("%q: (-want +got)\n%s", c.text, d)
		}
	}
}

// TestTypes: only the patterns that are asked for run, and only those types come
// out.
func TestTypes(t *testing.T) {
	const text = "http://localhost/1.2.3.4"
	want := map[string][]string{"url": {text}}
	if d := cmp.Diff(want, sets(t, New(ioc.SetOf(ioc.URL, ioc.CVE)), text)); d != "" {
		t.Errorf("url alone (-want +got)\n%s", d)
	}
	want = map[string][]string{"windows_path": {`\1.2.3.4`}}
	if d := cmp.Diff(want, sets(t, New(ioc.SetOf(ioc.WindowsPath)), `\1.2.3.4`)); d != "" {
		t.Errorf("windows_path alone (-want +got)\n%s", d)
	}
}

func FuzzScan(f *testing.F) {
	for _, p := range pieces {
		f.Add(p + "a.com")
	}
	f.Add("c:\\a b\\ \\ \\x http://u@[h]:1/p?q#f%41 // / /..//x\xff\x80")
	s := New(known)
	f.Fuzz(func(t *testing.T, text string) {
		first := sets(t, s, text)
		if d := cmp.Diff(first, sets(t, New(known), text)); d != "" {
			t.Fatalf("%q: another time (-first +then)\n%s", text, d)
		}
		if len(text) < 1<<10 {
			checkPatterns(t, text)
		}
	})
}

// TestHostile does not end in any time if a megabyte of one of these costs more
// than linear time.
func TestHostile(t *testing.T) {
	const size = 1 << 20
	for _, piece := range append(slices.Clone(pieces), "1.", "a.", "a-", "1234567.", "a@", "a.b@", "[at]", "[at]a.", "/ ", `\ `,
		`\\ `, `a\ b`, `/a/ `, "f:", "a%", "http://a ", "http://%41", "http://a/http://", strings.Repeat("a", 63)+".", "c:", "....\\", "a1.") {
		text := strings.Repeat(piece, size/len(piece))
		New(known).Scan(text, func(ioc.Match) {})
		New(known).Scan(text+" a.com", func(ioc.Match) {})
	}
}
