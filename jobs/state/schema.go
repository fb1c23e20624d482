package state

import (
	"context"
	"fmt"
)

// schemas are the steps from an empty database to the present one, forward
// only. A step that was released is never changed.
var schemas = [...]string{`
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
`}

// migrate brings the schema up to date, all steps in one transaction.
func (l *Ledger) migrate(ctx context.Context) error {
	return l.write(ctx, func(tx *tx) error {
		var have int
		if err := tx.one(ctx, "PRAGMA user_version").Scan(&have); err != nil {
			return err
		}
		if have > len(schemas) {
			return fmt.Errorf("the state is of version %d, written by a newer huntd; this one knows %d", have, len(schemas))
		}
		for _, step := range schemas[have:] {
			if _, err := tx.exec(ctx, step); err != nil {
				return err
			}
		}
		l.begun = have == 0
		_, err := tx.exec(ctx, fmt.Sprintf("PRAGMA user_version=%d", len(schemas)))
		return err
	})
}
