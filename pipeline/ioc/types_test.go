package ioc

import "testing"

func TestWindowsPaths(t *testing.T) {
	cases{
		{`C:\Windows\System32\cmd.exe /c dir D:\tmp\`, `windows_path C:\Windows\System32\cmd.exe, windows_path D:\tmp\`},
		{`"C:\Program Files\App\a b.exe" -k 'D:\x y\z'`, `windows_path C:\Program Files\App\a b.exe, windows_path D:\x y\z`},
		{`run C:\Program Files (x86)\Common Files\App\a.exe --in C:\a.txt,D:\b.txt;E:\c`, `windows_path C:\Program Files (x86)\Common Files\App\a.exe, windows_path C:\a.txt, windows_path D:\b.txt, windows_path E:\c`},
		{`C:\Users\bob\My Documents`, `windows_path C:\Users\bob\My Documents`},
		{`C:\Users\bob\some new file.docx`, `windows_path C:\Users\bob\some new file.docx`},
		{`C:\tools\net1 localgroup Administrators`, `windows_path C:\tools\net1`},
		{`C:\Windows\SYSTEM32\ntdll.dll+9c534|C:\x\a.dll+1f(wow64)`, `windows_path C:\Windows\SYSTEM32\ntdll.dll, windows_path C:\x\a.dll`},
		{`{"p":"C:\\Users\\bob\\a b.exe","q":"C:\\x\r\nD:\\y\tz"}`, `windows_path C:\Users\bob\a b.exe, windows_path C:\x, windows_path D:\y`},
		{`%TEMP%\a.exe %ProgramFiles(x86)%\b\c.dll %1\x %%\y`, `windows_path %TEMP%\a.exe, windows_path %ProgramFiles(x86)%\b\c.dll`},
		{`\Device\HarddiskVolume2\Windows\a.exe \SystemRoot\b.sys \??\C:\c.sys \\?\D:\d`, `windows_path \Device\HarddiskVolume2\Windows\a.exe, windows_path \SystemRoot\b.sys, windows_path C:\c.sys, windows_path D:\d`},
		{`(see C:\a\b.txt). Or C:\c\d(1).txt, C:\e.`, `windows_path C:\a\b.txt, windows_path C:\c\d(1).txt, windows_path C:\e`},
		{`C:\ C: C:\* xC:\y .C:\z foo\bar ..\x.exe NT AUTHORITY\SYSTEM`, ""},
		{`copy C:\a.exe HKLM\x C:\reg HKCU\y`, `windows_path C:\a.exe, registry_key HKLM\x, windows_path C:\reg, registry_key HKCU\y`},
		{`C:\x\evil.org C:\x\1.2.3.4\y`, `windows_path C:\x\evil.org, windows_path C:\x\1.2.3.4\y, ipv4 1.2.3.4`},
	}.run(t)
}

func TestUNC(t *testing.T) {
	cases{
		{`\\srv\share \\10.0.0.1\C$\x y \\dc1.corp.example.com\SYSVOL\a.ps1`, `unc \\srv\share, unc \\10.0.0.1\C$\x, ipv4 10.0.0.1, unc \\dc1.corp.example.com\SYSVOL\a.ps1, dns dc1.corp.example.com`},
		{`\\?\UNC\srv\share\f \\srv@SSL@8443\DavWWWRoot\a.exe`, `unc \\?\UNC\srv\share\f, unc \\srv@SSL@8443\DavWWWRoot\a.exe`},
		{`"\\srv\my share\a b.txt" x`, `unc \\srv\my share\a b.txt`},
		{`{"p":"\\\\srv\\share\\x"}`, `unc \\srv\share\x`},
		{`\\srv \\srv\ \\.\pipe\x \\?\Volume{1} C:\\srv\\share \\Windows\\System32 \\d+\\w \\*\IPC$ a\\b\c`, `windows_path C:\srv\share`},
		{`/namespace:\\root\default \\host\root\cimv2`, ""},
	}.run(t)
}

func TestRegistryKeys(t *testing.T) {
	cases{
		{`reg add HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run /v x /d y`, `registry_key HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run`},
		{`reg query "HKEY_CURRENT_USER\Software\My App" /s`, `registry_key HKEY_CURRENT_USER\Software\My App`},
		{`Set-Item HKCU:\Software\x -Value 1; gp Registry::HKEY_USERS\S-1-5-18\x`, `registry_key HKCU:\Software\x, registry_key HKEY_USERS\S-1-5-18\x`},
		{`\REGISTRY\MACHINE\SYSTEM\Setup \Registry\User\S-1-5-18 \REGISTRY\A\{1}\x`, `registry_key \REGISTRY\MACHINE\SYSTEM\Setup, registry_key \Registry\User\S-1-5-18, registry_key \REGISTRY\A\{1}\x`},
		{`HKLM\System\CurrentControlSet\Control\Session Manager\Pending Renames`, `registry_key HKLM\System\CurrentControlSet\Control\Session Manager\Pending Renames`},
		{"hklm\\sam\nComputer\\HKEY_CLASSES_ROOT\\.txt", `registry_key hklm\sam, registry_key HKEY_CLASSES_ROOT\.txt`},
		{`{"k":"HKU\\S-1-5-19\\Software"}`, `registry_key HKU\S-1-5-19\Software`},
		{`HKLM HKLM\ XHKLM\a a\HKLM\b HKEY_LOCAL\x \REGISTRY\x`, ""},
	}.run(t)
}

func TestLinuxPaths(t *testing.T) {
	cases{
		{`cat /etc/passwd /tmp/.x/y.sh;ls ~/.ssh/id_rsa`, `linux_path /etc/passwd, linux_path /tmp/.x/y.sh, linux_path ~/.ssh/id_rsa`},
		{`PATH=/usr/bin:/usr/sbin "/home/bob/a b" '/var/log/x.log': (/opt/x/y), /usr/lib/.`, `linux_path /usr/bin, linux_path /usr/sbin, linux_path /home/bob/a b, linux_path /var/log/x.log, linux_path /opt/x/y, linux_path /usr/lib/`},
		{`exe=/bin/bash file:///etc/shadow <!ENTITY x "/etc/hosts">`, `linux_path /bin/bash, linux_path /etc/shadow, linux_path /etc/hosts`},
		{`/Library/LaunchAgents/x.plist /tmp/a\ b/c x`, `linux_path /Library/LaunchAgents/x.plist, linux_path /tmp/a\ b/c`},
		{`cmd /c dir /s /etc /run 2020/01/02 1/2 a/b /24 //x/y GET /etc/x HTTP/1.1 /foo/bar`, ""},
		{`http://a.com/etc/passwd https://a.com/?f=/etc/passwd`, `url http://a.com/etc/passwd, dns a.com, url https://a.com/?f=/etc/passwd, dns a.com, linux_path /etc/passwd`},
	}.run(t)
}

func TestIDs(t *testing.T) {
	cases{
		{"CVE-2021-44228, cve-2017-0144; (CVE-1999-0001)", "cve CVE-2021-44228, cve CVE-2017-0144, cve CVE-1999-0001"},
		{"CVE-2021-442 CVE-1821-44228 XCVE-2021-44228 CVE-2021-44228x CVE-2021-12345678 CVE-2021", ""},
		{"T1059.001 T1059, TA0002. technique_id=T1547.001,attack.t1059.003", "mitre_attack T1059.001, mitre_attack T1059, mitre_attack TA0002, mitre_attack T1547.001, mitre_attack T1059.003"},
		{"T10590 T1059.01 xT1059 T2059 TA1002 T1059-x 2020-01-01T1059 T1059.0012 T0800.exe", ""},
		{"AS15169 (AS64512) AS4200000000", "asn AS15169, asn AS64512, asn AS4200000000"},
		{"AS2 AS400 AS0123 AS4294967296 XAS15169 AS15169x ALIAS15", ""},
		{"00:1A:2b:3c:4d:5e 00-1a-2b-3c-4d-5e 001a.2b3c.4d5e, src:00:1a:2b:3c:4d:5f", "mac 00:1A:2b:3c:4d:5e, mac 00-1a-2b-3c-4d-5e, mac 001a.2b3c.4d5e, mac 00:1a:2b:3c:4d:5f"},
		{"20-01-02-03-04-05 00-00-00-00-00-00 ff:ff:ff:ff:ff:ff 00:1a:2b:3c:4d 00-1a-2b-3c-4d-5e-6f 1234.5678.9012", ""},
	}.run(t)
}

func TestMoreHashes(t *testing.T) {
	const (
		md5    = "d41d8cd98f00b204e9800998ecf8427e"
		sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
	)
	cases{
		{sha512 + " " + sha512[1:], "sha512 " + sha512},
		{`ja3=` + md5 + ` "ja3s":"` + md5 + `" JA3 Hash: ` + md5, "ja3 " + md5 + ", ja3 " + md5 + ", ja3 " + md5},
		{`{"ja3":{"hash":"` + md5 + `","md5":"` + md5 + `"}}`, "ja3 " + md5 + ", md5 " + md5},
		{"ninja3 " + md5 + " md5=" + md5, "md5 " + md5 + ", md5 " + md5},
		{`\n` + md5 + ` \u0027` + md5 + ` %3D` + md5, "md5 " + md5 + ", md5 " + md5 + ", md5 " + md5},
	}.run(t)
}

// The addresses are those of BIP 173, BIP 350 and of the first block.
func TestBitcoin(t *testing.T) {
	cases{
		{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa 3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "bitcoin 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, bitcoin 3P14159f73E4gFr7JterCCQh9QjiTjiZrG"},
		{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bitcoin bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4, bitcoin BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"},
		{"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bitcoin bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
		{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5 bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", ""},
	}.run(t)
}

func TestDefanged(t *testing.T) {
	cases{
		{"hxxp://evil[.]com/x hXXps[://]a(.)evil{.}org:8080/y fxp://e[dot]com", "url http://evil.com/x, dns evil.com, url https://a.evil.org:8080/y, dns a.evil.org, url ftp://e.com, dns e.com"},
		{"1[.]2[.]3[.]4 1.2.3[.]4[:]80 192.0.2[.7", "ipv4 1.2.3.4, ipv4 1.2.3.4, ipv4 192.0.2.7"},
		{"bob[at]evil[.]com, bob [@] evil [dot] com", "email bob@evil.com, dns evil.com, email bob@evil.com, dns evil.com"},
		{"hxxp[:]//evil.com", "url http://evil.com, dns evil.com"},
		{"a [.] x[.]exe [at] [System.Net] f(at) $x[.5]", ""},
	}.run(t)
}

// TestDefangedPositions: what is refanged says where it stood.
func TestDefangedPositions(t *testing.T) {
	const text = "é a[.]b[.]com 1.2.3.4 hxxp[://]x[.]org/(y)"
	s := New(All)
	var got []string
	s.Scan(text, func(m Match) { got = append(got, m.Value+"|"+text[m.Start:m.End]) })
	want := []string{"a.b.com|a[.]b[.]com", "1.2.3.4|1.2.3.4", "http://x.org/(y)|hxxp[://]x[.]org/(y)", "x.org|x[.]org"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, not %q", got[i], want[i])
		}
	}
}

// TestZeroBytes: texts with zero bytes between are texts of their own.
func TestZeroBytes(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"1.2.3", ".4"},
		{"evil", ".com"},
		{"C:", `\x`},
		{"http://a.com/x", "y"},
		{`C:\Program`, `Files\a.exe`},
		{"version", "1.2.3.4"},
		{`C:\a b`, "c.txt"},
		{"bob", "@evil.com"},
		{`\\srv`, `\x`},
		{`"C:\a`, `b"`},
		{"GET", "/etc/passwd"},
	} {
		s := New(All)
		want := append(list(scan(t, s, c.a)), list(scan(t, s, c.b))...)
		got := list(scan(t, s, c.a+"\x00"+c.b))
		if len(got) != len(want) {
			t.Errorf("%q, %q: %q together, %q apart", c.a, c.b, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q, %q: %q together, %q apart", c.a, c.b, got, want)
			}
		}
	}
}
