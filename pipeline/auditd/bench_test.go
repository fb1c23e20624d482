package auditd

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// starts makes the lines of n program starts, eight lines each.
func starts(n int) []string {
	var lines []string
	for i := range n {
		head := func(kind string) string {
			return fmt.Sprintf("type=%s msg=audit(1767225%03d.%03d:%d): ", kind, i/1000%1000, i%1000, 5000+i)
		}
		lines = append(lines,
			head("SYSCALL")+fmt.Sprintf(`arch=c000003e syscall=59 success=yes exit=0 a0=55d1c a1=55d1d a2=55d1e a3=8 items=2 ppid=%d pid=%d auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="find" exe="/usr/bin/find" subj=unconfined key="exec"`, i, i+1),
			head("EXECVE")+`argc=5 a0="find" a1="/home" a2="-name" a3=2A2E7064662A a4="-print"`,
			head("CWD")+`cwd="/home/ann"`,
			head("PATH")+`item=0 name="/usr/bin/find" inode=1835 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
			head("PATH")+`item=1 name="/lib64/ld-linux-x86-64.so.2" inode=3964 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
			head("PROCTITLE")+"proctitle="+strings.ToUpper(hex.EncodeToString([]byte("find\x00/home\x00-name\x00*.pdf*\x00-print"))),
		)
	}
	return lines
}

func BenchmarkMerge(b *testing.B) {
	lines := starts(5000)
	bytes := 0
	for _, l := range lines {
		bytes += len(l)
	}
	run := func(name string, do func() int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(bytes))
			for b.Loop() {
				if n := do(); n != 5000 {
					b.Fatalf("%d events", n)
				}
			}
			b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "lines/s")
		})
	}
	run("huntd", func() (events int) {
		m := NewMerger[int](1 << 30)
		for _, line := range lines {
			if l, ok := ParseLine(line); ok {
				m.Add("h", l, line, func() int { return 0 })
			}
		}
		var e Event
		for g, ok := m.Next(true); ok; g, ok = m.Next(true) {
			e.Assemble(g.Lines)
			events++
		}
		return events
	})
	run("naive", func() int { return naiveMerge(lines) })
}

var (
	naiveHead = regexp.MustCompile(`type=(\S+) msg=audit\(([\d.]+):(\d+)\): (.*)`)
	naivePair = regexp.MustCompile(`([a-z0-9_-]+)=("[^"]*"|\S+)`)
)

// naiveMerge does what comes to mind first: regular expressions and maps.
func naiveMerge(lines []string) int {
	events := map[string]map[string][]string{}
	for _, line := range lines {
		m := naiveHead.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		e := events[m[2]+":"+m[3]]
		if e == nil {
			e = map[string][]string{}
			events[m[2]+":"+m[3]] = e
		}
		for _, p := range naivePair.FindAllStringSubmatch(m[4], -1) {
			name, value := p[1], p[2]
			if raw, err := hex.DecodeString(value); err == nil && (m[1] == "EXECVE" || name == "proctitle") {
				value = string(raw)
			}
			e[m[1]+"."+name] = append(e[m[1]+"."+name], strings.Trim(value, `"`))
		}
	}
	return len(events)
}
