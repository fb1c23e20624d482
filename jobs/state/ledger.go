package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
)

// ErrInUse says that another process holds the state.
var ErrInUse = errors.New("the state is in use")

// errViewOnly is what a view answers to whoever wants to change something.
var errViewOnly = errors.New("the state is open for reading only")

// A Ledger is an open state. It is safe for use by several goroutines.
type Ledger struct {
	db      database
	queue   queue // nil in a view
	gate    func(connection string) bool
	health  func(error)   // may be nil
	observe jobs.Observer // runs
	name    string
	owner   string // this process, in leases
	begun   bool
	lease   time.Duration
}

// An Option changes how a state is worked with.
type Option func(*Ledger)

// WithLease sets how long a run is safe from being taken over without a sign of
// life, in place of [jobs.Lease]. All processes that share a state should agree
// in it.
func WithLease(lease time.Duration) Option { return func(l *Ledger) { l.lease = lease } }

// WithGate sets a function that reports whether runs of a connection may begin in
// this process: what it holds back is not offered. It must not block.
func WithGate(gate func(connection string) bool) Option { return func(l *Ledger) { l.gate = gate } }

// WithHealth sets a function that is called with the outcome of each call of
// the database: nil, or an error that wraps [ErrUnreachable].
func WithHealth(health func(error)) Option { return func(l *Ledger) { l.health = health } }

// WithObserver sets an observer of runs that are planned, offered and claimed, and
// of the steps of a commit.
func WithObserver(o jobs.Observer) Option { return func(l *Ledger) { l.observe = o } }

// Open opens the state that url names, to hunt with it: "sqlite:" and the path
// of a file, which is made, for its owner alone, if it is not there, or a
// postgres:// URL. Of SQLite it returns [ErrNoFolder] if not even the folder is
// there and [ErrInUse] if another daemon has it open; runs that a daemon left
// running when it died are queued again, and what they had staged is swept. It
// returns the context's error if that ends meanwhile.
func Open(ctx context.Context, url string, log *zap.Logger, options ...Option) (*Ledger, error) {
	return open(ctx, url, log, true, options...)
}

// Join opens a state beside the daemon that holds it, to queue work or to give
// orders. The state must be there.
func Join(ctx context.Context, url string) (*Ledger, error) {
	return open(ctx, url, zap.NewNop(), false)
}

func open(ctx context.Context, url string, log *zap.Logger, hunting bool, options ...Option) (*Ledger, error) {
	if err := Validate(url); err != nil {
		return nil, err
	}
	l := &Ledger{name: Redact(url), owner: ownerID(), lease: jobs.Lease, observe: jobs.NopObserver{}}
	for _, set := range options {
		set(l)
	}
	err := l.open(ctx, url, log, hunting)
	if err == nil && l.begun {
		l.logBegun(log)
	}
	if err == nil {
		return l, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err() // SQLite calls it an interruption, or worse
	}
	return nil, errors.Join(fmt.Errorf("state %s: %w", l.name, err), l.Close())
}

func (l *Ledger) open(ctx context.Context, url string, log *zap.Logger, hunting bool) error {
	if isPostgres(url) {
		return l.openPostgres(ctx, url, log)
	}
	return l.openSQLite(ctx, strings.TrimPrefix(url, sqliteScheme), log, hunting)
}

// View opens a state to read it, beside the process that holds it. Its methods
// that change anything return an error. It returns [fs.ErrNotExist] if there is
// none yet.
func View(url string) (*Ledger, error) {
	if err := Validate(url); err != nil {
		return nil, err
	}
	l := &Ledger{name: Redact(url)}
	var err error
	if isPostgres(url) {
		l.db, err = viewPostgres(url, jobs.Lease)
	} else {
		l.db, err = viewSQLite(strings.TrimPrefix(url, sqliteScheme))
	}
	if err != nil {
		return nil, fmt.Errorf("state %s: %w", l.name, err)
	}
	return l, nil
}

// logBegun says that Open found no state and began a new one.
func (l *Ledger) logBegun(log *zap.Logger) {
	state := zap.String("state", l.name)
	if db, ok := l.db.(*sqliteDB); ok && db.found {
		log.Warn("state created in a file that was empty", state,
			zap.String("hint", "every hunt starts its window.first ago; if the file held a state once, stop the daemon and restore a backup"))
		return
	}
	log.Info("state created", state, zap.String("hint", "every hunt starts its window.first ago"))
}

// Owner is this process's name in the ledger.
func (l *Ledger) Owner() string { return l.owner }

// Close closes the state and frees its lock.
func (l *Ledger) Close() error {
	if l.db == nil {
		return nil
	}
	return l.db.close()
}

// callTimeout bounds every call of the database. PostgreSQL gives statements up
// by itself a little later.
const callTimeout = 30 * time.Second

func (l *Ledger) write(ctx context.Context, do func(context.Context, *tx) error) error {
	if l.queue == nil {
		return errViewOnly
	}
	planned, offered := 0, 0
	err := l.call(ctx, func(ctx context.Context) error {
		return l.db.write(ctx, func(ctx context.Context, tx *tx) error {
			err := do(ctx, tx)
			planned, offered = tx.planned, tx.offered
			return err
		})
	})
	if err == nil && planned > 0 {
		l.observe.Planned(planned)
	}
	if err == nil && offered > 0 {
		l.queue.Wake()
		l.observe.Offered(offered)
	}
	return err
}

// writeAsync is write for what counts for nothing without a write that follows.
func (l *Ledger) writeAsync(ctx context.Context, do func(context.Context, *tx) error) error {
	if l.queue == nil {
		return errViewOnly
	}
	return l.call(ctx, func(ctx context.Context) error { return l.db.writeAsync(ctx, do) })
}

func (l *Ledger) read(ctx context.Context, do func(context.Context, *tx) error) error {
	return l.viewed(l.call(ctx, func(ctx context.Context) error { return l.db.read(ctx, do) }))
}

// readOne is read for a single statement.
func (l *Ledger) readOne(ctx context.Context, do func(context.Context, *tx) error) error {
	return l.viewed(l.call(ctx, func(ctx context.Context) error { return l.db.readOne(ctx, do) }))
}

// call bounds a call of the database, and reports whether the database answered.
func (l *Ledger) call(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := do(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		err = fmt.Errorf("%w: no answer within %s", ErrUnreachable, callTimeout)
	}
	if l.health == nil || ctx.Err() != nil {
		return err
	}
	if err == nil {
		l.health(nil)
	} else if errors.Is(err, ErrUnreachable) {
		l.health(err)
	}
	return err
}

func (l *Ledger) viewed(err error) error {
	if err != nil && l.queue == nil { // opening a view has shown nothing yet
		return fmt.Errorf("state %s: %w", l.name, err)
	}
	return err
}

// claimed reports a claim that succeeded.
func (l *Ledger) claimed(r jobs.Run, err error) {
	if err == nil {
		l.observe.Claimed(r)
	}
}

// ownerID names a process for as long as it lives; its number alone may come
// again after a crash.
func ownerID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), uuid.NewString()[:8])
}

// leaseEnd is when a lease that is taken now ends.
func (l *Ledger) leaseEnd(ctx context.Context, t *tx, lease time.Duration, now time.Time) (int64, error) {
	present, err := l.db.present(ctx, t, now)
	return present.Add(lease).UnixMilli(), err
}
