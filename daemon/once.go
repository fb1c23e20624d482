package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
)

// ErrUndelivered says that a run is done but its events are not at HEC yet:
// they stay in the outbox for the next start.
var ErrUndelivered = errors.New("events wait in the outbox for the next start")

// RunOnce examines one window of a hunt on the manual lane and, unless wait is
// zero, waits up to that long until HEC has confirmed its events or they were
// put aside. It returns the run as the ledger knows it in the end, also beside
// an error.
func (d *Daemon) RunOnce(ctx context.Context, h *jobs.Hunt, w pipeline.Window, wait time.Duration) (jobs.Run, error) {
	now := time.Now()
	run := jobs.NewRun(h, jobs.Manual, now, w)
	if !d.hasRoom(ctx) {
		return run, fmt.Errorf("%w: let huntd run send them, or raise limits.spool", ErrSpoolFull)
	}
	claimed, err := d.ledger.Begin(ctx, run, now)
	if err != nil {
		return run, err
	}
	if _, err := d.runner(d.engine.Load()).Do(ctx, h, claimed); err != nil {
		return d.known(ctx, claimed), err
	}
	err = d.deliver(ctx, run.ID, h.Deliver.Connection, wait)
	return d.known(ctx, claimed), err
}

// known returns the run as the ledger has it by now.
func (d *Daemon) known(ctx context.Context, run jobs.Run) jobs.Run {
	if r, err := d.ledger.Run(context.WithoutCancel(ctx), run.ID); err == nil {
		return r
	}
	return run
}

// deliver empties the outbox of a connection until nothing of the run is in it.
func (d *Daemon) deliver(ctx context.Context, run, connection string, wait time.Duration) error {
	if n, err := d.ledger.Pending(ctx, run); err != nil || n == 0 || wait == 0 {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, wait, ErrUndelivered)
	defer cancel()
	e := d.engine.Load()
	watch := &watch{Queue: d.ledger, sink: e.conns.sinks[connection], ledger: d.ledger, run: run, end: cancel}
	w := d.worker(e, connection, watch)
	w.Queue = watch
	w.Run(ctx)
	n, err := d.ledger.Pending(context.WithoutCancel(ctx), run)
	if err != nil || n == 0 {
		return errors.Join(err, watch.err)
	}
	if watch.parked != nil {
		return fmt.Errorf("%d %w: %w", n, ErrUndelivered, watch.parked)
	}
	reason, err := d.ledger.Reason(context.WithoutCancel(ctx), run)
	if reason == "" {
		reason = "not tried yet"
	}
	late := fmt.Errorf("%d %w (%s)", n, ErrUndelivered, reason)
	if cause := context.Cause(ctx); !errors.Is(cause, ErrUndelivered) {
		err = errors.Join(cause, err)
	}
	return errors.Join(late, err, watch.err)
}

// A watch stands between an outbox worker and both of its ends. It ends the
// worker when nothing of a run is left in the queue, or when nothing of it will
// leave until a person acts.
type watch struct {
	outbox.Queue
	sink   pipeline.Sink
	ledger *state.Ledger
	run    string
	end    context.CancelFunc

	last   error // the sink's last answer
	parked error // why nothing leaves
	err    error // the ledger's
}

// Send implements [pipeline.Sink].
func (w *watch) Send(ctx context.Context, body []byte) error {
	w.last = w.sink.Send(ctx, body)
	return w.last
}

// Defer implements [outbox.Queue].
func (w *watch) Defer(ctx context.Context, it outbox.Item, until time.Time, reason string) error {
	var parked *pipeline.ParkedError
	var index *splunk.IndexError // which is about the body, and not about the destination
	if errors.As(w.last, &parked) && (it.Run == w.run || !errors.As(w.last, &index)) {
		w.parked = w.last
		w.end()
	}
	return w.Queue.Defer(ctx, it, until, reason)
}

// Done implements [outbox.Queue].
func (w *watch) Done(ctx context.Context, it outbox.Item) error {
	defer w.look(ctx)
	return w.Queue.Done(ctx, it)
}

// Split implements [outbox.Queue].
func (w *watch) Split(ctx context.Context, it outbox.Item, dead []outbox.Dead, parts []outbox.Part, now time.Time) error {
	defer w.look(ctx)
	return w.Queue.Split(ctx, it, dead, parts, now)
}

func (w *watch) look(ctx context.Context) {
	n, err := w.ledger.Pending(ctx, w.run)
	if w.err = err; err != nil || n == 0 {
		w.end()
	}
}

// Preview examines a window without a ledger; see [jobs.Runner.Preview].
func Preview(ctx context.Context, s *Setup, h *jobs.Hunt, w pipeline.Window, log *zap.Logger, show func([]byte) error) (jobs.Run, error) {
	conns, err := connect(s, log)
	run := jobs.NewRun(h, jobs.Manual, time.Now(), w)
	if err != nil {
		return run, err
	}
	defer conns.close()
	r := &jobs.Runner{Source: conns.source, Log: log}
	run.Result, err = r.Preview(ctx, h, run, show)
	return run, err
}
