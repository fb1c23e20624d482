package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // a database/sql driver for PostgreSQL

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// check looks at what has come of it all: windows tile and each was committed
// once, nothing is left in the outbox, and all that was to be found has arrived,
// each thing under one id, however often it was sent.
func (r *rig) check() {
	r.Helper()
	l := r.view()
	defer l.Close()
	windows := map[string][]pipeline.Window{}
	committed, delivered := 0, 0
	for _, h := range chaosHunts {
		runs, err := l.Runs(context.Background(), h.name, jobs.Live)
		if err != nil {
			r.Fatal(err)
		}
		for i, run := range runs {
			if run.State != jobs.Succeeded {
				r.Errorf("hunt %s: run %d over %s is %s: %s", h.name, i, run.Window, run.State, run.Error)
			}
			if i > 0 && run.Window.From != runs[i-1].Window.To {
				r.Errorf("hunt %s: window %s follows %s", h.name, run.Window, runs[i-1].Window)
			}
			windows[h.name] = append(windows[h.name], run.Window)
			events := run.RecordsOut
			if h.finds() {
				events = run.Findings
			}
			if run.Delivered != events {
				r.Errorf("hunt %s: %d of %d events of window %s are told to be delivered", h.name, run.Delivered, events, run.Window)
			}
			delivered += run.Delivered
		}
		committed += len(runs)
	}
	r.checkLedger()
	sent := r.received()
	for _, h := range chaosHunts {
		if diff := cmp.Diff(r.expected(h, windows[h.name]), slices.Sorted(maps.Keys(sent.ids[h.name]))); diff != "" {
			r.Errorf("hunt %s: what has arrived (-want +got):\n%s", h.name, diff)
		}
	}
	r.Logf("%d windows, %d events, %d of them sent again", committed, delivered, sent.again)
}

// checkLedger asks what no method tells: whether each lane has moved by the windows
// of its commits, and whether anything is left that a run holds until it ends.
func (r *rig) checkLedger() {
	r.Helper()
	for what, query := range map[string]string{
		"lanes that have moved otherwise than by their commits": `SELECT count(*) FROM checkpoint c WHERE watermark-began<>(
			SELECT coalesce(sum(win_to-win_from),0) FROM run r WHERE r.hunt_id=c.hunt_id AND r.lane=c.lane AND r.state='succeeded')`,
		"bodies in the outbox": `SELECT count(*) FROM outbox`,
		"offers and leases":    `SELECT count(*) FROM run WHERE offered_at IS NOT NULL OR lease_until IS NOT NULL`,
		"dead letters":         `SELECT count(*) FROM dead_letter`,
		"gaps":                 `SELECT count(*) FROM gap`,
	} {
		if n := r.count(query); n != 0 {
			r.Errorf("%d %s", n, what)
		}
	}
}

// count asks the state's database for a number.
func (r *rig) count(query string) (n int) {
	r.Helper()
	driver, name := "pgx", r.state
	if file, ok := strings.CutPrefix(r.state, "sqlite:"); ok {
		driver, name = "sqlite", file
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		r.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		r.Fatal(err)
	}
	return n
}

// A delivery is what the sandbox's HEC has accepted.
type delivery struct {
	ids   map[string]map[string]string // of each thing of a hunt
	again int                          // events that had come before
}

// received checks that no thing came under two ids, nor two under one.
func (r *rig) received() delivery {
	r.Helper()
	d := delivery{ids: map[string]map[string]string{}}
	things := map[string]string{}
	for _, line := range r.splunk.Received() {
		var e struct {
			Event struct {
				N        string
				Window   struct{ From time.Time }
				Entities struct{ Host string }
			}
			Fields struct {
				ID   string `json:"huntd_id"`
				Hunt string `json:"huntd_hunt"`
			}
		}
		if err := json.Unmarshal(line, &e); err != nil {
			r.Fatal(err)
		}
		thing := e.Event.N
		if thing == "" {
			thing = foundThing(e.Event.Window.From.Unix(), e.Event.Entities.Host)
		}
		ids := d.ids[e.Fields.Hunt]
		if ids == nil {
			ids = map[string]string{}
			d.ids[e.Fields.Hunt] = ids
		}
		if id, ok := ids[thing]; ok {
			d.again++
			if id != e.Fields.ID {
				r.Errorf("hunt %s: %s came as %s and as %s", e.Fields.Hunt, thing, id, e.Fields.ID)
			}
		}
		ids[thing] = e.Fields.ID
		whole := e.Fields.Hunt + "/" + thing
		if other, ok := things[e.Fields.ID]; ok && other != whole {
			r.Errorf("%s and %s came as %s", other, whole, e.Fields.ID)
		}
		things[e.Fields.ID] = whole
	}
	return d
}

func foundThing(from int64, host string) string { return fmt.Sprintf("%d/%s", from, host) }

// expected are the things that a hunt must have found in its windows, in order.
func (r *rig) expected(h chaosHunt, windows []pipeline.Window) (things []string) {
	shown := map[string]int64{} // until when a host's findings are withheld
	for _, w := range windows {
		newest := map[string]int64{}
		for _, rec := range r.records {
			if rec.at < w.From || rec.at >= w.To || rec.index != h.index {
				continue
			}
			newest[rec.host] = max(newest[rec.host], rec.at)
			if !h.finds() {
				things = append(things, rec.n)
			}
		}
		for host, at := range newest {
			if h.finds() && at >= shown[host] {
				shown[host] = at + foundFor
				things = append(things, foundThing(w.From, host))
			}
		}
	}
	slices.Sort(things)
	return things
}

// end waits until daemons have mended everything, and checks it.
func (r *rig) end(daemons ...*process) {
	r.Helper()
	begun := time.Now()
	r.await(r.patience, r.covered, daemons...)
	for _, p := range daemons {
		p.kill()
	}
	r.Logf("all was well after %s", time.Since(begun))
	r.check()
}
