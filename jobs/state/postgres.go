package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state/dispatch"
)

const (
	// migrationLock is the advisory lock of whoever brings the schema up to
	// date; "huntd" in ASCII.
	migrationLock = 0x68756e7464

	// closeTimeout is how long connections may take to close; a server that hangs
	// must not keep the process from ending.
	closeTimeout = time.Second

	// statementGrace is how much longer the server works on a statement than this
	// process waits: statements that nobody waits for must not pile up.
	statementGrace = 5 * time.Second

	// replays is how often a transaction is run again that the server gave up
	// in favour of another.
	replays = 5
)

// A postgresDB is shared by the daemons of several hosts.
type postgresDB struct {
	pool *pgxpool.Pool

	mu    sync.RWMutex
	words map[string]string // statements with their arguments numbered
	// clock, if set, is asked in place of the server's clock: tests drive years.
	clock func(now time.Time) time.Time
}

func (l *Ledger) openPostgres(ctx context.Context, url string, log *zap.Logger) error {
	db, err := viewPostgres(url, l.lease)
	if err != nil {
		return err
	}
	l.db = db
	if l.queue, err = dispatch.NewPostgres(db.pool, log); err != nil {
		return err
	}
	// One daemon after the other; the lock goes with the session.
	session, err := db.pool.Acquire(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer session.Release()
	if _, err := session.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return unreachable(err)
	}
	err = l.migrate(ctx)
	if err == nil {
		err = l.queue.Migrate(ctx)
	}
	_, unlock := session.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return unreachable(errors.Join(err, unlock))
}

// viewPostgres connects to a server when first asked. A session that stands
// still in a transaction for as long as the lease is ended by the server: the
// locks of a process that was stopped, or whose host is gone, would hold up all
// others.
func viewPostgres(url string, lease time.Duration) (*postgresDB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, Validate(url)
	}
	if !strings.Contains(url, maxConns) {
		config.MaxConns = 12 // measured to be enough for eight workers and their queue
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "huntd"
	}
	// Not as a parameter of the connection, which a pooler in between may refuse.
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, fmt.Sprintf("SET idle_in_transaction_session_timeout=%d; SET statement_timeout=%d",
			lease.Milliseconds(), (callTimeout+statementGrace).Milliseconds()))
		return err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &postgresDB{pool: pool, words: map[string]string{}}, nil
}

func (db *postgresDB) write(ctx context.Context, do func(context.Context, *tx) error) error {
	return db.replay(ctx, pgx.TxOptions{}, do)
}

// writeAsync does not wait for the disk. The log is written in order, so that a later
// commit that has reached the disk has this one before it.
func (db *postgresDB) writeAsync(ctx context.Context, do func(context.Context, *tx) error) error {
	return db.replay(ctx, pgx.TxOptions{BeginQuery: "begin; set local synchronous_commit=off"}, do)
}

func (db *postgresDB) replay(ctx context.Context, options pgx.TxOptions, do func(context.Context, *tx) error) error {
	var err error
	for range replays {
		if err = db.transact(ctx, options, do); !replayable(err) {
			return err
		}
	}
	return err
}

func (db *postgresDB) read(ctx context.Context, do func(context.Context, *tx) error) error {
	// One snapshot for all that a reader asks for.
	return db.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

func (db *postgresDB) readOne(ctx context.Context, do func(context.Context, *tx) error) error {
	return unreachable(do(ctx, &tx{conn: postgresTx{db.pool, db}}))
}

func (db *postgresDB) transact(ctx context.Context, options pgx.TxOptions, do func(context.Context, *tx) error) error {
	t, err := db.pool.BeginTx(ctx, options)
	if err != nil {
		return unreachable(err)
	}
	if err := do(ctx, &tx{conn: postgresTx{t, db}, raw: t, skip: " FOR UPDATE SKIP LOCKED", lock: " FOR NO KEY UPDATE", clock: db.clockWord()}); err != nil {
		if undo := t.Rollback(context.WithoutCancel(ctx)); undo != nil && !errors.Is(undo, pgx.ErrTxClosed) {
			err = errors.Join(err, undo)
		}
		return unreachable(err)
	}
	return unreachable(t.Commit(ctx))
}

// replayable reports whether a transaction lost to another one: serialization
// failure and deadlock (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func replayable(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && (failed.Code == "40001" || failed.Code == "40P01")
}

// clockWord is what present asks for, as part of another query.
func (db *postgresDB) clockWord() string {
	if db.clock != nil {
		return noClock
	}
	return "CAST(1000*extract(epoch FROM clock_timestamp()) AS BIGINT)"
}

// present is the server's clock: those of the hosts may differ.
func (db *postgresDB) present(ctx context.Context, t *tx, now time.Time) (time.Time, error) {
	if db.clock != nil {
		return db.clock(now), nil
	}
	var at time.Time
	return at, t.one(ctx, "SELECT clock_timestamp()").Scan(&at)
}

func (db *postgresDB) version(ctx context.Context, t *tx) (steps int, err error) {
	if there, err := db.hasTable(ctx, t, "huntd_schema"); err != nil || !there {
		return 0, err
	}
	return steps, t.one(ctx, `SELECT steps FROM huntd_schema`).Scan(&steps)
}

func (*postgresDB) setVersion(ctx context.Context, t *tx, steps int) error {
	if _, err := t.exec(ctx, `CREATE TABLE IF NOT EXISTS huntd_schema(one BOOLEAN PRIMARY KEY DEFAULT true CHECK(one), steps BIGINT NOT NULL)`); err != nil {
		return err
	}
	_, err := t.exec(ctx, `INSERT INTO huntd_schema(steps) VALUES(?) ON CONFLICT(one) DO UPDATE SET steps=excluded.steps`, steps)
	return err
}

func (*postgresDB) hasTable(ctx context.Context, t *tx, name string) (there bool, err error) {
	return there, t.one(ctx, `SELECT to_regclass(?) IS NOT NULL`, name).Scan(&there)
}

func (*postgresDB) lastNumber(ctx context.Context, t *tx, table string) (last int64, err error) {
	return last, t.one(ctx, `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(?,'id')),0)`, table).Scan(&last)
}

func (*postgresDB) numberFrom(ctx context.Context, t *tx, table string, last int64) error {
	return t.one(ctx, `SELECT setval(pg_get_serial_sequence(?,'id'),?)`, table, last).Scan(&last)
}

func (*postgresDB) serialize(ctx context.Context, t *tx, name string) error {
	_, err := t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(?,0))`, name)
	return err
}

// idle knows other processes by the name that their connections bear, which is
// that of the URL if it has one. A daemon always has a connection that listens.
func (*postgresDB) idle(ctx context.Context, t *tx) error {
	if _, err := t.exec(ctx, `SELECT pg_advisory_xact_lock(?)`, int64(migrationLock)); err != nil {
		return err
	}
	n := 0
	err := t.one(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND pid<>pg_backend_pid()
		AND application_name=current_setting('application_name')`).Scan(&n)
	if err == nil && n > 0 {
		err = fmt.Errorf("%w: huntd has %d other connections to the database; stop its daemons", ErrInUse, n)
	}
	return err
}

func (*postgresDB) unbounded(ctx context.Context, t *tx) error {
	_, err := t.exec(ctx, "SET LOCAL statement_timeout=0")
	return err
}

// text replaces what PostgreSQL takes for no text: it has no NUL and no bytes that
// are not UTF-8. Such text comes from servers' answers.
func (*postgresDB) text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func (*postgresDB) adapt(step string) string {
	return strings.NewReplacer(
		"INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
		" BLOB", " BYTEA",
	).Replace(step)
}

// backup is PostgreSQL's own affair.
func (*postgresDB) backup(context.Context, string) error { return ErrNoBackup }

// tidy is PostgreSQL's own affair: autovacuum does it.
func (*postgresDB) tidy(context.Context) error { return nil }

func (db *postgresDB) close() error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		db.pool.Close()
	}()
	t := time.NewTimer(closeTimeout)
	defer t.Stop()
	select {
	case <-closed:
		return nil
	case <-t.C:
		return errors.New("PostgreSQL does not answer: its connections are left as they are")
	}
}

// numbered is the statement as PostgreSQL wants it.
func (db *postgresDB) numbered(stmt string) string {
	db.mu.RLock()
	words, ok := db.words[stmt]
	db.mu.RUnlock()
	if !ok {
		words = numbered(stmt)
		db.mu.Lock()
		db.words[stmt] = words
		db.mu.Unlock()
	}
	return words
}

// A postgresTx carries out statements, in a transaction or each by itself.
type postgresTx struct {
	tx interface {
		Exec(ctx context.Context, stmt string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, stmt string, args ...any) (pgx.Rows, error)
		QueryRow(ctx context.Context, stmt string, args ...any) pgx.Row
		SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	}
	db *postgresDB
}

func (t postgresTx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, t.db.numbered(stmt), t.db.texts(args)...)
	return tag.RowsAffected(), err
}

func (t postgresTx) all(ctx context.Context, commands []command) (changed []int64, err error) {
	if len(commands) == 0 {
		return nil, nil
	}
	batch := &pgx.Batch{}
	for _, s := range commands {
		batch.Queue(t.db.numbered(s.text), t.db.texts(s.args)...).Exec(func(tag pgconn.CommandTag) error {
			changed = append(changed, tag.RowsAffected())
			return nil
		})
	}
	return changed, t.tx.SendBatch(ctx, batch).Close()
}

func (t postgresTx) one(ctx context.Context, stmt string, args ...any) row {
	return t.tx.QueryRow(ctx, t.db.numbered(stmt), t.db.texts(args)...)
}

func (t postgresTx) each(ctx context.Context, scan func(row) error, stmt string, args ...any) error {
	rows, err := t.tx.Query(ctx, t.db.numbered(stmt), t.db.texts(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// texts makes texts of the arguments that PostgreSQL takes.
func (db *postgresDB) texts(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = db.text(s)
		}
	}
	return args
}
