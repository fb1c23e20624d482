package state

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog" // what River logs to; it ends in zap
	"regexp"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
)

const (
	// phantomsAfter is when River tidies tickets whose worker died. It heeds
	// no heartbeat, so that it must be longer than any run; until then the
	// ledger has long handed out another ticket.
	phantomsAfter = 48 * time.Hour
	// fetchPause bounds how often a line is asked for tickets.
	fetchPause = 2 * time.Millisecond
	// pollPause is how long a ticket may lie when its notification was lost.
	pollPause = time.Second
	// endedFor is how long River keeps tickets that have ended.
	endedFor = time.Hour
)

// A ticket is what River carries: which run is due.
type ticket struct {
	Run  string `json:"run"`
	Hunt string `json:"hunt"`
	Lane string `json:"lane"`
}

// Kind implements [river.JobArgs].
func (ticket) Kind() string { return "run" }

// A riverQueue is River on one of its drivers; T is the driver's transaction.
type riverQueue[T any] struct {
	driver riverdriver.Driver[T]
	log    *slog.Logger
	client *river.Client[T] // it inserts only
	worker *river.Client[T] // of the crew at work, if there is one
}

func newRiver[T any](driver riverdriver.Driver[T], log *zap.Logger) (*riverQueue[T], error) {
	quiet := log.WithOptions(zap.IncreaseLevel(zapcore.WarnLevel))
	q := &riverQueue[T]{driver: driver, log: slog.New(zapslog.NewHandler(quiet.Core()))}
	var err error
	// A notification for each insert: the next window of a hunt often follows the
	// one before within milliseconds.
	q.client, err = river.NewClient(driver, &river.Config{Logger: q.log, FetchCooldown: time.Millisecond})
	return q, err
}

func migrateRiver[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (q *riverQueue[T]) enqueue(ctx context.Context, t *tx, orders []order) ([]int64, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	params := make([]river.InsertManyParams, len(orders))
	for i, o := range orders {
		params[i] = river.InsertManyParams{
			Args:       ticket{Run: o.run, Hunt: o.hunt, Lane: o.lane},
			InsertOpts: &river.InsertOpts{Queue: lineName(o.line), Priority: o.priority(), MaxAttempts: 1, ScheduledAt: o.at},
		}
	}
	rows, err := q.client.InsertManyTx(ctx, t.raw.(T), params)
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Job.ID
	}
	return ids, err
}

func (q *riverQueue[T]) complete(ctx context.Context, t *tx, id int64) error {
	if held := heldBy(ctx); held == nil || held.id != id {
		return nil // nobody works by it: a run by hand
	}
	job := &river.Job[ticket]{JobRow: &rivertype.JobRow{ID: id, State: rivertype.JobStateRunning}}
	// River knows its driver by a type that cannot be inferred from here.
	_, err := river.JobCompleteTx[riverdriver.Driver[T]](ctx, t.raw.(T), job)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil // it was taken from the worker; the fence says whether that matters
	}
	return err
}

func (q *riverQueue[T]) cancel(ctx context.Context, t *tx, id int64) error {
	_, err := q.client.JobCancelTx(ctx, t.raw.(T), id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil
	}
	return err
}

func (q *riverQueue[T]) waits(ctx context.Context, t *tx, id int64) (bool, error) {
	job, err := q.client.JobGetTx(ctx, t.raw.(T), id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch job.State {
	case rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable, rivertype.JobStatePending:
		return true, nil
	}
	return false, nil
}

// plainName is what River takes for a queue's name as it is.
var plainName = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)

// lineName is a connection's name as River takes it for a queue's: names with
// other than small letters, digits, - and _ are written in hexadecimal.
// Runs of before there were connections in the ledger have a line of their own.
func lineName(connection string) string {
	if connection == "" {
		return "unknown"
	}
	if len(connection) <= 60 && plainName.MatchString(connection) {
		return "c-" + connection
	}
	return "x-" + hex.EncodeToString([]byte(connection))
}

func (q *riverQueue[T]) work(ctx context.Context, c *crew) (func(context.Context) error, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{crew: c})
	config := &river.Config{
		Logger: q.log, Workers: workers, Queues: map[string]river.QueueConfig{},
		FetchCooldown: fetchPause, FetchPollInterval: pollPause,
		JobTimeout: -1, RescueStuckJobsAfter: phantomsAfter,
		CompletedJobRetentionPeriod: endedFor, CancelledJobRetentionPeriod: endedFor, DiscardedJobRetentionPeriod: endedFor,
	}
	config.Queues[lineName("")] = river.QueueConfig{MaxWorkers: 1}
	for line, n := range c.AtOnce {
		config.Queues[lineName(line)] = river.QueueConfig{MaxWorkers: n}
	}
	client, err := river.NewClient(q.driver, config)
	if err != nil {
		return nil, err
	}
	if err := client.Start(ctx); err != nil {
		return nil, err
	}
	q.worker = client
	return client.Stop, nil
}

func (q *riverQueue[T]) lines(atOnce map[string]int) error {
	if q.worker == nil {
		return nil
	}
	for line, n := range atOnce {
		err := q.worker.Queues().Add(lineName(line), river.QueueConfig{MaxWorkers: n})
		var there *river.QueueAlreadyAddedError
		if err != nil && !errors.As(err, &there) {
			return err
		}
	}
	return nil
}

// A riverWorker has the crew do what River hands out.
type riverWorker struct {
	river.WorkerDefaults[ticket]
	crew *crew
}

// Work implements [river.Worker].
func (w *riverWorker) Work(ctx context.Context, job *river.Job[ticket]) error {
	again, err := w.crew.attend(holdTicket(ctx, job.ID), job.Args, job.ID)
	switch {
	case err != nil:
		return river.JobCancel(err)
	case again > 0:
		return river.JobSnooze(again)
	}
	return nil
}
