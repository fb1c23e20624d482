package sandbox

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// The states of a job, Splunk's dispatchState.
const (
	queued     = "QUEUED"
	parsing    = "PARSING"
	running    = "RUNNING"
	paused     = "PAUSE"
	finalizing = "FINALIZING"
	done       = "DONE"
	failed     = "FAILED"
)

const (
	// defaultTTL is how long a job is kept that nobody looks at.
	defaultTTL = 10 * time.Minute
	// defaultMaxCount is how many events a search keeps.
	defaultMaxCount = 500_000
)

// A job is one search.
type job struct {
	sid, app, search string
	query            *query
	span             span
	params           url.Values
	created          time.Time
	maxCount         int
	autoCancel       time.Duration
	fault            string // the message with which it is to fail, or ""
	cancel           context.CancelFunc
	ended            chan struct{} // closed when it is done or failed

	mu        sync.Mutex
	state     string
	pausing   bool
	finalized bool
	changed   chan struct{} // closed and renewed when one of these two changes
	messages  []message
	searched  searched
	truncated bool
	events    *rowset // before the first transforming command
	results   *rowset
	ttl       time.Duration
	touched   time.Time
	doneAt    time.Time
}

// touch keeps the job alive.
func (j *job) touch() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.touched = time.Now()
}

// expired reports whether the job is to be forgotten.
func (j *job) expired(now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.autoCancel > 0 && now.Sub(j.touched) >= j.autoCancel {
		return true
	}
	return !j.doneAt.IsZero() && now.Sub(later(j.doneAt, j.touched)) >= j.ttl
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// run carries the job out. It waits for a place among those that run, and takes
// least time at least.
func (j *job) run(ctx context.Context, places chan struct{}, st *store, least time.Duration) {
	defer close(j.ended)
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
		return
	}
	j.set(parsing)
	j.pass(ctx, least/4)
	j.set(running)
	err := j.evaluate(ctx, st.snapshot())
	j.pass(ctx, least-least/4)
	j.end(err)
}

func (j *job) set(state string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state = state
}

// pass lets a time pass, and the time for which the job is paused; a job that
// is to be finalized waits no longer.
func (j *job) pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	expired := d == 0
	for {
		j.mu.Lock()
		changed, pausing, finalized := j.changed, j.pausing, j.finalized
		j.mu.Unlock()
		if finalized || expired && !pausing {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-timer.C:
			expired = true
		}
	}
}

func (j *job) evaluate(ctx context.Context, snap snapshot) error {
	if j.fault != "" {
		return errors.New(j.fault)
	}
	rs, did, err := j.query.source.rows(ctx, snap, j.span)
	if err != nil {
		return err
	}
	steps := j.query.steps
	n := 0
	for n < len(steps) && !steps[n].transforming {
		n++
	}
	if err := run(ctx, rs, steps[:n]); err != nil {
		return err
	}
	did.found = len(rs.rows)
	events := *rs
	truncated := false
	if n == len(steps) && len(rs.rows) > j.maxCount {
		rs.rows, truncated = rs.rows[:j.maxCount], true
		events.rows = rs.rows
	}
	results := *rs
	results.rows = append([]record(nil), rs.rows...)
	if err := run(ctx, &results, steps[n:]); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.searched, j.events, j.results, j.truncated = did, &events, &results, truncated
	return nil
}

func (j *job) end(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.doneAt = time.Now()
	j.state = done
	if err != nil {
		j.state = failed
		j.messages = append(j.messages, message{Type: "FATAL", Text: err.Error()})
	}
	if j.truncated {
		j.messages = append(j.messages, message{
			Type: "WARN",
			Text: "The search found " + strconv.Itoa(j.searched.found) + " events and was truncated to max_count, " + strconv.Itoa(j.maxCount) + ".",
		})
	}
	if j.results == nil {
		j.events, j.results = &rowset{}, &rowset{}
	}
}

// control does what an action asks for, and returns Splunk's word for it.
func (j *job) control(action string, form url.Values) (text string, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	over := !j.doneAt.IsZero()
	j.touched = time.Now()
	switch action {
	case "pause":
		j.pausing = true
		text = "Search job paused."
	case "unpause":
		j.pausing = false
		text = "Search job continued."
	case "finalize":
		j.finalized = j.finalized || !over
		j.pausing = false
		text = "Search job finalized."
	case "touch":
		text = "Search job touched."
	case "setttl":
		sec, err := strconv.Atoi(form.Get("ttl"))
		if err != nil || sec <= 0 || sec > 1e9 {
			return "", false
		}
		j.ttl = time.Duration(sec) * time.Second
		text = "The ttl of the search job was changed to " + strconv.Itoa(sec) + "."
	case "setpriority", "enablepreview", "disablepreview", "save", "unsave", "setworkloadpool":
		text = "Search job changed."
	default:
		return "", false
	}
	close(j.changed)
	j.changed = make(chan struct{})
	return text, true
}

// now returns the state that the job shows.
func (j *job) now() string {
	switch {
	case !j.doneAt.IsZero() || j.state == queued:
		return j.state
	case j.finalized:
		return finalizing
	case j.pausing:
		return paused
	}
	return j.state
}
