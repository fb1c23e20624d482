package state

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
)

// errPanicked rolls back a transaction in which a write panicked.
var errPanicked = errors.New("the write panicked")

// maxGroup is how many writes one transaction holds at most.
const maxGroup = 32

// A group carries out writes on the one connection that writes to a file. Those
// that wait at the same time share a transaction, and so its fsync. If one of them
// fails, the transaction is rolled back and each is carried out alone: a write
// fails by itself, and may be carried out twice. If the commit fails, all fail.
type group struct {
	db *sql.DB

	mu      sync.Mutex
	waiting []*groupWrite
	leading bool // a goroutine begins what waits
}

// A groupWrite is one write. Its functions run on the caller's goroutine.
type groupWrite struct {
	turn  chan *sql.Tx  // receives the transaction to write to
	gone  chan struct{} // closed when the caller has left before its turn
	wrote chan error    // receives how that went
	ended chan ending
}

// An ending says how a shared transaction ended.
type ending struct {
	err   error
	alone bool // the write is to be carried out alone
}

// write carries out a write, in a transaction of its own or a shared one.
func (g *group) write(ctx context.Context, do func(context.Context, *tx) error) error {
	w := &groupWrite{turn: make(chan *sql.Tx), gone: make(chan struct{}), wrote: make(chan error), ended: make(chan ending, 1)}
	g.add(w)
	select {
	case t := <-w.turn:
		w.carryOut(ctx, t, do)
	case <-ctx.Done():
		g.remove(w)
		close(w.gone)
		return ctx.Err()
	}
	end := <-w.ended
	if end.alone {
		return transact(ctx, g.db, do)
	}
	return end.err
}

// carryOut writes to the shared transaction, if one could be begun. A panic rolls
// it back.
func (w *groupWrite) carryOut(ctx context.Context, t *sql.Tx, do func(context.Context, *tx) error) {
	if t == nil {
		return
	}
	err := errPanicked
	defer func() { w.wrote <- err }()
	err = do(ctx, sqliteTxOf(t))
}

// add queues a write, and begins what waits if nobody does.
func (g *group) add(w *groupWrite) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	if !g.leading {
		g.leading = true
		go g.lead()
	}
}

// remove takes a write out of the queue, if it is there.
func (g *group) remove(w *groupWrite) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(other *groupWrite) bool { return other == w })
}

// offer gives a write its turn. It returns false if the caller has left.
func (w *groupWrite) offer(t *sql.Tx) bool {
	select {
	case w.turn <- t:
		return true
	case <-w.gone:
		return false
	}
}

// next takes the write that has waited for longest, nil if none waits. Then, if
// last is set, the goroutine that leads must end.
func (g *group) next(last bool) (w *groupWrite) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.leading = g.leading && !last
		return nil
	}
	w, g.waiting = g.waiting[0], g.waiting[1:]
	return w
}

// lead carries out writes until none waits.
func (g *group) lead() {
	for w := g.next(true); w != nil; w = g.next(true) {
		g.share(w)
	}
}

// share carries out a write and those that wait by the time it is done, in one
// transaction.
func (g *group) share(w *groupWrite) {
	t, err := g.db.BeginTx(context.Background(), nil) // each write has a context of its own
	if err != nil {
		if w.offer(nil) {
			w.ended <- ending{err: err}
		}
		return
	}
	var writes []*groupWrite
	for ; w != nil; w = g.next(false) {
		if !w.offer(t) {
			continue
		}
		writes = append(writes, w)
		if err = <-w.wrote; err != nil || len(writes) == maxGroup {
			break
		}
	}
	if err == nil {
		err = t.Commit()
	} else {
		err = rollBack(t, err)
		if len(writes) > 1 {
			end := ending{alone: true}
			for _, w := range writes {
				w.ended <- end
			}
			return
		}
	}
	for _, w := range writes {
		w.ended <- ending{err: err}
	}
}
