package state

import (
	"context"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// Lanes returns what is known of the live lanes of hunts at now.
func (l *Ledger) Lanes(ctx context.Context, hunts []string, now time.Time) (map[string]jobs.LaneState, error) {
	states := map[string]jobs.LaneState{}
	err := l.readOne(ctx, func(ctx context.Context, tx *tx) error {
		args := append([]any{now.UnixMilli(), jobs.Live}, listed(hunts)...)
		return tx.each(ctx, func(r row) error {
			s := jobs.LaneState{Known: true}
			var name string
			var slot int64
			err := r.Scan(&name, &slot, &s.Paused, &s.Watermark, &s.ReportFrom, &s.Pace, &s.Open, &s.Failed)
			s.Slot = fromMilli(slot)
			states[name] = s
			return err
		}, `SELECT h.hunt_id, h.last_slot, `+isPaused+`, c.watermark, c.report_from, c.pace, `+laneIsOpen+`, EXISTS(
				SELECT 1 FROM run r WHERE r.hunt_id=h.hunt_id AND r.lane=c.lane AND r.slot_at=h.last_slot AND r.win_from=c.watermark AND r.state`+isRevivable+`)
			FROM hunt h JOIN checkpoint c ON c.hunt_id=h.hunt_id AND c.lane=? WHERE c.hunt_id IN(`+marks(len(args)-2)+`)`, args...)
	})
	return states, err
}

// Plan does what is intended and returns how many runs it queued. A run whose
// window does not begin at the watermark is not queued: another planner was
// faster and its run is done by now.
func (l *Ledger) Plan(ctx context.Context, intents []jobs.Intent, now time.Time) (queued int, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		var runs []jobs.Run
		var commands []command
		for _, in := range intents {
			commands = append(commands, beginning(in, now)...)
			commands = append(commands, newCommand(`UPDATE hunt SET last_slot=? WHERE hunt_id=? AND last_slot<?`,
				in.Slot.UnixMilli(), in.Hunt, in.Slot.UnixMilli()))
			if in.Run != nil {
				runs = append(runs, *in.Run)
			}
		}
		if _, err := tx.all(ctx, commands); err != nil {
			return err
		}
		for _, in := range intents {
			if in.Skip.Empty() {
				continue
			}
			// If it is not moved, another planner was faster.
			if _, err := skip(ctx, tx, in.Hunt, in.Skip, in.SkipReason, now); err != nil {
				return err
			}
		}
		connections, err := insertTiling(ctx, tx, runs, now)
		if err != nil {
			return err
		}
		queued = len(connections)
		return l.offer(ctx, tx, now, connections...)
	})
	return queued, err
}

func beginning(in jobs.Intent, now time.Time) []command {
	if in.Begin == nil {
		return nil
	}
	return []command{
		newCommand(`INSERT INTO hunt(hunt_id, last_slot, seen_at) VALUES(?,?,?) ON CONFLICT DO NOTHING`,
			in.Hunt, in.Slot.UnixMilli(), now.UnixMilli()),
		newCommand(`INSERT INTO checkpoint(hunt_id, lane, watermark, began, report_from) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING`,
			in.Hunt, jobs.Live, in.Begin.Watermark, in.Begin.Watermark, in.Begin.ReportFrom),
	}
}

const runValues = `INSERT INTO run(run_id, hunt_id, lane, connection, priority, slot_at, win_from, win_to, spec_hash, state, due_at, created_at) `

// runFields is how many values [valuesOf] returns.
const runFields = 12

func valuesOf(r jobs.Run, now time.Time) ([]any, error) {
	if !r.Lane.Known() {
		return nil, fmt.Errorf("run %s of hunt %s: there is no lane %q", r.ID, r.Hunt, r.Lane)
	}
	return []any{
		r.ID, r.Hunt, r.Lane, r.Connection, r.Lane.Kind().Priority, r.Slot.UnixMilli(), r.Window.From, r.Window.To, r.SpecHash,
		jobs.Queued, now.UnixMilli(), now.UnixMilli(),
	}, nil
}

// insertTiling queues runs of lanes that tile time, whose window begins at the
// watermark and that nothing stands in the way of. It returns the connection of
// each that it queued.
func insertTiling(ctx context.Context, tx *tx, runs []jobs.Run, now time.Time) (connections []string, err error) {
	commands := make([]command, len(runs))
	for i, r := range runs {
		values, err := valuesOf(r, now)
		if err != nil {
			return nil, err
		}
		// Locked: a run of the lane that is being committed right now would move it.
		// Whoever commits it plans anew; other hunts need not wait for that.
		commands[i] = newCommand(runValues+`SELECT `+marks(runFields)+` FROM checkpoint`+whereWatermark+tx.skip+
			` ON CONFLICT DO NOTHING`, append(values, r.Hunt, r.Lane, r.Window.From)...)
	}
	changed, err := tx.all(ctx, commands)
	for i, n := range changed {
		if n == 1 {
			connections = append(connections, runs[i].Connection)
		}
	}
	tx.planned += len(connections)
	return connections, err
}

// insertRun returns false if something stands in the run's way.
func insertRun(ctx context.Context, tx *tx, r jobs.Run, now time.Time) (bool, error) {
	values, err := valuesOf(r, now)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, runValues+`VALUES(`+marks(runFields)+`) ON CONFLICT DO NOTHING`, values...)
	tx.planned += int(n)
	return n == 1, err
}

// Submit queues a manual run for whichever daemon is at work.
func (l *Ledger) Submit(ctx context.Context, r jobs.Run, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		if _, err := insertRun(ctx, tx, r, now); err != nil {
			return err
		}
		return l.offer(ctx, tx, now, r.Connection)
	})
}

// skip gives a span up that begins at the live watermark: it becomes a gap. It
// returns false if the watermark stands elsewhere.
func skip(ctx context.Context, tx *tx, hunt string, w pipeline.Window, reason string, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE checkpoint SET watermark=?`+whereWatermark, w.To, hunt, jobs.Live, w.From)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec(ctx, `INSERT INTO gap(hunt_id, win_from, win_to, reason, at) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING`,
		hunt, w.From, w.To, reason, now.UnixMilli())
	return true, err
}
