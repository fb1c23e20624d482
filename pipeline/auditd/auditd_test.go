package auditd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseLine(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Line
	}{
		{`type=CWD msg=audit(1767225600.123:77): cwd="/"`, Line{"", "CWD", "1767225600.123", "77", ` cwd="/"`}},
		{"node=web1 type=EOE msg=audit(1.0:2): \r\n", Line{"web1", "EOE", "1.0", "2", " "}},
		{`Mar  4 05:06:07 web1 audispd: node=web1.example type=CWD msg=audit(1.0:2): cwd="/"`, Line{"web1.example", "CWD", "1.0", "2", ` cwd="/"`}},
		{`kernel: [12.3] audit: type=1400 audit(1.000:9): apparmor="DENIED"`, Line{"", "AVC", "1.000", "9", ` apparmor="DENIED"`}},
		{`type=1327 audit(1.000:9): proctitle="x"`, Line{"", "PROCTITLE", "1.000", "9", ` proctitle="x"`}},
		{`type=1999 audit(1.000:9)`, Line{"", "1999", "1.000", "9", ``}},
		{`audit(x) type=A msg=audit(1.5:6): a=b audit(2.5:7): c`, Line{"", "A", "1.5", "6", ` a=b audit(2.5:7): c`}},
		{`subtype=A audit(1.5:6):`, Line{}},
		{`type=A audit(1.5:6`, Line{}},
		{`type=A audit(1.5):`, Line{}},
		{`type=A audit(.5:6):`, Line{}},
		{`no such thing`, Line{}},
	} {
		got, ok := ParseLine(c.in)
		if diff := cmp.Diff(c.want, got); diff != "" || ok != (c.want != Line{}) {
			t.Errorf("%s: %v (- wanted, + got):\n%s", c.in, ok, diff)
		}
	}
}

// assembled returns the fields of the event that lines tell of, but for the
// first four, as name=value|value.
func assembled(lines ...string) (fields []string, e Event) {
	var parsed []Line
	for _, l := range lines {
		if p, ok := ParseLine(l); ok {
			parsed = append(parsed, p)
		}
	}
	e.Assemble(parsed)
	for _, f := range e.Fields {
		switch f.Name {
		case "EventType", "mssg_id", "serial", "type":
		default:
			fields = append(fields, f.Name+"="+strings.Join(f.Values, "|"))
		}
	}
	return fields, e
}

func TestAssemble(t *testing.T) {
	m := func(kind, body string) string { return "type=" + kind + " msg=audit(1767225600.123:77): " + body }
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{
			"a program's start, in the wrong order",
			[]string{
				m("PROCTITLE", "proctitle=6C73002D6C"),
				m("PATH", `item=1 name="/lib64/ld" nametype=NORMAL`), m("PATH", `item=0 name=2F746D702F6120622F6C73 nametype=NORMAL`),
				m("CWD", "cwd=2F746D702F612062"), m("EXECVE", `argc=3 a0="ls" a1="-l" a2=2F746D702F612062`),
				m("SYSCALL", `arch=c000003e syscall=59 success=yes a0=55d a1=55e a2=55f a3=8 ppid=10 pid=11 auid=4294967295 ses=4294967295 comm="ls" exe="/bin/ls" key="exec"`),
			},
			[]string{
				"proctitle=ls\x00-l", "item=0|1", "name=/tmp/a b/ls|/lib64/ld", "nametype=NORMAL|NORMAL", "cwd=/tmp/a b", "arch=c000003e", "syscall=59",
				"success=yes", "syscall_a0=55d", "syscall_a1=55e", "syscall_a2=55f", "syscall_a3=8", "ppid=10", "pid=11", "auid=-1", "ses=-1",
				"comm=ls", "exe=/bin/ls", "key=exec", "argc=3", "a0=ls", "a1=-l", "a2=/tmp/a b", "cmdline=ls -l /tmp/a b", "argv=ls|-l|/tmp/a b",
			},
		},
		{"registers without a program", []string{m("SYSCALL", "a0=1 a1=2 pid=3")}, []string{"a0=1", "a1=2", "pid=3"}},
		{
			"arguments over several lines, in parts, one of them missing",
			[]string{m("EXECVE", `a3="z" a1[1]=6364`), m("EXECVE", `argc=5 a0="x" a1_len=8 a1[0]=6162`), m("EXECVE", `argc=5 a0="x" a1_len=8 a1[0]=6162`)},
			[]string{"argc=5", "a0=x", "a1=abcd", "a3=z", "cmdline=x abcd z", "argv=x|abcd|z"},
		},
		{"a character cut in two", []string{m("EXECVE", `argc=1 a0[0]=C3 a0[1]=A9`)}, []string{"argc=1", "a0=é", "cmdline=é", "argv=é"}},
		{"no UTF-8", []string{m("EXECVE", `argc=1 a0=6375726CFF2061`)}, []string{"argc=1", `a0=curl\xff a`, `cmdline=curl\xff a`, `argv=curl\xff a`}},
		{"not hex after all", []string{m("USER_CMD", `cmd=abc acct=root cwd="/ab"`)}, []string{"cmd=abc", "acct=root", "cwd=/ab"}},
		{
			"fields within quotes, and a group separator",
			[]string{m("USER_CMD", "pid=5 uid=1000 auid=1000 ses=2 msg='cwd=\"/home/o'brien\" cmd=6C73202D6C terminal=pts/0 res=success'\x1dUID=\"ann\" AUID=\"ann\"")},
			[]string{"pid=5", "uid=1000", "auid=1000", "ses=2", "cwd=/home/o'brien", "cmd=ls -l", "terminal=pts/0", "res=success", "UID=ann", "AUID=ann"},
		},
		{
			"values of several words, and words that belong to none",
			[]string{m("ADD_USER", "pid=7 msg='op=adding user to group acct=\"eve\" res=success'"), m("AVC", `avc:  denied  { read } for  pid=8 comm="cat"`)},
			[]string{"pid=7", "op=adding user to group", "acct=eve", "res=success", "pid_AVC=8", "comm=cat", "audit_text=avc: denied { read } for"},
		},
		{
			"AUOMS",
			[]string{m("AUOMS_EXECVE", `node=N a0=7fcd pid=9 name="/bin/sh" path_name=["/bin/sh",""] cmdline="sh -c "{echo,a b}"" proctitle=dd if=/dev/zero -o x redactors= containerid=`)},
			[]string{"node=N", "syscall_a0=7fcd", "pid=9", "name=/bin/sh", "path_name=/bin/sh|", `cmdline=sh -c "{echo,a b}"`, "proctitle=dd", "if=/dev/zero -o x", "redactors=", "containerid="},
		},
		{"several keys", []string{m("SYSCALL", "key=6101626364")}, []string{"key=a|bcd"}},
		{
			"names that are taken",
			[]string{m("X", "host=h _time=0 type=t huntd_note=n EventType=e serial=1 argv=2")},
			[]string{"audit_host=h", "audit__time=0", "audit_type=t", "audit_huntd_note=n", "audit_EventType=e", "audit_serial=1", "audit_argv=2"},
		},
		{
			"addresses",
			[]string{
				m("SOCKADDR", "saddr=020001BBCB0071070000000000000000"), m("SOCKADDR", "saddr=0A0000350000000020010DB800000000000000000000000100000000"),
				m("SOCKADDR", "saddr=01002F72756E2F7800"), m("SOCKADDR", "saddr=0100006162"), m("SOCKADDR", "saddr=10000000"), m("SOCKADDR", "saddr=0002005001020304"), m("SOCKADDR", "saddr=zz"),
			},
			[]string{
				"saddr=020001BBCB0071070000000000000000|0A0000350000000020010DB800000000000000000000000100000000|01002F72756E2F7800|0100006162|10000000|0002005001020304|zz",
				"saddr_family=inet|inet6|unix|unix|netlink|inet", "saddr_ip=203.0.113.7|2001:db8::1|1.2.3.4", "saddr_port=443|53|80", "saddr_path=/run/x|@ab",
			},
		},
	} {
		got, _ := assembled(c.lines...)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.name, diff)
		}
	}
}

func TestEventBounds(t *testing.T) {
	var body strings.Builder
	for i := range 2 * MaxFields {
		fmt.Fprintf(&body, "f%d=1 ", i)
	}
	_, e := assembled("type=X msg=audit(1.0:1): "+body.String(), "type=EXECVE msg=audit(1.0:1): argc=1000000000 a0=\"x\" a999999999=\"y\"")
	if len(e.Fields) != MaxFields || e.Left < MaxFields || e.Missing != 999_999_998 {
		t.Errorf("%d fields, %d left out, %d missing", len(e.Fields), e.Left, e.Missing)
	}
}

func TestMerger(t *testing.T) {
	lines := []string{
		"type=A msg=audit(1.0:1): x=1", "type=A msg=audit(1.0:2): x=2", "node=n type=A msg=audit(1.0:1): x=3", "type=B msg=audit(1.0:1): y=4",
	}
	add := func(m *Merger[int]) {
		for i, line := range lines {
			l, _ := ParseLine(line)
			m.Add("h", l, line, func() int { return i })
		}
	}
	drain := func(m *Merger[int], all bool) (got []string) {
		for g, ok := m.Next(all); ok; g, ok = m.Next(all) {
			got = append(got, fmt.Sprintf("%d: %s", g.Of, strings.ReplaceAll(g.Text, "\n", " + ")))
		}
		return got
	}
	m := NewMerger[int](1 << 20)
	add(m)
	want := []string{"0: " + lines[0] + " + " + lines[3], "1: " + lines[1], "2: " + lines[2]}
	if diff := cmp.Diff([]string(nil), drain(m, false)); diff != "" || m.Early != 0 {
		t.Errorf("%d early: %s", m.Early, diff)
	}
	if diff := cmp.Diff(want, drain(m, true)); diff != "" || m.size != 0 || len(m.events) != 0 {
		t.Errorf("%d bytes, %d events left; - wanted, + got:\n%s", m.size, len(m.events), diff)
	}
	m = NewMerger[int](2*gatheredOverhead + 100)
	add(m)
	if diff := cmp.Diff(want[:1], drain(m, false)); diff != "" || m.Early != 1 {
		t.Errorf("%d early (- wanted, + got):\n%s", m.Early, diff)
	}
}

func TestMergerCutsLongEvents(t *testing.T) {
	m := NewMerger[int](64 << 20)
	line := "type=A msg=audit(1.0:1): x=" + strings.Repeat("y", 1<<20)
	l, _ := ParseLine(line)
	for range 10 {
		m.Add("h", l, line, func() int { return 0 })
	}
	g, ok := m.Next(true)
	if !ok || !g.Cut || m.Cut != 7 || len(g.Text) > MaxEventBytes {
		t.Errorf("%v, cut %v, %d lines cut, %d bytes", ok, g.Cut, m.Cut, len(g.Text))
	}
}

// hostile are bodies that are hard to take apart for one way or another.
var hostile = map[string]func(n int) []string{
	"quotes":        func(n int) []string { return one(strings.Repeat(`" `, n/2)) },
	"open quotes":   func(n int) []string { return one(strings.Repeat(`a="`, n/3)) },
	"single quotes": func(n int) []string { return one(strings.Repeat(`a='x `, n/5)) },
	"open lists":    func(n int) []string { return one(strings.Repeat(`a=["x `, n/6)) },
	"lists":         func(n int) []string { return one(strings.Repeat(`a=["x"] `, n/8)) },
	"words":         func(n int) []string { return one(strings.Repeat(`x `, n/2)) },
	"a long value":  func(n int) []string { return one("a=" + strings.Repeat(`x `, n/2)) },
	"one name":      func(n int) []string { return one(strings.Repeat(`a=1 `, n/4)) },
	"stamps":        func(n int) []string { return []string{strings.Repeat("type=audit(1.1:1", n/16)} },
	"heads":         func(n int) []string { return []string{strings.Repeat("xtype=", n/6) + " audit(1.1:1)"} },
	"stamped heads": func(n int) []string { return []string{strings.Repeat("xtype=audit(1.1:1)", n/18)} },
	"arguments": func(n int) []string {
		return []string{"type=EXECVE msg=audit(1.1:1): " + strings.Repeat(`a9[9]=ff `, n/9)}
	},
	"names": func(n int) []string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "n%d=1 ", i)
		}
		return one(b.String())
	},
	"lines": func(n int) []string {
		var lines []string
		for i := range n / 40 {
			lines = append(lines, fmt.Sprintf(`type=PATH msg=audit(1.1:1): item=%d name=2F`, n-i))
		}
		return lines
	},
	"types": func(n int) []string {
		var lines []string
		for i := range n / 30 {
			lines = append(lines, fmt.Sprintf(`type=T%d msg=audit(1.1:1): a=1`, i))
		}
		return lines
	},
}

func one(body string) []string { return []string{"type=X msg=audit(1.1:1): " + body} }

// TestHostile does not end in any time if a megabyte of one of them costs more
// than linear time; BenchmarkMerge tells how much each byte costs.
func TestHostile(t *testing.T) {
	for name, make := range hostile {
		lines := make(1 << 20)
		if _, ok := ParseLine(lines[0]); !ok {
			continue
		}
		fields, _ := assembled(lines...)
		if len(fields) == 0 || len(fields) > MaxFields {
			t.Errorf("%s: %d fields", name, len(fields))
		}
	}
}

// FuzzAssemble: no text makes the parser fail, and what it makes of a line is
// no more than the line holds.
func FuzzAssemble(f *testing.F) {
	f.Add(`type=EXECVE msg=audit(1767225600.123:77): argc=2 a0="sh" a1[0]=2D a1[1]=63`)
	f.Add("node=n type=USER_CMD msg=audit(1.0:2): pid=1 msg='cwd=\"/\" cmd=6C73 res=success'\x1dUID=\"x\"")
	f.Add("type=SYSCALL msg=audit(1.0:2): a0=1\ntype=SOCKADDR msg=audit(1.0:2): saddr=0200\ntype=PATH msg=audit(1.0:2): item=0 name=(null)")
	f.Add(`type=AUOMS_EXECVE audit(1.0:2): path_name=["a","b"] cmdline="a "b" c" x=`)
	f.Add(`type=AVC audit(1.0:2): avc:  denied  { read } for  key=0101`)
	f.Fuzz(func(t *testing.T, text string) {
		m := NewMerger[int](1 << 20)
		for line := range strings.Lines(text) {
			if l, ok := ParseLine(line); ok {
				m.Add("", l, strings.TrimSuffix(line, "\n"), func() int { return 0 })
			}
		}
		var e Event
		for g, ok := m.Next(true); ok; g, ok = m.Next(true) {
			if len(g.Lines) == 0 {
				t.Fatalf("no line of %q is read again", g.Text)
			}
			e.Assemble(g.Lines)
			bytes := 0
			for _, field := range e.Fields {
				if field.Name == "" || len(field.Values) == 0 {
					t.Errorf("%q: field %+v", g.Text, field)
				}
				for _, v := range field.Values {
					bytes += len(v)
				}
			}
			if most := 12*len(g.Text) + 1000; bytes > most {
				t.Errorf("%q: %d bytes, more than %d", g.Text, bytes, most)
			}
		}
	})
}
