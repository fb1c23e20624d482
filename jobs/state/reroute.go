package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/jobs"
)

// Reroute puts runs that wait into the line of the connection that their hunt
// searches by now, and returns how many were in another one: the hunt's file may
// name another since they were planned, and nobody may serve the old line any
// more.
func (l *Ledger) Reroute(ctx context.Context, connections map[string]string, now time.Time) (n int, err error) {
	stray, err := l.astray(ctx, connections)
	if err != nil || len(stray) == 0 {
		return 0, err
	}
	err = l.write(ctx, func(tx *tx) error {
		var moved []string
		for _, r := range stray {
			ids, err := runIDs(ctx, tx, `UPDATE run SET connection=? WHERE run_id=? AND connection=? AND state IN('queued','retry')
				RETURNING run_id`, connections[r.Hunt], r.ID, r.Connection)
			if err != nil {
				return err
			}
			moved = append(moved, ids...)
		}
		n = len(moved)
		return l.requeue(ctx, tx, moved, now)
	})
	return n, err
}

// astray are the runs that wait in another line than their hunt's.
func (l *Ledger) astray(ctx context.Context, connections map[string]string) (stray []jobs.Run, err error) {
	err = l.read(ctx, func(tx *tx) error {
		stray = nil
		return tx.each(ctx, func(r row) error {
			var run jobs.Run
			err := r.Scan(&run.ID, &run.Hunt, &run.Connection)
			if want, ok := connections[run.Hunt]; ok && want != run.Connection {
				stray = append(stray, run)
			}
			return err
		}, `SELECT run_id, hunt_id, connection FROM run WHERE state IN('queued','retry') ORDER BY run_id`)
	})
	return stray, err
}
