package analyzers

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// TestSudoSessionsGolden: from lines that tell of MSTICPy's sessions come these,
// in both profiles. Its log is not at hand, so that the lines are made of the
// sessions, with ends of other sessions between them as it has.
func TestSudoSessionsGolden(t *testing.T) {
	type session struct{ User, Start, End string }
	var golden []session
	recorded.JSON(t, recorded.Path(t, "golden", "syslog_sessions.json"), &golden)
	epoch := func(s string) string {
		at, err := time.Parse("2006-01-02T15:04:05.999", s)
		if err != nil {
			t.Fatal(err)
		}
		return pipeline.FormatEpoch(at)
	}
	var in strings.Builder
	add := func(at, message string) {
		in.WriteString(`{"_time":` + at + `,"host":"h","ProcessID":"","SyslogMessage":"` + message + "\"}\n")
	}
	var want []session
	for _, s := range golden {
		add(epoch(s.Start), s.User+" : TTY=pts/0   PWD=/   USER=root   COMMAND=/bin/true")
		add(epoch(s.End), "pam_unix(sudo:session): session closed for user root")
		add(epoch(s.Start), "pam_unix(sudo:session): session opened for user root by "+s.User+"(uid=0)")
		add(epoch(s.End)+".5", "pam_unix(sudo:session): session closed for user root")
		want = append(want, session{s.User, epoch(s.Start), epoch(s.End)})
	}
	for _, profile := range []string{"strict", "msticpy"} {
		out, err := runPipeline(t, "- sudo_sessions: { profile: "+profile+" }\n", in.String())
		if err != nil {
			t.Fatal(err)
		}
		var got []session
		for _, f := range fieldsOf(t, out) {
			got = append(got, session{f["user"], f["session_start"], f["session_end"]})
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s (- golden, + got):\n%s", profile, diff)
		}
	}
}

// TestSudoSessionsRecordings: a real log has as many sessions as it has ends of
// them; of sudo's, all but a few have their command.
func TestSudoSessionsRecordings(t *testing.T) {
	var in strings.Builder
	ends := 0
	for _, line := range recorded.Lines(t, filepath.Join(recorded.Path(t, "data", "dev"), "linux-auth-log.ndjson.gz")) {
		in.Write(append(line, '\n'))
		text := string(line)
		for _, service := range []string{"sudo", "su", "sshd"} {
			if strings.Contains(text, `"message": "pam_unix(`+service+":session): session closed") || strings.Contains(text, `"message":"pam_unix(`+service+":session): session closed") {
				ends++
			}
		}
	}
	out, err := runPipeline(t, "- sudo_sessions\n", in.String())
	if err != nil {
		t.Fatal(err)
	}
	all := fieldsOf(t, out)
	if len(all) != ends || ends < 300 {
		t.Errorf("%d sessions, %d ends", len(all), ends)
	}
	commands, sudo, addresses, ssh := 0, 0, 0, 0
	for _, f := range all {
		switch f["session_service"] {
		case "sudo":
			sudo++
			if f["session_command"] != "" {
				commands++
			}
			if f["user"] == f["session_user"] && f["user"] != "root" {
				t.Errorf("nobody ran sudo: %v", f)
			}
		case "sshd":
			ssh++
			if f["src_ip"] != "" {
				addresses++
			}
		}
	}
	t.Logf("sudo: %d of %d with a command; sshd: %d of %d with an address", commands, sudo, addresses, ssh)
	if commands < sudo*9/10 || addresses < ssh*9/10 {
		t.Errorf("sudo: %d of %d with a command; sshd: %d of %d with an address", commands, sudo, addresses, ssh)
	}
}
