package state

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
	"github.com/huntd/huntd/pipeline"
)

// previous is what a huntd of the first schema has left: its daemon was killed
// while it examined one hunt's window, another hunt waits for its next try, and
// a third has failed.
func previous() string {
	hour := t0.Add(-time.Hour)
	run := func(id, hunt, state string, from, fence int64, more string) string {
		return fmt.Sprintf(`INSERT INTO run(run_id, hunt_id, lane, slot_at, win_from, win_to, spec_hash, state, fence, owner, lease_until,
				attempts, retry_at, created_at, started_at, finished_at)
			VALUES('%s','%s','live',%d,%d,%d,'spec','%s',%d,%s);`,
			id, hunt, hour.UnixMilli()+from, from, from+600, state, fence, more)
	}
	return strings.Join([]string{
		fmt.Sprintf(`INSERT INTO hunt VALUES('busy',%[1]d,1),('waits',%[1]d,1),('failed',%[1]d,1);`, hour.UnixMilli()),
		`INSERT INTO checkpoint VALUES('busy','live',1200,2,NULL),('waits','live',600,0,NULL),('failed','live',600,0,NULL);`,
		run("b1", "busy", "succeeded", 0, 1, "NULL,NULL,1,NULL,1,2,3"),
		run("b2", "busy", "succeeded", 600, 2, "NULL,NULL,2,NULL,1,2,4"),
		run("b3", "busy", "running", 1200, 1, "'host/1/x',9,1,NULL,1,2,NULL"),
		run("w1", "waits", "retry", 600, 3, fmt.Sprintf("NULL,NULL,3,%d,1,2,NULL", t0.Add(time.Minute).UnixMilli())),
		run("f1", "failed", "failed", 600, 40, "NULL,NULL,40,NULL,1,2,5"),
		`INSERT INTO outbox(run_id, fence, seq, dest, nbytes, nevents, ready, created_at, body) VALUES
			('b1',1,0,'main',3,1,1,1,'one'),('b2',2,0,'main',3,1,1,2,'two'),('b3',1,0,'main',6,1,0,3,'staged');`,
		`INSERT INTO dead_letter(run_id, dest, event, status, reason, at) VALUES('b1','main','{}',400,'poisoned',7);`,
		`INSERT INTO suppression VALUES('busy','live','key',1000,90000);`,
		`INSERT INTO gap VALUES('waits',0,600,'missed',8);`,
	}, "\n")
}

// testPrevious: hunts go on where the first schema's huntd has left them.
func testPrevious(t *testing.T, l *Ledger) {
	if l.begun {
		t.Error("a state that was there was begun")
	}
	ctx := t.Context()
	lanes, err := l.Lanes(ctx, []string{"busy", "waits", "failed"}, t0)
	if err != nil {
		t.Fatal(err)
	}
	slot := t0.Add(-time.Hour)
	if diff := cmp.Diff(map[string]jobs.LaneState{
		"busy":   {Known: true, Slot: slot, Watermark: 1200, ReportFrom: 0, Open: true},
		"waits":  {Known: true, Slot: slot, Watermark: 600, ReportFrom: 600, Open: true},
		"failed": {Known: true, Slot: slot, Watermark: 600, ReportFrom: 600},
	}, lanes); diff != "" {
		t.Errorf("lanes (-want +got):\n%s", diff)
	}
	busy := &world{Ledger: l, t: t, ctx: ctx, hunt: "busy", now: t0, slot: t0, mark: 1200}
	busy.wantSendable("one", "two")
	r, ok := busy.next()
	if !ok || r.ID != "b3" || r.Fence < 3 || r.Window.From != 1200 {
		t.Fatalf("claimed %v %+v, want the run whose daemon died", ok, r)
	}
	if n := busy.staged(); n != 0 {
		t.Errorf("%d bodies of the dead daemon are staged still", n)
	}
	busy.commit(r)
	busy.wantWatermark(1800)
	busy.wantSendable("one", "two", r.ID)
	busy.commit(busy.claim(busy.plan(2400)))
	busy.wantWatermark(2400)

	waits := &world{Ledger: l, t: t, ctx: ctx, hunt: "waits", now: t0, slot: t0, mark: 600}
	if _, early := waits.next(); early {
		t.Error("a run was tried before its time")
	}
	waits.now = t0.Add(2 * time.Minute)
	if r, ok := waits.next(); !ok || r.ID != "w1" || r.Attempts != 4 {
		t.Errorf("claimed %v %+v, want the fourth attempt of the run that waits", ok, r)
	}
	gaps, err := l.Gaps(ctx, "waits")
	want := []Gap{{Window: pipeline.Window{From: 0, To: 600}, Reason: "missed", At: fromMilli(8)}}
	if diff := cmp.Diff(want, gaps); err != nil || diff != "" {
		t.Errorf("gaps, %v (-want +got):\n%s", err, diff)
	}
	shown, err := reported(l, "busy", "live", 0)
	if diff := cmp.Diff(map[string]jobs.Suppression{"key": {Key: "key", Shown: 1000, Until: 90000}}, shown); err != nil || diff != "" {
		t.Errorf("suppressions, %v (-want +got):\n%s", err, diff)
	}
}

// previousReads is what a huntd of the third schema has left: bodies that wait,
// a backfill, and windows that are yet to be looked at for late events, one of
// findings and two of records; a look at one of the latter was under way.
func previousReads() string {
	return fmt.Sprintf(`
		INSERT INTO hunt(hunt_id, last_slot, updated_at) VALUES('f',%[1]d,5),('r',%[1]d,7);
		INSERT INTO checkpoint(hunt_id, lane, watermark, version, carry, began, report_from, ends, pace) VALUES
			('f','live',1200,3,NULL,600,700,NULL,0),('r','live',1200,2,'carried',0,0,NULL,300),('f','backfill:b',90,1,NULL,50,60,100,0);
		INSERT INTO backfill(backfill_id, hunt_id, win_from, win_to, warm_from, state, created_at) VALUES('b','f',60,100,50,'paused',3);
		INSERT INTO run(run_id, hunt_id, lane, slot_at, win_from, win_to, spec_hash, state, fence, created_at, finished_at) VALUES
			('f1','f','live',1,600,1200,'spec','succeeded',2,1,2),('r1','r','live',1,0,600,'spec','succeeded',2,1,2),
			('late','r','late',600000,0,600,'spec','running',2,3,NULL);
		INSERT INTO outbox(run_id, fence, seq, dest, nbytes, nevents, ready, created_at, body) VALUES
			('f1',2,0,'main',3,4,1,1,'one'),('r1',2,0,'main',3,5,1,2,'two'),('late',2,0,'main',6,1,0,3,'staged');
		INSERT INTO settled(hunt_id, win_from, win_to, counted, at) VALUES
			('f',600,1200,-1,9),('r',0,600,-1,9),('r',600,1200,-1,9),('r',-600,0,2,9);
		INSERT INTO finding(hunt_id, win_from, id, digest, at) VALUES('f',600,'a','digest',9),('r',0,'b','',9),('r',0,'c','',9);`,
		t0.Add(-time.Hour).UnixMilli())
}

// testPreviousReads: what waits is its hunt's; windows whose records bear ids of
// before are not looked at for late events any more, others are.
func testPreviousReads(t *testing.T, l *Ledger) {
	f := &world{Ledger: l, t: t, ctx: t.Context(), hunt: "f", now: t0, slot: t0, mark: 1200}
	r := &world{Ledger: l, t: t, ctx: t.Context(), hunt: "r", now: t0, slot: t0, mark: 1200}
	views, err := l.Overview(t.Context())
	f.must(err)
	if views["f"].Pending != 4 || views["r"].Pending != 5 {
		t.Errorf("%d and %d events wait, want 4 and 5", views["f"].Pending, views["r"].Pending)
	}
	if v := views["r"]; v.Settling != 1 || v.Grown != 1 || v.Open.State != "" {
		t.Errorf("%d windows settle, %d grew, open %q, want 1, 1 and none", v.Settling, v.Grown, v.Open.State)
	}
	if w, ok := f.unsettled(1 << 40); !ok || w.From != 600 {
		t.Errorf("the window of findings is not to be looked at: %v %s", ok, w)
	}
	if w, ok := r.unsettled(1 << 40); !ok || w.From != 600 {
		t.Errorf("next %v %s, want the window of which no record was sent", ok, w)
	}
	known, err := l.Settling(t.Context(), f.lateRun(pipeline.Window{From: 600, To: 1200}))
	if diff := cmp.Diff(map[string]string{"a": "digest"}, known.Sent); err != nil || diff != "" {
		t.Errorf("what was sent of the window of findings, %v (-want +got):\n%s", err, diff)
	}
	if late, err := l.Run(t.Context(), "late"); err != nil || late.State != jobs.Cancelled || !strings.Contains(late.Error, "ids of an older huntd") {
		t.Errorf("the look that was under way: %+v, %v", late, err)
	}
	if n := r.staged(); n != 0 {
		t.Errorf("%d bodies of it are left", n)
	}
	if m, err := l.Memory(t.Context(), r.run(0)); err != nil || string(m.Carry) != "carried" || m.Pace != 300 {
		t.Errorf("carried %+v, %v", m, err)
	}
	if m, err := l.Memory(t.Context(), f.run(0)); err != nil || m.Began != 600 || m.ReportFrom != 700 {
		t.Errorf("began %+v, %v", m, err)
	}
	if b := f.backfill("b"); b.Watermark != 90 || b.State != jobs.BackfillPaused {
		t.Errorf("the backfill: %+v", b)
	}
	var unseen int
	f.must(l.read(f.ctx, func(ctx context.Context, tx *tx) error {
		return tx.one(ctx, `SELECT count(*) FROM hunt WHERE seen_at<>7`).Scan(&unseen)
	}))
	if unseen != 0 {
		t.Errorf("%d hunts count as gone before a daemon had time to say that it has them", unseen)
	}
	f.commit(f.claim(f.plan(1800)))
	f.wantWatermark(1800)
}

func TestPreviousSchemaOnSQLite(t *testing.T) {
	testPrevious(t, openFile(t, previousFile(t, 1, previous())))
	testPreviousReads(t, openFile(t, previousFile(t, 3, previousReads())))
}

// TestViewOfPreviousSchema: a list says what is to be done.
func TestViewOfPreviousSchema(t *testing.T) {
	v, err := View("sqlite:" + previousFile(t, 1, previous()))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Overview(t.Context()); err == nil || !strings.Contains(err.Error(), "start the daemon once") {
		t.Errorf("a list: %v", err)
	}
}

// previousFile makes a file of the first steps of the schema.
func previousFile(t *testing.T, steps int, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huntd.db")
	db, err := sql.Open("sqlite", dsn(path, "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	schema := strings.Join(schemas()[:steps], "")
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("%sPRAGMA user_version=%d;%s", schema, steps, content)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPreviousSchemaOnPostgres(t *testing.T) {
	testPrevious(t, openPostgres(t, previousDatabase(t, 1, previous())))
	testPreviousReads(t, openPostgres(t, previousDatabase(t, 3, previousReads())))
}

// previousDatabase makes a database of the first steps of the schema.
func previousDatabase(t *testing.T, steps int, content string) string {
	t.Helper()
	name := statetest.NewDatabase(t)
	db, err := viewPostgres(name, jobs.Lease)
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	err = db.write(context.Background(), func(ctx context.Context, tx *tx) error {
		for _, stmt := range append(schemas()[:steps:steps], content) {
			if _, err := tx.exec(t.Context(), db.adapt(stmt)); err != nil {
				return err
			}
		}
		return db.setVersion(t.Context(), tx, steps)
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReleasedStepsStay: a state that has taken a step will not take it again,
// whatever it says by now. A new step goes behind the others.
func TestReleasedStepsStay(t *testing.T) {
	for i, want := range []string{"848bccb4044a2d5c", "724c6c828af1e8d3", "d84643d9845be887"} {
		sum := sha256.Sum256([]byte(schemas()[i]))
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("step %d was changed: its digest is %s, want %s", i+1, got, want)
		}
	}
}
