package jobs

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

func TestRunFails(t *testing.T) {
	passing := errors.New("peer is down")
	lasting := pipeline.Permanent(errors.New("no such index"))
	for _, tt := range []struct {
		name     string
		prepare  func(*bench, *Run)
		fails    bool          // noted on the run
		min, max time.Duration // until it is tried again, 0 for never
		want     error
	}{
		{"may pass", func(b *bench, _ *Run) { b.source.err = passing }, true, firstRetry * 3 / 4, firstRetry, passing},
		{"fifth attempt", func(b *bench, r *Run) { b.source.err, r.Attempts = passing, 5 }, true, firstRetry * 12, firstRetry * 16, passing},
		{"late attempt", func(b *bench, r *Run) { b.source.err, r.Attempts = passing, 1000 }, true, lastRetry * 3 / 4, lastRetry, passing},
		{"last attempt that can be counted", func(b *bench, r *Run) { b.source.err, r.Attempts = passing, math.MaxInt }, true, lastRetry * 3 / 4, lastRetry, passing},
		{"incomplete", func(b *bench, _ *Run) { b.source.err = pipeline.ErrIncomplete }, true, firstRetry * 3 / 4, firstRetry, pipeline.ErrIncomplete},
		{"server wants a pause", func(b *bench, _ *Run) { b.source.err = &splunk.Error{Op: "search", After: 7 * time.Minute} }, true, 7 * time.Minute, 7 * time.Minute, nil},
		{"server wants a long pause", func(b *bench, _ *Run) { b.source.err = &splunk.Error{Op: "search", After: 24 * time.Hour} }, true, lastRetry, lastRetry, nil},
		{"a person must act", func(b *bench, _ *Run) { b.source.err = lasting }, true, 0, 0, pipeline.ErrPermanent},
		{"no answer of the ledger", func(b *bench, r *Run) { b.ledger.err["memory"], r.Attempts = ErrLedgerUnreachable, 40 }, true, firstRetry * 3 / 4, firstRetry, ErrLedgerUnreachable},
		{"by hand", func(b *bench, r *Run) { b.source.err, r.Lane = passing, Manual }, true, 0, 0, passing},
		{"panic", func(b *bench, _ *Run) { b.source.wait = func(context.Context) error { panic("boom") } }, true, 0, 0, pipeline.ErrPermanent},
		{"no connection", func(b *bench, _ *Run) {
			b.Source = func(*hunt.Hunt, *pipeline.Dict, func(string)) (pipeline.Source, error) { return nil, lasting }
		}, true, 0, 0, pipeline.ErrPermanent},
		{"disk is full at the commit", func(b *bench, _ *Run) { b.ledger.err["commit"] = passing }, true, firstRetry * 3 / 4, firstRetry, passing},
		{"watermark stands elsewhere", func(b *bench, _ *Run) { b.ledger.err["commit"] = ErrWatermark }, true, 0, 0, ErrWatermark},
		{"taken over before the commit", func(b *bench, _ *Run) { b.ledger.err["commit"] = ErrSuperseded }, false, 0, 0, ErrSuperseded},
	} {
		b, run := newBench(ranRecords...), ranRun
		tt.prepare(b, &run)
		_, err := b.Do(context.Background(), parseHunt(t, findingHunt), run)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
		if len(b.ledger.commits) != 0 || len(b.ledger.sent) != 0 {
			t.Errorf("%s: %d commits, %d bodies sendable", tt.name, len(b.ledger.commits), len(b.ledger.sent))
		}
		if (len(b.ledger.fails) == 1) != tt.fails || b.ledger.given != 0 {
			t.Errorf("%s: failures %v, given back %d times", tt.name, b.ledger.fails, b.ledger.given)
			continue
		}
		if tt.fails {
			f := b.ledger.fails[0]
			if f.again < tt.min || f.again > tt.max {
				t.Errorf("%s: tried again in %s, want %s to %s", tt.name, f.again, tt.min, tt.max)
			}
			if f.reason == "" {
				t.Errorf("%s: no reason is noted", tt.name)
			}
		}
	}
}

const weeklyHunt = `
name: weekly
schedule: { cron: "0 2 * * 6", timezone: UTC }
source: { connection: main, search: search index=windows }
window: { lag: 90s, max: 7d, first: 7d }
deliver: { records: all }
`

// TestOutageOfAWeekend: a weekly hunt whose only slot falls into an outage of 60
// hours runs within a quarter of an hour of Splunk's return.
func TestOutageOfAWeekend(t *testing.T) {
	for name, down := range map[string]error{
		"refused connection": splunkError(pipeline.ErrUnreachable),
		"status 503":         &splunk.Error{Op: "search", Status: 503, After: time.Hour},
		"a ledger's fault":   errors.New("disk is full"),
		"slow search":        splunkError(pipeline.ErrTimeout),
	} {
		synctest.Test(t, func(t *testing.T) {
			h, ctx := parseHunt(t, weeklyHunt), context.Background()
			friday := time.Date(2000, 1, 7, 22, 0, 0, 0, time.UTC) // the bubble begins a week before, on a Saturday
			back := friday.Add(60 * time.Hour)
			b := newBench()
			b.ledger.lane = LaneState{Known: true, Slot: friday.AddDate(0, 0, -6), Watermark: friday.AddDate(0, 0, -6).Unix()}
			time.Sleep(time.Until(friday))
			attempts, started := 0, time.Time{}
			for time.Now().Before(back.Add(time.Hour)) {
				if _, err := Plan(ctx, b.ledger, []*hunt.Hunt{h}, time.Now()); err != nil {
					t.Fatal(err)
				}
				if b.ledger.run == nil {
					time.Sleep(time.Minute)
					continue
				}
				if attempts++; attempts == 1 {
					started = time.Now()
				}
				b.ledger.state, b.source.err = Running, down
				if time.Now().After(back) {
					b.source.err = nil
				}
				run := *b.ledger.run
				run.Attempts, run.Started = attempts, started
				if _, err := b.Do(ctx, h, run); err == nil {
					if late := time.Since(back); late > lastRetry {
						t.Errorf("%s: the window was examined %s after the end of the outage", name, late)
					}
					if attempts < 200 {
						t.Errorf("%s: %d attempts in 60 hours", name, attempts)
					}
					return
				}
				last := b.ledger.fails[len(b.ledger.fails)-1]
				if last.again == 0 {
					t.Fatalf("%s: failed for good after %s, %d attempts: %s", name, time.Since(started), attempts, last.reason)
				}
				time.Sleep(last.again)
			}
			t.Errorf("%s: not examined an hour after the end of the outage", name)
		})
	}
}

// splunkError is an error of Splunk's client that wraps a mark.
func splunkError(mark error) error { return errors.Join(&splunk.Error{Op: "start the search"}, mark) }

// TestReasonSaysSinceWhen: what lists show of a run that is tried again.
func TestReasonSaysSinceWhen(t *testing.T) {
	since := time.Date(2026, 11, 27, 23, 4, 5, 0, time.FixedZone("CET", 3600))
	for _, tt := range []struct {
		attempts int
		err      error
		want     string
	}{
		{1, errors.New("peer is down"), "peer is down"},
		{37, errors.New("peer is down"), "failing since 2026-11-27T22:04:05Z, 37 attempts: peer is down"},
		{37, splunkError(pipeline.ErrUnreachable), "unreachable since 2026-11-27T22:04:05Z, 37 attempts: start the search"},
	} {
		b, run := newBench(), ranRun
		b.source.err, run.Attempts, run.Started = tt.err, tt.attempts, since
		if _, err := b.Do(context.Background(), parseHunt(t, findingHunt), run); err == nil {
			t.Fatal("the run succeeded")
		}
		if got := b.ledger.fails[0].reason; !strings.HasPrefix(got, tt.want) {
			t.Errorf("attempt %d: %q, want %q", tt.attempts, got, tt.want)
		}
	}
}

// TestLostAnswers: a call that the ledger carried out counts, whatever the caller
// was told, and only what counts is reported.
func TestLostAnswers(t *testing.T) {
	down := errors.New("peer is down")
	for _, tt := range []struct {
		name    string
		prepare func(*bench)
		state   RunState // of the run in the end
		ok      bool
		log     string
		most    time.Duration
	}{
		{"commit", func(b *bench) { b.ledger.lost["commit"] = 1 }, Succeeded, true, "run succeeded", 0},
		{"commit, and the ledger is away for a while", func(b *bench) {
			b.ledger.lost["commit"], b.ledger.lost["state"] = 1, 5
		}, Succeeded, true, "run succeeded", 5 * noteRetry},
		{"failure", func(b *bench) { b.source.err, b.ledger.lost["fail"] = down, 1 }, Retry, false, "run attempt failed", 0},
		{"commit fails, failure is lost", func(b *bench) {
			b.ledger.err["commit"], b.ledger.lost["fail"] = errors.New("disk is full"), 1
		}, Retry, false, "run attempt failed", 0},
		{"the ledger stays away", func(b *bench) {
			b.ledger.err["commit"], b.ledger.err["fail"], b.ledger.err["state"] = errLost, errLost, errLost
		}, Running, false, "run failure not noted", Lease},
		{"somebody else has the run", func(b *bench) {
			b.ledger.err["commit"], b.ledger.err["fail"], b.ledger.err["state"] = errLost, errLost, ErrSuperseded
		}, Running, false, "run superseded", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(ranRecords...)
			core, seen := observer.New(zap.InfoLevel)
			commits := &commitCounter{}
			b.Log, b.Observer = zap.New(core), commits
			tt.prepare(b)
			start := time.Now()
			res, err := b.Do(context.Background(), parseHunt(t, findingHunt), ranRun)
			if (err == nil) != tt.ok || b.ledger.state != tt.state || res.Findings != 2 && tt.ok {
				t.Errorf("%s: error %v, the run is %s with %d findings", tt.name, err, b.ledger.state, res.Findings)
			}
			if commits.n > 1 || (commits.n == 1) != tt.ok {
				t.Errorf("%s: %d commits were observed", tt.name, commits.n)
			}
			if took := time.Since(start); took > tt.most {
				t.Errorf("%s: ended after %s, want %s at most", tt.name, took, tt.most)
			}
			if all := seen.All(); len(all) != 1 || all[0].Message != tt.log {
				t.Errorf("%s: logged %v, want %q alone", tt.name, all, tt.log)
			}
		})
	}
}

// A commitCounter counts commits.
type commitCounter struct {
	NopObserver
	n int
}

// Committed implements [Observer].
func (c *commitCounter) Committed(Commit, time.Duration) { c.n++ }

// TestStopDoesNotWaitForTheLedger: a daemon that ends asks once what became of a
// run, and no longer.
func TestStopDoesNotWaitForTheLedger(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*fakeLedger)
		noted   bool
	}{
		"the answer is lost": {func(l *fakeLedger) { l.lost["give back"] = 1 }, true},
		"the ledger is away": {func(l *fakeLedger) { l.err["give back"], l.err["state"] = errLost, errLost }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(ranRecords...)
			b.source.wait = hang
			tt.prepare(b.ledger)
			ctx, stop := context.WithCancelCause(context.Background())
			stop(ErrShutdown)
			start := time.Now()
			if _, err := b.Do(ctx, parseHunt(t, findingHunt), ranRun); !errors.Is(err, context.Canceled) || errors.Is(err, errLost) == tt.noted {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(start); took > 0 || b.ledger.asked != 1 || (b.ledger.state == Queued) != tt.noted {
				t.Errorf("%s: ended after %s, asked %d times, the run is %s", name, took, b.ledger.asked, b.ledger.state)
			}
		})
	}
}
