package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs"
)

// Commit closes the run, moves the watermark and makes the staged bodies
// sendable, all at once; see [jobs.RunLedger].
func (l *Ledger) Commit(ctx context.Context, c jobs.Commit, now time.Time) error {
	notes, err := json.Marshal(c.Result.Notes)
	if err != nil {
		return err
	}
	if c.Result.Notes == nil {
		notes = []byte("{}")
	}
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		for _, step := range []struct {
			done string // as [jobs.Observer] names it
			do   func() error
		}{
			{"run closed", func() error { return closeRun(ctx, tx, c, notes, now) }},
			{"memory kept", func() error { return l.remember(ctx, tx, c, now) }},
			{"runs offered", func() error { return l.offer(ctx, tx, now, c.Run.Connection) }},
		} {
			if err := step.do(); err != nil {
				return err
			}
			l.observe.Committing(c.Run, step.done)
		}
		return nil
	})
}

// closeRun ends the run, moves the watermark of a lane that has one, makes the
// bodies of this attempt sendable and drops those of others.
func closeRun(ctx context.Context, tx *tx, c jobs.Commit, notes []byte, now time.Time) error {
	r := c.Run
	commands := []command{
		newCommand(`UPDATE run SET state='succeeded', lease_until=NULL, finished_at=?, rows_in=?, rows_out=?, findings=?,
				suppressed=?, notes=?, spec_hash=?, splunk_sid=''
			WHERE run_id=? AND fence=? AND state='running'`, now.UnixMilli(), c.Result.RecordsIn, c.Result.RecordsOut,
			c.Result.Findings, c.Result.Suppressed, string(notes), r.SpecHash, r.ID, r.Fence),
	}
	tiles := r.Lane.Kind().Tiles
	if tiles {
		commands = append(commands, newCommand(`UPDATE checkpoint SET watermark=?, carry=?, pace=?`+whereWatermark,
			r.Window.To, c.Carry, c.Pace, r.Hunt, r.Lane, r.Window.From))
	}
	commands = append(commands, newCommand(`DELETE FROM outbox WHERE run_id=? AND ready=0 AND fence<>?`, r.ID, r.Fence),
		newCommand(`UPDATE outbox SET ready=1 WHERE run_id=? AND ready=0`, r.ID))
	commands = append(commands, inserting(r, c.Staged, c.Bodies, 1, now)...)
	changed, err := tx.all(ctx, commands)
	switch {
	case err != nil:
		return err
	case changed[0] == 0:
		return jobs.ErrSuperseded
	case tiles && changed[1] != 1:
		return fmt.Errorf("commit %s of hunt %s: %w", r.Window, r.Hunt, jobs.ErrWatermark)
	}
	return nil
}

// mergeSpans lets a span of suppression take the place of one that it follows,
// joins it with one that it meets, and leaves one alone that it lies before: a
// run on the late lane may have read what the live one has changed since.
const mergeSpans = `
	shown=CASE WHEN excluded.shown>=suppression.until THEN excluded.shown WHEN excluded.until<suppression.shown THEN suppression.shown
		WHEN excluded.shown<suppression.shown THEN excluded.shown ELSE suppression.shown END,
	until=CASE WHEN excluded.shown>=suppression.until THEN excluded.until WHEN excluded.until<suppression.shown THEN suppression.until
		WHEN excluded.until>suppression.until THEN excluded.until ELSE suppression.until END`

// remember keeps what was reported, and forgets what no window can ask for.
func (l *Ledger) remember(ctx context.Context, tx *tx, c jobs.Commit, now time.Time) error {
	hunt, lane := c.Run.Hunt, string(c.Run.Lane.SuppressionLane()) // a driver converts other types for each row
	if c.Forget > 0 {
		if _, err := tx.exec(ctx, `DELETE FROM suppression WHERE hunt_id=? AND lane=? AND until<=?`, hunt, lane, c.Forget); err != nil {
			return err
		}
	}
	rows := bulk{
		insert:   `INSERT INTO suppression(hunt_id, lane, key, shown, until)`,
		conflict: `ON CONFLICT(hunt_id, lane, key) DO UPDATE SET ` + mergeSpans, columns: 5,
	}
	for shown := slices.Clone(c.Shown); len(shown) > 0; {
		first, others := l.distinctKeys(shown)
		err := rows.write(ctx, tx, len(first), func(i int) []any {
			return []any{hunt, lane, first[i].Key, first[i].Shown, first[i].Until}
		})
		if err != nil {
			return err
		}
		shown = others
	}
	return settle(ctx, tx, c, now)
}

// distinctKeys returns the first of each key, in order of the keys, and the others:
// one statement cannot change a row twice.
func (l *Ledger) distinctKeys(shown []jobs.Suppression) (first, others []jobs.Suppression) {
	seen := make(map[string]bool, len(shown))
	for _, s := range shown {
		if key := l.db.text(s.Key); !seen[key] {
			seen[key] = true
			first = append(first, s)
			continue
		}
		others = append(others, s)
	}
	slices.SortFunc(first, func(a, b jobs.Suppression) int { return strings.Compare(a.Key, b.Key) })
	return first, others
}
