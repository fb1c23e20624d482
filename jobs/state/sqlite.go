package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.uber.org/zap"
	"modernc.org/sqlite"

	"github.com/huntd/huntd/jobs/state/dispatch"
)

// A sqliteDB is a file. Writers queue for its one writing connection, and not
// inside SQLite.
type sqliteDB struct {
	name   string  // as it was given
	path   string  // without links
	writer *sql.DB // nil in a view
	writes group   // of writer
	reader *sql.DB
	lock   *fileLock // nil beside the daemon that holds it

	// What was there before the file was opened to hunt with it.
	found   bool
	lostLog bool // the write-ahead log cannot be read
}

func newSQLite(name string) *sqliteDB { return &sqliteDB{name: name, path: realPath(name)} }

func (l *Ledger) openSQLite(ctx context.Context, path string, log *zap.Logger, hunting bool) (err error) {
	db := newSQLite(path)
	if !hunting {
		err = existing(db.path)
	} else {
		err = hasFolder(path)
	}
	if err != nil {
		return err
	}
	l.db = db
	if err := db.openWriter(ctx, hunting); err != nil {
		return err
	}
	if err := db.openReader(); err != nil {
		return err
	}
	if l.queue, err = dispatch.NewSQLite(db.writer, log); err != nil {
		return err
	}
	if !hunting {
		return l.upToDate(ctx)
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	if db.lostLog {
		log.Warn("write-ahead log unreadable", zap.String("state", l.name),
			zap.String("hint", "what was written since the last checkpoint is lost, and its windows are examined again"))
	}
	if err := l.queue.Migrate(ctx); err != nil {
		return err
	}
	return l.recover(ctx, time.Now())
}

// openWriter opens the file, alone or beside the daemon that holds its lock.
func (db *sqliteDB) openWriter(ctx context.Context, alone bool) (err error) {
	if alone {
		if err := db.openAlone(); err != nil {
			return err
		}
	}
	if db.writer, err = openPool(dsn(db.path, "rwc")); err != nil {
		return err
	}
	db.writer.SetMaxOpenConns(1)
	db.writes.db = db.writer
	if err := db.checkFile(ctx); err != nil {
		return err
	}
	if alone {
		db.lock.sign()
	}
	return nil
}

// idleSQLite opens a file that is there and that no daemon holds.
func idleSQLite(ctx context.Context, path string) (*sqliteDB, error) {
	db := newSQLite(path)
	if err := existing(db.path); err != nil {
		return nil, err
	}
	if err := db.openWriter(ctx, true); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

func viewSQLite(path string) (*sqliteDB, error) {
	db := newSQLite(path)
	if err := existing(db.path); err != nil {
		return nil, err
	}
	return db, db.openReader()
}

func (db *sqliteDB) openReader() (err error) {
	if db.reader, err = openPool(dsn(db.path, "rw")); err == nil {
		db.reader.SetMaxOpenConns(4)
	}
	return err
}

func (db *sqliteDB) write(ctx context.Context, do func(context.Context, *tx) error) error {
	return advised(db.writes.write(ctx, do))
}

func (db *sqliteDB) writeAsync(ctx context.Context, do func(context.Context, *tx) error) error {
	return db.write(ctx, do)
}

func (db *sqliteDB) read(ctx context.Context, do func(context.Context, *tx) error) error {
	return advised(transact(ctx, db.reader, do))
}

func (db *sqliteDB) readOne(ctx context.Context, do func(context.Context, *tx) error) error {
	return advised(do(ctx, &tx{conn: sqliteTx{db.reader}}))
}

func transact(ctx context.Context, db *sql.DB, do func(context.Context, *tx) error) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(ctx, sqliteTxOf(t)); err != nil {
		return rollBack(t, err)
	}
	return t.Commit()
}

func sqliteTxOf(t *sql.Tx) *tx { return &tx{conn: sqliteTx{t}, raw: t, clock: noClock} }

// rollBack returns the error for which a transaction is rolled back.
func rollBack(t *sql.Tx, err error) error {
	if undo := t.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
		err = errors.Join(err, undo)
	}
	return err
}

// present is now: one process has the file, so that there is one clock.
func (*sqliteDB) present(_ context.Context, _ *tx, now time.Time) (time.Time, error) { return now, nil }

func (*sqliteDB) version(ctx context.Context, t *tx) (steps int, err error) {
	return steps, t.one(ctx, "PRAGMA user_version").Scan(&steps)
}

func (*sqliteDB) setVersion(ctx context.Context, t *tx, steps int) error {
	_, err := t.exec(ctx, fmt.Sprintf("PRAGMA user_version=%d", steps))
	return err
}

func (*sqliteDB) hasTable(ctx context.Context, t *tx, name string) (there bool, err error) {
	return there, t.one(ctx, `SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?)`, name).Scan(&there)
}

func (*sqliteDB) lastNumber(ctx context.Context, t *tx, table string) (last int64, err error) {
	return last, t.one(ctx, `SELECT coalesce(max(seq),0) FROM sqlite_sequence WHERE name=?`, table).Scan(&last)
}

func (*sqliteDB) numberFrom(ctx context.Context, t *tx, table string, last int64) error {
	if _, err := t.exec(ctx, `DELETE FROM sqlite_sequence WHERE name=?`, table); err != nil {
		return err
	}
	_, err := t.exec(ctx, `INSERT INTO sqlite_sequence(name, seq) VALUES(?,?)`, table, last)
	return err
}

func (*sqliteDB) serialize(context.Context, *tx, string) error { return nil }

// idle holds for whoever holds the lock on the file.
func (*sqliteDB) idle(context.Context, *tx) error { return nil }

func (*sqliteDB) unbounded(context.Context, *tx) error { return nil }

func (*sqliteDB) text(s string) string { return s }

func (*sqliteDB) adapt(step string) string { return step }

func (db *sqliteDB) backup(ctx context.Context, file string) error {
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return err
	}
	var verdict string
	err = conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	if err != nil {
		return advised(errors.Join(err, conn.Close()))
	}
	// A connection that may write nothing may not write another file either.
	if _, err = conn.ExecContext(ctx, "PRAGMA query_only(0)"); err == nil {
		_, err = conn.ExecContext(ctx, "VACUUM INTO ?", file)
	}
	_, again := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(1)")
	return advised(errors.Join(err, again, conn.Close()))
}

// tidyPages is how many pages are given back at a time, 8 MiB.
const tidyPages = 2048

func (db *sqliteDB) tidy(ctx context.Context) error {
	if db.writer == nil {
		return errViewOnly
	}
	_, err := db.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", tidyPages))
	return err
}

func (db *sqliteDB) close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.reader, db.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if db.lock != nil { // last: closing the file takes SQLite's locks away
		errs = append(errs, db.lock.close())
	}
	return errors.Join(errs...)
}

// checkFile refuses a file that is another program's. It reads the header and the
// schema, and so notices a file that is no database or was cut off.
func (db *sqliteDB) checkFile(ctx context.Context) error {
	var foreign bool
	err := db.writer.QueryRowContext(ctx, `SELECT user_version=0 AND EXISTS(SELECT 1 FROM sqlite_schema WHERE type='table')
		FROM pragma_user_version`).Scan(&foreign)
	if err == nil && foreign {
		err = errors.New("the database is another program's: name another file")
	}
	return advised(err)
}

// errDamaged says what to do about a file that is damaged.
var errDamaged = errors.New("the database is damaged: restore it from a backup or move it away")

// The codes by which SQLite says that a file is no database of its own, or not
// any more (https://www.sqlite.org/rescode.html).
const (
	codeCorrupt     = 11
	codeNotDatabase = 26
)

// advised returns [errDamaged] of what SQLite says of a damaged file.
func advised(err error) error {
	var failed *sqlite.Error
	if errors.As(err, &failed) && !errors.Is(err, errDamaged) {
		if code := failed.Code() & 0xff; code == codeCorrupt || code == codeNotDatabase {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return err
}

func dsn(path, mode string) string {
	q := url.Values{
		"mode":    {mode},
		"_txlock": {"immediate"},
		"_pragma": {
			"busy_timeout(15000)", "auto_vacuum(2)", "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(1)", "journal_size_limit(67108864)",
		},
	}
	if mode == "rw" { // not "ro": a reader may have to make the WAL's index
		q["_txlock"] = []string{"deferred"}
		q["_pragma"] = []string{"busy_timeout(15000)", "query_only(1)"}
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// A sqliteTx carries out statements, in a transaction or each by itself.
type sqliteTx struct {
	tx interface {
		ExecContext(ctx context.Context, stmt string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, stmt string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, stmt string, args ...any) *sql.Row
	}
}

func (t sqliteTx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(ctx, stmt, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t sqliteTx) all(ctx context.Context, commands []command) (changed []int64, err error) {
	for _, s := range commands {
		n, err := t.exec(ctx, s.text, s.args...)
		if err != nil {
			return nil, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}

func (t sqliteTx) one(ctx context.Context, stmt string, args ...any) row {
	return t.tx.QueryRowContext(ctx, stmt, args...)
}

func (t sqliteTx) each(ctx context.Context, scan func(row) error, stmt string, args ...any) error {
	rows, err := t.tx.QueryContext(ctx, stmt, args...)
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
