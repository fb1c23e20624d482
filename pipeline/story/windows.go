package story

import (
	"strings"
	"time"
)

// windows makes an event of the Windows Security log: its text as the forwarder
// sends it (XML), the event's data as fields under their own names, and beside
// them what Splunk's add-on calls the same (aliases).
func (s *Story) windows(e *Event, d dice, m *machine, code string, aliases, data []Field) {
	computer := strings.ToUpper(m.name) + "." + domain
	record := number(d.between(100_000, 9_999_999))
	e.set(m.name, "windows", "XmlWinEventLog", "XmlWinEventLog:Security",
		Field{"EventCode", code}, Field{"EventRecordID", record}, Field{"Computer", computer})
	e.Fields = append(append(e.Fields, aliases...), data...)

	var b strings.Builder
	b.Grow(2048)
	for _, piece := range []string{
		`<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>`,
		`<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>`,
		`<EventID>`, code, `</EventID><TimeCreated SystemTime='`, e.Time.Format(time.RFC3339Nano),
		`'/><EventRecordID>`, record, `</EventRecordID><Channel>Security</Channel><Computer>`, computer,
		`</Computer></System><EventData>`,
	} {
		b.WriteString(piece)
	}
	for _, f := range data {
		b.WriteString(`<Data Name='`)
		b.WriteString(f.Name)
		b.WriteString(`'>`)
		writeXML(&b, f.Value)
		b.WriteString(`</Data>`)
	}
	b.WriteString(`</EventData></Event>`)
	e.Raw = b.String()
}

// writeXML writes text with the characters replaced that mean something in XML.
func writeXML(b *strings.Builder, text string) {
	for _, r := range text {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '\'':
			b.WriteString("&apos;")
		case '"':
			b.WriteString("&quot;")
		default:
			b.WriteRune(r)
		}
	}
}

// computerAccount is how Windows calls a machine that acts by itself.
func computerAccount(m *machine) string { return strings.ToUpper(m.name) + "$" }

// A process is a program's start.
type process struct {
	user, image, parent, command string
}

// process makes the event of a program's start (4688).
func (s *Story) process(e *Event, d dice, m *machine, p process) {
	id := func() string { return "0x" + d.text(4, "123456789abcdef") }
	s.windows(e, d, m, "4688",
		[]Field{{"user", p.user}, {"process_name", base(p.image)}, {"parent_process_name", base(p.parent)}},
		[]Field{
			{"SubjectUserName", p.user},
			{"SubjectDomainName", netbios},
			{"SubjectLogonId", id()},
			{"NewProcessId", id()},
			{"NewProcessName", p.image},
			{"TokenElevationType", "%%1938"},
			{"ProcessId", id()},
			{"CommandLine", p.command},
			{"ParentProcessName", p.parent},
		})
}

// base returns the last part of a Windows path.
func base(path string) string { return path[strings.LastIndexByte(path, '\\')+1:] }

// A logon is an attempt to log on.
type logon struct {
	user, from string // from: the address it came from, "-" when Windows has none
	kind       int64  // the LogonType: 2 at the keyboard, 3 network, 5 service, 7 unlock
	sub        string // the SubStatus of a failure; empty: it succeeded
}

// The reasons of failed logons, as NTSTATUS.
const (
	wrongPassword   = "0xc000006a"
	noSuchUser      = "0xc0000064"
	passwordExpired = "0xc0000071"
)

// logon makes the event of an attempt to log on (4624, 4625).
func (s *Story) logon(e *Event, d dice, m *machine, l logon) {
	aliases := []Field{{"user", l.user}, {"src_ip", l.from}, {"action", "success"}}
	data := []Field{
		{"TargetUserName", l.user},
		{"TargetDomainName", netbios},
		{"LogonType", number(l.kind)},
		{"LogonProcessName", "NtLmSsp"},
		{"AuthenticationPackageName", "NTLM"},
		{"IpAddress", l.from},
		{"IpPort", number(d.between(49152, 65535))},
	}
	if l.from == localhost {
		data[6].Value = "0"
	}
	code := "4624"
	if l.sub != "" {
		code = "4625"
		aliases[2].Value = "failure"
		data = append(data, Field{"Status", "0xc000006d"}, Field{"SubStatus", l.sub}, Field{"FailureReason", "%%2313"})
	}
	s.windows(e, d, m, code, aliases, data)
}

// tellShareLogon: a person's logon at the file server.
func tellShareLogon(s *Story, it item, e *Event) {
	m := s.machine(it)
	s.logon(e, s.part(it), &s.cast.machines[fileServer], logon{user: s.cast.user(m), from: m.ip, kind: 3})
}
