package outbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"
	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// split parts the event that was rejected from the others, or, where the sink
// did not name it, one half of the body from the other. Only what is rejected
// though it stands alone is dead.
func (w *Worker) split(ctx context.Context, it Item, why *pipeline.RejectedError) error {
	events, err := Events(it.Body)
	if err != nil {
		// The body is not one of ours any more; keep it, and keep saying so.
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
		body, err := Pack(rest)
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

// Events returns the events of a body, each as the JSON that was packed.
func Events(body []byte) ([][]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("body in the outbox: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("body in the outbox: %w", err)
	}
	var events [][]byte
	for line := range bytes.Lines(text) {
		events = append(events, bytes.TrimSuffix(line, []byte("\n")))
	}
	return events, nil
}

// Pack makes a body of events.
func Pack(events [][]byte) ([]byte, error) {
	var p Packer
	for _, e := range events {
		p.raw = append(append(p.raw, e...), '\n')
	}
	return p.compress()
}
