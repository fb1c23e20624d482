package main

import "time"

// A workload is what the daemons of a measurement do.
type workload struct {
	Name    string
	Daemons int
	Workers int           // of each daemon
	Hunts   int           // of each daemon the same
	Cron    string        // the hunts' schedule
	Every   time.Duration // in place of Cron, more often than that can say; 0: not
	Jitter  time.Duration
	Max     time.Duration // the longest window
	First   time.Duration // how far back the first window begins
	Body    int           // how many bytes a run stages
	Deliver bool          // whether bodies are confirmed at once, or never
	Kind    kind
	Waits   string // why the runs of an idle daemon do not begin; "": nothing is due
	Measure time.Duration
	Profile string // where a CPU profile is written; "": nowhere

	postgres bool
}

// A kind of measurement.
type kind int

const (
	throughput kind = iota // from some seconds after the start
	lateness               // from a slot on, when all hunts have had their first window
	idle                   // when all hunts have had their first window, or wait for it
)

// period is the time between two slots.
func (w workload) period() time.Duration {
	if w.Every > 0 {
		return w.Every
	}
	return time.Minute
}

// body is the study's outbox row, in which 50 KiB do not compress.
const body = 50 << 10

func tables(o options) []table {
	return []table{
		{"Throughput", []string{"state", "daemons × workers", "runs/s", "CPU/run", "CPU", "RSS each"}, throughputRow, throughputs(o)},
		{"Lateness", []string{
			"state", "hunts, due", "runs done of those due", "due to planned p50 / p99 / max",
			"due to search p50 / p99 / max", "CPU", "RSS",
		}, latenessRow, latenesses(o)},
		{"Idle", []string{"state", "hunts", "what waits", "CPU", "written", "RSS"}, idleRow, idles(o)},
	}
}

func throughputs(o options) []workload {
	w := workload{
		Kind: throughput, Daemons: 1, Workers: 8, Hunts: 100, Cron: "* * * * *", Max: time.Minute, First: 60 * 24 * time.Hour,
		Body: body, Measure: o.time,
	}
	three := w
	three.Daemons, three.Workers = 3, 4
	return both(w, "throughput", three)
}

func latenesses(o options) (cases []workload) {
	sizes := []int{1_000, 10_000}
	if o.short {
		sizes = []int{100}
	}
	for _, hunts := range sizes {
		w := workload{
			Kind: lateness, Daemons: 1, Workers: 8, Hunts: hunts, Cron: "* * * * *", Max: time.Hour, First: time.Minute,
			Body: body, Deliver: true, Measure: max(o.time.Truncate(time.Minute), time.Minute),
		}
		if o.short {
			w.Every, w.Measure = 3*time.Second, 3*time.Second
		}
		spread := w
		spread.Jitter = w.period() - time.Millisecond
		cases = append(cases, both(spread, "lateness spread")...)
		cases = append(cases, both(w, "lateness at once")...)
	}
	return cases
}

func idles(o options) []workload {
	w := workload{
		Kind: idle, Daemons: 1, Workers: 8, Hunts: 1_000, Cron: "0 0 1 1 *", Max: 1000 * time.Hour, First: time.Minute,
		Deliver: true, Measure: o.time,
	}
	if o.short {
		w.Hunts = 20
	}
	cases := both(w, "idle")
	for _, waits := range []string{onPause, onSearch, onSpool} {
		w.Waits = waits
		cases = append(cases, both(w, "idle, "+waits)...)
	}
	return cases
}

// Why runs that are due do not begin.
const (
	onPause  = "runs of a paused connection"
	onSearch = "runs beside max_searches: 1"
	onSpool  = "runs with a full outbox"
)

// both is a case on SQLite and on PostgreSQL, and those that only a server can
// bear.
func both(w workload, name string, shared ...workload) []workload {
	cases := []workload{w}
	for _, s := range append([]workload{w}, shared...) {
		s.postgres = true
		cases = append(cases, s)
	}
	for i := range cases {
		cases[i].Name = name + " sqlite"
		if cases[i].postgres {
			cases[i].Name = name + " postgres"
		}
	}
	return cases
}
