package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
)

// A grouped is a SQLite state whose writing connection a write holds until freed.
type grouped struct {
	*testing.T
	*Ledger
	free chan struct{}
}

func newGrouped(t *testing.T) *grouped {
	t.Helper()
	l, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "huntd.db"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &grouped{t, l, make(chan struct{})}
}

// hold occupies the connection.
func (g *grouped) hold() {
	held := make(chan struct{})
	var once sync.Once // it is carried out again if the transaction fails
	go func() {
		_ = g.write(context.Background(), func(context.Context, *tx) error {
			once.Do(func() { close(held) })
			<-g.free
			return nil
		})
	}()
	<-held
}

// queued waits until that many writes wait.
func (g *grouped) queued(n int) {
	g.Helper()
	writes := &g.db.(*sqliteDB).writes
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		writes.mu.Lock()
		waiting := len(writes.waiting)
		writes.mu.Unlock()
		if waiting == n {
			return
		}
		if time.Now().After(deadline) {
			g.Fatalf("%d writes wait, want %d", waiting, n)
		}
	}
}

// insert writes a row, and then does what it is given.
func insert(id string, then func() error) func(context.Context, *tx) error {
	return func(ctx context.Context, tx *tx) error {
		if _, err := tx.exec(ctx, `INSERT INTO connection(connection) VALUES(?)`, id); err != nil {
			return err
		}
		return then()
	}
}

func (g *grouped) rows() string {
	g.Helper()
	var names []string
	if err := g.read(g.Context(), func(ctx context.Context, tx *tx) (err error) {
		names, err = stringsOf(ctx, tx, `SELECT connection FROM connection ORDER BY connection`)
		return err
	}); err != nil {
		g.Fatal(err)
	}
	return strings.Join(names, " ")
}

// together carries out writes that wait at the same time.
func (g *grouped) together(writes ...func(context.Context, *tx) error) []error {
	g.Helper()
	g.hold()
	errs := make([]error, len(writes))
	var all sync.WaitGroup
	for i, do := range writes {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			errs[i] = g.write(g.Context(), do)
		})
		g.queued(i + 1)
	}
	close(g.free)
	all.Wait()
	return errs
}

func TestWritesShareATransaction(t *testing.T) {
	g := newGrouped(t)
	var raw [2]any
	share := func(i int) func(context.Context, *tx) error {
		return func(_ context.Context, tx *tx) error { raw[i] = tx.raw; return nil }
	}
	for i, err := range g.together(share(0), share(1)) {
		if err != nil || raw[i] == nil || raw[i] != raw[0] {
			t.Errorf("write %d: %v, transaction %p, the first %p", i, err, raw[i], raw[0])
		}
	}
}

// TestWritesFailByThemselves: what one write does wrong costs no other anything.
func TestWritesFailByThemselves(t *testing.T) {
	well := func() error { return nil }
	failed := errors.New("failed")
	for name, bad := range map[string]func() error{
		"error": func() error { return failed },
		"panic": func() error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGrouped(t)
			errs := g.together(insert("a", well), insert("b", bad), insert("c", well))
			if errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Errorf("errors %v", errs)
			}
			if got := g.rows(); got != "a c" {
				t.Errorf("rows %q, want those of the writes that did not fail", got)
			}
		})
	}
}

// TestWriteIsInterrupted: SQLite rolls back all of a transaction in which a
// statement is interrupted.
func TestWriteIsInterrupted(t *testing.T) {
	g := newGrouped(t)
	well := func() error { return nil }
	endless := func(ctx context.Context, tx *tx) error {
		ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, err := tx.exec(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)
			INSERT INTO connection(connection) SELECT 'x' || i FROM n WHERE i%1000000=0`)
		return err
	}
	errs := g.together(insert("a", well), endless, insert("c", well))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
	if got := g.rows(); got != "a c" {
		t.Errorf("rows %q", got)
	}
}

// TestWaitingWriteIsCancelled: a write that has not begun does not wait for the
// connection when its context ends.
func TestWaitingWriteIsCancelled(t *testing.T) {
	g := newGrouped(t)
	g.hold()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.write(ctx, insert("a", func() error { return nil })) }()
	g.queued(1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(g.free)
	if got := g.rows(); got != "" {
		t.Errorf("rows %q of a write that was cancelled", got)
	}
	if err := g.write(t.Context(), insert("b", func() error { return nil })); err != nil || g.rows() != "b" {
		t.Errorf("the next write: %v, rows %q", err, g.rows())
	}
}

// TestWriteIsCancelledBesideAnother: a write does not wait longer than its context
// for the lock that another process holds on the file.
func TestWriteIsCancelledBesideAnother(t *testing.T) {
	g := newGrouped(t)
	other, err := Join(t.Context(), "sqlite:"+g.db.(*sqliteDB).path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	beside := &grouped{t, other, g.free}
	beside.hold()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := g.write(ctx, insert("a", func() error { return nil })); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
	close(g.free)
	if err := g.write(t.Context(), insert("b", func() error { return nil })); err != nil || g.rows() != "b" {
		t.Errorf("the next write: %v, rows %q", err, g.rows())
	}
}

func TestLoneWriteFails(t *testing.T) {
	g := newGrouped(t)
	failed := errors.New("failed")
	if err := g.write(t.Context(), insert("a", func() error { return failed })); !errors.Is(err, failed) || g.rows() != "" {
		t.Errorf("%v, rows %q", err, g.rows())
	}
}
