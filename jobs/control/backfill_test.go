package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// TestBackfillIsBegunOnce: two commands that ask for the same backfill at the same
// moment follow the same one.
func TestBackfillIsBegunOnce(t *testing.T) {
	l := openLedger(t)
	type answer struct {
		id  string
		err error
	}
	for round := range int64(30) {
		answers := make(chan answer)
		for i := range 2 {
			go func() {
				span := pipeline.Window{From: round * 1000, To: round*1000 + 500}
				b, err := BeginBackfill(t.Context(), l, jobs.Backfill{ID: fmt.Sprint(round, "-", i), Hunt: "h", Window: span, WarmFrom: span.From})
				answers <- answer{b.ID, err}
			}()
		}
		if one, other := <-answers, <-answers; one.err != nil || other.err != nil || one.id != other.id {
			t.Errorf("round %d: %+v and %+v, want the same backfill", round, one, other)
		}
	}
}

// TestNewBackfill: time that the live lane has yet to examine is wrong input.
func TestNewBackfill(t *testing.T) {
	h, now := parseHunt(t, "a"), time.Unix(1_000_000, 0)
	latest := now.Add(-h.Window.Lag).Unix()
	b, err := NewBackfill(h, pipeline.Window{From: 10, To: latest}, true, now)
	if err != nil || b.Hunt != "a" || b.ID == "" || b.State != jobs.BackfillActive {
		t.Errorf("%+v, %v", b, err)
	}
	var input InputError
	if _, err := NewBackfill(h, pipeline.Window{From: 10, To: latest + 1}, true, now); !errors.As(err, &input) {
		t.Errorf("of the live lane's time: %v", err)
	}
}

// TestFollowBackfill: a backfill that was handed over is followed until it is done,
// and one that is stopped is followed no longer.
func TestFollowBackfill(t *testing.T) {
	l, h := openLedger(t), parseHunt(t, "a")
	for _, tt := range []struct {
		end  func(id string) error
		want string
		err  string
	}{
		{func(id string) error { return l.EndBackfill(t.Context(), id, time.Now()) }, jobs.BackfillDone, "<nil>"},
		{func(id string) error { return l.CancelBackfill(t.Context(), id, "enough", time.Now()) }, jobs.BackfillCancelled, "backfill:%s is cancelled: enough"},
	} {
		w := pipeline.Window{From: 1000, To: 2000}
		v, err := HandOverBackfill(t.Context(), l, h, jobs.NewBackfill(h, tt.want, w, false))
		if err != nil || v.State != jobs.BackfillActive || !v.Open {
			t.Fatalf("handed over: %+v, %v", v, err)
		}
		if err := tt.end(v.ID); err != nil {
			t.Fatal(err)
		}
		v, err = FollowBackfill(t.Context(), l, v, time.Hour, func(state.BackfillView) { t.Error("told of a backfill that is over") })
		if want := strings.ReplaceAll(tt.err, "%s", v.ID); v.State != tt.want || fmt.Sprint(err) != want {
			t.Errorf("followed to %s, %v; want %s, %s", v.State, err, tt.want, want)
		}
	}
}
