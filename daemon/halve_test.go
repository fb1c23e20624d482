package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
)

const narrowHunt = `name: late
schedule: { cron: "* * * * *", jitter: 0s }
source: { connection: main, search: search index=windows }
window: { lag: 0s, max: 1h, first: 1h }
limits: { rows: 10 }
deliver: { index: hunts, records: all }
`

// TestLargeWindowsAreHalved: of windows that hold more rows than a run may read,
// every row is read once, and windows tile. A second that holds too many is
// where it ends, with what to do.
func TestLargeWindowsAreHalved(t *testing.T) {
	now := time.Now()
	var events strings.Builder
	const rows = 100
	for i := range rows { // denser and denser
		fmt.Fprintf(&events, `{"_time":%d,"host":"a","index":"windows","n":"%d"}`+"\n", now.Unix()-120-int64(i*i*3300/(rows*rows)), i)
	}
	s := newStory(t, narrowHunt, events.String())
	s.work(jobs.Live, now)
	runs, err := s.ledger.Runs(context.Background(), "late", jobs.Live)
	s.must(err)
	read, halved := 0, 0
	for i, r := range runs {
		if r.State != jobs.Succeeded || r.RecordsIn > 10 || i > 0 && r.Window.From != runs[i-1].Window.To {
			t.Errorf("run %d over %s is %s with %d rows: %s", i, r.Window, r.State, r.RecordsIn, r.Error)
		}
		read += r.RecordsIn
		halved += r.Notes["window.halved"]
	}
	if read != rows || len(s.splunk.Received()) != rows {
		t.Errorf("%d rows were read and %d arrived, want %d", read, len(s.splunk.Received()), rows)
	}
	if halved == 0 || halved > 2*len(runs) {
		t.Errorf("windows were halved %d times in %d runs", halved, len(runs))
	}
}

func TestASecondThatHoldsTooMuch(t *testing.T) {
	now := time.Now()
	at := now.Unix() - 1800
	s := newStory(t, narrowHunt, strings.Repeat(fmt.Sprintf(`{"_time":%d,"host":"a","index":"windows"}`+"\n", at), 11))
	for {
		run, ok := s.claim(jobs.Live, now)
		if !ok {
			t.Fatal("the second was passed over")
		}
		_, err := s.runner(s.engine.Load()).Do(context.Background(), s.engine.Load().hunts["late"], run)
		if err == nil {
			continue
		}
		got, lerr := s.ledger.Run(context.Background(), run.ID)
		s.must(lerr)
		if got.State != jobs.Failed || got.Window.From != at || got.Window.To != at+1 || !strings.Contains(got.Error, "halved down to a second") {
			t.Errorf("run over %s is %s: %s", got.Window, got.State, got.Error)
		}
		return
	}
}
