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
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"go.uber.org/zap"
)

const (
	// migrationLock is the advisory lock of whoever brings the schema up to
	// date; "huntd" in ASCII.
	migrationLock = 0x68756e7464

	// replays is how often a transaction is run again that the server gave up
	// in favour of another.
	replays = 5
)

// A postgresDB is shared by the daemons of several hosts.
type postgresDB struct {
	pool *pgxpool.Pool
	url  string

	mu    sync.RWMutex
	words map[string]string // statements with their arguments numbered
	// clock, if set, is asked in place of the server's clock: tests drive years.
	clock func(now time.Time) time.Time
}

func (l *Ledger) openPostgres(ctx context.Context, url string, log *zap.Logger) error {
	db, err := viewPostgres(url)
	if err != nil {
		return err
	}
	l.db = db
	driver := riverpgxv5.New(db.pool)
	if l.queue, err = newRiver(driver, log); err != nil {
		return err
	}
	// One daemon after the other; the lock goes with the session.
	session, err := db.pool.Acquire(ctx)
	if err != nil {
		return unredacted(err)
	}
	defer session.Release()
	if _, err := session.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	err = l.migrate(ctx)
	if err == nil {
		err = migrateRiver(ctx, driver)
	}
	_, unlock := session.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return errors.Join(err, unlock)
}

// unredacted drops from a failure to connect what pgx says of the URL, which
// holds no password but says nothing new either.
func unredacted(err error) error {
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) && failed.Unwrap() != nil {
		return fmt.Errorf("no connection to PostgreSQL: %w", failed.Unwrap())
	}
	return err
}

func viewPostgres(url string) (*postgresDB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, Validate(url)
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = 12 // measured to be enough for eight workers and their queue
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "huntd"
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &postgresDB{pool: pool, url: url, words: map[string]string{}}, nil
}

func (db *postgresDB) write(ctx context.Context, do func(*tx) error) error {
	var err error
	for range replays {
		if err = db.transact(ctx, pgx.TxOptions{}, do); !replayable(err) {
			return err
		}
	}
	return err
}

func (db *postgresDB) read(ctx context.Context, do func(*tx) error) error {
	// One snapshot for all that a reader asks for.
	return db.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

func (db *postgresDB) transact(ctx context.Context, options pgx.TxOptions, do func(*tx) error) error {
	t, err := db.pool.BeginTx(ctx, options)
	if err != nil {
		return unredacted(err)
	}
	if err := do(&tx{conn: postgresTx{t, db}, raw: t, lock: " FOR UPDATE", skip: " FOR UPDATE SKIP LOCKED"}); err != nil {
		if undo := t.Rollback(context.WithoutCancel(ctx)); undo != nil && !errors.Is(undo, pgx.ErrTxClosed) {
			err = errors.Join(err, undo)
		}
		return err
	}
	return t.Commit(ctx)
}

// replayable reports whether a transaction lost to another one: serialization
// failure and deadlock (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func replayable(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && (failed.Code == "40001" || failed.Code == "40P01")
}

// present is the server's clock: those of the hosts may differ.
func (db *postgresDB) present(ctx context.Context, t *tx, now time.Time) (time.Time, error) {
	if db.clock != nil {
		return db.clock(now), nil
	}
	var at time.Time
	return at, t.one(ctx, "SELECT clock_timestamp()").Scan(&at)
}

func (*postgresDB) version(ctx context.Context, t *tx) (steps int, err error) {
	var there bool
	if err := t.one(ctx, `SELECT to_regclass('huntd_schema') IS NOT NULL`).Scan(&there); err != nil || !there {
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

func (*postgresDB) adapt(step string) string {
	return strings.NewReplacer(
		"INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
		" BLOB", " BYTEA",
	).Replace(step)
}

// backup is PostgreSQL's own affair.
func (*postgresDB) backup(context.Context, string) error {
	return errors.New("huntd backs up sqlite: states; PostgreSQL brings pg_dump for its own")
}

// tidy is PostgreSQL's own affair: autovacuum does it.
func (*postgresDB) tidy(context.Context) error { return nil }

func (db *postgresDB) close() error {
	db.pool.Close()
	return nil
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

// A postgresTx carries out statements in a transaction.
type postgresTx struct {
	tx pgx.Tx
	db *postgresDB
}

func (t postgresTx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, t.db.numbered(stmt), textual(args)...)
	return tag.RowsAffected(), err
}

func (t postgresTx) one(ctx context.Context, stmt string, args ...any) row {
	return t.tx.QueryRow(ctx, t.db.numbered(stmt), textual(args)...)
}

func (t postgresTx) each(ctx context.Context, scan func(row) error, stmt string, args ...any) error {
	rows, err := t.tx.Query(ctx, t.db.numbered(stmt), textual(args)...)
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

// textual makes text of what PostgreSQL takes for none: it has no NUL and no
// bytes that are not UTF-8. Such text comes from servers' answers and is only
// shown.
func textual(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}
