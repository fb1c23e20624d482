package control

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

// TestFollow: what is followed ends with the daemon, and with the context.
func TestFollow(t *testing.T) {
	l := openLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	err := followDaemon(ctx, l, func() (bool, error) {
		if looks++; looks == 3 {
			cancel()
		}
		return false, nil
	})
	if !errors.Is(err, context.Canceled) || looks != 3 {
		t.Errorf("after %d looks: %v", looks, err)
	}
	err = followDaemon(t.Context(), l, func() (bool, error) { return false, nil })
	if !errors.Is(err, ErrNobody) {
		t.Errorf("without a daemon: %v", err)
	}
}

func TestIsDelivered(t *testing.T) {
	for _, tt := range []struct {
		pending int
		ago     time.Duration
		done    bool
		err     error
	}{
		{0, time.Hour, true, nil},
		{2, 0, false, nil},
		{2, time.Hour, false, jobs.ErrUndelivered},
	} {
		done, err := isDelivered(tt.pending, time.Now().Add(-tt.ago), time.Minute)
		if done != tt.done || !errors.Is(err, tt.err) {
			t.Errorf("%d events after %s: %v, %v", tt.pending, tt.ago, done, err)
		}
	}
}

// TestRunNow: nothing is ordered where no daemon is at work; a run that is queued is
// followed to its end.
func TestRunNow(t *testing.T) {
	l, h, now := openLedger(t), parseHunt(t, "a"), time.Now()
	w := h.ManualWindow(now)
	if _, err := RunNow(t.Context(), l, h, w, now); !errors.Is(err, ErrNobody) {
		t.Errorf("without a daemon: %v", err)
	}
	if n, err := l.OpenRuns(t.Context()); n != 0 || err != nil {
		t.Errorf("%d runs are queued, %v", n, err)
	}
	if err := l.Report(t.Context(), state.Daemon{}, now); err != nil {
		t.Fatal(err)
	}
	run, err := RunNow(t.Context(), l, h, w, now)
	if err != nil || run.Lane != jobs.Manual || run.Window != w {
		t.Fatalf("%+v, %v", run, err)
	}
	if err := CancelTarget(t.Context(), l, run.ID, "enough"); err != nil {
		t.Fatal(err)
	}
	run, err = FollowRun(t.Context(), l, run.ID, time.Hour)
	if run.State != jobs.Cancelled || err == nil || err.Error() != "enough" {
		t.Errorf("it is %s, %v", run.State, err)
	}
}
