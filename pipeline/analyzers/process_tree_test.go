package analyzers

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// fieldsOf reads the records that a pipeline printed. Of several values the
// first counts.
func fieldsOf(t *testing.T, out string) []map[string]string {
	t.Helper()
	var all []map[string]string
	for line := range strings.Lines(out) {
		var values map[string]any
		if err := json.Unmarshal([]byte(line), &values); err != nil {
			t.Fatal(err)
		}
		fields := map[string]string{}
		for name, v := range values {
			if list, ok := v.([]any); ok {
				v = list[0]
			}
			fields[name] = v.(string)
		}
		all = append(all, fields)
	}
	return all
}

// TestProcessTreeGolden: MSTICPy's keys, parents, numbers, paths and flags of one
// Windows host.
func TestProcessTreeGolden(t *testing.T) {
	type row struct {
		Key       string  `json:"proc_key"`
		ParentKey *string `json:"parent_key"`
		Index     string  `json:"source_index"`
		Parent    *string `json:"parent_index"`
		Path      string  `json:"path"`
		IsRoot, IsLeaf,
		IsBranch bool
	}
	var golden struct{ Rows []row }
	recorded.JSON(t, recorded.Path(t, "golden", "proctree_win.json"), &golden)
	out, err := runPipeline(t, "- process_tree\n", goldenTable(t, "proctree_win_input.csv"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]row{}
	for _, f := range fieldsOf(t, out) {
		r := row{
			Key: f["proc_key"], Index: f["proc_index"], Path: f["proc_index_path"],
			IsRoot: f["proc_is_root"] == "true", IsLeaf: f["proc_is_leaf"] == "true", IsBranch: f["proc_is_branch"] == "true",
		}
		if key, ok := f["proc_parent_key"]; ok {
			index := f["proc_parent_index"]
			r.ParentKey, r.Parent = &key, &index
		}
		got[r.Key] = r
	}
	want := map[string]row{}
	for _, r := range golden.Rows {
		want[r.Key] = r
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("- golden, + got:\n%s", diff)
	}
}

// goldenTable returns the rows of a table as records, TimeGenerated being their
// _time as well.
func goldenTable(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(recorded.Path(t, "golden", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var records strings.Builder
	for _, row := range rows[1:] {
		fields := map[string]string{}
		for i, head := range rows[0] {
			fields[head] = row[i]
		}
		at, err := time.Parse(time.DateTime, fields["TimeGenerated"])
		if err != nil {
			t.Fatal(err)
		}
		fields["_time"] = pipeline.FormatEpoch(at)
		line, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		records.Write(append(line, '\n'))
	}
	return records.String()
}

// TestProcessTreeRecordings: every creation in the recordings has a place in a
// tree, and where Sysmon gives the parent's image, it is the parent that was
// found or inferred.
func TestProcessTreeRecordings(t *testing.T) {
	linked := 0
	for _, set := range []string{"demo", "dev"} {
		for _, path := range recorded.Files(t, set) {
			var in strings.Builder
			for _, line := range recorded.Lines(t, path) {
				if s := string(line); strings.Contains(s, "ParentImage") || strings.Contains(s, "New") {
					in.WriteString(s + "\n")
				}
			}
			out, err := runPipeline(t, "- process_tree\n", in.String())
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			byID := map[string]map[string]string{}
			all := fieldsOf(t, out)
			for _, f := range all {
				if f["proc_id"] != "" {
					byID[f["proc_id"]] = f
				}
			}
			for _, f := range all {
				isCreation := f["EventCode"] == "4688" && f["NewProcessName"] != "" && f["NewProcessId"] != "" || f["EventCode"] == "1" && f["Image"] != "" && f["ParentProcessId"] != ""
				if isCreation && f["proc_id"] == "" {
					t.Errorf("%s: no place for %s at %s", filepath.Base(path), f["Image"]+f["NewProcessName"], f["_time"])
				}
				parent := byID[f["proc_parent_id"]]
				if f["ParentImage"] == "" || f["ParentImage"] == "-" || parent == nil {
					continue
				}
				if name := parent["Image"] + parent["proc_name"]; !strings.EqualFold(name, f["ParentImage"]) {
					t.Errorf("%s: %s has the parent %s, not %s", filepath.Base(path), f["Image"], name, f["ParentImage"])
				}
				if parent["proc_inferred"] == "" {
					linked++
				}
			}
		}
	}
	t.Logf("%d of Sysmon's creations have a recorded parent", linked)
	if linked < 10 {
		t.Errorf("only %d of Sysmon's creations have a recorded parent", linked)
	}
}

func TestProcessTreeLimits(t *testing.T) {
	in := `{"_time":1,"host":"H","EventCode":"1","Image":"/bin/a","ProcessId":"5","ParentProcessId":"1"}
{"_time":1,"host":"H","EventCode":"3","Image":"/bin/a","ProcessId":"5"}
{"_time":2,"host":"h","EventCode":"1","Image":"/bin/b","ProcessId":"6","ParentProcessId":"5"}
{"_time":3,"host":"h","EventCode":"1","Image":"/bin/c","ProcessId":"7","ParentProcessId":"5"}
{"_time":4,"host":"h","p":"8","pp":"7","n":"d","EventCode":"4688"}
{"host":"h","EventCode":"1","Image":"/bin/untimed","ProcessId":"6","ParentProcessId":"5"}
`
	for _, c := range []struct{ settings, want string }{
		{"max_records: 2", "EventCode=3 EventCode=1/bin/c EventCode=4688 EventCode=1/bin/untimed unknown>a unknown>a>b unknown"},
		{"inferred: false", "EventCode=3 EventCode=4688 EventCode=1/bin/untimed unknown>a unknown>a>b unknown>a>c"},
		{"pid: p, parent_pid: pp, name: n, inferred: false", "EventCode=1/bin/a EventCode=3/bin/a EventCode=1/bin/b EventCode=1/bin/c EventCode=1/bin/untimed unknown>d"},
	} {
		out, err := runPipeline(t, "- process_tree: { "+c.settings+" }\n", in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range fieldsOf(t, out) {
			if f["proc_path"] == "" {
				f["proc_path"] = "EventCode=" + f["EventCode"] + f["Image"]
			}
			got = append(got, f["proc_path"])
		}
		want := strings.Fields(strings.ReplaceAll(c.want, "EventCode=3 ", "EventCode=3/bin/a "))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.settings, diff)
		}
	}
}

// TestProcessTreeLongNames: what one record may add to its children is bounded,
// and said.
func TestProcessTreeLongNames(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	in := `{"_time":1,"EventCode":"1","Image":"` + long + `","ProcessId":"5","ParentProcessId":"1"}` + "\n" +
		strings.Repeat(`{"_time":2,"EventCode":"1","Image":"b","ProcessId":"6","ParentProcessId":"5"}`+"\n", 20)
	out, err := runPipeline(t, "- process_tree\n", in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) > 2<<20 {
		t.Errorf("%d bytes come out", len(out))
	}
	if !strings.Contains(out, "process_tree: a name or path is too long") {
		t.Error("no record says that its name was cut")
	}
}
