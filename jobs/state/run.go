package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs"
)

const runColumns = `run_id, hunt_id, lane, connection, slot_at, win_from, win_to, spec_hash, state, fence, attempts, splunk_sid,
	rows_in, rows_out, findings, suppressed, notes, delivered, dead, error, started_at`

// scanRun reads a row of runColumns and, behind them, more.
func scanRun(r row, more ...any) (run jobs.Run, err error) {
	var slot int64
	var started *int64
	var notes string
	into := []any{
		&run.ID, &run.Hunt, &run.Lane, &run.Connection, &slot, &run.Window.From, &run.Window.To, &run.SpecHash, &run.State,
		&run.Fence, &run.Attempts, &run.SID, &run.RecordsIn, &run.RecordsOut, &run.Findings, &run.Suppressed, &notes,
		&run.Delivered, &run.Dead, &run.Error, &started,
	}
	if err = r.Scan(append(into, more...)...); err != nil {
		return run, err
	}
	run.Slot, run.Started = fromMilli(slot), timeOf(started)
	return run, json.Unmarshal([]byte(notes), &run.Notes)
}

// Run returns a run.
func (l *Ledger) Run(ctx context.Context, id string) (r jobs.Run, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		r, err = scanRun(tx.one(ctx, "SELECT "+runColumns+" FROM run WHERE run_id=?", id))
		if missing(err) {
			return fmt.Errorf("no run %s", id)
		}
		return err
	})
	return r, err
}

// held changes the run that a worker holds, or returns [jobs.ErrSuperseded].
func held(ctx context.Context, tx *tx, r jobs.Run, set string, args ...any) error {
	s := holding(r, set, args...)
	n, err := tx.exec(ctx, s.text, s.args...)
	if err == nil && n == 0 {
		return jobs.ErrSuperseded
	}
	return err
}

// holding changes the run if a worker holds it.
func holding(r jobs.Run, set string, args ...any) command {
	return newCommand("UPDATE run SET "+set+" WHERE run_id=? AND fence=? AND state='running'", append(args, r.ID, r.Fence)...)
}

// Heartbeat prolongs the lease of a run.
func (l *Ledger) Heartbeat(ctx context.Context, r jobs.Run, lease time.Duration, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		end, err := l.leaseEnd(ctx, tx, lease, now)
		if err != nil {
			return err
		}
		return held(ctx, tx, r, "lease_until=?", end)
	})
}

// SetSID notes the search job that works for the run.
func (l *Ledger) SetSID(ctx context.Context, r jobs.Run, sid string) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error { return held(ctx, tx, r, "splunk_sid=?", sid) })
}

// Stage stores bodies that become sendable with the run's commit; seq numbers
// the first of them.
func (l *Ledger) Stage(ctx context.Context, r jobs.Run, seq int, bodies []jobs.Body, now time.Time) error {
	return l.writeAsync(ctx, func(ctx context.Context, tx *tx) error {
		changed, err := tx.all(ctx, append([]command{holding(r, "fence=fence")}, inserting(r, seq, bodies, 0, now)...))
		if err == nil && changed[0] == 0 {
			err = jobs.ErrSuperseded
		}
		return err
	})
}

// inserting stores bodies of a run, which may be sent if ready is 1.
func inserting(r jobs.Run, seq int, bodies []jobs.Body, ready int, now time.Time) (commands []command) {
	for i, b := range bodies {
		commands = append(commands, newCommand(`INSERT INTO outbox(run_id, hunt_id, fence, seq, dest, body, nbytes, nevents, ready, created_at)
			VALUES(?,?,?,?,?,?,?,?,?,?)`, r.ID, r.Hunt, r.Fence, seq+i, b.Dest, b.Data, len(b.Data), b.Events, ready, now.UnixMilli()))
	}
	return commands
}

// Suppressions returns what was reported under keys; see [jobs.RunLedger].
func (l *Ledger) Suppressions(ctx context.Context, hunt string, lane jobs.Lane, keys []string, after int64) (map[string]jobs.Suppression, error) {
	shown := map[string]jobs.Suppression{}
	for some := range slices.Chunk(keys, namesAtOnce) {
		asked := map[string][]string{} // several may be one to the database
		for _, key := range some {
			asked[l.db.text(key)] = append(asked[l.db.text(key)], key)
		}
		named := listed(some)
		err := l.readOne(ctx, func(ctx context.Context, tx *tx) error {
			return tx.each(ctx, func(r row) error {
				var s jobs.Suppression
				var text string
				err := r.Scan(&text, &s.Shown, &s.Until)
				for _, s.Key = range asked[text] {
					shown[s.Key] = s
				}
				return err
			}, `SELECT key, shown, until FROM suppression WHERE hunt_id=? AND lane=? AND until>? AND key IN(`+marks(len(named))+`)`,
				append([]any{hunt, lane, after}, named...)...)
		})
		if err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// Memory returns what the run's lane carries; see [jobs.RunLedger].
func (l *Ledger) Memory(ctx context.Context, r jobs.Run) (m jobs.Memory, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		err := tx.one(ctx, `SELECT began, report_from, carry, pace FROM checkpoint WHERE hunt_id=? AND lane=?`, r.Hunt, r.Lane).
			Scan(&m.Began, &m.ReportFrom, &m.Carry, &m.Pace)
		if missing(err) {
			return nil // a lane that has no watermark
		}
		return err
	})
	return m, err
}

// Fail ends the attempt; the run is tried again at the given time, or has
// failed for good if that is zero.
func (l *Ledger) Fail(ctx context.Context, r jobs.Run, reason string, again, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		if again.IsZero() {
			return l.end(ctx, tx, r, now, "state='failed', error=?, finished_at=?", reason, now.UnixMilli())
		}
		return l.end(ctx, tx, r, now, "state='retry', error=?, due_at=?", reason, again.UnixMilli())
	})
}

// GiveBack ends the attempt as if it had not been.
func (l *Ledger) GiveBack(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		return l.end(ctx, tx, r, now, "state='queued', attempts=attempts-1, started_at=CASE WHEN attempts>1 THEN started_at END, due_at=?", now.UnixMilli())
	})
}

// StateOf returns the run's state, or [jobs.ErrSuperseded] if its fence has
// grown. A run of the late lane that is gone has succeeded: with no late event
// its commit deletes it.
func (l *Ledger) StateOf(ctx context.Context, r jobs.Run) (state jobs.RunState, err error) {
	err = l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		var fence int64
		err := tx.one(ctx, `SELECT state, fence FROM run WHERE run_id=?`, r.ID).Scan(&state, &fence)
		switch {
		case missing(err) && r.Lane.Kind().LooksBack:
			state, err = jobs.Succeeded, nil
		case missing(err), err == nil && fence != r.Fence:
			state, err = "", jobs.ErrSuperseded
		}
		return err
	})
	return state, err
}

// end ends the attempt of a run, drops what it staged and offers what may begin
// now.
func (l *Ledger) end(ctx context.Context, tx *tx, r jobs.Run, now time.Time, set string, args ...any) error {
	if err := held(ctx, tx, r, set+", lease_until=NULL, splunk_sid=''", args...); err != nil {
		return err
	}
	if err := dropStaged(ctx, tx, r.ID); err != nil {
		return err
	}
	return l.offer(ctx, tx, now, r.Connection)
}

// dropStaged deletes the bodies that a run staged and did not commit.
func dropStaged(ctx context.Context, tx *tx, run string) error {
	_, err := tx.exec(ctx, `DELETE FROM outbox WHERE run_id=? AND ready=0`, run)
	return err
}
