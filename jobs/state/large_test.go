package state

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// A large says how much a state has seen: hunts that ran each five minutes, all of
// them with a run that waits, and bodies that HEC has not taken.
type large struct {
	hunts, days, bodies, bodySize int
}

// runs is how many runs of each hunt have ended.
func (s large) runs() int { return s.days * 24 * 12 }

// fill makes a state large, by some statements for all of it. A tenth of the hunts
// has gaps, a fifth looks for late events, and one was run by hand only.
func (s large) fill(tb testing.TB, l *Ledger) {
	tb.Helper()
	ctx := context.Background()
	if _, ok := l.db.(*sqliteDB); ok {
		change(tb, l, "PRAGMA cache_size=-500000")
	}
	count := func(name string, n int) string {
		return fmt.Sprintf(`%[1]s(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i+1 FROM %[1]s WHERE i<%[2]d)`, name, n-1)
	}
	values := strings.NewReplacer(
		"$hunts", "WITH RECURSIVE "+count("h", s.hunts), "$slots", count("r", s.runs()), "$bodies", "WITH RECURSIVE "+count("b", s.bodies),
		"$begin", fmt.Sprint(t0.Unix()-int64(s.runs())*300), "$end", fmt.Sprint(t0.Unix()), "$now", fmt.Sprint(t0.UnixMilli()),
		"$runs", fmt.Sprint(s.runs()), "$of", fmt.Sprint(s.hunts), "$size", fmt.Sprint(s.bodySize),
		"$id", `CAST(h.i*1000000+r.i AS TEXT)||'-0000-7000-8000-000000000000'`,
	)
	body := make([]byte, s.bodySize)
	for i := range body {
		body[i] = byte(i*7 + i>>8)
	}
	fill := func(ctx context.Context, tx *tx) error {
		for _, stmt := range []string{
			`$hunts INSERT INTO hunt(hunt_id, last_slot, seen_at) SELECT 'hunt-'||i, $now, $now FROM h WHERE i>0`,
			`$hunts INSERT INTO checkpoint(hunt_id, lane, watermark, began, report_from)
				SELECT 'hunt-'||i, 'live', $end, $begin, $begin FROM h WHERE i>0`,
			`$hunts, $slots INSERT INTO run(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, fence,
					attempts, rows_in, created_at, started_at, finished_at)
				SELECT $id, 'hunt-'||h.i, CASE WHEN h.i=0 THEN 'manual' ELSE 'live' END, 'main', 1, 1000*($begin+300*r.i+300),
					$begin+300*r.i, $begin+300*r.i+300, '0123456789abcdef', CASE WHEN r.i%100=99 THEN 'failed' ELSE 'succeeded' END, 2,
					1, 100, 1000*($begin+300*r.i+300), 1000*($begin+300*r.i+301), 1000*($begin+300*r.i+302) FROM h CROSS JOIN r`,
			`$hunts INSERT INTO run(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, created_at)
				SELECT 'open-'||i, 'hunt-'||i, 'live', 'main', 1, $now, $end, $end+300, '0123456789abcdef', 'queued', $now FROM h WHERE i>0`,
			`$hunts INSERT INTO gap(hunt_id, win_from, win_to, reason, at) SELECT 'hunt-'||i, $begin+300, $begin+600, 'missed', $now FROM h WHERE i%10=1`,
			`$hunts, $slots INSERT INTO settled(hunt_id, win_from, win_to, counted, at)
				SELECT 'hunt-'||h.i, $begin+300*r.i, $begin+300*r.i+300, CASE WHEN r.i>=$runs-12 THEN -1 WHEN r.i%50=0 THEN 1 ELSE 0 END, $now
				FROM h CROSS JOIN r WHERE h.i%5=1`,
		} {
			if _, err := tx.exec(ctx, values.Replace(stmt)); err != nil {
				return err
			}
		}
		_, err := tx.exec(ctx, values.Replace(`$bodies INSERT INTO outbox(run_id, hunt_id, fence, seq, dest, nbytes, nevents, ready, created_at, body)
			SELECT CAST(b.i%$of*1000000+b.i/$of%$runs AS TEXT)||'-0000-7000-8000-000000000000', 'hunt-'||(b.i%$of), 2, b.i, 'main', $size, 3, 1, $now+b.i, ? FROM b`), body)
		return err
	}
	if err := l.db.write(ctx, func(ctx context.Context, tx *tx) error {
		if err := l.db.unbounded(ctx, tx); err != nil {
			return err
		}
		return fill(ctx, tx)
	}); err != nil {
		tb.Fatal(err)
	}
	if db, ok := l.db.(*postgresDB); ok { // as autovacuum would have
		if _, err := db.pool.Exec(ctx, "ANALYZE"); err != nil {
			tb.Fatal(err)
		}
	}
}

// testOverviewReadsNoHistory: a list reads of each hunt what is new and open, and a
// view of a backfill its own runs, however many others are remembered.
func testOverviewReadsNoHistory(t *testing.T, open func() *Ledger) {
	l, s := open(), large{hunts: 20, days: 1, bodies: 100, bodySize: 10}
	s.fill(t, l)
	ctx := t.Context()
	err := l.read(ctx, func(ctx context.Context, tx *tx) error {
		asked := &askedConn{conn: tx.conn}
		tx.conn = asked
		views, err := overviewOf(ctx, tx, nil)
		if err != nil {
			return err
		}
		wantLarge(t, s, views)
		if err := sumBackfills(ctx, tx, []BackfillView{{Backfill: jobs.Backfill{ID: "b", Hunt: "hunt-1"}}}); err != nil {
			return err
		}
		if _, ok := l.db.(*postgresDB); ok {
			return wantFewRead(ctx, t, asked.conn, 6*s.hunts)
		}
		for _, q := range asked.queries {
			if err := wantNoScan(ctx, t, asked.conn, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantLarge wants to see what fill has made.
func wantLarge(t *testing.T, s large, views map[string]*HuntView) {
	t.Helper()
	events := 0
	for _, v := range views {
		events += v.Pending
	}
	hand, live := views["hunt-0"], views["hunt-1"]
	if len(views) != s.hunts || events != 3*s.bodies || hand == nil || live == nil {
		t.Fatalf("%d hunts, of which %d events wait, want %d and %d, with one by hand", len(views), events, s.hunts, 3*s.bodies)
	}
	if hand.Planned || !hand.Ended || hand.Open.State != "" || hand.Last.Window.To != t0.Unix() {
		t.Errorf("a hunt that was run by hand only: %+v", hand)
	}
	if !live.Planned || live.Last.Window.To != t0.Unix() || live.Open.ID != "open-1" || live.Gaps != 1 || live.Settling != 12 || live.Grown != s.runs()/50+1 {
		t.Errorf("a hunt with everything: %+v", live)
	}
}

// An askedConn remembers what was asked.
type askedConn struct {
	conn
	queries []command
}

func (c *askedConn) each(ctx context.Context, scan func(row) error, stmt string, args ...any) error {
	c.queries = append(c.queries, newCommand(stmt, args...))
	return c.conn.each(ctx, scan, stmt, args...)
}

// wantNoScan wants SQLite to answer a query without reading all of a table that
// grows with the history.
func wantNoScan(ctx context.Context, t *testing.T, c conn, q command) error {
	t.Helper()
	return c.each(ctx, func(r row) error {
		var id, parent, unused int
		var step string
		err := r.Scan(&id, &parent, &unused, &step)
		for _, table := range []string{"run", "r", "outbox", "o", "settled", "s"} {
			if step == "SCAN "+table || strings.HasPrefix(step, "SCAN "+table+" ") {
				t.Errorf("%s\nis answered by %q", q.text, step)
			}
		}
		return err
	}, "EXPLAIN QUERY PLAN "+q.text, q.args...)
}

// wantFewRead wants PostgreSQL to have read no more than so many runs in this
// transaction.
func wantFewRead(ctx context.Context, t *testing.T, c conn, most int) error {
	t.Helper()
	read := 0
	err := c.one(ctx, `SELECT coalesce(seq_tup_read,0)+coalesce(idx_tup_fetch,0) FROM pg_stat_xact_user_tables WHERE relname='run'`).Scan(&read)
	if read > most {
		t.Errorf("%d runs were read, want %d at most", read, most)
	}
	return err
}

// longestList is far more than a list may take, for machines that are busy.
const longestList = 3 * time.Second

// BenchmarkOverview reads what a list shows of two weeks of 300 hunts.
func BenchmarkOverview(b *testing.B) {
	s := large{hunts: 300, days: 14, bodies: 33_000, bodySize: 1 << 10}
	for name, open := range map[string]func(b *testing.B) *Ledger{
		"sqlite":   func(b *testing.B) *Ledger { return openFile(b, filepath.Join(b.TempDir(), "huntd.db")) },
		"postgres": func(b *testing.B) *Ledger { return openPostgres(b, statetest.NewDatabase(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			l := open(b)
			s.fill(b, l)
			for b.Loop() {
				views, err := l.Overview(b.Context())
				if err != nil || len(views) != s.hunts {
					b.Fatalf("%d hunts, %v", len(views), err)
				}
			}
			if each := b.Elapsed() / time.Duration(b.N); each > longestList {
				b.Errorf("a list takes %s, want 300 ms, and %s at most", each, longestList)
			}
		})
	}
}
