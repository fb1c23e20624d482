package ioc

import (
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

func TestDNS(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := strings.Repeat(label+".", 3) + strings.Repeat("b", 57) + ".com"
	cases{
		{"Evil.Com and EVIL.COM, a.b.evil.com.", "dns Evil.Com, dns EVIL.COM, dns a.b.evil.com"},
		{"xn--80ak6aa92e.com r1---sn-ab.googlevideo.com", "dns xn--80ak6aa92e.com, dns r1---sn-ab.googlevideo.com"},
		{"_dmarc.example.com a_b.c.example.com a.b_c.com b_c.com", "dns _dmarc.example.com, dns a_b.c.example.com"},
		{"x-.com x.-y.com -x.com --host-x.com- x.com_", "dns x.com, dns host-x.com, dns x.com"},
		{"co.uk a.co.uk github.io a.github.io foo.ck kobe.jp a.b.kobe.jp", "dns a.co.uk, dns github.io, dns a.github.io, dns kobe.jp, dns a.b.kobe.jp"},
		{"srv.local srv.corp evil.exe a.b 1.2 x.invalid", ""},
		{"c2.onion a.com.kh com.kh kh", "dns c2.onion, dns a.com.kh"},
		{"a..evil.com ...evil.org evil.net..", "dns evil.com, dns evil.org, dns evil.net"},
		{"evil.com:443 evil.com/x.php (evil.com) evil.com-", "dns evil.com, dns evil.com, dns evil.com, dns evil.com"},
		{label + ".com " + label + "a.com", "dns " + label + ".com"},
		{long + " a" + long, "dns " + long},
		{`\r\nevil.com \u0027evil.com \nevil.com %2Fevil.com %3a%2f%2fevil.com`, "dns evil.com, dns evil.com, dns evil.com, dns evil.com"},
		{`see \\srv.evil.com\share evil.com\bob`, `unc \\srv.evil.com\share, dns srv.evil.com, dns evil.com`},
		{"a[.]evil.com evil.com[.]au http://a[.]evil.com/ 1.2.3.4", "dns a.evil.com, dns evil.com.au, url http://a.evil.com/, dns a.evil.com, ipv4 1.2.3.4"},
	}.run(t)
}

func TestUnicodeNames(t *testing.T) {
	cases{
		{"münchen.de", "dns xn--mnchen-3ya.de"},
		{"“evil.com”, «evil.org»、", "dns evil.com, dns evil.org"},
		{"пример.рф", "dns xn--e1afmkfd.xn--p1ai"},
		{"bob@münchen.de", "email bob@münchen.de, dns xn--mnchen-3ya.de"},
		{"http://münchen.de/ü?x=“", "url http://münchen.de/ü?x=, dns xn--mnchen-3ya.de"},
		{"mün_chen.de münchen.exe ü.ü a\u200bb.com", "dns b.com"},
		{"\xfc.com \xff\xfe.a.com \xe2\x80a.com", "dns a.com, dns a.com"},
		{strings.Repeat("ü", 1100) + ".de", ""},
	}.run(t)
}

// TestLookalikes: what has a top-level domain and is none.
func TestLookalikes(t *testing.T) {
	cases{
		{"readme.zip a.mov file.sh x.py main.rs evil.ps1 README.md jquery.min.map", ""},
		{`C:\Windows\System32\more.com tree.com \\tree.com`, ""},
		{`/cgi-bin/index.pl D:\lib\strict.pm allegro.pl //allegro.pl HTTP/web.corp.pl`, "dns allegro.pl, dns allegro.pl, dns web.corp.pl"},
		{`c:\x\a.com ldap/a.com`, "dns a.com"},
		{"System.Net System.IO.Stream [System.Management] Microsoft.NET java.io Wscript.Shell", ""},
		{"microsoft.com system.com event.com microsoft.io.com", "dns microsoft.com, dns system.com, dns event.com, dns microsoft.io.com"},
		{"user.name process.id host.name $wc.host x.run( x.run() FileStream.Seek", ""},
		{"whats.app t.me bit.ly evil.run evil.name evil.id", "dns whats.app, dns t.me, dns bit.ly, dns evil.run, dns evil.name, dns evil.id"},
		{"the end.It is done.So we go; $x.Id", ""},
		{"http://install.sh/x http://host.name bob@crates.rs", "url http://install.sh/x, dns install.sh, url http://host.name, dns host.name, email bob@crates.rs, dns crates.rs"},
	}.without(t, WindowsPath)
}

func TestEmail(t *testing.T) {
	local := strings.Repeat("l", 64)
	cases{
		{"<bob@evil.com>, bob+tag_x-y.z@evil.com", "email bob@evil.com, dns evil.com, email bob+tag_x-y.z@evil.com, dns evil.com"},
		{"O'Brien@evil.com 'bob@evil.com' 'a'+'bob@evil.com'", "email O'Brien@evil.com, dns evil.com, email bob@evil.com, dns evil.com, email bob@evil.com, dns evil.com"},
		{"user=bob@evil.com|x/bob@evil.com#bob@evil.com", "email bob@evil.com, dns evil.com, email bob@evil.com, dns evil.com, email bob@evil.com, dns evil.com"},
		{"evil.org@evil.com", "email evil.org@evil.com, dns evil.com"},
		{"@evil.com .@evil.com a.@evil.com ..b@evil.com", "dns evil.com, dns evil.com, dns evil.com, email b@evil.com, dns evil.com"},
		{"bob@localhost bob@10.0.0.1 bob@evil.exe evil.com@bob bob@-evil.com", "ipv4 10.0.0.1, dns evil.com"},
		{local + "@evil.com l" + local + "@evil.com", "email " + local + "@evil.com, dns evil.com, dns evil.com"},
		{"a@b@evil.com", "email b@evil.com, dns evil.com"},
		{`\r\nbob@evil.com %20bob@evil.com`, "email bob@evil.com, dns evil.com, email bob@evil.com, dns evil.com"},
	}.run(t)
}

// TestTables: an entry that no name can meet is a mistake.
func TestTables(t *testing.T) {
	for label := range uses {
		if suffix, icann := publicsuffix.PublicSuffix("-." + label); !icann || !strings.HasSuffix(suffix, label) {
			t.Errorf("%s is no top-level domain", label)
		}
	}
	for _, set := range []map[string]bool{schemes, objects, namespaces, programs} {
		for word := range set {
			if len(word) > maxWord || !isWordOf(set, strings.ToUpper(word)) {
				t.Errorf("%s is never found", word)
			}
		}
	}
	for scheme := range schemes {
		if len(scheme) > maxScheme {
			t.Errorf("%s is longer than maxScheme", scheme)
		}
		if got := list(scan(t, New(SetOf(URL)), "<"+scheme+"://h/>")); len(got) != 1 || got[0] != "url "+scheme+"://h/" {
			t.Errorf("%s: %v", scheme, got)
		}
	}
}
