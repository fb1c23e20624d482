package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/pipeline"
)

// ErrNothing says that what an order is about is not there, or not in a state
// in which it can be carried out.
var ErrNothing = errors.New("nothing to do")

func nothing(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNothing, fmt.Sprintf(format, args...))
}

// Pause stops a hunt from beginning windows, on all lanes but the manual one,
// until it is resumed or, if until is not zero, until then. A window that is
// under way ends.
func (l *Ledger) Pause(ctx context.Context, hunt, reason string, until, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		n, err := tx.exec(ctx, `UPDATE hunt SET paused_at=?, pause_until=?, pause_reason=? WHERE hunt_id=?`,
			now.UnixMilli(), asMilli(until), reason, hunt)
		if err == nil && n == 0 {
			err = nothing("the ledger does not know a hunt %s yet: it has never run", hunt)
		}
		if err != nil {
			return err
		}
		freed, err := withdraw(ctx, tx, `hunt_id=? AND lane`+isIndexed, hunt)
		if err != nil {
			return err
		}
		return l.offer(ctx, tx, now, freed...)
	})
}

// Unpause lets a paused hunt go on where its watermark stands.
func (l *Ledger) Unpause(ctx context.Context, hunt string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		n, err := tx.exec(ctx, `UPDATE hunt SET paused_at=NULL, pause_until=NULL, pause_reason='' WHERE hunt_id=? AND paused_at IS NOT NULL`, hunt)
		if err == nil && n == 0 {
			err = nothing("hunt %s is not paused", hunt)
		}
		if err != nil {
			return err
		}
		connections, err := stringsOf(ctx, tx, `SELECT connection FROM run WHERE hunt_id=? AND `+isUnoffered, hunt)
		if err != nil {
			return err
		}
		return l.offer(ctx, tx, now, connections...)
	})
}

// Cancel ends an open run. Its worker's context ends, and whatever it has done
// does not count. The watermark of its lane stays.
func (l *Ledger) Cancel(ctx context.Context, run, reason string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		ok, err := l.cancelRun(ctx, tx, run, reason, now)
		if err == nil && !ok {
			err = nothing("no run %s is queued, running or waiting to be tried again", run)
		}
		return err
	})
}

func (l *Ledger) cancelRun(ctx context.Context, tx *tx, run, reason string, now time.Time) (bool, error) {
	var connection string
	err := tx.one(ctx, `UPDATE run SET state='cancelled', error=?, fence=fence+1, lease_until=NULL, offered_at=NULL, finished_at=?
		WHERE run_id=? AND state`+isOpen+` RETURNING connection`, reason, now.UnixMilli(), run).Scan(&connection)
	if missing(err) {
		return false, nil
	}
	if err == nil {
		err = dropStaged(ctx, tx, run)
	}
	if err != nil {
		return false, err
	}
	return true, l.offer(ctx, tx, now, connection)
}

// Retry queues a run that failed for good or was cancelled, or lets one begin at
// once that waits for its next try. Its backfill goes on if it had failed with it;
// a run of a backfill that a person has stopped is refused.
func (l *Ledger) Retry(ctx context.Context, run string, now time.Time) error {
	return l.write(ctx, func(ctx context.Context, tx *tx) error {
		var lane jobs.Lane
		err := tx.one(ctx, `SELECT lane FROM run WHERE run_id=?`, run).Scan(&lane)
		if missing(err) {
			return nothing("there is no run %s", run)
		}
		if err == nil {
			err = reviveBackfill(ctx, tx, run, lane)
		}
		if err != nil {
			return err
		}
		ended := `state` + isRevivable
		if lane.Kind().Tiles {
			ended += ` AND ` + atWatermark + ` AND ` + laneIsFree
		}
		n, err := tx.exec(ctx, queueAnew+`run_id=? AND (state='retry' OR `+ended+`)`, run)
		if err == nil && n == 0 {
			err = nothing("run %s has not failed, or its lane has gone on without it", run)
		}
		if err != nil {
			return err
		}
		return l.requeue(ctx, tx, []string{run}, now)
	})
}

// reviveBackfill lets the backfill go on whose window is to be tried again, if the
// run is one of a backfill.
func reviveBackfill(ctx context.Context, tx *tx, run string, lane jobs.Lane) error {
	id, ok := jobs.BackfillOf(lane)
	if !ok {
		return nil
	}
	_, state, err := lockBackfill(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case state == jobs.BackfillPaused:
		return nothing("run %s is of backfill:%s, which is paused: huntd resume backfill:%s lets it go on", run, id, id)
	case state == jobs.BackfillCancelled:
		return nothing("run %s is of backfill:%s, which was cancelled: huntd backfill begins another over the same time", run, id)
	case state == jobs.BackfillFailed:
		_, err = tx.exec(ctx, `UPDATE backfill SET state='active', reason='' WHERE backfill_id=?`, id)
	}
	return err
}

// Skip gives the time of a hunt's live lane up that lies between its watermark
// and to: it becomes a gap, with the reason, and the watermark moves over it. A
// run that is open there is cancelled.
func (l *Ledger) Skip(ctx context.Context, hunt string, to int64, reason string, now time.Time) (w pipeline.Window, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		// Locked, so that no planner inserts a run meanwhile that is not cancelled below.
		err := tx.one(ctx, `SELECT watermark FROM checkpoint WHERE hunt_id=? AND lane=?`+tx.lock, hunt, jobs.Live).Scan(&w.From)
		if missing(err) {
			return nothing("the ledger does not know a hunt %s yet: it has never run", hunt)
		}
		if err != nil {
			return err
		}
		if w.To = to; w.Empty() {
			return nothing("hunt %s has covered the time until then: its watermark stands at %s", hunt, time.Unix(w.From, 0).UTC().Format(time.RFC3339))
		}
		if err := l.cancelLane(ctx, tx, hunt, jobs.Live, isOpen, "skipped: "+reason, now); err != nil {
			return err
		}
		moved, err := skip(ctx, tx, hunt, w, reason, now)
		if err == nil && !moved {
			err = nothing("a window of hunt %s was committed at this moment: look again", hunt)
		}
		return err
	})
	return w, err
}

// Waive says of the gaps of a hunt that touch a window that they may stay, and
// why. It returns how many there are.
func (l *Ledger) Waive(ctx context.Context, hunt string, w pipeline.Window, reason string, now time.Time) (n int64, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		n, err = tx.exec(ctx, `UPDATE gap SET waived_at=?, waived_reason=? WHERE hunt_id=? AND win_from<? AND win_to>?`,
			now.UnixMilli(), reason, hunt, w.To, w.From)
		if err == nil && n == 0 {
			err = nothing("hunt %s has no gap there", hunt)
		}
		return err
	})
	return n, err
}
