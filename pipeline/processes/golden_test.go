package processes

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

type goldenRow struct {
	Key       string  `json:"proc_key"`
	Index     string  `json:"source_index"`
	Path      string  `json:"path"`
	ParentKey *string `json:"parent_key"`
	Parent    *string `json:"parent_index"`
	IsRoot    bool
	IsLeaf    bool
	IsBranch  bool
}

// TestGolden: MSTICPy's trees of one Windows host, every key, number, path and
// flag of them.
func TestGolden(t *testing.T) {
	var golden struct {
		Schema  map[string]any
		Summary struct{ Processes, RootProcesses, LeafProcesses, BranchProcesses, LargestTreeDepth int }
		Rows    []goldenRow
	}
	recorded.JSON(t, recorded.Path(t, "golden", "proctree_win.json"), &golden)
	procs := goldenInput(t, golden.Schema)
	f := Build(procs, Limits{})

	want := map[string]goldenRow{}
	for _, r := range golden.Rows {
		want[r.Key] = r
	}
	if len(f.Nodes) != len(want) || len(want) != golden.Summary.Processes {
		t.Errorf("%d nodes, want %d", len(f.Nodes), len(want))
	}
	w := NewPathWriter(f)
	deepest := 0
	for i := range f.Nodes {
		n := &f.Nodes[i]
		got := goldenRow{
			Key: f.Key(i), Index: Index(n), Path: w.Indexes(i),
			IsRoot: n.Parent == None, IsLeaf: n.Children == 0, IsBranch: n.Parent != None && n.Children > 0,
		}
		if n.Parent != None {
			key, index := f.Key(n.Parent), Index(&f.Nodes[n.Parent])
			got.ParentKey, got.Parent = &key, &index
		}
		deepest = max(deepest, n.Level+1)
		if diff := cmp.Diff(want[got.Key], got); diff != "" {
			t.Errorf("%s (- golden, + got):\n%s", got.Key, diff)
		}
	}
	if deepest != golden.Summary.LargestTreeDepth {
		t.Errorf("depth %d, want %d", deepest, golden.Summary.LargestTreeDepth)
	}
}

// goldenInput reads the table that a golden of process trees was made from.
func goldenInput(t *testing.T, schema map[string]any) []Process {
	t.Helper()
	file, err := os.Open(recorded.Path(t, "golden", "proctree_win_input.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var procs []Process
	for _, row := range rows[1:] {
		field := func(role string) string {
			name, _ := schema[role].(string)
			for i, head := range rows[0] {
				if head == name {
					return row[i]
				}
			}
			return ""
		}
		at, err := time.Parse("2006-01-02 15:04:05.999999999", strings.TrimSuffix(field("time_stamp"), "+00:00"))
		if err != nil {
			t.Fatal(err)
		}
		procs = append(procs, Process{
			Group: field("host_name_column"), PID: field("process_id"), ParentPID: field("parent_id"), Time: at,
			Name: field("process_name"), ParentName: field("parent_name"), Logon: field("logon_id"), HasParentName: true,
		})
	}
	return procs
}
