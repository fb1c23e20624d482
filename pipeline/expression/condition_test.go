package expression

import "testing"

type conditionCase struct {
	source string
	record string
	want   bool
}

func checkConditions(t *testing.T, cases []conditionCase) {
	t.Helper()
	for _, c := range cases {
		if got := holds(t, c.source, fields(c.record)); got != c.want {
			t.Errorf("%s holds for %q: %t, want %t", c.source, c.record, got, c.want)
		}
	}
}

func TestConditionsOfShippedHunts(t *testing.T) {
	const private = `cidr(dest_ip, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", ` +
		`"169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8")`
	const ntp = `dest_port == 123 and cidr(dest_ip, "192.0.2.123/32")`
	const local = `src_ip in ["", "-", "::1", "127.0.0.1"]`
	const packages = `all(ioc_url, # startsWith "https://packages.corp.example/")`
	checkConditions(t, []conditionCase{
		{`len(ioc_url) > 0`, "ioc_url=http://a", true},
		{`len(ioc_url) > 0`, "ioc_url=http://a,http://b", true},
		{`len(ioc_url) > 0`, "ioc_url=", false},
		{`len(ioc_url) > 0`, "", false},
		{private, "dest_ip=10.1.2.3", true},
		{private, "dest_ip=203.0.113.9", false},
		{private, "dest_ip=203.0.113.9,172.31.0.1", true},
		{private, "dest_ip=fe80::1%eth0", true},
		{private, "dest_ip=::ffff:192.168.7.7", true},
		{private, "dest_ip=2001:db8::1", false},
		{private, "dest_ip=10.1.2", false},
		{private, "", false},
		{ntp, "dest_port=123 dest_ip=192.0.2.123", true},
		{ntp, "dest_port=124 dest_ip=192.0.2.123", false},
		{ntp, "dest_port=123 dest_ip=192.0.2.124", false},
		{local, "src_ip=::1", true},
		{local, "src_ip=-", true},
		{local, "", true},
		{local, "src_ip=10.0.0.1", false},
		{`user endsWith "$"`, "user=HOST$", true},
		{`user endsWith "$"`, "user=alice", false},
		{packages, "ioc_url=https://packages.corp.example/a,https://packages.corp.example/b", true},
		{packages, "ioc_url=https://packages.corp.example/a,https://evil.example/b", false},
		{packages, "", true},
		{`src_ip == "10.20.0.12"`, "src_ip=10.20.0.12", true},
	})
}

func TestFieldNames(t *testing.T) {
	checkConditions(t, []conditionCase{
		{`count > 3 and count(ports) == 2`, "count=4 ports=1,2", true},
		{`len == "x" and len(len) == 1`, "len=x", true},
		{`filter == "f" and map == "m" and all == "a" and any == "b"`, "filter=f map=m all=a any=b", true},
		{`now == 1 and type == "t" and date == "d"`, "now=1 type=t date=d", true},
		{`cidr == "c" and glob == "g" and has == "h"`, "cidr=c glob=g has=h", true},
		{`has(has) and not has(glob)`, "has=", true},
		{`$env["odd-name"] == "x"`, "odd-name=x", true},
		{`$env["if"] == 1 and $env["not"] == 2 and $env["true"] == 3`, "if=1 not=2 true=3", true},
		{`$env.let == 1`, "let=1", true},
		{`a.b.c == "x"`, "a.b.c=x", true},
		{`a.b.c == "x"`, "a=x", false},
		{`a?.b == "x"`, "a.b=x", true},
		{`event.in == 1 and event.contains == 2 and event.not == 3`, "event.in=1 event.contains=2 event.not=3", true},
		{`$env["a"].b == "x" and $env.a.b == "x"`, "a.b=x", true},
		{`len(a.b) == 1 and a.b[0] == "x"`, "a.b=x", true},
		{`let count = 7; count == 7`, "count=3", true},
		{`let a = fromJSON(raw); a.b.c == "x"`, `raw={"b":{"c":"x"}} a.b.c=y`, true},
		{`größe == 1`, "größe=1", true},
	})
}

func TestFieldNameWithABlank(t *testing.T) {
	if !holds(t, `$env["odd name"] == "x" and has($env["odd name"]) and len($env["odd name"]) == 1`, record{"odd name": {"x"}}) {
		t.Error(`$env["odd name"] does not read the field`)
	}
}

func TestAbsentAndNumbers(t *testing.T) {
	checkConditions(t, []conditionCase{
		{`gone == ""`, "", true},
		{`gone == nil`, "", true},
		{`gone != "x"`, "", true},
		{`gone contains ""`, "", true},
		{`gone == 0`, "", false},
		{`gone < 1 or gone > 1 or gone <= 1 or 1 >= gone`, "", false}, // a number has no order with what is none
		{`gone < "1"`, "", true},
		{`not has(gone) and gone == ""`, "", true},
		{`has(here)`, "here=", true},
		{`port == 80`, "port=80", true},
		{`port == 80`, "port=080", true},
		{`port == "80.0"`, "port=80", true},
		{`port == "8e1"`, "port=80", true},
		{`port == "0x50"`, "port=80", false},
		{`port == 80`, "port=80;", false},
		{`80 == port and 79 < port and 80 <= port and 81 > port and 80 >= port`, "port=80", true},
		{`bytes > 1000`, "bytes=999", false},
		{`bytes > 1000`, "bytes=1e4", true},
		{`bytes > 1000 or bytes < 1000`, "bytes=unknown", false},
		{`bytes > "1000"`, "bytes=unknown", true}, // the order of texts
		{`bytes > 1000`, "bytes=-", false},
		{`bytes > -5`, "bytes=-4", true},
		{`a < b`, "a=9 b=10", true},
		{`a < b`, "a=9 b=10x", false},
		{`id == 9007199254740993`, "id=9007199254740993", true},
		{`id == 9007199254740993`, "id=9007199254740992", false},
		{`id == "9007199254740993.0"`, "id=9007199254740993", true},
		{`id > 9007199254740992`, "id=9007199254740993", true},
		{`id == "100000000000000000000000000000000000001"`, "id=100000000000000000000000000000000000001.0", true},
		{`id == "100000000000000000000000000000000000001"`, "id=100000000000000000000000000000000000002", false},
		{`id in ["9007199254740993", "x"]`, "id=9007199254740992", false},
		{`id in ["9007199254740993", "9007199254740992", "x"]`, "id=9007199254740992.0", true},
		{`x == true`, "x=true", true},
		{`x == (1 == 1)`, "x=true", true},
		{`x == true`, "x=1", false},
		{`1 < port <= 80`, "port=80", true},
		{`1 < port < 80`, "port=80", false},
	})
}

func TestSeveralValues(t *testing.T) {
	checkConditions(t, []conditionCase{
		{`user == "b"`, "user=a,b", true},
		{`user != "b"`, "user=a,b", false},
		{`user != "c"`, "user=a,b", true},
		{`user contains "b" and not (user contains "z") and user not contains "z"`, "user=ab,cd", true},
		{`user not contains "b"`, "user=ab,cd", false},
		{`n < 5 and n > 5`, "n=1,9", true},
		{`n <= 1 and n >= 9`, "n=1,9", true},
		{`user startsWith "c" and user endsWith "b"`, "user=ab,cd", true},
		{`user matches "^c.$"`, "user=ab,cd", true},
		{`user matches "^b"`, "user=ab,cd", false},
		{`user matches ["^x", "b$"]`, "user=ab,cd", true},
		{`user in ["x", "cd"]`, "user=ab,cd", true},
		{`user not in ["x", "y"]`, "user=ab,cd", true},
		{`"cd" in user`, "user=ab,cd", true},
		{`"cd" in user`, "user=cd", true},
		{`a in b`, "a=x,y b=y,z", true},
		{`a in b`, "a=x b=x", true},
		{`a in b`, "a=x b=y,z", false},
		{`a == b`, "a=1,2 b=2.0,3", true},
		{`user in []`, "user=a", false},
		{`port in 8000..8999`, "port=8080", true},
		{`port in 8000..8999`, "port=8080.5", false},
		{`port in 8000..8999`, "port=1,8999", true},
		{`port in 9..1`, "port=5", false},
		{`port in [22, "ssh"]`, "port=22.0", true},
		{`user contains ["x", "b"]`, "user=ab", true},
		{`hasPrefix(user, "c") and hasSuffix(user, "b")`, "user=ab,cd", true},
		{`hasPrefix(user, other)`, "user=ab,cd other=x,c", true},
		{`glob(Image, "*\\powershell.exe", "*\\pwsh.exe")`, `Image=C:\Windows\PowerShell.EXE`, true},
		{`glob(Image, "*\\powershell.exe")`, `Image=C:\cmd.exe,D:\powershell.exe`, true},
		{`glob(Image, "powershell.exe")`, `Image=C:\powershell.exe`, false},
		{`glob(Image, ["?.exe"])`, `Image=ä.exe`, true},
		{`cidr(ip, ["192.0.2.1"])`, "ip=192.0.2.1", true},
		{`cidr(first(ip), "192.0.2.0/24")`, "ip=192.0.2.1,x", true},
		{`any(ip, cidr(#, "192.0.2.0/24") and glob(#, "*.1"))`, "ip=192.0.2.1,x", true},
		{`user matches pattern`, "user=ab pattern=x,^a", true},
		{`x contains y`, "x=abc y=z,b", true},
	})
}

func TestLogic(t *testing.T) {
	checkConditions(t, []conditionCase{
		{`a == 1 && (b == 2 || !(c == 3))`, "a=1 b=0 c=4", true},
		{`a == 1 and b == 2 or c == 3`, "c=3", true},
		{`not (a == 1 or b == 2)`, "", true},
		{`true`, "", true},
		{`false or a == 1`, "a=1", true},
		{`a == 1 ? b == 2 : c == 3`, "a=1 b=2", true},
		{`if a == 1 { b == 2 } else { c == 3 }`, "c=3", true},
		{`let big = a > 10; big and b == 1`, "a=11 b=1", true},
		{`first(map(a, # == 1))`, "a=1", true}, // known only when it runs
		{`fromJSON(a)`, "a=true", true},
		{`fromJSON(a).b == 1 and "b" in fromJSON(a) and not ("c" in fromJSON(a))`, `a={"b":1}`, true},
		{`(a ?? b) == "x"`, "b=x", true},
		{`(a ?? b) == "x"`, "a=x b=y", true},
		{`(filter(a, false) ?? nil ?? b) == "x"`, "a=1 b=x", true},
		{`any(a, # == 1) and none(a, # == 3) and one(a, # == 2) and all(a, # < 3)`, "a=1,2", true},
		{`any(a, # == 1) or none(gone, true)`, "", true},
		{`all(split(a, "/"), len(#) < 3 and # != "")`, "a=x/yy", true},
		{`a | lower() | hasPrefix("x")`, "a=XY", true},
		{`any(a, any(b, # == "y"))`, "a=1 b=x,y", true},
		{`any(a, {let v = #; v == b})`, "a=x,y b=y", true},
		{`any(a, {let v = #; any(b, # == v)})`, "a=x,y b=z,y", true},
	})
}
