package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/state"
)

// TestFollow: what is followed ends with the daemon, and with the context.
func TestFollow(t *testing.T) {
	l, err := state.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	err = follow(ctx, l, func() (bool, error) {
		if looks++; looks == 3 {
			cancel()
		}
		return false, nil
	})
	if !errors.Is(err, context.Canceled) || looks != 3 {
		t.Errorf("after %d looks: %v", looks, err)
	}
	err = follow(t.Context(), l, func() (bool, error) { return false, nil })
	if !errors.Is(err, errNobody) || exitCode(err) != exitLater {
		t.Errorf("without a daemon: %v, exit code %d", err, exitCode(err))
	}
}

func TestDelivered(t *testing.T) {
	for _, tt := range []struct {
		pending int
		ago     time.Duration
		done    bool
		err     error
	}{
		{0, time.Hour, true, nil},
		{2, 0, false, nil},
		{2, time.Hour, true, daemon.ErrUndelivered},
	} {
		done, err := delivered(tt.pending, time.Now().Add(-tt.ago), time.Minute)
		if done != tt.done || !errors.Is(err, tt.err) {
			t.Errorf("%d events after %s: %v, %v", tt.pending, tt.ago, done, err)
		}
	}
}
