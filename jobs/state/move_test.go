package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

func TestMoveToSQLite(t *testing.T) {
	testMove(t, filepath.Join(t.TempDir(), "new.db"), func(path string) (string, *Ledger) {
		return "sqlite:" + path, openFile(t, path)
	})
}

func TestMoveToPostgres(t *testing.T) {
	testMove(t, statetest.NewDatabase(t), func(name string) (string, *Ledger) { return name, openPostgres(t, name) })
}

// fill leaves a state in the middle of its life: every table has rows, a run of
// one hunt is under way, one of another waits for its next try.
func fill(t *testing.T, l *Ledger) {
	t.Helper()
	h := newWorld(t, l, "h")
	h.commit(h.claim(h.plan(h.mark + 600)))
	for i := range 2*batchRows + 1 { // more than fit a batch
		h.must(l.write(h.ctx, func(ctx context.Context, tx *tx) error {
			_, err := tx.exec(h.ctx, `INSERT INTO finding(hunt_id, win_from, id, digest, at) VALUES('h',?,'id','digest',5)`, i)
			return err
		}))
	}
	stmts := []string{
		`UPDATE checkpoint SET carry=x'00ff01'`,
		`UPDATE hunt SET paused_at=1, pause_until=2, pause_reason='because'`,
		`INSERT INTO outbox(run_id, fence, seq, dest, nbytes, nevents, ready, created_at, body) VALUES('old',3,0,'other',1,1,1,9,x'00')`,
		`INSERT INTO outbox(id, run_id, fence, seq, dest, nbytes, nevents, created_at, body) VALUES(4711,'old',3,1,'other',1,1,9,x'01')`,
		`DELETE FROM outbox WHERE id=4711`,
		`INSERT INTO dead_letter(run_id, dest, event, status, reason, at) VALUES('old','main',x'7b7d',400,'a' || char(0) || 'b',7)`,
		`INSERT INTO suppression(hunt_id, lane, key, shown, until) VALUES('h','live','key',1,2)`,
		`INSERT INTO gap(hunt_id, win_from, win_to, reason, at, waived_at, waived_reason) VALUES('h',1,2,'down',3,4,'known')`,
		`INSERT INTO backfill(backfill_id, hunt_id, win_from, win_to, warm_from, state, created_at) VALUES('b','h',1,2,0,'active',3)`,
		`INSERT INTO connection(connection, paused_at, pause_until, pause_reason) VALUES('main',1,2,'upgrade')`,
		`INSERT INTO settled(hunt_id, win_from, win_to, counted, at) VALUES('h',1,2,3,4)`,
	}
	for _, stmt := range stmts {
		change(t, l, stmt)
	}
	r := h.claim(h.plan(h.mark + 600))
	h.must(l.SetSID(h.ctx, r, "sid-1"))
	h.must(l.Stage(h.ctx, r, 0, []jobs.Body{body("staged")}, h.now))
	w := newWorld(t, l, "w")
	r = w.claim(w.plan(w.mark + 600))
	w.must(l.Fail(w.ctx, r, "busy", w.now.Add(time.Minute), w.now))
}

func testMove(t *testing.T, to string, reopen func(string) (string, *Ledger)) {
	from := filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, from)
	fill(t, l)
	want := dump(t, l)
	to, target := reopen(to)
	target.Close()
	if _, err := Move(t.Context(), "sqlite:"+from, to, false, t0); !errors.Is(err, ErrInUse) {
		t.Fatalf("moved under a daemon: %v", err)
	}
	l.Close()
	moved, err := Move(t.Context(), "sqlite:"+from, to, false, t0)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Queued != 2 || len(moved.Tables) != len(tables()) {
		t.Errorf("moved %+v", moved)
	}
	_, target = reopen(strings.TrimPrefix(to, sqliteScheme))
	defer target.Close()
	if diff := cmp.Diff(want, dump(t, target)); diff != "" {
		t.Errorf("what was moved (-want +got):\n%s", diff)
	}
	h := &world{Ledger: target, t: t, ctx: t.Context(), hunt: "h", now: t0, slot: t0, mark: t0.Unix() - 3000}
	r, ok := h.next()
	if !ok || r.SID != "sid-1" || r.Window.From != h.mark {
		t.Fatalf("claimed %v %+v, want the run that was under way", ok, r)
	}
	if n := h.staged(); n != 0 {
		t.Errorf("%d staged bodies were moved", n)
	}
	h.commit(r)
	h.wantWatermark(h.mark)
	items, err := target.Due(h.ctx, "main", h.now, 10)
	if err != nil || len(items) != 2 || items[1].ID <= 4711 {
		t.Errorf("bodies %+v, %v: want the new one numbered behind the last, 4711", items, err)
	}
	testLeft(t, from, to)
}

// testLeft: the state that was left opens to nobody, and moves only if told to.
func testLeft(t *testing.T, from, to string) {
	t.Helper()
	name := "sqlite:" + from
	_, err := Open(t.Context(), name, zap.NewNop())
	if !errors.Is(err, ErrMoved) || !strings.Contains(err.Error(), Redact(to)) {
		t.Errorf("Open of what was left: %v", err)
	}
	if _, err := Join(t.Context(), name); !errors.Is(err, ErrMoved) {
		t.Errorf("Join of what was left: %v", err)
	}
	v, err := View(name)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Overview(t.Context()); !errors.Is(err, ErrMoved) {
		t.Errorf("a list of what was left: %v", err)
	}
	other := "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	if _, err := Move(t.Context(), name, other, false, t0); !errors.Is(err, ErrMoved) {
		t.Errorf("moved twice: %v", err)
	}
	if m, err := Move(t.Context(), name, other, true, t0); err != nil || m.Queued != 2 {
		t.Errorf("moved again: %+v, %v", m, err)
	}
	if _, err := Move(t.Context(), name, to, true, t0); !errors.Is(err, ErrNotEmpty) && !errors.Is(err, ErrInUse) {
		t.Errorf("moved into a state with hunts: %v", err)
	}
}

// dump is all that a state holds and that means something in another place.
func dump(t *testing.T, l *Ledger) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, tab := range tables() {
		columns := slices.DeleteFunc(slices.Clone(tab.columns), func(c string) bool {
			return tab.name == "run" && (c == "state" || c == "fence") // an open run is taken over
		})
		q := strings.Replace(tab.query(), strings.Join(tab.columns, ", "), strings.Join(columns, ", "), 1)
		err := l.read(t.Context(), func(ctx context.Context, tx *tx) error {
			return tx.each(t.Context(), func(r row) error {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				err := r.Scan(into...)
				line := fmt.Sprintf("%#v", values)
				// PostgreSQL has 32-bit numbers too, and no NUL.
				line = strings.NewReplacer("int32(", "int64(", `\x00`, "\uFFFD", "[]uint8", "[]byte", "[]byte(nil)", "[]byte{}").Replace(line)
				all[tab.name] = append(all[tab.name], line)
				return err
			}, q)
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all[tab.name])
		if len(all[tab.name]) == 0 {
			t.Errorf("the test moves nothing of table %s", tab.name)
		}
	}
	return all
}

// TestAllTablesMove: a column or table that is new moves, or is known not to.
func TestAllTablesMove(t *testing.T) {
	l := openFile(t, filepath.Join(t.TempDir(), "huntd.db"))
	stay := map[string][]string{
		"daemon": nil, // who is at work
		"run":    {"lease_until", "offered_at"},
		"outbox": {"lease_owner", "lease_until"},
	}
	want, got := map[string][]string{}, map[string][]string{}
	err := l.read(t.Context(), func(ctx context.Context, tx *tx) error {
		return tx.each(t.Context(), func(r row) error {
			var name, column string
			err := r.Scan(&name, &column)
			if stays, ok := stay[name]; !ok || stays != nil && !slices.Contains(stays, column) {
				want[name] = append(want[name], column)
			}
			return err
		}, `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
			WHERE t.type='table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'river_%' ORDER BY t.name, c.name`)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range tables() {
		got[tab.name] = slices.Sorted(slices.Values(tab.columns))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns of the schema, less those that stay, and those that move (-want +got):\n%s", diff)
	}
}

// TestMoveOfPreviousSchema: it is brought up to date on the way.
func TestMoveOfPreviousSchema(t *testing.T) {
	from, to := previousFile(t, 1, previous()), filepath.Join(t.TempDir(), "new.db")
	if m, err := Move(t.Context(), "sqlite:"+from, "sqlite:"+to, false, t0); err != nil || m.Queued != 2 {
		t.Fatalf("moved %+v, %v", m, err)
	}
	testPrevious(t, openFile(t, to))
}

// TestMoveIsAllOrNothing: a move that breaks off leaves nothing in the new place,
// and the old one as it was.
func TestMoveIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "huntd.db"), filepath.Join(dir, "new.db")
	l := openFile(t, from)
	fill(t, l)
	want := dump(t, l)
	l.Close()
	target := openFile(t, to)
	change(t, target, "ALTER TABLE settled RENAME COLUMN counted TO odd") // the last table to be filled
	target.Close()
	_, err := Move(t.Context(), "sqlite:"+from, "sqlite:"+to, false, t0)
	if err == nil || !strings.Contains(err.Error(), "table settled") || errors.Is(err, ErrMoved) {
		t.Errorf("Move: %v", err)
	}
	target = openFile(t, to)
	change(t, target, "ALTER TABLE settled RENAME COLUMN odd TO counted")
	for _, tab := range tables() {
		if err := target.read(t.Context(), func(ctx context.Context, tx *tx) error { return tab.mustBeEmpty(t.Context(), tx) }); err != nil {
			t.Error(err)
		}
	}
	target.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Move(ctx, "sqlite:"+from, "sqlite:"+to, false, t0); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted move: %v", err)
	}
	l = openFile(t, from)
	if diff := cmp.Diff(want["checkpoint"], dump(t, l)["checkpoint"]); diff != "" {
		t.Errorf("the state that was to be moved (-want +got):\n%s", diff)
	}
}

func TestMoveRefuses(t *testing.T) {
	dir := t.TempDir()
	full, empty := filepath.Join(dir, "full.db"), filepath.Join(dir, "empty.db")
	l := openFile(t, full)
	fill(t, l)
	l.Close()
	withoutTables(t, filepath.Join(dir, "begun.db"))
	for _, tt := range []struct {
		name, from, to string
		is             error
		want           string
	}{
		{"nothing there", "sqlite:" + empty, "sqlite:" + full, fs.ErrNotExist, "there is nothing to move"},
		{"itself", "sqlite:" + full, "sqlite:" + dir + "/../" + filepath.Base(dir) + "/full.db", ErrNotEmpty, "it is the one to move"},
		{"no folder", "sqlite:" + full, "sqlite:" + dir + "/nope/x.db", ErrNoFolder, "make it"},
		{"no state", "sqlite:" + full, "mysql:x", nil, "no kind of state"},
		{"no tables", "sqlite:" + dir + "/begun.db", "sqlite:" + empty, nil, "no daemon has run with it"},
	} {
		_, err := Move(t.Context(), tt.from, tt.to, false, t0)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestMoveBack: what went to PostgreSQL can come back, once no daemon has it.
func TestMoveBack(t *testing.T) {
	name, dir := statetest.NewDatabase(t), t.TempDir()
	from, back := "sqlite:"+filepath.Join(dir, "huntd.db"), filepath.Join(dir, "back.db")
	l := openFile(t, filepath.Join(dir, "huntd.db"))
	fill(t, l)
	want := dump(t, l)
	l.Close()
	if _, err := Move(t.Context(), from, name, false, t0); err != nil {
		t.Fatal(err)
	}
	daemon := openPostgres(t, name)
	if _, err := Move(t.Context(), name, "sqlite:"+back, false, t0); !errors.Is(err, ErrInUse) {
		t.Errorf("moved under a daemon: %v", err)
	}
	daemon.Close()
	_, err := Move(t.Context(), name, "sqlite:"+back, false, t0)
	for end := time.Now().Add(20 * time.Second); errors.Is(err, ErrInUse) && time.Now().Before(end); { // the server notices a moment later
		_, err = Move(t.Context(), name, "sqlite:"+back, false, t0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, dump(t, openFile(t, back))); diff != "" {
		t.Errorf("what came back (-want +got):\n%s", diff)
	}
	if _, err := Open(t.Context(), name, zap.NewNop()); !errors.Is(err, ErrMoved) {
		t.Errorf("Open of what was left: %v", err)
	}
}

// TestMoveOfWhatPostgresRefuses: a row that PostgreSQL does not take stops all.
func TestMoveOfWhatPostgresRefuses(t *testing.T) {
	name, path := statetest.NewDatabase(t), filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, path)
	fill(t, l)
	change(t, l, `UPDATE settled SET counted='many'`) // SQLite lets a text stand for a number
	l.Close()
	if _, err := Move(t.Context(), "sqlite:"+path, name, false, t0); err == nil || !strings.Contains(err.Error(), "table settled") {
		t.Errorf("Move: %v", err)
	}
	target := openPostgres(t, name)
	for _, tab := range tables() {
		if err := target.read(t.Context(), func(ctx context.Context, tx *tx) error { return tab.mustBeEmpty(t.Context(), tx) }); err != nil {
			t.Error(err)
		}
	}
	openFile(t, path) // it was not left
}

// TestKeysThatMerge: texts that PostgreSQL does not hold apart are counted.
func TestKeysThatMerge(t *testing.T) {
	name, path := statetest.NewDatabase(t), filepath.Join(t.TempDir(), "huntd.db")
	l := openFile(t, path)
	change(t, l, `INSERT INTO suppression(hunt_id, lane, key, shown, until) VALUES('h','live','a' || char(0),1,2),('h','live','a' || char(65533),1,2)`)
	l.Close()
	m, err := Move(t.Context(), "sqlite:"+path, name, false, t0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range m.Tables {
		if want := (Carried{Table: "suppression", Rows: 1, Merged: 1}); c.Table == "suppression" && c != want {
			t.Errorf("got %+v, want %+v", c, want)
		}
	}
}
