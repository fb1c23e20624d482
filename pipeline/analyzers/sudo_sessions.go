package analyzers

import (
	"context"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
	"github.com/huntd/huntd/pipeline/sessions"
)

var _ = define(Spec[sudoSessionsConfig]{
	Name:    "sudo_sessions",
	Summary: "finds the sessions of sudo, su and sshd in a log, with their commands",
	Attack:  []string{"T1548.003"},
	Needs:   []string{"_time"},
	Adds: []string{
		"user", "session_user", "session_service", "session_pid", "session_start", "session_end", "session_seconds", "session_command",
		"session_tty", "session_dir", "session_result", "session_reason", "src_ip",
	},
	Doc: `
Reads the lines of Linux's authentication log in the fields (the first of them that
holds one): pam_unix's session opened and closed, sudo's commands, sshd's Accepted.
When the window ends each session gives a record, in the order of their beginnings.
The lines themselves go no further.

| field | what | MSTICPy's |
| --- | --- | --- |
| user | who: of sudo and su the user that ran them, else the user of the session | User |
| session_user, session_service, session_pid | as whom, through what | |
| session_start, session_end, session_seconds | in epoch seconds | Start, End |
| _time | the end, or the start of what has none | |
| session_command, session_tty, session_dir | what sudo ran, all commands of the session, and where | |
| session_result, session_reason | closed; open; or denied, and why | |
| src_ip | where sshd let it in from | |

Beginnings and ends are paired by host, service and process id, or by user where
the log has no ids, oldest first. With profile: msticpy they are paired as
cluster_syslog_logons_df does: those of all hosts, users and services (unless
services is set) as if they were one, and sessions that overlap are left out. One
thing differs there too: the user comes from the line, so that no column needs to
hold it.

Sessions are not followed from one window into the next. A beginning without an
end is counted as sudo_sessions.unclosed, and comes out with open: true; an end
without a beginning is counted as sudo_sessions.unopened. What sudo refused is
counted as sudo_sessions.denied, and comes out with denied: true. Commands of no
session are counted as sudo_sessions.loose, records without a time or such a line
as sudo_sessions.other, lines beyond max_lines, or beyond 128 MiB of different
texts, as sudo_sessions.lines_over.
`,
	Config: sudoSessionsConfig{Fields: []string{"message", "SyslogMessage", "_raw"}, Profile: "strict", MaxLines: 1_000_000},
	New:    newSudoSessions,
	Example: `
-- config.yaml --
sudo_sessions: { fields: [_raw] }
-- in.ndjson --
{"_time":1767225600,"host":"web1","_raw":"Jan  1 00:00:00 web1 sudo[31]:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/vim /etc/sudoers"}
{"_time":1767225600,"host":"web1","_raw":"Jan  1 00:00:00 web1 sudo[31]: pam_unix(sudo:session): session opened for user root(uid=0) by ann(uid=1000)"}
{"_time":1767225660,"host":"web1","_raw":"Jan  1 00:01:00 web1 sudo[31]: pam_unix(sudo:session): session closed for user root"}
-- out.ndjson --
{"_time":"1767225660","host":"web1","user":"ann","session_user":"root","session_service":"sudo","session_pid":"31","session_result":"closed","session_start":"1767225600","session_end":"1767225660","session_seconds":"60","session_tty":"pts/0","session_dir":"/home/ann","session_command":"/usr/bin/vim /etc/sudoers"}
`,
})

type sudoSessionsConfig struct {
	Fields   []string `koanf:"fields" min:"1" doc:"The fields that may hold the line of a log, with or without its header."`
	Services []string `koanf:"services" doc:"The services of interest, as pam_unix names them. Default: sudo, su, su-l and sshd; with profile: msticpy all."`
	Profile  string   `koanf:"profile" enum:"strict,msticpy" doc:"How beginnings and ends are paired."`
	Open     bool     `koanf:"open" doc:"Whether sessions without an end come out."`
	Denied   bool     `koanf:"denied" doc:"Whether commands that sudo refused come out."`
	MaxLines int      `koanf:"max_lines" min:"1" doc:"How many lines a window may have."`
}

type sudoSessionsStage struct {
	conf   sudoSessionsConfig
	dict   *pipeline.Dict
	fields []pipeline.Key
	pids   []pipeline.Key
	host   pipeline.Key
	raw    pipeline.Key
	time   pipeline.Key
	events []sessions.Event
	counts map[string]int
	texts  map[string]string // a copy of each text that was met
	bytes  int               // of them
}

// sudoSessionsMaxBytes is how many bytes of different texts are held.
const sudoSessionsMaxBytes = 128 << 20

func newSudoSessions(c sudoSessionsConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	if c.Services == nil && c.Profile == "strict" {
		c.Services = []string{"sudo", "su", "su-l", "sshd"}
	}
	s := &sudoSessionsStage{
		conf: c, dict: dict, host: dict.Key("host"), raw: dict.Key("_raw"), time: dict.Key("_time"),
		counts: map[string]int{}, texts: map[string]string{},
	}
	for _, f := range c.Fields {
		s.fields = append(s.fields, dict.Key(f))
	}
	for _, f := range []string{"pid", "process_id", "ProcessID"} {
		s.pids = append(s.pids, dict.Key(f))
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *sudoSessionsStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		at, timed := pipeline.ParseTime(b.Get(row, s.time))
		e, ok := s.read(b, row)
		switch {
		case !ok || !timed || s.conf.Services != nil && !slices.Contains(s.conf.Services, e.Service):
			s.counts["other"]++
		case len(s.events) >= s.conf.MaxLines || s.bytes >= sudoSessionsMaxBytes:
			s.counts["lines_over"]++
		default:
			e.Time, e.Host = at, b.Get(row, s.host)
			for _, text := range []*string{&e.Host, &e.Service, &e.PID, &e.By, &e.User, &e.TTY, &e.Dir, &e.Command, &e.Reason, &e.Source} {
				*text = s.copy(*text)
			}
			s.events = append(s.events, e)
		}
	}
	return nil, nil
}

// read reads the first field that holds a line. A process id that is not in
// the line stands in another field, or in the raw text in front of it.
func (s *sudoSessionsStage) read(b *pipeline.Batch, row int) (sessions.Event, bool) {
	for _, f := range s.fields {
		text := b.Get(row, f)
		e, ok := sessions.Parse(text)
		if !ok {
			continue
		}
		for i := 0; i < len(s.pids) && e.PID == ""; i++ {
			e.PID = b.Get(row, s.pids[i])
		}
		if head, _, found := strings.Cut(b.Get(row, s.raw), text); found && e.PID == "" {
			e.PID = sessions.PIDIn(head)
		}
		return e, true
	}
	return sessions.Event{}, false
}

func (s *sudoSessionsStage) copy(text string) string {
	have, ok := s.texts[text]
	if !ok {
		have = strings.Clone(text)
		s.texts[have] = have
		s.bytes += len(have)
	}
	return have
}

// Flush implements [pipeline.Stage].
func (s *sudoSessionsStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	pair := sessions.Pair
	if s.conf.Profile == "msticpy" {
		pair = sessions.PairFirst
	}
	found := pair(s.events)
	s.counts["unopened"], s.counts["loose"] = found.Unopened, found.Loose
	out := pipeline.NewBuilder(s.dict)
	for i := range found.Sessions {
		f := &found.Sessions[i]
		result := "closed"
		switch {
		case f.Open.Kind == sessions.Denied:
			s.counts["denied"]++
			if result = "denied"; !s.conf.Denied {
				continue
			}
		case f.End.IsZero():
			s.counts["unclosed"]++
			if result = "open"; !s.conf.Open {
				continue
			}
		}
		sudoSessionsRecord(out, f, result)
	}
	return out.Batch(), nil
}

// sudoSessionsRecord makes the record of a session.
func sudoSessionsRecord(out *pipeline.Builder, f *sessions.Session, result string) {
	out.Row()
	put := func(name, value string) {
		if value != "" {
			out.SetName(name, value)
		}
	}
	start := pipeline.FormatEpoch(f.Start)
	put("_time", start)
	put("host", f.Open.Host)
	put("user", f.Open.User)
	put("user", f.Open.By)
	put("session_user", f.Open.User)
	put("session_service", f.Open.Service)
	put("session_pid", f.Open.PID)
	put("session_result", result)
	put("session_reason", f.Open.Reason)
	put("session_start", start)
	if !f.End.IsZero() {
		end := pipeline.FormatEpoch(f.End)
		put("_time", end)
		put("session_end", end)
		put("session_seconds", expression.FormatNumber(f.End.Sub(f.Start).Seconds()))
	}
	put("session_tty", f.TTY)
	put("session_dir", f.Dir)
	put("src_ip", f.Source)
	if len(f.Commands) > 0 {
		out.SetName("session_command", f.Commands...)
	}
}

// Counts implements [pipeline.Counter].
func (s *sudoSessionsStage) Counts() map[string]int { return s.counts }
