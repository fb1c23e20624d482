package netname

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSplitDomain(t *testing.T) {
	for _, c := range []struct {
		in      string
		private bool
		want    Domain
	}{
		{"www.example.co.uk", false, Domain{"www.example.co.uk", "www", "example", "co.uk"}},
		{"EXAMPLE.com.", false, Domain{"example.com", "", "example", "com"}},
		{"com", false, Domain{"com", "", "", "com"}},
		{"co.uk", false, Domain{"co.uk", "", "", "co.uk"}},
		{"localhost", false, Domain{"localhost", "", "localhost", ""}},
		{"a.foo.exe", false, Domain{"a.foo.exe", "a.foo", "exe", ""}},
		{"a.b.github.io", false, Domain{"a.b.github.io", "a.b", "github", "io"}},
		{"a.b.github.io", true, Domain{"a.b.github.io", "a", "b", "github.io"}},
		{"x.eu-west-1.compute.amazonaws.com", false, Domain{"x.eu-west-1.compute.amazonaws.com", "x.eu-west-1.compute", "amazonaws", "com"}},
		{"a.blogspot.com.br", false, Domain{"a.blogspot.com.br", "a", "blogspot", "com.br"}},
		{"www.ck", false, Domain{"www.ck", "", "www", "ck"}}, // an exception in the list
		{"a.b.ck", false, Domain{"a.b.ck", "", "a", "b.ck"}}, // a wildcard
		{"食狮.公司.cn", false, Domain{"食狮.公司.cn", "", "食狮", "公司.cn"}},
		{"xn--85x722f.xn--55qx5d.cn", false, Domain{"xn--85x722f.xn--55qx5d.cn", "", "xn--85x722f", "xn--55qx5d.cn"}},
		{"a\u3002example\uff0ecom", false, Domain{"a.example.com", "a", "example", "com"}},
		{"https://ann:pw@Mail.Example.org:8443/p@q?r#s", false, Domain{"mail.example.org", "mail", "example", "org"}},
		{"//example.org/x", false, Domain{"example.org", "", "example", "org"}},
		{"example.org:443", false, Domain{"example.org", "", "example", "org"}},
		{" example.org ", false, Domain{"example.org", "", "example", "org"}},
		{"10.0.0.1:80", false, Domain{"10.0.0.1", "", "10.0.0.1", ""}},
		{"http://[2001:DB8::1]:80/", false, Domain{"2001:db8::1", "", "[2001:db8::1]", ""}},
		{"2001:db8::1", false, Domain{"2001:db8::1", "", "2001:db8::1", ""}},
		{"a..com", false, Domain{"a..com", "a", "", "com"}},
		{"http://", false, Domain{}},
		{"...", false, Domain{}},
	} {
		if diff := cmp.Diff(c.want, SplitDomain(c.in, c.private)); diff != "" {
			t.Errorf("%q, private %v (- wanted, + got):\n%s", c.in, c.private, diff)
		}
	}
}

func TestIsName(t *testing.T) {
	for host, want := range map[string]bool{
		"example.com": true, "_dmarc.example.com": true, "münchen.de": true, "a-b.c1": true, "xn--p1ai.xn--p1ai": true,
		"localhost": false, "": false, "a..b": false, "-a.b": false, "a-.b": false, "a b.c": false, "a\x11.b": false, ".a.b": false,
		strings.Repeat("a", 63) + ".b": true, strings.Repeat("a", 64) + ".b": false, strings.Repeat("ab.", 85) + "c": false,
	} {
		if got := IsName(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestLookalike(t *testing.T) {
	for host, want := range map[string]string{
		"xn--80ak6aa92e.com": "apple.com", "xn--pypal-4ve.com": "paypal.com", "gооgle.com": "google.com", "bücher.example": "bucher.example",
		"faceboоk.com": "facebook.com", "аmаzоn.de": "amazon.de", "ｇoogle.com": "google.com", "ġithub.com": "github.com",
		"example.com": "", "例え.jp": "", "xn--zzzzzz-.com": "",
	} {
		if got := Lookalike(Unicode(host)); got != want {
			t.Errorf("%s reads as %q, want %q", host, got, want)
		}
	}
	for host, want := range map[string]bool{"pаypal.com": true, "аррӏе.com": false, "münchen.de": false, "日本.jp": false, "αbc.gr": true} {
		if MixesScripts(host) != want {
			t.Errorf("%s: mixed is %v", host, !want)
		}
	}
}

// TestDGA: names that people chose score low, such as generators draw high.
func TestDGA(t *testing.T) {
	chosen := strings.Fields(`google youtube facebook wikipedia instagram amazon twitter linkedin microsoft netflix
		reddit whatsapp cloudflare github stackoverflow dropbox wordpress blogspot adobe spotify paypal salesforce
		windowsupdate office365 akamai fastly digicert letsencrypt mozilla ubuntu debian oracle nvidia samsung
		bundesregierung deutschebahn sparkasse volkswagen lemonde corriere elpais gazeta rakuten alibaba baidu
		mercadolibre booking airbnb tripadvisor bloomberg nytimes washingtonpost theguardian spiegel weather
		login-portal mail-server update-service static-assets webmail intranet backup01 printserver2`)
	wrong := 0
	for _, name := range chosen {
		if score, ok := DGAScore(name); !ok || score > 0.5 {
			wrong++
			t.Logf("%s scores %.3f", name, score)
		}
	}
	if wrong*20 > len(chosen) {
		t.Errorf("%d of %d names that people chose look random", wrong, len(chosen))
	}
	// The generators of the wild draw letters, hex digits or base32.
	r := rand.New(rand.NewPCG(21, 22))
	wrong = 0
	const drawn = 2000
	for i := range drawn {
		alphabet := []string{"abcdefghijklmnopqrstuvwxyz", "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz234567", "abcdefghijklmnopqrstuvwxy"}[i%4]
		name := make([]byte, 10+r.IntN(15))
		for i := range name {
			name[i] = alphabet[r.IntN(len(alphabet))]
		}
		if score, ok := DGAScore(string(name)); !ok || score < 0.5 {
			wrong++
		}
	}
	if wrong*50 > drawn {
		t.Errorf("%d of %d names drawn at random look chosen", wrong, drawn)
	}
	for _, label := range []string{"", "abc", "xn--80ak6aa92e"} {
		if _, ok := DGAScore(label); ok {
			t.Errorf("%q has a score", label)
		}
	}
}

func TestEntropy(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "aaaa": 0, "ab": 1, "abcd": 2, "aab": 0.9183} {
		if got := Entropy(text); math.Abs(got-want) > 1e-4 || math.Signbit(got) {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// pythonPrivate are the networks that Python's ipaddress calls private, and
// what it leaves out of them, since its fix of CVE-2024-4032.
var pythonPrivate = [2][]string{
	strings.Fields(`0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.170/31 192.0.2.0/24
		192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32
		::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10`),
	strings.Fields(`192.0.0.9/32 192.0.0.10/32 2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28`),
}

// pythonType answers the questions that MSTICPy asks, from Python's networks.
func pythonType(ip netip.Addr) string {
	in := func(list []string, ip netip.Addr) bool {
		for _, p := range list {
			if netip.MustParsePrefix(p).Contains(ip) {
				return true
			}
		}
		return false
	}
	private := func(ip netip.Addr) bool { return in(pythonPrivate[0], ip) && !in(pythonPrivate[1], ip) }
	shared := in([]string{"100.64.0.0/10"}, ip)
	isPrivate := private(ip.Unmap())
	switch {
	case in([]string{"224.0.0.0/4", "ff00::/8"}, ip):
		return "Multicast"
	case !isPrivate && !shared:
		return "Public"
	case in([]string{"127.0.0.0/8", "::1/128"}, ip):
		return "Loopback"
	case in([]string{"169.254.0.0/16", "fe80::/10"}, ip):
		return "Link Local"
	case in([]string{"0.0.0.0/32", "::/128"}, ip):
		return "Unspecified"
	case isPrivate:
		return "Private"
	}
	return "Unspecified"
}

// TestAddressesAsPython compares around the ends of all networks, with IPv4 also
// mapped into IPv6.
func TestAddressesAsPython(t *testing.T) {
	table := NewAddressTable()
	var ips []netip.Addr
	edges := func(p netip.Prefix) {
		first := p.Masked().Addr()
		last := first.AsSlice()
		for i := p.Bits(); i < len(last)*8; i++ {
			last[i/8] |= 1 << (7 - i%8)
		}
		end, _ := netip.AddrFromSlice(last)
		ips = append(ips, first, first.Prev(), first.Next(), end, end.Next(), end.Prev())
	}
	for _, n := range networks() {
		edges(n.prefix)
	}
	for _, p := range append(pythonPrivate[0], pythonPrivate[1]...) {
		edges(netip.MustParsePrefix(p))
	}
	for _, ip := range ips {
		if !ip.IsValid() {
			continue
		}
		for _, ip := range []netip.Addr{ip, netip.AddrFrom16(ip.As16())} {
			got, ok := table.Look(ip.String())
			if want := pythonType(ip); !ok || got.MSTICPy != want {
				t.Errorf("%s is %q, want %q", ip, got.MSTICPy, want)
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	table := NewAddressTable()
	for text, want := range map[string]string{
		"8.8.8.8": "Public global", " 10.1.2.3\n": "Private private use", "100.64.1.1": "Shared shared by a provider's customers",
		"255.255.255.255": "Broadcast broadcast", "240.0.0.1": "Reserved reserved", "::ffff:127.0.0.1": "Loopback loopback",
		"fe80::1%eth0": "Link Local link local", "2001:db8::1": "Documentation documentation", "ff02::1": "Multicast multicast",
		"2606:4700::1111": "Public global", "fd00::1": "Private unique local", "0.0.0.0": "Unspecified unspecified", "::": "Unspecified unspecified",
		"010.0.0.1": "", "1.2.3": "", "1.2.3.4/32": "", "1234": "", "": "", "fe80::1%": "", "abc": "",
	} {
		a, ok := table.Look(text)
		if got := strings.TrimSpace(a.Kind + " " + a.Scope); got != want || ok != (want != "") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestParseURL(t *testing.T) {
	show := func(u URL) string {
		s := fmt.Sprintf("%s|%s|%s|%d|%s|%s|%s", u.Scheme, u.User, u.Host, u.Port, u.Path, u.Query, u.Fragment)
		if u.BadPort {
			s += " badport"
		}
		if u.BadHost {
			s += " badhost"
		}
		return s
	}
	for in, want := range map[string]string{
		"HTTP://EVIL.com/%7ea/../b?x=%zz y":  "http||evil.com|-1|/b|x=%25zz%20y|",
		"ftp://A.com/x y":                    "ftp||A.com|-1|/x y||",
		"/just/path?x":                       "|||-1|/just/path|x|",
		"http://[::1]:80/":                   "http||[::1]|80|/||",
		"http://a:99999/":                    "http||a|-1|/|| badport",
		"http://a.com:00080/x":               "http||a.com|80|/x||",
		"http://a.com:0/":                    "http||a.com|0|/||",
		"http://a.com:+1/":                   "http||a.com|-1|/|| badport",
		"http://münchen.de/ü":                "http||xn--mnchen-3ya.de|-1|/%C3%BC||",
		"mailto:a@b.com":                     "mailto|||-1|/a@b.com||",
		"C:\\x\\y":                           "c|||-1|/\\x\\y||",
		"evil.com:443":                       "||evil.com|443|||",
		"http://[fe80::1%25eth0]/x":          "http||[fe80::1%eth0]|-1|/x||",
		"http://a@b@c.com/":                  "http|a%40b|c.com|-1|/||",
		"http://a.com\\b":                    "http||a.com|-1|/%5Cb||",
		"http://[::1":                        "http||[::1|-1||| badhost",
		"http://[1.2.3.4]/":                  "http||[1.2.3.4]|-1|/|| badhost",
		"http://%41.com/":                    "http||%41.com|-1|/||",
		"http://%zz.com/":                    "http||%zz.com|-1|/|| badhost",
		"https://a.com/a/./b/../../c/..":     "https||a.com|-1|/||",
		"http://a.com/%e4%C3?%41#%zz%41":     "http||a.com|-1|/%E4%C3|%41|%25zz%2541",
		"http://a.com//x//y":                 "http||a.com|-1|//x//y||",
		"http://a.com/x;y=1?z='\"<>":         "http||a.com|-1|/x;y=1|z='%22%3C%3E|",
		"":                                   "|||-1|||",
		"http://":                            "http|||-1|||",
		"http://a.com/?q=http://b.com:99/#f": "http||a.com|-1|/|q=http://b.com:99/|f",
		"ldap://H.com/x%zz":                  "ldap||H.com|-1|/x%zz||",
	} {
		if got := show(ParseURL(in)); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// TestHostile: nothing takes more than linear time. Four times the text may take
// ten times as long, and a moment.
func TestHostile(t *testing.T) {
	for name, piece := range map[string]string{
		"dots": ".", "labels": "a.", "percent": "%2", "at": "@", "colons": ":", "brackets": "[", "slashes": "/", "up": "../",
		"idn": "ü", "idn labels": "ü.", "punycode": "xn--a-", "marks": "a\u0301", "ideographic": "\u3002", "punycode labels": "xn--4ca.",
	} {
		work := func(n int) time.Duration {
			text := strings.Repeat(piece, n/len(piece))
			start := time.Now()
			d := SplitDomain(text, false)
			IsName(d.Host)
			Lookalike(Unicode(d.Host))
			MixesScripts(d.Host)
			ParseURL("http://" + text)
			ParseURL(text)
			return time.Since(start)
		}
		const n = 128 << 10
		if short, long := min(work(n), work(n), work(n)), min(work(4*n), work(4*n)); long > 10*short+100*time.Millisecond {
			t.Errorf("%s: %s for %d bytes, %s for four times as many", name, short, n, long)
		}
	}
}

// FuzzParse: the parts of a name put together are the name.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://u:p@a.com:80/b?c#d", "xn--80ak6aa92e.com", "[::1]:80", "münchen.de", "a..b", "%", "//", "1.2.3.4"} {
		f.Add(s)
	}
	table := NewAddressTable()
	f.Fuzz(func(t *testing.T, text string) {
		d := SplitDomain(text, false)
		if _, err := netip.ParseAddr(d.Host); err != nil {
			whole := d.Suffix
			if n := strings.Count(d.Host, ".") - strings.Count(d.Suffix, "."); d.Suffix == "" {
				whole = d.Label
			} else if n > 0 {
				whole = d.Label + "." + d.Suffix
			}
			if strings.Count(d.Host, ".") > strings.Count(whole, ".") {
				whole = d.Subdomain + "." + whole
			}
			if whole != d.Host {
				t.Errorf("%q: %+v", text, d)
			}
		}
		Lookalike(Unicode(d.Host))
		IsName(d.Host)
		if u := ParseURL(text); u.Port < -1 || u.Port > 65535 {
			t.Errorf("%q: port %d", text, u.Port)
		}
		table.Look(text)
	})
}
