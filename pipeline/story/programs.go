package story

import (
	"encoding/base64"
	"strings"
)

// A program is what people or machines start, with ways to call it. In a
// command line %n is a number, %u the user, %t a ticket in base64 and %w a web
// address.
type program struct {
	image, parent string
	commands      []string
}

const (
	explorer   = `C:\Windows\explorer.exe`
	services   = `C:\Windows\System32\services.exe`
	svchost    = `C:\Windows\System32\svchost.exe`
	cmdExe     = `C:\Windows\System32\cmd.exe`
	powershell = `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`
	agentExe   = `C:\Program Files\Shepherd\shepherd-agent.exe`
)

// officePrograms are what people start. Some of them carry what a careless
// hunt falls for: web addresses in clear, base64 that is only a ticket.
func officePrograms() []program {
	const office, browserExe = `C:\Program Files\Quillsoft\`, `C:\Program Files\Kingfisher\kingfisher.exe`
	return []program{
		{office + `quill.exe`, explorer, []string{`"quill.exe" /n "C:\Users\%u\Documents\draft-%n.docx"`, `"quill.exe" /restore`}},
		{office + `tally.exe`, explorer, []string{`"tally.exe" "\\file01\finance\plan-%n.xlsx"`, `"tally.exe" /e`}},
		{browserExe, explorer, []string{`"kingfisher.exe" --single-argument %w`, `"kingfisher.exe"`}},
		{browserExe, browserExe, []string{`"kingfisher.exe" --type=renderer --renderer-client-id=%n --token=%t`, `"kingfisher.exe" --type=utility`}},
		{`C:\Windows\System32\notepad.exe`, explorer, []string{`notepad.exe C:\Users\%u\Desktop\todo.txt`}},
		{cmdExe, explorer, []string{`cmd.exe /c net use Z: \\file01\projects`, `cmd.exe /c ipconfig /all`, `cmd.exe /c dir C:\Users\%u`}},
		{`C:\Program Files\Courier\courier.exe`, explorer, []string{`"courier.exe" --sync --ticket %t`, `"courier.exe" --minimized`}},
		{powershell, explorer, []string{
			`powershell.exe -File C:\Scripts\map-drives.ps1`,
			`powershell.exe -NoProfile -Command "Get-ChildItem C:\Users\%u\Downloads | Measure-Object"`,
			`powershell.exe -NoProfile -Command "Invoke-WebRequest http://intranet.` + domain + `/menu/%n.html -OutFile menu.html"`,
		}},
	}
}

// servicePrograms are what servers start by themselves.
func servicePrograms() []program {
	return []program{
		{svchost, services, []string{`svchost.exe -k netsvcs -p -s Schedule`, `svchost.exe -k LocalService -p`, `svchost.exe -k wusvcs -p`}},
		{`C:\Windows\System32\taskhostw.exe`, svchost, []string{`taskhostw.exe`, `taskhostw.exe Install $(Arg0)`}},
		{`C:\Windows\System32\wbem\WmiPrvSE.exe`, svchost, []string{`wmiprvse.exe -secured -Embedding`}},
		{`C:\Program Files\Vaultline\vaultctl.exe`, services, []string{`vaultctl.exe run --job nightly-%n --ticket %t`, `vaultctl.exe verify --set %n`}},
		{cmdExe, svchost, []string{`cmd.exe /c C:\Scripts\rotate-logs.cmd %n`}},
	}
}

// start makes the event of one of the programs.
func (s *Story) start(e *Event, d dice, m *machine, from []program) {
	p := draw(d, from)
	user, command := s.cast.user(m), draw(d, p.commands)
	for _, r := range []struct {
		mark string
		with func() string
	}{
		{"%u", func() string { return user }},
		{"%n", func() string { return number(d.between(1, 999)) }},
		{"%t", func() string { return d.token(int(d.between(24, 60))) }},
		{"%w", func() string { return "https://" + draw(d, s.cast.sites).name + "/" + d.text(8, letters) }},
	} {
		if strings.Contains(command, r.mark) {
			command = strings.ReplaceAll(command, r.mark, r.with())
		}
	}
	s.process(e, d, m, process{user: user, image: p.image, parent: p.parent, command: command})
}

func tellProgram(s *Story, it item, e *Event) {
	s.start(e, s.part(it), s.machine(it), officePrograms())
}

func tellService(s *Story, it item, e *Event) {
	s.start(e, s.part(it), s.machine(it), servicePrograms())
}

// agentScripts are what the management agent runs: encoded as an intruder's,
// with version numbers, paths and methods in them that resemble addresses, but
// they fetch nothing.
func agentScripts() []string {
	return []string{
		`Get-CimInstance Win32_OperatingSystem | Select-Object Version,BuildNumber | ConvertTo-Json -Compress`,
		`if ([Version](Get-Item C:\Windows\System32\ntdll.dll).VersionInfo.ProductVersion -lt [Version]'10.0.19045.3930') { exit 1 }`,
		`Get-Service | Where-Object { $_.StartType -eq 'Automatic' -and $_.Status -ne 'Running' } | ForEach-Object Name`,
		`$p = 'HKLM:\SOFTWARE\Shepherd\Agent'; (Get-ItemProperty -Path $p -Name LastInventory).LastInventory`,
		`Copy-Item '\\mgmt01.` + domain + `\packages$\inventory.ps1' $env:TEMP; & "$env:TEMP\inventory.ps1" -Quiet`,
		`[System.Net.Dns]::GetHostName(); [System.Environment]::OSVersion.VersionString; Get-HotFix | Sort-Object InstalledOn -Descending | Select-Object -First 5`,
		`Get-PSDrive -PSProvider FileSystem | Where-Object { $_.Free -lt 5GB } | Format-Table Name,Free -HideTableHeaders`,
	}
}

// tellAgentScript: the management agent asks a machine for its state.
func tellAgentScript(s *Story, it item, e *Event) {
	d, m := s.part(it), s.machine(it)
	s.process(e, d, m, process{
		user: computerAccount(m), image: powershell, parent: agentExe,
		command: `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ` + utf16Base64(draw(d, agentScripts())),
	})
}

// tellReport: a script that is given its settings in base64, as is common, and
// a key that is base64 without being text.
func tellReport(s *Story, it item, e *Event) {
	d, m := s.part(it), s.machine(it)
	settings := `{"report":"licences","month":` + number(d.between(1, 12)) + `,"recipients":["it-office"],"format":"pdf","dryRun":false}`
	s.process(e, d, m, process{
		user: "svc_reports", image: powershell, parent: svchost,
		command: `powershell.exe -File C:\Scripts\report.ps1 -Settings ` +
			base64.StdEncoding.EncodeToString([]byte(settings)) + ` -Key ` + d.token(32),
	})
}
