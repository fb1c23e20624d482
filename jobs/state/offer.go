package state

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/huntd/huntd/jobs/state/dispatch"
)

// A queue is [dispatch.Queue] on one of the databases.
type queue interface {
	Migrate(ctx context.Context) error
	Offer(ctx context.Context, tx any, offers []dispatch.Job) error
	Wake()
	Waiting(ctx context.Context, tx any) (waiting map[dispatch.Job]bool, all bool, err error)
	Clear(ctx context.Context) error
	Prune(ctx context.Context, now time.Time) error
	Start(ctx context.Context, workers int, work dispatch.Work) (stop func(context.Context) error, err error)
}

const (
	// longestRetry is longer than any run waits for its next try. A later due
	// time was set before the clock was set back.
	longestRetry = 2 * time.Hour
	// maxOffers is how many runs of a connection one statement offers.
	maxOffers = 10_000
)

// runningSearches counts the runs of a connection c that search.
const runningSearches = `(SELECT count(*) FROM run o WHERE o.connection=c.connection AND o.state='running')`

// busySearches counts the searches of a connection c that runs have or are about to
// have. It is evaluated where there is a limit alone: many runs may be offered.
const busySearches = `(` + runningSearches + `+
	(SELECT count(*) FROM run o WHERE o.connection=c.connection AND o.offered_at IS NOT NULL))`

// offerStmt offers the runs of a connection that may begin: those that are due,
// of hunts and backfills that are not paused, in order of priority and as many as there are
// free searches.
func offerStmt(tx *tx) string {
	return `UPDATE run SET offered_at=? WHERE run_id IN(SELECT r.run_id FROM run r
		WHERE r.connection=? AND ` + isUnoffered + ` AND r.due_at<=? AND ` + mayGoOn + `
		ORDER BY r.priority, r.due_at, r.run_id LIMIT coalesce((SELECT CASE
			WHEN ` + isPaused + ` THEN 0
			WHEN c.max_searches IS NULL THEN ?
			WHEN c.max_searches>` + busySearches + ` THEN c.max_searches-` + busySearches + ` ELSE 0 END
			FROM connection c WHERE c.connection=?),?)` + tx.skip + `) RETURNING run_id, fence, priority, due_at`
}

// offer offers the runs of connections that may begin now. It belongs into the
// transaction that makes them eligible or frees a search.
func (l *Ledger) offer(ctx context.Context, tx *tx, now time.Time, connections ...string) error {
	slices.Sort(connections) // the order of the locks
	var offers []dispatch.Job
	for _, c := range slices.Compact(connections) {
		if !l.mayBegin(c) {
			continue
		}
		some, err := l.offerOf(ctx, tx, now, c)
		if err != nil {
			return err
		}
		offers = append(offers, some...)
	}
	if len(offers) == 0 {
		return nil
	}
	tx.offered += len(offers)
	return l.queue.Offer(ctx, tx.raw, offers)
}

func (l *Ledger) offerOf(ctx context.Context, tx *tx, now time.Time, connection string) (offers []dispatch.Job, err error) {
	if err := lockSearches(ctx, tx, connection); err != nil {
		return nil, err
	}
	ms := now.UnixMilli()
	due := map[string]int64{}
	err = tx.each(ctx, func(r row) error {
		var j dispatch.Job
		var at int64
		err := r.Scan(&j.Run, &j.Fence, &j.Priority, &at)
		due[j.Run] = at
		offers = append(offers, j)
		return err
	}, offerStmt(tx), ms, connection, ms, ms, ms, maxOffers, connection, maxOffers)
	slices.SortFunc(offers, func(a, b dispatch.Job) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(due[a.Run], due[b.Run]), cmp.Compare(a.Run, b.Run))
	})
	return offers, err
}

// lockSearches keeps two transactions from counting the same search as free.
func lockSearches(ctx context.Context, tx *tx, connection string) error {
	if tx.lock == "" {
		return nil
	}
	var one int
	err := tx.one(ctx, `SELECT 1 FROM connection WHERE connection=? AND max_searches IS NOT NULL`+tx.lock, connection).Scan(&one)
	if missing(err) {
		return nil
	}
	return err
}

// mayBegin reports whether this process lets runs of a connection begin.
func (l *Ledger) mayBegin(connection string) bool { return l.gate == nil || l.gate(connection) }

// Offer offers all runs that may begin at now, and returns when the next run
// becomes due or the next pause ends; zero if nothing waits for a time.
func (l *Ledger) Offer(ctx context.Context, now time.Time) (next time.Time, err error) {
	var connections []string
	var first *int64
	ms := now.UnixMilli()
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		connections, err = stringsOf(ctx, tx, `SELECT DISTINCT r.connection FROM run r LEFT JOIN connection c ON c.connection=r.connection
			WHERE `+isUnoffered+` AND r.due_at<=? AND NOT(`+isPaused+`)`, ms, ms)
		if err != nil {
			return err
		}
		return tx.one(ctx, `SELECT min(at) FROM (
			SELECT min(due_at) AS at FROM run WHERE `+isUnoffered+` AND due_at>?
			UNION ALL SELECT min(pause_until) FROM hunt WHERE pause_until>?
			UNION ALL SELECT min(pause_until) FROM connection WHERE pause_until>?) times`, ms, ms, ms).Scan(&first)
	})
	if err != nil {
		return next, err
	}
	next = timeOf(first)
	if connections = slices.DeleteFunc(connections, func(c string) bool { return !l.mayBegin(c) }); len(connections) == 0 {
		return next, nil
	}
	return next, l.write(ctx, func(ctx context.Context, tx *tx) error { return l.offer(ctx, tx, now, connections...) })
}

// Rescue queues again what nobody works on any more: runs whose lease has run
// out, and those that were offered but whose job the queue has lost. It returns
// their ids. Any daemon may call it at any time. It leaves out what another
// transaction has locked.
//
// A lease that ends later than any that can be taken now, and an offer that is
// to come, are from before the clock was set back.
func (l *Ledger) Rescue(ctx context.Context, now time.Time) (rescued []string, err error) {
	err = l.write(ctx, func(ctx context.Context, tx *tx) error {
		present, err := l.db.present(ctx, tx, now)
		if err != nil {
			return err
		}
		rescued, err = stringsOf(ctx, tx, `SELECT run_id FROM run WHERE state='running' AND (lease_until<? OR lease_until>?)`+tx.skip,
			present.UnixMilli(), present.Add(2*l.lease).UnixMilli())
		if err != nil {
			return err
		}
		lost, err := l.lostOffers(ctx, tx, now)
		if err != nil {
			return err
		}
		rescued = append(rescued, lost...)
		hidden, err := stringsOf(ctx, tx, `SELECT run_id FROM run WHERE `+isUnoffered+` AND (state='retry' AND due_at>? OR state='queued' AND due_at>?)`+tx.skip,
			now.Add(longestRetry).UnixMilli(), now.Add(max(2*l.lease, foreignDelay)).UnixMilli())
		if err != nil {
			return err
		}
		rescued = append(rescued, hidden...)
		return l.requeue(ctx, tx, rescued, now)
	})
	return rescued, err
}

// lostOffers returns the runs that were offered longer than a lease ago and
// whose job no worker will begin.
func (l *Ledger) lostOffers(ctx context.Context, tx *tx, now time.Time) (lost []string, err error) {
	var old []dispatch.Job
	if err := tx.each(ctx, func(r row) error {
		var j dispatch.Job
		var at int64
		err := r.Scan(&j.Run, &j.Fence, &at)
		if at > now.Add(l.lease).UnixMilli() {
			lost = append(lost, j.Run) // the queue hides it until then
		} else {
			old = append(old, j)
		}
		return err
	}, `SELECT run_id, fence, offered_at FROM run WHERE offered_at IS NOT NULL AND (offered_at<? OR offered_at>?)`+tx.skip,
		now.Add(-l.lease).UnixMilli(), now.Add(l.lease).UnixMilli()); err != nil || len(old) == 0 {
		return lost, err
	}
	there, all, err := l.queue.Waiting(ctx, tx.raw)
	if err != nil || !all {
		return lost, err
	}
	for _, j := range old {
		if !there[j] {
			lost = append(lost, j.Run)
		}
	}
	return lost, nil
}

// requeueAtOnce is how many runs one statement of requeue changes.
const requeueAtOnce = 500

// requeue takes open runs from whoever has them and offers those that may begin.
func (l *Ledger) requeue(ctx context.Context, tx *tx, ids []string, now time.Time) error {
	latest := now.Add(longestRetry).UnixMilli()
	var connections []string
	for some := range slices.Chunk(ids, requeueAtOnce) {
		args := listed(some)
		in := ` IN(` + marks(len(args)) + `)`
		err := tx.each(ctx, func(r row) error {
			var c string
			err := r.Scan(&c)
			connections = append(connections, c)
			return err
		}, `UPDATE run SET state=CASE WHEN state='retry' AND due_at<=? THEN 'retry' ELSE 'queued' END,
				due_at=CASE WHEN state='running' OR due_at>? OR state='queued' AND due_at>? THEN ? ELSE due_at END,
				fence=fence+1, offered_at=NULL, lease_until=NULL
			WHERE state`+isOpen+` AND run_id`+in+` RETURNING connection`,
			append([]any{latest, latest, now.UnixMilli(), now.UnixMilli()}, args...)...)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM outbox WHERE ready=0 AND run_id`+in, args...); err != nil {
			return err
		}
	}
	return l.offer(ctx, tx, now, connections...)
}

// withdraw takes offers back of runs that match a condition, so that they wait
// until they are offered again, and returns the connections they were for.
func withdraw(ctx context.Context, tx *tx, where string, args ...any) ([]string, error) {
	return stringsOf(ctx, tx, `UPDATE run SET offered_at=NULL, fence=fence+1 WHERE offered_at IS NOT NULL AND `+where+` RETURNING connection`, args...)
}

// stringsOf returns the one column of a query's rows.
func stringsOf(ctx context.Context, tx *tx, query string, args ...any) (values []string, err error) {
	err = tx.each(ctx, func(r row) error {
		var v string
		err := r.Scan(&v)
		values = append(values, v)
		return err
	}, query, args...)
	return values, err
}
