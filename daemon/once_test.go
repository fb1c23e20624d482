package daemon

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// TestDeliverBesideADaemon: a command returns when its events are confirmed or
// dead, although the worker of another process has taken them, and reports what
// that worker was told.
func TestDeliverBesideADaemon(t *testing.T) {
	for _, tt := range []struct {
		name            string
		wait            time.Duration
		other           func(context.Context, outbox.Queue, outbox.Item) error
		err             error
		words           string
		delivered, dead int
	}{
		{"confirmed", time.Hour, func(ctx context.Context, q outbox.Queue, it outbox.Item) error { return q.Done(ctx, it) }, nil, "", 1, 0},
		{"dead", time.Hour, func(ctx context.Context, q outbox.Queue, it outbox.Item) error {
			return q.Split(ctx, it, []outbox.Dead{{Event: []byte("x"), Status: 400, Reason: "no event"}}, nil, time.Now())
		}, nil, "", 0, 1},
		{"deferred", 1500 * time.Millisecond, func(ctx context.Context, q outbox.Queue, it outbox.Item) error {
			return q.Defer(ctx, it, time.Now().Add(time.Hour), "Invalid token")
		}, jobs.ErrUndelivered, "1 events wait in the outbox (Invalid token)", 0, 0},
		{"parked, and soon due again", time.Hour, func(ctx context.Context, q outbox.Queue, it outbox.Item) error {
			return q.Defer(ctx, it, time.Now(), "Invalid token")
		}, jobs.ErrUndelivered, "1 events wait in the outbox: ", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := load(t, deploy(t, newRefusal(t), "a"))
			d, err := Open(context.Background(), s, zap.NewNop())
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			run := staged(t, d, s.Hunts[0])
			other, err := state.Join(t.Context(), s.State)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			items, err := other.Due(t.Context(), "main", time.Now(), 10)
			if err != nil || len(items) != 1 {
				t.Fatalf("the other process took %d bodies, %v", len(items), err)
			}
			answered := make(chan error, 1)
			time.AfterFunc(300*time.Millisecond, func() { answered <- tt.other(t.Context(), other, items[0]) })
			start := time.Now()
			err = d.deliver(t.Context(), run, "main", tt.wait)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("returned after %s", took)
			}
			if aerr := <-answered; aerr != nil {
				t.Fatal(aerr)
			}
			if !errors.Is(err, tt.err) || err != nil && !strings.HasPrefix(err.Error(), tt.words) {
				t.Errorf("error %v, want %v: %s", err, tt.err, tt.words)
			}
			var parked *pipeline.ParkedError
			if want := strings.HasPrefix(tt.name, "parked"); errors.As(err, &parked) != want {
				t.Errorf("error %v, parked: %v, want %v", err, !want, want)
			}
			if got, err := d.Ledger().Run(t.Context(), run); err != nil || got.Delivered != tt.delivered || got.Dead != tt.dead {
				t.Errorf("%d delivered, %d dead, %v", got.Delivered, got.Dead, err)
			}
		})
	}
}
