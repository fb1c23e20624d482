package analyzers

import (
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/processes"
)

// A processLayout is a way to record the creation of a process. Each role has
// the names of fields that may play it, the first that is there counting.
type processLayout struct {
	name  string
	kinds []processKind // the first whose field is there decides; with none any record will do
	roles [processRoles][]string
}

// A processKind tells records of creations from others by a field's value.
type processKind struct {
	field string
	is    []string
}

// The roles that fields play.
const (
	rolePID = iota
	roleParentPID
	roleName
	roleParentName
	roleGUID
	roleParentGUID
	roleLogon
	roleHost
	roleTime
	processRoles // how many there are
)

// knownProcessLayouts returns the layouts that are found out from a record's
// fields: a record that has an id (or a GUID) and a name in one of them, and is
// not known to be of another kind.
func knownProcessLayouts() []processLayout {
	hosts := []string{"Computer", "ComputerName", "Hostname", "host"}
	return []processLayout{
		{
			name:  "windows",
			kinds: []processKind{{"EventCode", []string{"4688"}}, {"EventID", []string{"4688"}}},
			roles: [processRoles][]string{
				rolePID: {"NewProcessId", "New_Process_ID"}, roleParentPID: {"ProcessId", "Creator_Process_ID"},
				roleName: {"NewProcessName", "New_Process_Name"}, roleParentName: {"ParentProcessName", "Creator_Process_Name"},
				roleLogon: {"SubjectLogonId", "Logon_ID"}, roleHost: hosts, roleTime: {"_time", "TimeGenerated"},
			},
		},
		{
			name:  "sysmon",
			kinds: []processKind{{"EventCode", []string{"1"}}, {"EventID", []string{"1"}}},
			roles: [processRoles][]string{
				rolePID: {"ProcessId"}, roleParentPID: {"ParentProcessId"}, roleName: {"Image"}, roleParentName: {"ParentImage"},
				roleGUID: {"ProcessGuid"}, roleParentGUID: {"ParentProcessGuid"},
				roleLogon: {"LogonId"}, roleHost: hosts, roleTime: {"UtcTime", "_time"},
			},
		},
		{
			name: "auditd",
			kinds: []processKind{
				{"EventType", []string{"SYSCALL_EXECVE", "AUOMS_EXECVE"}},
				{"syscall", []string{"execve", "execveat", "59", "322"}},
			},
			roles: [processRoles][]string{
				rolePID: {"pid"}, roleParentPID: {"ppid"}, roleName: {"exe"}, roleLogon: {"ses"},
				roleHost: {"node", "Computer", "host"}, roleTime: {"_time", "TimeGenerated"},
			},
		},
		{
			name: "cim",
			roles: [processRoles][]string{
				rolePID: {"process_id"}, roleParentPID: {"parent_process_id"},
				roleName:       {"process_path", "process_exec", "process_name"},
				roleParentName: {"parent_process_path", "parent_process_exec", "parent_process_name"},
				roleGUID:       {"process_guid"}, roleParentGUID: {"parent_process_guid"},
				roleHost: {"dest", "host"}, roleTime: {"_time"},
			},
		},
	}
}

// A processReader reads processes out of records by layouts. The values that
// it looks for have places, so that a record is gone through once.
type processReader struct {
	layouts []placedLayout
	slot    []int // by key: the place of its value, plus 1
	names   []string
	there   []bool
	text    []string
	texts   map[string]string // a copy of each text, since batches go
	group   []byte
}

// A placedLayout is a layout with places for names.
type placedLayout struct {
	*processLayout
	kinds []int
	roles [processRoles][]int
}

// A readProcess is what a record tells of a creation. Its texts are copies.
type readProcess struct {
	processes.Process
	layout *processLayout
	host   string
}

func newProcessReader(layouts []processLayout, dict *pipeline.Dict) *processReader {
	r := &processReader{texts: map[string]string{}}
	for i := range layouts {
		placed := placedLayout{processLayout: &layouts[i]}
		for _, k := range layouts[i].kinds {
			placed.kinds = append(placed.kinds, r.place(k.field, dict))
		}
		for role, fields := range layouts[i].roles {
			for _, f := range fields {
				placed.roles[role] = append(placed.roles[role], r.place(f, dict))
			}
		}
		r.layouts = append(r.layouts, placed)
	}
	r.there, r.text = make([]bool, len(r.names)), make([]string, len(r.names))
	return r
}

func (r *processReader) place(field string, dict *pipeline.Dict) int {
	if at := slices.Index(r.names, field); at >= 0 {
		return at
	}
	key := int(dict.Key(field))
	if key >= len(r.slot) {
		r.slot = append(r.slot, make([]int, key+1-len(r.slot))...)
	}
	r.names = append(r.names, field)
	r.slot[key] = len(r.names)
	return len(r.names) - 1
}

// read returns the process whose creation a record tells, if it tells of one.
func (r *processReader) read(b *pipeline.Batch, row int) (readProcess, bool) {
	clear(r.there)
	for key, vals := range b.Fields(row) {
		if int(key) < len(r.slot) && r.slot[key] > 0 {
			at := r.slot[key] - 1
			r.there[at], r.text[at] = true, vals.First()
		}
	}
	for i := range r.layouts {
		if p, ok := r.as(&r.layouts[i]); ok {
			return p, true
		}
	}
	return readProcess{}, false
}

func (r *processReader) as(l *placedLayout) (readProcess, bool) {
	pid, _ := r.role(l, rolePID)
	guid, _ := r.role(l, roleGUID)
	name, _ := r.role(l, roleName)
	if pid+guid == "" || name == "" || !r.isCreation(l) {
		return readProcess{}, false
	}
	at, ok := r.time(l)
	if !ok {
		return readProcess{}, false
	}
	texts := [processRoles]string{}
	for role := range texts {
		text, _ := r.role(l, role)
		texts[role] = r.copy(text)
	}
	_, named := r.role(l, roleParentName)
	return readProcess{processes.Process{
		Group: r.groupOf(l.name, texts[roleHost]), Time: at,
		PID: strings.TrimSuffix(texts[rolePID], ".0"), ParentPID: strings.TrimSuffix(texts[roleParentPID], ".0"), Name: texts[roleName],
		ParentName: texts[roleParentName], HasParentName: named,
		GUID: texts[roleGUID], ParentGUID: texts[roleParentGUID], Logon: texts[roleLogon],
	}, l.processLayout, texts[roleHost]}, true
}

// role returns the value that plays a role, and whether there is one.
func (r *processReader) role(l *placedLayout, role int) (text string, there bool) {
	for _, at := range l.roles[role] {
		if r.there[at] {
			there = true
			if !isUnknownProcess(r.text[at]) {
				return r.text[at], true
			}
		}
	}
	return "", there
}

// isUnknownProcess tells what Sysmon writes for a process that it does not know:
// "-", and a GUID of zeros.
func isUnknownProcess(s string) bool {
	return s == "" || s == "-" || len(s) > 30 && strings.Trim(s, "{}0-") == ""
}

// isCreation reports whether the record is one of the layout's kind. One that
// does not tell must name a parent.
func (r *processReader) isCreation(l *placedLayout) bool {
	for i, at := range l.kinds {
		if r.there[at] {
			return slices.Contains(l.processLayout.kinds[i].is, r.text[at])
		}
	}
	_, there := r.role(l, roleParentPID)
	return there || l.roles[roleParentPID] == nil
}

func (r *processReader) time(l *placedLayout) (time.Time, bool) {
	for _, at := range l.roles[roleTime] {
		if !r.there[at] {
			continue
		}
		if t, ok := pipeline.ParseTime(r.text[at]); ok {
			return t, true
		}
		for _, layout := range []string{time.DateTime, time.DateTime + "Z07:00"} { // both take a fraction, too
			if t, err := time.Parse(layout, r.text[at]); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// groupOf names the trees of a host and a layout. Hosts are named without
// regard to case.
func (r *processReader) groupOf(layout, host string) string {
	r.group = append(append(append(r.group[:0], layout...), 0), host...)
	for i, c := range r.group {
		if 'A' <= c && c <= 'Z' {
			r.group[i] = c + 'a' - 'A'
		}
	}
	if have, ok := r.texts[string(r.group)]; ok {
		return have
	}
	return r.copy(string(r.group))
}

func (r *processReader) copy(s string) string {
	if have, ok := r.texts[s]; ok {
		return have
	}
	s = strings.Clone(s)
	r.texts[s] = s
	return s
}
