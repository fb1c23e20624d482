// Package dispatch hands runs that may begin to workers. It wraps River, and no
// type of River's leaves it.
//
// The ledger offers runs that may begin. A worker claims a run by its fence, so
// that a [Job] that is lost, late or handed out twice changes nothing. Retries,
// timeouts and leader election of River are off; [Queue.Prune] deletes what its
// leader would. Its listener for SQLite polls a table every 50 ms on the connection
// that writes: a channel wakes the workers instead. Jobs of other processes are
// found by River's poll, within a second.
package dispatch

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog" // River logs to it
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/zap"
)

const (
	fetchCooldown = time.Millisecond
	// pollInterval is how long a job waits at most if its notification was lost.
	pollInterval = time.Second
	// maxRunTime is longer than any run: a job that runs for longer lost its worker.
	maxRunTime = 48 * time.Hour
	// maxListed is how many waiting jobs [Queue.Waiting] returns at most.
	maxListed = 10_000
)

// A Job offers a run to the workers.
type Job struct {
	Run      string `json:"run"`
	Fence    int64  `json:"fence"` // of the run, at the time of the offer
	Priority int    `json:"-"`     // 1 to 4; 1 begins first
}

// Kind implements [river.JobArgs].
func (Job) Kind() string { return "run" }

// A Work function works on a job until its end. It returns false to leave the
// job to another worker, of this process or another.
type Work func(ctx context.Context, j Job) (done bool)

// A Queue hands jobs to workers. Tx is the transaction of its database.
type Queue[Tx any] struct {
	driver riverdriver.Driver[Tx]
	client *river.Client[Tx] // inserts only
	log    slog.Handler
	exec   func(ctx context.Context, stmt string) error
	wake   func()
}

// NewSQLite returns the queue in the database that writer writes to.
func NewSQLite(writer *sql.DB, log *zap.Logger) (*Queue[*sql.Tx], error) {
	wake := make(chan struct{}, 1)
	q := &Queue[*sql.Tx]{
		driver: &channelDriver{Driver: riversqlite.New(writer), wake: wake},
		exec:   func(ctx context.Context, stmt string) error { _, err := writer.ExecContext(ctx, stmt); return err },
		wake: func() {
			select {
			case wake <- struct{}{}:
			default:
			}
		},
	}
	return q, q.connect(log)
}

// NewPostgres returns the queue in the database of a pool, whose workers keep
// one of its connections to listen.
func NewPostgres(pool *pgxpool.Pool, log *zap.Logger) (*Queue[pgx.Tx], error) {
	q := &Queue[pgx.Tx]{
		driver: riverpgxv5.New(pool),
		exec:   func(ctx context.Context, stmt string) error { _, err := pool.Exec(ctx, stmt); return err },
		wake:   func() {}, // the server notifies
	}
	return q, q.connect(log)
}

func (q *Queue[Tx]) connect(log *zap.Logger) (err error) {
	q.log = debugLog{log}
	q.client, err = river.NewClient(q.driver, &river.Config{Logger: slog.New(q.log), FetchCooldown: fetchCooldown})
	return err
}

// Migrate creates the tables of the queue or brings them up to date.
func (q *Queue[Tx]) Migrate(ctx context.Context) error {
	m, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Offer adds jobs, in order, with the transaction. [Queue.Wake] follows its
// commit.
func (q *Queue[Tx]) Offer(ctx context.Context, tx any, jobs []Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{Args: j, InsertOpts: &river.InsertOpts{Priority: j.Priority, MaxAttempts: 1}}
	}
	// Not InsertManyFastTx: on PostgreSQL it stamps jobs by the host's clock, and
	// those of a host that is ahead would stay hidden.
	_, err := q.client.InsertManyTx(ctx, tx.(Tx), params)
	return err
}

// Wake makes the workers of this process look for jobs at once.
func (q *Queue[Tx]) Wake() { q.wake() }

// Waiting returns the jobs that no worker has begun. If there are too many to
// list, all is false.
func (q *Queue[Tx]) Waiting(ctx context.Context, tx any) (waiting map[Job]bool, all bool, err error) {
	list, err := q.client.JobListTx(ctx, tx.(Tx), river.NewJobListParams().
		Queues(river.QueueDefault).States(rivertype.JobStateAvailable).First(maxListed))
	if err != nil {
		return nil, false, err
	}
	waiting = make(map[Job]bool, len(list.Jobs))
	for _, row := range list.Jobs {
		var j Job
		if err := json.Unmarshal(row.EncodedArgs, &j); err != nil {
			return nil, false, fmt.Errorf("job %d of the queue: %w", row.ID, err)
		}
		waiting[j] = true
	}
	return waiting, len(list.Jobs) < maxListed, nil
}

// Clear deletes all jobs. It is for the sole process that has the queue.
func (q *Queue[Tx]) Clear(ctx context.Context) error { return q.exec(ctx, `DELETE FROM river_job`) }

// Prune deletes jobs that have ended or lost their worker, and those of queues
// that are not served any more.
func (q *Queue[Tx]) Prune(ctx context.Context, now time.Time) error {
	return q.exec(ctx, fmt.Sprintf(`DELETE FROM river_job WHERE state IN('completed','cancelled','discarded') OR queue<>'%s'
		OR state='running' AND attempted_at<'%s'`, river.QueueDefault, now.Add(-maxRunTime).UTC().Format("2006-01-02 15:04:05+00")))
}

// Start hands jobs to that many workers until stop is called. No worker begins
// a job after that, unless it was fetched before; stop waits for the workers,
// until its context ends.
func (q *Queue[Tx]) Start(ctx context.Context, workers int, work Work) (stop func(context.Context) error, err error) {
	all := river.NewWorkers()
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, job *river.Job[Job]) error {
		if !work(ctx, job.Args) {
			return river.JobSnooze(0)
		}
		return nil
	}))
	client, err := river.NewClient(q.driver, &river.Config{
		Logger: slog.New(q.log), Workers: all, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		FetchCooldown: fetchCooldown, FetchPollInterval: pollInterval, JobTimeout: -1, MaxAttempts: 1, RescueStuckJobsAfter: maxRunTime, LeaderElectionDisabled: true,
	})
	if err != nil {
		return nil, err
	}
	return client.Stop, client.Start(ctx)
}

// A channelDriver is River's driver for SQLite, woken by a channel.
type channelDriver struct {
	*riversqlite.Driver
	wake chan struct{}
}

// SupportsListenNotify keeps River from writing notifications to a table.
func (*channelDriver) SupportsListenNotify() bool { return false }

// GetListener returns a listener to the channel.
func (d *channelDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &channelListener{wake: d.wake}
}

// A channelListener turns what the channel receives into River's notification
// of new jobs.
type channelListener struct {
	riverdriver.Listener // nil: it is for a method that River's tests alone call
	wake                 chan struct{}
}

// WaitForNotification waits for the channel, or for ctx to end.
func (l *channelListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.wake:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + river.QueueDefault + `"}`}, nil
	}
}

// The channel needs no connection: the other methods of
// [riverdriver.Listener] have nothing to do.

// Close implements [riverdriver.Listener].
func (*channelListener) Close(context.Context) error { return nil }

// Connect implements [riverdriver.Listener].
func (*channelListener) Connect(context.Context) error { return nil }

// Listen implements [riverdriver.Listener].
func (*channelListener) Listen(context.Context, string) error { return nil }

// Ping implements [riverdriver.Listener].
func (*channelListener) Ping(context.Context) error { return nil }

// Schema implements [riverdriver.Listener].
func (*channelListener) Schema() string { return "" }

// Unlisten implements [riverdriver.Listener].
func (*channelListener) Unlisten(context.Context, string) error { return nil }

// A debugLog passes what River logs on at the debug level: the ledger's own
// calls report an outage once, River repeats it with each poll.
type debugLog struct{ log *zap.Logger }

// Enabled implements [slog.Handler].
func (h debugLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements [slog.Handler].
func (h debugLog) Handle(_ context.Context, r slog.Record) error {
	fields := make([]zap.Field, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		fields = append(fields, zap.String(a.Key, a.Value.String()))
		return true
	})
	h.log.Debug(r.Message, fields...)
	return nil
}

// WithAttrs implements [slog.Handler].
func (h debugLog) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements [slog.Handler].
func (h debugLog) WithGroup(string) slog.Handler { return h }
