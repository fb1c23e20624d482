package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/outbox"
	"github.com/huntd/huntd/pipeline"
)

const (
	// deliverLook is how often a command looks whether its events are gone: a
	// daemon that shares the state may have sent them.
	deliverLook = time.Second
	// deliverAnswer is how long the ledger may take to answer that.
	deliverAnswer = 10 * time.Second
)

// RunOnce examines one window of a hunt on the manual lane and, unless wait is
// zero, waits up to that long until HEC has confirmed its events or they were
// put aside. It returns the run as the ledger knows it in the end, also beside
// an error.
func (d *Daemon) RunOnce(ctx context.Context, h *hunt.Hunt, w pipeline.Window, wait time.Duration) (jobs.Run, error) {
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

// deliver sends what waits for a connection until nothing of the run is in the
// outbox, whoever sent it, or until nothing of it will leave before a person acts.
func (d *Daemon) deliver(ctx context.Context, run, connection string, wait time.Duration) error {
	if n, err := d.pending(ctx, run); wait == 0 || err == nil && n == 0 {
		return err
	}
	waiting, stop := context.WithTimeout(ctx, wait)
	defer stop()
	e := d.engine.Load()
	watch := &watch{Queue: d.ledger, sink: e.conns.sinks[connection], run: run, answered: make(chan struct{}, 1), parked: make(chan error, 1)}
	w := d.worker(e, connection, watch)
	w.Queue = watch
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		w.Run(waiting)
	}()
	parked := watch.wait(waiting, func() bool {
		n, err := d.pending(waiting, run)
		e.wakeOutbox(connection)    // another process may have deferred what it had taken
		return err == nil && n == 0 // a ledger that is away may come back
	})
	stop()
	<-stopped
	n, err := d.pending(ctx, run)
	switch {
	case err == nil && n == 0:
		return nil
	case parked != nil:
		return errors.Join(fmt.Errorf("%d %w: %w", n, jobs.ErrUndelivered, parked), err)
	}
	reason, rerr := d.ledger.Reason(context.WithoutCancel(ctx), run)
	if reason == "" {
		reason = "not tried yet"
	}
	return errors.Join(fmt.Errorf("%d %w (%s)", n, jobs.ErrUndelivered, reason), context.Cause(ctx), err, rerr)
}

// pending counts the events of a run that wait in the outbox, also after ctx has
// ended.
func (d *Daemon) pending(ctx context.Context, run string) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverAnswer)
	defer cancel()
	return d.ledger.Pending(ctx, run)
}

// A watch stands between an outbox worker and both of its ends, and signals what
// becomes of a run's bodies.
type watch struct {
	outbox.Queue
	sink pipeline.Sink
	run  string

	answered chan struct{} // a body may have left
	parked   chan error    // nothing leaves until a person acts, and why

	last error // the sink's last answer
}

// wait returns when gone holds, ctx has ended, or nothing will leave: then with
// the reason.
func (w *watch) wait(ctx context.Context, gone func() bool) error {
	t := time.NewTicker(deliverLook)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-w.parked:
			return err
		case <-w.answered:
		case <-t.C:
		}
		if gone() {
			return nil
		}
	}
}

// Send implements [pipeline.Sink].
func (w *watch) Send(ctx context.Context, body []byte) error {
	w.last = w.sink.Send(ctx, body)
	return w.last
}

// Defer implements [outbox.Queue].
func (w *watch) Defer(ctx context.Context, it outbox.Item, until time.Time, reason string) error {
	var parked *pipeline.ParkedError
	if errors.As(w.last, &parked) && (it.Run == w.run || !parked.ThisBody) {
		select {
		case w.parked <- w.last:
		default: // said already
		}
	}
	return w.Queue.Defer(ctx, it, until, reason)
}

// Done implements [outbox.Queue].
func (w *watch) Done(ctx context.Context, it outbox.Item) error {
	defer w.signal()
	return w.Queue.Done(ctx, it)
}

// Split implements [outbox.Queue].
func (w *watch) Split(ctx context.Context, it outbox.Item, dead []outbox.Dead, parts []outbox.Part, now time.Time) error {
	defer w.signal()
	return w.Queue.Split(ctx, it, dead, parts, now)
}

func (w *watch) signal() {
	select {
	case w.answered <- struct{}{}:
	default: // a look is due already
	}
}

// Preview examines a window without a ledger; see [jobs.Runner.Preview].
func Preview(ctx context.Context, s *Setup, h *hunt.Hunt, w pipeline.Window, log *zap.Logger, show func([]byte) error) (jobs.Run, error) {
	conns, err := connect(s, log)
	run := jobs.NewRun(h, jobs.Manual, time.Now(), w)
	if err != nil {
		return run, err
	}
	defer conns.close()
	r := &jobs.Runner{Source: conns.source, Log: log}
	if run.Result, err = r.Preview(ctx, h, run, show); err == nil {
		run.State = jobs.Succeeded // nothing is left to a daemon
	}
	return run, err
}
