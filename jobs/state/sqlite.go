package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"modernc.org/sqlite" // the database driver, pure Go
)

// ErrInUse says that another process holds the state.
var ErrInUse = errors.New("the state is in use")

// ErrNoFolder says that the folder of a state is not there. It is not made: a
// name that is written wrong would begin a new state in silence, and with it
// every hunt.
var ErrNoFolder = errors.New("there is no folder")

// A Ledger is an open state. It is safe for use by several goroutines.
type Ledger struct {
	path   string
	writer *sql.DB // one connection: writers queue here and not in SQLite; nil in a view
	reader *sql.DB
	lock   *os.File
	begun  bool
}

// Open opens the state that url names: "sqlite:" and the path of a file, which
// is made, for its owner alone, if it is not there. It returns [ErrNoFolder] if
// not even its folder is, [ErrInUse] if another process has it open, and the
// context's error if that ends meanwhile. Runs that a process left running when
// it died are queued again, and what they had staged is swept.
func Open(ctx context.Context, url string) (*Ledger, error) {
	path, err := pathOf(url)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path}
	if err := l.open(ctx, path); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // SQLite calls it an interruption, or worse
		}
		return nil, errors.Join(fmt.Errorf("state %s: %w", path, err), l.Close())
	}
	return l, nil
}

// Begun reports whether Open found no state and began a new one.
func (l *Ledger) Begun() bool { return l.begun }

func (l *Ledger) open(ctx context.Context, path string) error {
	err := hasFolder(path)
	if err != nil {
		return err
	}
	if l.lock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	if err := private(path); err != nil {
		return err
	}
	if l.writer, err = sql.Open("sqlite", dsn(path, "rwc")); err != nil {
		return err
	}
	l.writer.SetMaxOpenConns(1)
	if err := l.sound(ctx); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	if err := l.openReader(path); err != nil {
		return err
	}
	return l.recover(ctx)
}

func (l *Ledger) openReader(path string) (err error) {
	if l.reader, err = sql.Open("sqlite", dsn(path, "rw")); err == nil {
		l.reader.SetMaxOpenConns(4)
	}
	return err
}

// View opens a state to read it, beside the process that holds it. Its methods
// that change anything return an error. It returns [fs.ErrNotExist] if there is
// none yet.
func View(url string) (*Ledger, error) {
	path, err := pathOf(url)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	l := &Ledger{path: path}
	return l, l.openReader(path)
}

// CheckFolder returns [ErrNoFolder] if a state cannot be opened, or begun, for
// want of its folder.
func CheckFolder(url string) error {
	path, err := pathOf(url)
	if err != nil {
		return err
	}
	return hasFolder(path)
}

func hasFolder(path string) error {
	dir := filepath.Dir(path)
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w %s: make it, or name another", ErrNoFolder, dir)
	}
	return err
}

// Validate reports what is wrong with the name of a state. It opens nothing.
func Validate(url string) error {
	_, err := pathOf(url)
	return err
}

// pathOf returns the file that url names. An error repeats no more of url than
// its kind: what follows may hold a password.
func pathOf(url string) (string, error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	switch {
	case !ok:
		kind, _, _ := strings.Cut(url, ":")
		return "", fmt.Errorf("state: %q is not supported by this version: write sqlite: and the path of a file", kind)
	case path == "":
		return "", errors.New("state: sqlite: wants the path of a file behind it")
	}
	return path, nil
}

// private makes sure that nobody but the owner can read the database, whatever
// the umask says.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// sound refuses a damaged file, and one that is another program's, before
// anything is built on it.
func (l *Ledger) sound(ctx context.Context) error {
	var verdict string
	if err := l.writer.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return advised(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged (%s): restore it from a backup or move it away", verdict)
	}
	var foreign bool
	err := l.writer.QueryRowContext(ctx, `SELECT user_version=0 AND EXISTS(SELECT 1 FROM sqlite_schema WHERE type='table')
		FROM pragma_user_version`).Scan(&foreign)
	if err == nil && foreign {
		err = errors.New("the database is another program's: name another file")
	}
	return err
}

// The codes by which SQLite says that a file is no database of its own, or not
// any more (https://www.sqlite.org/rescode.html).
const (
	codeCorrupt     = 11
	codeNotDatabase = 26
)

// advised says what to do about a file that is damaged.
func advised(err error) error {
	var failed *sqlite.Error
	if errors.As(err, &failed) {
		if code := failed.Code() & 0xff; code == codeCorrupt || code == codeNotDatabase {
			return fmt.Errorf("the database cannot be read, restore it from a backup or move it away: %w", err)
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

// lockFile takes the lock that keeps a second process out. The kernel frees it
// when this one ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		holder := make([]byte, 32)
		n, _ := f.Read(holder)
		err = fmt.Errorf("%w by process %s: stop it, or name another state", ErrInUse, strings.TrimSpace(string(holder[:n])))
		return nil, errors.Join(err, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	// The number is a courtesy to people: the lock holds without it, so that an
	// error here, on a full disk say, is none.
	if f.Truncate(0) == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}

// Close closes the state and frees its lock.
func (l *Ledger) Close() error {
	var errs []error
	for _, db := range []*sql.DB{l.reader, l.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}
