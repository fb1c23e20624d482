package state

import (
	"context"
	"fmt"
)

// schemas are the steps from an empty database to the present one, forward
// only. A step that was released is never changed. They are worded for SQLite;
// [database.adapt] makes them PostgreSQL's.
func schemas() []string {
	return []string{schemaFirst, schemaEngine, schemaLimits, schemaOffers, schemaClocks, schemaReads}
}

// schemaFirst is version 1: windows, runs and the outbox.
const schemaFirst = `
CREATE TABLE hunt(
  hunt_id TEXT PRIMARY KEY, last_slot BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE TABLE checkpoint(
  hunt_id TEXT NOT NULL, lane TEXT NOT NULL,
  watermark BIGINT NOT NULL, version BIGINT NOT NULL DEFAULT 0, carry BLOB,
  PRIMARY KEY(hunt_id, lane));
CREATE TABLE run(
  run_id TEXT PRIMARY KEY, hunt_id TEXT NOT NULL, lane TEXT NOT NULL, slot_at BIGINT NOT NULL,
  win_from BIGINT NOT NULL, win_to BIGINT NOT NULL, spec_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN('queued','running','retry','succeeded','failed','cancelled','skipped')),
  fence BIGINT NOT NULL DEFAULT 1, owner TEXT, lease_until BIGINT, attempts BIGINT NOT NULL DEFAULT 0,
  retry_at BIGINT, splunk_sid TEXT NOT NULL DEFAULT '',
  rows_in BIGINT NOT NULL DEFAULT 0, rows_out BIGINT NOT NULL DEFAULT 0,
  findings BIGINT NOT NULL DEFAULT 0, suppressed BIGINT NOT NULL DEFAULT 0, notes TEXT NOT NULL DEFAULT '{}',
  delivered BIGINT NOT NULL DEFAULT 0, dead BIGINT NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT);
CREATE UNIQUE INDEX run_slot ON run(hunt_id, lane, slot_at, win_from) WHERE lane <> 'manual';
CREATE UNIQUE INDEX run_one_open ON run(hunt_id, lane) WHERE lane <> 'manual' AND state IN('queued','running','retry');
CREATE INDEX run_open ON run(hunt_id, lane, created_at) WHERE state IN('queued','running','retry');
CREATE INDEX run_hunt ON run(hunt_id, win_from);
CREATE INDEX run_ended ON run(hunt_id, finished_at, run_id) WHERE state IN('succeeded','failed');
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, fence BIGINT NOT NULL, seq BIGINT NOT NULL,
  dest TEXT NOT NULL, nbytes BIGINT NOT NULL, nevents BIGINT NOT NULL,
  ready INT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0, not_before BIGINT NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL,
  body BLOB NOT NULL, -- last, so that the others are read without it
  UNIQUE(run_id, fence, seq));
CREATE INDEX outbox_ready ON outbox(dest, not_before, created_at) WHERE ready=1;
CREATE INDEX outbox_staged ON outbox(run_id) WHERE ready=0;
CREATE TABLE dead_letter(
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, dest TEXT NOT NULL, event BLOB NOT NULL,
  status BIGINT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE suppression(
  hunt_id TEXT NOT NULL, lane TEXT NOT NULL, key TEXT NOT NULL, shown BIGINT NOT NULL, until BIGINT NOT NULL,
  PRIMARY KEY(hunt_id, lane, key));
CREATE TABLE gap(
  hunt_id TEXT NOT NULL, win_from BIGINT NOT NULL, win_to BIGINT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY(hunt_id, win_from));
`

// schemaEngine is version 2: work that is shared between daemons, lanes beside
// the live one, and what people say about hunts.
const schemaEngine = `
ALTER TABLE hunt ADD COLUMN paused_at BIGINT;
ALTER TABLE hunt ADD COLUMN pause_until BIGINT;
ALTER TABLE hunt ADD COLUMN pause_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE checkpoint ADD COLUMN began BIGINT NOT NULL DEFAULT 0;       -- where the lane's first window began
ALTER TABLE checkpoint ADD COLUMN report_from BIGINT NOT NULL DEFAULT 0; -- windows before it only warm up
ALTER TABLE checkpoint ADD COLUMN ends BIGINT;                           -- a backfill's last second
UPDATE checkpoint SET began=coalesce((SELECT min(win_from) FROM run r
  WHERE r.hunt_id=checkpoint.hunt_id AND r.lane=checkpoint.lane AND r.state='succeeded'), watermark);
UPDATE checkpoint SET report_from=began;
ALTER TABLE run ADD COLUMN connection TEXT NOT NULL DEFAULT ''; -- which Splunk it searches
ALTER TABLE run ADD COLUMN ticket BIGINT;                       -- the one job of the queue that may claim it
ALTER TABLE run ADD COLUMN ticketed_at BIGINT;
CREATE INDEX run_leased ON run(lease_until) WHERE state='running';
CREATE INDEX run_waiting ON run(ticketed_at) WHERE state IN('queued','retry');
CREATE INDEX run_finished ON run(finished_at) WHERE finished_at IS NOT NULL;
ALTER TABLE outbox ADD COLUMN lease_owner TEXT;
ALTER TABLE outbox ADD COLUMN lease_until BIGINT;
ALTER TABLE gap ADD COLUMN waived_at BIGINT;
ALTER TABLE gap ADD COLUMN waived_reason TEXT NOT NULL DEFAULT '';
CREATE TABLE backfill(
  backfill_id TEXT PRIMARY KEY, hunt_id TEXT NOT NULL, win_from BIGINT NOT NULL, win_to BIGINT NOT NULL,
  warm_from BIGINT NOT NULL,
  state TEXT NOT NULL CHECK(state IN('active','paused','done','cancelled','failed')),
  reason TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL, ended_at BIGINT);
CREATE INDEX backfill_hunt ON backfill(hunt_id, created_at);
CREATE INDEX backfill_active ON backfill(backfill_id) WHERE state='active';
CREATE TABLE splunk_slot(
  connection TEXT NOT NULL, n BIGINT NOT NULL, run_id TEXT NOT NULL, lease_until BIGINT NOT NULL,
  PRIMARY KEY(connection, n));
CREATE INDEX splunk_slot_run ON splunk_slot(run_id);
CREATE TABLE connection_pause(
  connection TEXT PRIMARY KEY, paused_at BIGINT NOT NULL, pause_until BIGINT, reason TEXT NOT NULL);
CREATE TABLE daemon(
  daemon_id TEXT PRIMARY KEY, version TEXT NOT NULL, config_hash TEXT NOT NULL, hunts BIGINT NOT NULL,
  started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);
CREATE TABLE finding(
  hunt_id TEXT NOT NULL, win_from BIGINT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY(hunt_id, win_from, id));
CREATE INDEX finding_at ON finding(at);
CREATE TABLE settled(
  hunt_id TEXT NOT NULL, win_from BIGINT NOT NULL, win_to BIGINT NOT NULL, counted BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY(hunt_id, win_from));
`

// schemaLimits is version 3: lanes whose windows were too large, how much waits
// in the outbox without reading it, and what is found by age.
const schemaLimits = `
ALTER TABLE checkpoint ADD COLUMN pace BIGINT NOT NULL DEFAULT 0; -- the longest next window in seconds; 0 is no bound
CREATE INDEX outbox_bytes ON outbox(nbytes);
CREATE INDEX dead_letter_at ON dead_letter(at);
CREATE INDEX settled_at ON settled(at);
CREATE INDEX settled_open ON settled(hunt_id, win_to) WHERE counted<0; -- not looked at for late events yet
`

// schemaOffers is version 4: runs are offered to the queue only when they may
// begin, and connections have a row each. Table run is made anew: SQLite can
// change neither a CHECK nor the place of a column.
const schemaOffers = `
CREATE TABLE run_4(
  run_id TEXT PRIMARY KEY, hunt_id TEXT NOT NULL, lane TEXT NOT NULL, connection TEXT NOT NULL,
  priority BIGINT NOT NULL,                 -- of the lane; 1 begins first
  slot_at BIGINT NOT NULL, win_from BIGINT NOT NULL, win_to BIGINT NOT NULL, spec_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN('queued','running','retry','succeeded','failed','cancelled')),
  fence BIGINT NOT NULL DEFAULT 1,          -- grows whenever the run changes hands
  due_at BIGINT NOT NULL DEFAULT 0,         -- when it may begin, or be tried again
  offered_at BIGINT,                        -- when the queue got a job for it; NULL if it has none
  lease_until BIGINT, attempts BIGINT NOT NULL DEFAULT 0, splunk_sid TEXT NOT NULL DEFAULT '',
  rows_in BIGINT NOT NULL DEFAULT 0, rows_out BIGINT NOT NULL DEFAULT 0,
  findings BIGINT NOT NULL DEFAULT 0, suppressed BIGINT NOT NULL DEFAULT 0, notes TEXT NOT NULL DEFAULT '{}',
  delivered BIGINT NOT NULL DEFAULT 0, dead BIGINT NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT);
INSERT INTO run_4(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, fence, due_at, lease_until,
    attempts, splunk_sid, rows_in, rows_out, findings, suppressed, notes, delivered, dead, error, created_at, started_at, finished_at)
  SELECT run_id, hunt_id, lane, connection, CASE lane WHEN 'live' THEN 1 WHEN 'manual' THEN 2 WHEN 'late' THEN 3 ELSE 4 END,
    slot_at, win_from, win_to, spec_hash, CASE state WHEN 'skipped' THEN 'cancelled' ELSE state END, fence, coalesce(retry_at,0), lease_until,
    attempts, splunk_sid, rows_in, rows_out, findings, suppressed, notes, delivered, dead, error, created_at, started_at, finished_at
  FROM run;
DROP TABLE run;
ALTER TABLE run_4 RENAME TO run;
CREATE UNIQUE INDEX run_slot ON run(hunt_id, lane, slot_at, win_from) WHERE lane <> 'manual';
CREATE UNIQUE INDEX run_one_open ON run(hunt_id, lane) WHERE lane <> 'manual' AND state IN('queued','running','retry');
CREATE INDEX run_open ON run(hunt_id, lane, created_at) WHERE state IN('queued','running','retry');
CREATE INDEX run_hunt ON run(hunt_id, win_from);
CREATE INDEX run_ended ON run(hunt_id, finished_at, run_id) WHERE state IN('succeeded','failed');
CREATE INDEX run_finished ON run(finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX run_waiting ON run(connection, priority, due_at, run_id) WHERE state IN('queued','retry') AND offered_at IS NULL;
CREATE INDEX run_offered ON run(connection, offered_at) WHERE offered_at IS NOT NULL;
CREATE INDEX run_running ON run(connection, lease_until) WHERE state='running';
CREATE TABLE connection(
  connection TEXT PRIMARY KEY,
  max_searches BIGINT,                      -- how many runs search it at a time, of all daemons; NULL is no limit
  paused_at BIGINT, pause_until BIGINT, pause_reason TEXT NOT NULL DEFAULT '');
INSERT INTO connection(connection, paused_at, pause_until, pause_reason)
  SELECT connection, paused_at, pause_until, reason FROM connection_pause;
DROP TABLE connection_pause;
DROP TABLE splunk_slot;
CREATE INDEX hunt_pause ON hunt(pause_until) WHERE pause_until IS NOT NULL;
`

// schemaClocks is version 5: which clocks a daemon found to differ from its
// host's, as JSON; "" for none.
const schemaClocks = `
ALTER TABLE daemon ADD COLUMN clock_skew TEXT NOT NULL DEFAULT '';
`

// schemaReads is version 6: reads that do not grow with the history, columns that
// nobody read, and ids of records that do not depend on how windows are cut.
//
// A checkpoint's carry goes last, so that SQLite reads the others without it. What
// was sent of records has ids of before, with which no new one can be compared:
// their windows count as looked at, and runs that were to look at them end.
const schemaReads = `
ALTER TABLE outbox ADD COLUMN hunt_id TEXT NOT NULL DEFAULT '';
UPDATE outbox SET hunt_id=coalesce((SELECT r.hunt_id FROM run r WHERE r.run_id=outbox.run_id),'');
CREATE INDEX outbox_hunt ON outbox(hunt_id, run_id, nevents) WHERE ready=1;
CREATE INDEX run_late_failed ON run(hunt_id, win_from) WHERE lane='late' AND state='failed';
CREATE INDEX settled_grown ON settled(hunt_id) WHERE counted>0;
CREATE INDEX suppression_until ON suppression(hunt_id, lane, until);
ALTER TABLE hunt RENAME COLUMN updated_at TO seen_at; -- when a daemon last had the hunt
UPDATE hunt SET seen_at=(SELECT max(seen_at) FROM hunt);
ALTER TABLE checkpoint RENAME TO checkpoint_before;
CREATE TABLE checkpoint(
  hunt_id TEXT NOT NULL, lane TEXT NOT NULL, watermark BIGINT NOT NULL,
  began BIGINT NOT NULL DEFAULT 0, report_from BIGINT NOT NULL DEFAULT 0, pace BIGINT NOT NULL DEFAULT 0, carry BLOB,
  PRIMARY KEY(hunt_id, lane));
INSERT INTO checkpoint(hunt_id, lane, watermark, began, report_from, pace, carry)
  SELECT hunt_id, lane, watermark, began, report_from, pace, carry FROM checkpoint_before;
DROP TABLE checkpoint_before;
UPDATE settled SET counted=0 WHERE counted<0 AND EXISTS(
  SELECT 1 FROM finding f WHERE f.hunt_id=settled.hunt_id AND f.win_from=settled.win_from AND f.digest='');
UPDATE run SET state='cancelled', fence=fence+1, lease_until=NULL, offered_at=NULL, finished_at=created_at,
    error='the records of its window have ids of an older huntd'
  WHERE lane='late' AND state IN('queued','running','retry') AND EXISTS(
    SELECT 1 FROM finding f WHERE f.hunt_id=run.hunt_id AND f.win_from=run.win_from AND f.digest='');
DELETE FROM finding WHERE digest='';
DELETE FROM outbox WHERE ready=0 AND EXISTS(SELECT 1 FROM run r WHERE r.run_id=outbox.run_id AND r.state='cancelled');
`

// migrate brings the schema up to date, all steps in one transaction.
func (l *Ledger) migrate(ctx context.Context) error {
	return l.db.write(ctx, func(ctx context.Context, tx *tx) error { // a large table takes its time
		if err := l.db.unbounded(ctx, tx); err != nil {
			return err
		}
		if err := l.stays(ctx, tx); err != nil {
			return err
		}
		have, err := l.upgrade(ctx, tx)
		l.begun = err == nil && have == 0
		return err
	})
}

// upgrade takes the steps that are missing, and returns how many were not.
func (l *Ledger) upgrade(ctx context.Context, tx *tx) (have int, err error) {
	if have, err = l.db.version(ctx, tx); err != nil {
		return have, err
	}
	if err := known(have); err != nil {
		return have, err
	}
	steps := schemas()
	for _, step := range steps[have:] {
		if _, err := tx.exec(ctx, l.db.adapt(step)); err != nil {
			return have, err
		}
	}
	if have == len(steps) {
		return have, nil
	}
	return have, l.db.setVersion(ctx, tx, len(steps))
}

func known(version int) error {
	if version > len(schemas()) {
		return fmt.Errorf("the state is of version %d, written by a newer huntd; this one knows %d", version, len(schemas()))
	}
	return nil
}

// upToDate refuses a state that a daemon of this version has not opened yet.
func (l *Ledger) upToDate(ctx context.Context) error {
	return l.read(ctx, func(ctx context.Context, tx *tx) error {
		have, err := l.version(ctx, tx)
		if err == nil {
			err = current(have)
		}
		return err
	})
}

func current(version int) error {
	if version < len(schemas()) {
		return fmt.Errorf("the state is of version %d, written by an older huntd: start the daemon once to bring it to %d", version, len(schemas()))
	}
	return nil
}
