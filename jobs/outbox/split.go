package outbox

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// split parts the event that was rejected from the others, or, where the sink
// did not name it, one half of the body from the other. Only what is rejected
// though it stands alone is dead.
func (w *Worker) split(ctx context.Context, it Item, why *pipeline.RejectedError) error {
	events, err := w.Format.Split(it.Body)
	if err != nil {
		// The body is damaged, or was made for a sink of another kind: it is kept.
		w.Log.Error("rejected body cannot be split", zap.String("connection", w.Dest), zap.String("run", it.Run), zap.Int("events", it.Events), zap.Error(err))
		return w.Queue.Defer(ctx, it, time.Now().Add(lastPause), err.Error())
	}
	var dead []Dead
	var rests [][][]byte
	switch n := why.Event; {
	case len(events) == 0: // there is nothing to keep
	case len(events) == 1:
		dead = []Dead{{events[0], why.Status, why.Reason}}
	case n >= 0 && n < len(events):
		rests = [][][]byte{events[n : n+1], slices.Concat(events[:n], events[n+1:])}
	default:
		rests = [][][]byte{events[:len(events)/2], events[len(events)/2:]}
	}
	var parts []Part
	for _, rest := range rests {
		body, err := w.join(rest)
		if err != nil {
			return err
		}
		parts = append(parts, Part{body, len(rest)})
	}
	for range dead {
		w.Log.Error("event dead-lettered", zap.String("connection", w.Dest),
			zap.String("run", it.Run), zap.Int("status", why.Status), zap.String("reason", why.Reason))
	}
	return w.Queue.Split(ctx, it, dead, parts, time.Now())
}

// join makes a body of events.
func (w *Worker) join(events [][]byte) ([]byte, error) {
	var lines []byte
	for _, e := range events {
		lines = append(append(lines, e...), '\n')
	}
	return w.Format.Join(lines)
}
