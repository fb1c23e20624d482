package analyzers

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/processes"
)

var _ = define(Spec[processTreeConfig]{
	Name:    "process_tree",
	Summary: "links process creations into trees, host by host",
	Adds: []string{
		"proc_id", "proc_parent_id", "proc_root_id", "proc_key", "proc_parent_key", "proc_level", "proc_children", "proc_path",
		"proc_is_root", "proc_is_leaf", "proc_is_branch", "proc_index", "proc_parent_index", "proc_index_path", "proc_inferred", "proc_duplicate",
	},
	Doc: `
Reads process creations as Windows (4688), Sysmon (1, also on Linux), auditd
(after the stage auditd, or AUOMS) and Splunk's Endpoint data model lay them out,
each found out by its fields. The settings pid, parent_pid, name … name other
fields instead. At the end of the window every creation comes out with its place
in the tree of its host; all other records pass at once, unchanged, and are
counted as process_tree.no_process. Different layouts make different trees, for
they tell of the same processes.

The parent is the last process that was created with the parent's id (and name,
where the record gives it) when the child was or before; GUIDs decide where there
are any. Ids that are used again, records out of order and rings do no harm. A
parent that has no record is inferred: one record for each id and name, with
proc_inferred true, no fields but those that its children tell, and the time of
the first child.

| field | what | MSTICPy's |
| --- | --- | --- |
| proc_id, proc_parent_id, proc_root_id | the process, its parent and its root, as 16 hex digits that are the same whenever the records are read again | |
| proc_key, proc_parent_key | name, id and time; 1970-01-01 for inferred ones | proc_key, parent_key |
| proc_is_root, proc_is_leaf, proc_is_branch | true or false: has no parent; has no children; has both | IsRoot, IsLeaf, IsBranch |
| proc_level, proc_children | 0 for a root; how many children | |
| proc_path | file names from the root, in lower case, explorer.exe>cmd.exe; the nearest 32 levels and 1024 bytes of it, then "..." stands in front | |
| proc_index, proc_parent_index | number in order of time within the host, then the inferred parents | source_index, parent_index |
| proc_index_path | these numbers from the root, 01000/00012 | path |
| proc_duplicate | true: recorded twice; the first one has its place and its children. MSTICPy leaves such rows out | |

Other columns of MSTICPy are fields of the record: EffectiveLogonId is
TargetLogonId if that is there and not 0x0, else SubjectLogonId; new_process_lc and
parent_proc_lc are the names in lower case.

What differs from MSTICPy, and why: hosts are kept apart, since their ids have
nothing to do with one another; a process without a parent id is a root, not the
child of an unnamed one; a process is never its own parent and rings are opened,
which MSTICPy loses from the tree; a record that does not name its parent at all is linked by id alone; GUIDs are used; records that are no
creations are passed on, not dropped.

It misses parents that were created before the window, which are inferred, and
takes a reused id for its old owner if the new one was not recorded and the
record gives no name. Ids such as 812.0, which tables hold, are read as 812.

Records beyond max_records or max_bytes pass without a place in a tree, counted as
process_tree.over; keys and paths that were cut short are counted as
process_tree.cut and noted.
`,
	Config: processTreeConfig{Inferred: true, MaxRecords: 500_000, MaxBytes: 512 << 20},
	New:    newProcessTree,
	Example: `
-- config.yaml --
process_tree: { inferred: false }
-- in.ndjson --
{"_time":1767225600,"host":"ws1","EventCode":"4688","NewProcessId":"0x1a4","NewProcessName":"C:\\Office\\WINWORD.EXE","ProcessId":"0xf0","ParentProcessName":"C:\\Windows\\explorer.exe"}
{"_time":1767225603,"host":"ws1","EventCode":"4688","NewProcessId":"0x2b0","NewProcessName":"C:\\Windows\\System32\\cmd.exe","ProcessId":"0x1a4","ParentProcessName":"C:\\Office\\WINWORD.EXE"}
-- out.ndjson --
{"_time":"1767225600","host":"ws1","EventCode":"4688","NewProcessId":"0x1a4","NewProcessName":"C:\\Office\\WINWORD.EXE","ProcessId":"0xf0","ParentProcessName":"C:\\Windows\\explorer.exe","proc_id":"ab4a3a7a56bc0d9a","proc_parent_id":"536017211c1ba456","proc_root_id":"536017211c1ba456","proc_key":"c:\\office\\winword.exe|0x1a4|2026-01-01 00:00:00.000000","proc_parent_key":"c:\\windows\\explorer.exe|0xf0|1970-01-01 00:00:00.000000","proc_level":"1","proc_children":"1","proc_path":"explorer.exe>winword.exe","proc_is_root":"false","proc_is_leaf":"false","proc_is_branch":"true","proc_index":"00000","proc_parent_index":"00002","proc_index_path":"00002/00000"}
{"_time":"1767225603","host":"ws1","EventCode":"4688","NewProcessId":"0x2b0","NewProcessName":"C:\\Windows\\System32\\cmd.exe","ProcessId":"0x1a4","ParentProcessName":"C:\\Office\\WINWORD.EXE","proc_id":"58971738b386ad2e","proc_parent_id":"ab4a3a7a56bc0d9a","proc_root_id":"536017211c1ba456","proc_key":"c:\\windows\\system32\\cmd.exe|0x2b0|2026-01-01 00:00:03.000000","proc_parent_key":"c:\\office\\winword.exe|0x1a4|2026-01-01 00:00:00.000000","proc_level":"2","proc_children":"0","proc_path":"explorer.exe>winword.exe>cmd.exe","proc_is_root":"false","proc_is_leaf":"true","proc_is_branch":"false","proc_index":"00001","proc_parent_index":"00000","proc_index_path":"00002/00000/00001"}
`,
})

type processTreeConfig struct {
	Inferred   bool          `koanf:"inferred" doc:"Whether parents that have no record come out as records of their own. They have their place in the tree either way."`
	Slack      time.Duration `koanf:"slack" min:"0s" doc:"How much later than its child a parent may have been recorded."`
	PID        string        `koanf:"pid" doc:"The field that holds the id of the new process, for records of another layout; name must be set as well."`
	ParentPID  string        `koanf:"parent_pid" doc:"The field that holds the id of its parent."`
	Name       string        `koanf:"name" doc:"The field that holds its name or path."`
	ParentName string        `koanf:"parent_name" doc:"The field that holds its parent's name or path."`
	GUID       string        `koanf:"guid" doc:"The field that holds an id of the process that is never used again."`
	ParentGUID string        `koanf:"parent_guid" doc:"The field that holds its parent's."`
	Host       string        `koanf:"host" doc:"The field that holds the host. Default, if pid is set: host."`
	Time       string        `koanf:"time" doc:"The field that holds the time of the creation. Default, if pid is set: _time."`
	MaxRecords int           `koanf:"max_records" min:"1" max:"2000000" doc:"How many creations a window may have; each takes about 2 kB of memory, 4 kB in the deepest trees, besides its record."`
	MaxBytes   int           `koanf:"max_bytes" min:"1" max:"1073741824" doc:"How many bytes of values their records may have together."`
}

type processTreeStage struct {
	conf   processTreeConfig
	dict   *pipeline.Dict
	reader *processReader
	held   *pipeline.Builder
	read   []readProcess

	noProcess, over, cut int
}

func newProcessTree(c processTreeConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	layouts := knownProcessLayouts()
	switch {
	case (c.PID == "") != (c.Name == ""):
		return nil, errors.New("pid and name belong together: set both or neither")
	case c.PID != "":
		layouts = []processLayout{processTreeLayout(c)}
	case c.ParentPID+c.ParentName+c.GUID+c.ParentGUID+c.Host+c.Time != "":
		return nil, errors.New("the fields of another layout want pid and name as well")
	}
	return &processTreeStage{conf: c, dict: dict, reader: newProcessReader(layouts, dict), held: pipeline.NewBuilder(dict)}, nil
}

// processTreeLayout is the layout that the settings describe.
func processTreeLayout(c processTreeConfig) processLayout {
	l := processLayout{name: "own"}
	for role, field := range map[int]string{
		rolePID: c.PID, roleParentPID: c.ParentPID, roleName: c.Name, roleParentName: c.ParentName,
		roleGUID: c.GUID, roleParentGUID: c.ParentGUID, roleHost: c.Host, roleTime: c.Time,
	} {
		if field != "" {
			l.roles[role] = []string{field}
		}
	}
	if c.Host == "" {
		l.roles[roleHost] = []string{"host"}
	}
	if c.Time == "" {
		l.roles[roleTime] = []string{"_time"}
	}
	return l
}

// Process implements [pipeline.Stage].
func (s *processTreeStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	var pass []int
	for row := range b.Len() {
		p, ok := s.reader.read(b, row)
		switch {
		case !ok:
			s.noProcess++
			pass = append(pass, row)
		case len(s.read) >= s.conf.MaxRecords || s.held.Size() >= s.conf.MaxBytes:
			s.over++
			pass = append(pass, row)
			clear(s.reader.texts) // of records that are not held
		default:
			s.read = append(s.read, p)
			s.held.Row()
			s.held.CopyFields(b, row)
		}
	}
	return b.Select(pass), nil
}

// Flush implements [pipeline.Stage].
func (s *processTreeStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	procs := make([]processes.Process, len(s.read))
	for i := range procs {
		procs[i] = s.read[i].Process
	}
	forest := processes.Build(procs, processes.Limits{Slack: s.conf.Slack})
	nodes := len(procs)
	if s.conf.Inferred {
		for nodes < len(forest.Nodes) {
			s.addInferred(forest, nodes)
			nodes++
		}
	}
	b := s.held.Batch()
	out := newProcessTreeColumns(b, s.dict, forest)
	notes := map[int]string{}
	for row := range nodes {
		before := forest.Cut
		if out.set(row); forest.Cut > before {
			notes[row] = "process_tree: a name or path is too long and was cut short"
		}
	}
	s.cut = len(notes)
	return addNotes(b.With(out.all...), s.dict, notes), nil
}

// addInferred makes the record of a parent that has none.
func (s *processTreeStage) addInferred(f *processes.Forest, node int) {
	child := &s.read[f.Nodes[node].Process]
	s.held.Row()
	s.held.SetName("_time", pipeline.FormatEpoch(child.Time))
	if hosts := child.layout.roles[roleHost]; child.host != "" {
		s.held.SetName(hosts[len(hosts)-1], child.host) // host, unless the settings name another
	}
	s.held.SetName(child.layout.roles[rolePID][0], f.PID(node))
	s.held.SetName(child.layout.roles[roleName][0], f.Name(node))
}

// Counts implements [pipeline.Counter].
func (s *processTreeStage) Counts() map[string]int {
	return map[string]int{"no_process": s.noProcess, "over": s.over, "cut": s.cut}
}

type processTreeNames struct{ id, key string }

// processTreeColumns are the fields that the stage adds.
type processTreeColumns struct {
	forest *processes.Forest
	paths  *processes.PathWriter
	names  map[int]processTreeNames // of parents and roots
	all    []*pipeline.NewColumn
	byName map[string]*pipeline.NewColumn
}

func newProcessTreeColumns(b *pipeline.Batch, dict *pipeline.Dict, f *processes.Forest) *processTreeColumns {
	c := &processTreeColumns{
		forest: f, paths: processes.NewPathWriter(f), names: map[int]processTreeNames{}, byName: map[string]*pipeline.NewColumn{},
	}
	for _, name := range []string{
		"proc_id", "proc_parent_id", "proc_root_id", "proc_key", "proc_parent_key", "proc_level", "proc_children", "proc_path",
		"proc_is_root", "proc_is_leaf", "proc_is_branch", "proc_index", "proc_parent_index", "proc_index_path", "proc_inferred", "proc_duplicate",
	} {
		c.byName[name] = b.NewColumn(dict.Key(name))
		c.all = append(c.all, c.byName[name])
	}
	return c
}

func (c *processTreeColumns) set(row int) {
	n := &c.forest.Nodes[row]
	put := func(name, value string) { c.byName[name].Set(row, value) }
	key := c.forest.Key(row)
	put("proc_id", c.forest.ID(row, key))
	put("proc_key", key)
	put("proc_root_id", c.id(n.Root))
	if n.Parent != processes.None {
		put("proc_parent_id", c.id(n.Parent))
		put("proc_parent_key", c.key(n.Parent))
		put("proc_parent_index", processes.Index(&c.forest.Nodes[n.Parent]))
	}
	put("proc_level", strconv.Itoa(n.Level))
	put("proc_children", strconv.Itoa(n.Children))
	put("proc_path", c.paths.Names(row))
	put("proc_is_root", strconv.FormatBool(n.Parent == processes.None))
	put("proc_is_leaf", strconv.FormatBool(n.Children == 0))
	put("proc_is_branch", strconv.FormatBool(n.Parent != processes.None && n.Children > 0))
	put("proc_index", processes.Index(n))
	put("proc_index_path", c.paths.Indexes(row))
	if n.Inferred {
		put("proc_inferred", "true")
	}
	if n.Duplicate != processes.None {
		put("proc_duplicate", "true")
	}
}

// id and key are those of another row's parent or root, remembered since others
// will ask for them again.
func (c *processTreeColumns) id(node int) string { return c.known(node).id }

func (c *processTreeColumns) key(node int) string { return c.known(node).key }

func (c *processTreeColumns) known(node int) processTreeNames {
	names, ok := c.names[node]
	if !ok {
		names.key = c.forest.Key(node)
		names.id = c.forest.ID(node, names.key)
		c.names[node] = names
	}
	return names
}
