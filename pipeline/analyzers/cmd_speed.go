package analyzers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

var _ = define(Spec[cmdSpeedConfig]{
	Name:    "cmd_speed",
	Summary: "finds commands that follow one another faster than anybody types",
	Attack:  []string{"T1059"},
	Needs:   []string{"_time"},
	Adds:    []string{"count", "speed_start", "speed_seconds", "speed_commands", "first_time", "last_time"},
	Doc: `
Scripts give commands in bursts, people do not. At the end of the window the
records of each group (a user on a host, say) that have a command are put in order
of their time. Where a command is followed by as many others as events says in
less than within, it begins a burst; bursts that share commands are one.

Each burst comes out as one record: the by fields, count (how many commands),
speed_seconds (from the first to the last), speed_start (how many commands of the
group came before the burst), speed_commands (the first hundred of them),
first_time, last_time, and last_time as _time.

This is MSTICPy's cmd_speed (time is within), with these differences: it sorts; it
joins bursts that overlap; it keeps users and hosts apart. With profile: msticpy
there is a record for every start instead, the last first, of the records as
they came: count is events + 1, and where the times are not in order
speed_seconds is negative, which MSTICPy takes for fast. Without by all records
are one group.

A burst that the end of a window cuts is seen as far as it lies in a window.
Records without a time, or without one of the by fields, are counted as
cmd_speed.without_fields.
`,
	Config: cmdSpeedConfig{
		Fields: commandLineFields(), Within: 5 * time.Second, Events: 10, Profile: "strict", MaxGroups: 100_000, MaxCommands: 100_000,
	},
	New: func(c cmdSpeedConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
		return &cmdSpeedStage{
			conf: c, dict: dict, by: newGroupKeys(c.By, dict), fields: newFieldSet(c.Fields, dict), time: dict.Key("_time"),
			groups: newGroupTable[[]cmdSpeedEvent](c.MaxGroups),
		}, nil
	},
	Example: `
-- config.yaml --
cmd_speed: { by: [host, user], within: 2s, events: 2 }
-- in.ndjson --
{"_time":1767225600,"host":"web1","user":"ann","command":"ls"}
{"_time":1767225660,"host":"web1","user":"www","command":"id"}
{"_time":1767225660.5,"host":"web1","user":"www","command":"uname -a"}
{"_time":1767225661,"host":"web1","user":"www","command":"cat /etc/passwd"}
{"_time":1767225670,"host":"web1","user":"ann","command":"cd /srv"}
-- out.ndjson --
{"host":"web1","user":"www","_time":"1767225661","first_time":"1767225660","last_time":"1767225661","count":"3","speed_start":"0","speed_seconds":"1","speed_commands":["id","uname -a","cat /etc/passwd"]}
`,
})

type cmdSpeedConfig struct {
	By          []string      `koanf:"by" doc:"The fields whose values make a group, such as host and user. Default: all records are one."`
	Fields      []string      `koanf:"fields" min:"1" doc:"The fields that hold commands; the first that a record has counts."`
	Within      time.Duration `koanf:"within" min:"1ms" doc:"In less than this time the commands must follow."`
	Events      int           `koanf:"events" min:"1" doc:"How many commands must follow the first."`
	Profile     string        `koanf:"profile" enum:"strict,msticpy" doc:"msticpy takes the records in the order in which they come, and reports every start."`
	MaxGroups   int           `koanf:"max_groups" min:"1" doc:"How many groups a window may have; records of further ones are counted as cmd_speed.groups_over."`
	MaxCommands int           `koanf:"max_commands" min:"10" doc:"How many commands of a group are looked at; further ones are counted as cmd_speed.commands_over."`
}

// cmdSpeedShown is how many commands of a burst come out, and cmdSpeedLongest
// how many bytes of each are kept.
const (
	cmdSpeedShown   = 100
	cmdSpeedLongest = 1000
)

type cmdSpeedStage struct {
	conf   cmdSpeedConfig
	dict   *pipeline.Dict
	by     *groupKeys
	fields fieldSet
	time   pipeline.Key
	groups *groupTable[[]cmdSpeedEvent]

	without, over, cut int
}

// A cmdSpeedEvent is a command and its time in nanoseconds since the epoch.
type cmdSpeedEvent struct {
	at      int64
	command string
}

// Process implements [pipeline.Stage].
func (s *cmdSpeedStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		command := ""
		for _, text := range s.fields.of(b, row) {
			if command = text; command != "" {
				break
			}
		}
		if command == "" {
			continue
		}
		t, ok := pipeline.ParseTime(b.Get(row, s.time))
		if !ok || !s.by.each(b, row, func(values []string) { s.add(values, t.UnixNano(), command) }) {
			s.without++
		}
	}
	return nil, nil
}

func (s *cmdSpeedStage) add(values []string, at int64, command string) {
	switch g := s.groups.at(values); {
	case g == nil:
	case len(g.of) >= s.conf.MaxCommands:
		s.over++
	default:
		if len(command) > cmdSpeedLongest {
			command = strings.ToValidUTF8(command[:cmdSpeedLongest], "")
			s.cut++
		}
		g.of = append(g.of, cmdSpeedEvent{at, strings.Clone(command)})
	}
}

// Flush implements [pipeline.Stage].
func (s *cmdSpeedStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	for _, g := range s.groups.order {
		if s.conf.Profile == "msticpy" {
			for i := len(g.of) - s.conf.Events - 1; i >= 0; i-- {
				if s.fast(g.of, i) {
					s.report(out, g, i, i+s.conf.Events+1)
				}
			}
			continue
		}
		slices.SortStableFunc(g.of, func(x, y cmdSpeedEvent) int {
			switch {
			case x.at < y.at:
				return -1
			case x.at > y.at:
				return 1
			}
			return 0
		})
		s.bursts(out, g)
	}
	return out.Batch(), nil
}

// fast reports whether enough commands follow the i-th in time.
func (s *cmdSpeedStage) fast(events []cmdSpeedEvent, i int) bool {
	last := i + s.conf.Events
	return last < len(events) && events[last].at-events[i].at < int64(s.conf.Within)
}

// bursts reports the bursts of a group, whose commands are in order.
func (s *cmdSpeedStage) bursts(out *pipeline.Builder, g *group[[]cmdSpeedEvent]) {
	from, to := 0, 0 // the burst so far, none if empty
	for i := range g.of {
		if !s.fast(g.of, i) {
			continue
		}
		if i >= to {
			s.report(out, g, from, to)
			from = i
		}
		to = i + s.conf.Events + 1
	}
	s.report(out, g, from, to)
}

// report makes a record of the commands from up to to, if there are any.
func (s *cmdSpeedStage) report(out *pipeline.Builder, g *group[[]cmdSpeedEvent], from, to int) {
	if from == to {
		return
	}
	out.Row()
	for i, v := range g.values {
		out.SetName(s.by.names[i], v)
	}
	first, last := g.of[from], g.of[to-1]
	span := timeSpan{time.Unix(0, first.at), time.Unix(0, last.at)}
	span.set(out)
	out.SetName("count", strconv.Itoa(to-from))
	out.SetName("speed_start", strconv.Itoa(from))
	out.SetName("speed_seconds", expression.FormatNumber(time.Duration(last.at-first.at).Seconds()))
	var shown []string
	for _, e := range g.of[from:min(to, from+cmdSpeedShown)] {
		shown = append(shown, e.command)
	}
	out.SetName("speed_commands", shown...)
}

// Counts implements [pipeline.Counter].
func (s *cmdSpeedStage) Counts() map[string]int {
	return map[string]int{
		"without_fields": s.without, "groups_over": s.groups.over, "commands_over": s.over, "commands_cut": s.cut,
	}
}
