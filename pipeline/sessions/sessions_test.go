package sessions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		line string
		want Event
	}{
		{"Mar  4 05:06:07 web1 sudo[31]: pam_unix(sudo:session): session opened for user root(uid=0) by ann(uid=1000)", Event{Kind: Opened, Service: "sudo", PID: "31", User: "root", By: "ann"}},
		{"pam_unix(sudo:session): session opened for user root by ann(uid=0)", Event{Kind: Opened, Service: "sudo", User: "root", By: "ann"}},
		{"Mar  4 05:06:07 web1 CRON[9]: pam_unix(cron:session): session opened for user root by (uid=0)", Event{Kind: Opened, Service: "cron", PID: "9", User: "root"}},
		{"sudo: pam_unix(sudo:session): session closed for user root\n", Event{Kind: Closed, Service: "sudo", User: "root"}},
		{`{"m":"pam_unix(su-l:session): session closed for user root","x":1}`, Event{Kind: Closed, Service: "su-l", User: "root"}},
		{"Mar  4 05:06:07 web1 sudo[31]:      ann : TTY=pts/0 ; PWD=/home/ann x ; USER=root ; COMMAND=/bin/sh -c a;b ", Event{Kind: Command, Service: "sudo", PID: "31", By: "ann", User: "root", TTY: "pts/0", Dir: "/home/ann x", Command: "/bin/sh -c a;b"}},
		{"  ann : TTY=pts/0   PWD=/home/ann   USER=root   COMMAND=/bin/ls", Event{Kind: Command, Service: "sudo", By: "ann", User: "root", TTY: "pts/0", Dir: "/home/ann", Command: "/bin/ls"}},
		{"sudo: eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id", Event{Kind: Denied, Service: "sudo", By: "eve", User: "root", TTY: "pts/1", Dir: "/", Command: "/bin/id", Reason: "user NOT in sudoers"}},
		{"sshd[7]: Accepted publickey for ann from 203.0.113.7 port 50022 ssh2", Event{Kind: Accepted, Service: "sshd", PID: "7", User: "ann", Source: "203.0.113.7"}},
		{"sudo: eve : TTY=x ; PWD=/ ; USER=root ; COMMAND=/bin/echo pam_unix(sudo:session): session closed for user root", Event{Kind: Command, Service: "sudo", By: "eve", User: "root", TTY: "x", Dir: "/", Command: "/bin/echo pam_unix(sudo:session): session closed for user root"}},
		{"pam_unix(:session): session closed for user x", Event{}},
		{"pam_unix(sudo:auth): authentication failure; user=ann", Event{}},
		{"pam_unix(sudo:session): session closed for user ", Event{}},
		{"pam_unix(a b:session): session closed for user x", Event{}},
		{"COMMAND=/bin/ls", Event{}},
		{"Accepted for nobody", Event{}},
		{"", Event{}},
	} {
		got, ok := Parse(c.line)
		if !ok {
			got = Event{}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.line, diff)
		}
	}
}

// events reads lines that begin with a time in seconds.
func events(t *testing.T, text string) []Event {
	t.Helper()
	var all []Event
	for line := range strings.Lines(text) {
		var sec int64
		if _, err := fmt.Sscan(line, &sec); err != nil {
			t.Fatal(err)
		}
		e, ok := Parse(line)
		if !ok {
			t.Fatalf("%q tells nothing", line)
		}
		e.Time, e.Host = time.Unix(sec, 0), "h"
		all = append(all, e)
	}
	return all
}

func summary(f Found) []string {
	var all []string
	for _, s := range f.Sessions {
		end := "-"
		if !s.End.IsZero() {
			end = fmt.Sprint(s.End.Unix())
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s>%s %d-%s %s %s", s.Open.By, s.Open.User, s.Start.Unix(), end, strings.Join(s.Commands, "|"), s.Source)))
	}
	return append(all, fmt.Sprintf("%d unopened, %d loose", f.Unopened, f.Loose))
}

const (
	open  = " pam_unix(sudo:session): session opened for user root by "
	shut  = " pam_unix(sudo:session): session closed for user root\n"
	order = " : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND="
)

func TestPair(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"in any order, one within a second", "9" + shut + "5" + open + "ann(uid=0)\n" + "9" + open + "bob(uid=0)\n" + "9" + shut, []string{"ann>root 5-9", "bob>root 9-9", "0 unopened, 0 loose"}},
		{"ends without a beginning", "1" + shut + "5" + open + "ann\n", []string{"ann>root 5--", "1 unopened, 0 loose"}},
		{"two at a time, by id", "1 sudo[1]:" + open + "ann\n" + "2 sudo[2]:" + open + "bob\n" + "3 sudo[1]:" + shut + "9 sudo[2]:" + shut, []string{"ann>root 1-3", "bob>root 2-9", "0 unopened, 0 loose"}},
		{"two at a time, without ids", "1" + open + "ann\n" + "2" + open + "bob\n" + "3" + shut + "9" + shut, []string{"ann>root 1-3", "bob>root 2-9", "0 unopened, 0 loose"}},
		{
			"commands by id", "1 sudo[1]: ann" + order + "a\n" + "2 sudo[1]:" + open + "ann\n" + "2 sudo[2]: ann" + order + "never\n" + "3 sudo[1]: ann" + order + "b\n" + "4 sudo[1]:" + shut,
			[]string{"ann>root 2-4 a|b", "0 unopened, 1 loose"},
		},
		{
			"commands without ids", "1 ann" + order + "late\n" + "8 ann" + order + "a\n" + "9" + open + "ann\n" + "10" + open + "bob\n" + "11 bob" + order + "b\n" + "12" + shut + "13" + shut,
			[]string{"ann>root 9-12 a", "bob>root 10-13 b", "0 unopened, 1 loose"},
		},
		{
			"a login", "1 sshd[7]: Accepted password for ann from 203.0.113.7 port 1 ssh2\n" + "1 sshd[7]: pam_unix(sshd:session): session opened for user ann by (uid=0)\n" + "4 sshd[7]: pam_unix(sshd:session): session closed for user ann\n",
			[]string{">ann 1-4  203.0.113.7", "0 unopened, 0 loose"},
		},
		{"refused", "3 eve : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=id\n", []string{"eve>root 3-3 id", "0 unopened, 0 loose"}},
	} {
		if diff := cmp.Diff(c.want, summary(Pair(events(t, c.in)))); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.name, diff)
		}
	}
}

func TestPairFirst(t *testing.T) {
	in := "1" + shut + "2" + open + "a\n" + "3" + open + "b\n" + "4" + shut + "4" + open + "c\n" + "5" + open + "d\n" + "6" + shut + "7" + shut
	want := []string{"a>root 2-4", "d>root 5-6", "2 unopened, 0 loose"}
	if diff := cmp.Diff(want, summary(PairFirst(events(t, in)))); diff != "" {
		t.Errorf("- wanted, + got:\n%s", diff)
	}
}

// TestManyOpen does not end in any time if sessions that are never closed, or
// ends that never were opened, cost more each the more there are.
func TestManyOpen(t *testing.T) {
	const n = 100_000
	var all []Event
	for i := range n {
		for _, kind := range []Kind{Opened, Opened, Closed, Command} {
			all = append(all, Event{Kind: kind, Time: time.Unix(int64(i%7), 0), Service: "sudo", User: "root", By: "ann"})
		}
	}
	if f := Pair(all); len(f.Sessions) != 2*n || f.Unopened != 0 {
		t.Errorf("%d sessions, %d ends without", len(f.Sessions), f.Unopened)
	}
	if f := PairFirst(all); len(f.Sessions) != 7 {
		t.Errorf("%d sessions that come first", len(f.Sessions))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("sudo[31]: pam_unix(sudo:session): session opened for user root(uid=0) by ann(uid=1000)")
	f.Add("ann : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls")
	f.Add("sshd[7]: Accepted publickey for ann from 203.0.113.7 port 1 ssh2")
	f.Add("]: : USER=COMMAND=[")
	f.Fuzz(func(t *testing.T, line string) {
		e, ok := Parse(line)
		if !ok {
			return
		}
		if e.Service == "" || e.User == "" {
			t.Errorf("%q: %+v", line, e)
		}
		for _, s := range []string{e.Service, e.PID, e.By, e.User, e.TTY, e.Dir, e.Command, e.Reason, e.Source} {
			if !strings.Contains(line, s) && e.Service != s {
				t.Errorf("%q: %q is no part of it", line, s)
			}
		}
	})
}
