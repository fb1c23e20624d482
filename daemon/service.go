package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

const (
	// grace is how long running windows, and bodies on their way, may take to end
	// after the daemon was asked to stop; then windows are given back.
	grace = 30 * time.Second
	// noteTimeout is how long the ledger may take after that to note it. What was
	// not noted is taken over when its lease has run out.
	noteTimeout = 2 * time.Second
	// queueTimeout is how long the queue may take to stop when no run is under
	// way. River's stop waits for a database that hangs.
	queueTimeout = time.Second
	// loopTimeout is how long the loops may take to end, and the ledger to note
	// that the daemon is gone.
	loopTimeout = time.Second
	// StopTime is longer than [Daemon.Run] and [Daemon.Close] take when the context
	// of the former has ended.
	StopTime = grace + noteTimeout + 2*loopTimeout + closeTimeout + 3*time.Second
	// statusInterval is how often, without a watchdog, messages are repeated that the
	// service manager did not receive.
	statusInterval = 5 * time.Second
	// stallTimeout is for how long a loop may stand still before the watchdog is
	// not fed. Each call of the ledger that a loop waits for has a shorter bound.
	stallTimeout = 4 * callTimeout
)

// A service is a daemon at work: its loops and how they end.
type service struct {
	*Daemon
	loops  context.Context // of all that plans, offers and keeps house
	cancel context.CancelFunc
	work   context.Context // of the runs
	giveUp context.CancelCauseFunc
	tasks  sync.WaitGroup
	turns  []*turn

	mu        sync.Mutex
	stopQueue func(context.Context) error // nil before the queue started
}

// A turn is when a loop turned last.
type turn struct {
	name string
	at   atomic.Int64 // Unix milliseconds
}

func (t *turn) mark() { t.at.Store(time.Now().UnixMilli()) }

func newService(ctx context.Context, d *Daemon) *service {
	s := &service{Daemon: d}
	s.loops, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.work, s.giveUp = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// start starts the loops, once the ledger is open.
func (s *service) start() {
	s.loop("planner", s.plan)
	s.loop("offers", s.offer)
	s.loop("housekeeping", s.keepHouse)
	s.engine.Load().start(s.Daemon, nil)
	s.agenda.sweep(s.engine.Load().names)
	s.backfills.Store(true)
	s.tasks.Go(s.startQueue)
}

func (s *service) loop(name string, run func(context.Context, *turn)) {
	t := &turn{name: name}
	t.mark()
	s.mu.Lock()
	s.turns = append(s.turns, t)
	s.mu.Unlock()
	s.tasks.Go(func() { run(s.loops, t) })
}

// startQueue starts the workers, again and again until it succeeds.
func (s *service) startQueue() {
	e := s.engine.Load()
	for s.loops.Err() == nil {
		stop, err := s.ledger.Start(s.work, state.Work{
			Workers: e.setup.Workers, Log: s.log, Stopping: s.stopping.Load,
			Has: func(hunt string) bool { return s.engine.Load().hunts[hunt] != nil },
			Do:  func(ctx context.Context, run jobs.Run) { s.examine(ctx, s.work, run) },
		})
		if err == nil {
			s.mu.Lock()
			s.stopQueue = stop
			s.mu.Unlock()
			return
		}
		s.logFailure(s.loops, "queue start failed", err)
		if pause(s.loops, openRetry) != nil {
			return
		}
	}
}

// feedWatchdog tells the service manager that the daemon is alive, as long as
// all loops turn, and repeats what it has not heard. It does not depend on whether
// another host answers.
func (s *service) feedWatchdog() {
	every := s.notify.Watchdog()
	watched := every > 0
	if !watched {
		every = statusInterval
	}
	for pause(s.loops, every) == nil {
		if name, ok := s.stalled(time.Now()); ok && watched {
			s.log.Error("loop stalled", zap.String("loop", name), zap.String("hint", "the watchdog is not fed until it turns"))
			continue
		}
		s.showStatus()
		if watched {
			s.tell(s.notify.Alive())
		}
	}
}

// stalled returns a loop that has not turned for too long.
func (s *service) stalled(now time.Time) (name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.turns {
		if now.UnixMilli()-t.at.Load() > stallTimeout.Milliseconds() {
			return t.name, true
		}
	}
	return "", false
}

// stop stops everything: it cancels first and waits afterwards. Each step has a
// name and a deadline; what does not end by then is logged and left behind. A
// database that does not answer is no failure of the daemon's.
func (s *service) stop() {
	s.log.Info("daemon stopping", zap.Duration("grace", s.grace))
	s.tell(s.notify.Stopping("draining"))
	s.stopping.Store(true)
	e := s.engine.Load()
	e.cancel()
	s.cancel()
	late := time.AfterFunc(s.grace, func() { s.giveUp(jobs.ErrShutdown) })
	defer late.Stop()
	var both sync.WaitGroup
	both.Go(func() { s.end("runs", s.grace+noteTimeout, s.drainRuns) })
	if e.started() {
		both.Go(func() {
			s.end("outbox workers", s.grace+noteTimeout, func(ctx context.Context) error { return waitFor(ctx, e.done) })
		})
	}
	both.Wait()
	s.giveUp(nil)
	both.Go(func() {
		s.end("loops", loopTimeout, func(context.Context) error {
			s.tasks.Wait()
			return nil
		})
	})
	if s.ledger != nil {
		both.Go(func() { s.end("daemon record", loopTimeout, s.ledger.Depart) })
	}
	both.Wait()
	s.log.Info("daemon stopped")
}

// end carries out a step of a stop.
func (s *service) end(what string, limit time.Duration, do func(context.Context) error) {
	if err := within(limit, do); err != nil {
		s.log.Warn("stop step failed", zap.String("step", what), zap.Error(err))
	}
}

// drainRuns stops the queue and waits for the runs under way.
func (s *service) drainRuns(ctx context.Context) error {
	s.mu.Lock()
	stop := s.stopQueue
	s.mu.Unlock()
	if stop == nil {
		return nil
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop(ctx) }()
	t := time.NewTicker(queueTimeout / 4)
	defer t.Stop()
	idle := time.Duration(0)
	for {
		select {
		case err := <-stopped:
			return err
		case <-t.C:
		}
		if s.working.Load() > 0 {
			idle = 0
			continue
		}
		if idle += queueTimeout / 4; idle > queueTimeout {
			return errors.New("the queue waits for the database and is left behind")
		}
	}
}

// within calls do with a context that ends after a time, and does not wait for
// it any longer than that.
func within(limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("not ended within %s", limit)
	}
}

func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return nil
	}
}
