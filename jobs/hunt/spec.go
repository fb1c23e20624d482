package hunt

import (
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// The values of a hunt's settings that have names.
const (
	ByIndexTime = "index_time"
	ByEventTime = "event_time"

	DeliverFindings = "findings"
	DeliverAll      = "all"

	CatchUpCoalesce = "coalesce"
	CatchUpEach     = "each"
	CatchUpSkip     = "skip"
)

// A Spec is what a hunt file says.
type Spec struct {
	Name        string        `koanf:"name" required:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$" doc:"The hunt's name: letters, digits, - and _. Its events and its history go by it."`
	Description string        `koanf:"description" doc:"What the hunt looks for, in a sentence."`
	Schedule    ScheduleRule  `koanf:"schedule" doc:"When windows fall due."`
	Source      SourceRule    `koanf:"source" doc:"Where the records come from."`
	Window      WindowRule    `koanf:"window" doc:"Which span of time a run examines."`
	Pipeline    *configs.Node `koanf:"pipeline" doc:"The stages that records go through, in order: a list of stage names with their settings."`
	Findings    *FindingsRule `koanf:"findings" doc:"What is made of each record that leaves the pipeline. Records of one window that agree in the suppress fields, else in entities and title, are one finding; it bears up to 100 of them, and 256 KiB, as evidence and counts the rest. May be left out with records: all."`
	Deliver     DeliverRule   `koanf:"deliver" doc:"Where the events go."`
	Limits      LimitsRule    `koanf:"limits" doc:"What one run may take."`
}

// A ScheduleRule says when windows fall due.
type ScheduleRule struct {
	Cron     string `koanf:"cron" doc:"Five cron fields (minute hour day-of-month month day-of-week), @hourly and its kin, or @every with a minute or more."`
	Timezone string `koanf:"timezone" doc:"The IANA time zone that the cron line is read in."`
	// Jitter is nil where the file says nothing.
	Jitter     *time.Duration `koanf:"jitter" min:"0s" doc:"Up to how much later than its slots the hunt starts, always by the same amount, so that hunts of one cron line do not start together. The windows stay those of the slots. Default: a tenth of the time between slots, 5 minutes at most."`
	CatchUp    string         `koanf:"catch_up" enum:"coalesce,each,skip" doc:"What becomes of slots that were missed, while huntd was down say: coalesce examines their time in one pass, each gives every slot a run of its own, skip writes a gap and goes on with the newest."`
	MaxCatchUp int            `koanf:"max_catch_up" min:"1" max:"10000" doc:"With catch_up each: how many missed slots get a run of their own; the time of older ones is examined in one pass."`
}

// A SourceRule says where the records come from.
type SourceRule struct {
	Connection string                    `koanf:"connection" doc:"The name of a connection in huntd.yaml."`
	Search     string                    `koanf:"search" doc:"The search in SPL, without time bounds: the window sets them. $name$ stands for a parameter, $$ for a dollar sign. Of a folder of files: patterns of their names, such as *.ndjson or dns/*.gz, with blanks between."`
	Params     map[string]pipeline.Param `koanf:"params" doc:"The parameters of the search, each with its type."`
}

// A WindowRule says which span of time a run examines.
type WindowRule struct {
	By          string        `koanf:"by" enum:"index_time,event_time" doc:"Whether windows are cut by the time at which Splunk indexed an event, so that late events are neither lost nor read twice, or by the event's own time."`
	Lag         time.Duration `koanf:"lag" min:"0s" doc:"How far windows stay behind the clock, for Splunk to finish indexing."`
	Max         time.Duration `koanf:"max" min:"1s" doc:"The longest window; a longer span is cut into several."`
	First       time.Duration `koanf:"first" min:"1s" doc:"How far back the first run looks, and a run by hand without --from."`
	Settle      time.Duration `koanf:"settle" min:"1s" max:"30d" doc:"By event time only: how long after a window's end huntd asks Splunk once, by a cheap count, whether events of the window were indexed after it was examined. If so, the window is run again, and what is new or has changed is sent. Without it, late events are missed."`
	MaxEventAge time.Duration `koanf:"max_event_age" min:"1s" doc:"By index time only: how old an event may be when it is indexed and still be found. Splunk prunes its buckets by it."`
}

// A FindingsRule says what is made of each record that leaves the pipeline.
type FindingsRule struct {
	Title    string            `koanf:"title" required:"true" doc:"The title, a template: {{.field}} is a record's field."`
	Severity string            `koanf:"severity" enum:"informational,low,medium,high,critical" doc:"How bad it is."`
	Score    string            `koanf:"score" doc:"A number from 0 to 100, or the name of the field that holds it; of several records the highest. Without it the severity's: 10, 30, 50, 70, 90."`
	Entities map[string]string `koanf:"entities" doc:"Who and what is involved: the name of an entity, and the field that holds it."`
	Attack   []string          `koanf:"attack" doc:"ATT&CK techniques, such as T1059.001."`
	Suppress *Suppress         `koanf:"suppress" doc:"When a finding is not reported again."`
}

// A Suppress says when a finding is not reported again.
type Suppress struct {
	By  []string      `koanf:"by" required:"true" doc:"The fields that make two findings the same."`
	For time.Duration `koanf:"for" min:"1s" doc:"How long after it was reported, by the times of the evidence, the same finding is withheld."`
}

// A DeliverRule says where the events go.
type DeliverRule struct {
	Connection string `koanf:"connection" doc:"The name of a connection in huntd.yaml. Default: the source's."`
	Index      string `koanf:"index" doc:"The index to write to. Default: the HEC token's."`
	Sourcetype string `koanf:"sourcetype" doc:"The sourcetype of the events."`
	Source     string `koanf:"source" doc:"The source of the events. Default: huntd: and the hunt's name."`
	Host       string `koanf:"host" doc:"The host of the events. Default: the HEC input's."`
	Records    string `koanf:"records" enum:"findings,all" doc:"What is sent: the findings, or every record that leaves the pipeline."`
}

// A LimitsRule says what one run may take.
type LimitsRule struct {
	Rows    int           `koanf:"rows" min:"1" doc:"The most rows that a run may read. A window that gives more is halved and examined in parts, as long as it is longer than a second; a run by hand fails. Default: the connection's api.max_rows."`
	Memory  configs.Size  `koanf:"memory" min:"16MiB" doc:"How many bytes of records a run may hold in memory, and as many of findings. A window that wants more is halved in the same way."`
	Timeout time.Duration `koanf:"timeout" min:"1s" max:"24h" doc:"The longest that a run may take to examine its window. A run that takes longer is tried again; from the second attempt on its window is halved, down to a sixteenth of window.max."`
}

// DefaultSpec returns the settings of a hunt that says nothing.
func DefaultSpec() Spec {
	return Spec{
		Schedule: ScheduleRule{Timezone: "UTC", CatchUp: CatchUpCoalesce, MaxCatchUp: 100},
		Window: WindowRule{
			By: ByIndexTime, Lag: 90 * time.Second, Max: time.Hour, First: 24 * time.Hour, MaxEventAge: 30 * 24 * time.Hour,
		},
		Deliver: DeliverRule{Sourcetype: "huntd:finding", Records: DeliverFindings},
		Limits:  LimitsRule{Memory: 1 << 30, Timeout: time.Hour},
	}
}
