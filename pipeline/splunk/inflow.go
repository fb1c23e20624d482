package splunk

import (
	"errors"
	"fmt"
	"io"
)

const (
	// inflowBlock is how much of a reply comes in before its reader is told.
	inflowBlock = 128 << 10
	// inflowRoom is what the first reply is given to begin with.
	inflowRoom = 512 << 10
)

// An inflow is a reply that comes in, and is inflated, on a goroutine of its
// own while what there is of it is read already, so that both take a processor
// each. It is kept from its first byte on, for the reply of a failure is looked
// at again as a whole.
type inflow struct {
	data []byte // what the reader has of it
	// arrived brings what there is by now, the latest only; it is nil when data
	// is all that there will be.
	arrived <-chan []byte
	err     error // what ended the reply; not to be looked at before
}

// receive begins to take a reply of at most limit bytes into buf, or into more
// where that is too small. [inflow.rest] must be called before r is closed.
func receive(r io.Reader, limit int, buf []byte) *inflow {
	arrived := make(chan []byte, 1)
	in := &inflow{arrived: arrived}
	go func() {
		in.err = take(r, limit, buf[:0], arrived)
		close(arrived)
	}()
	return in
}

// take reads r to its end. Whatever ends it early is errCut, so that the call
// can be repeated. Bytes that were shown are never written again: a buffer that
// gets too small is copied and left as it is.
func take(r io.Reader, limit int, buf []byte, arrived chan []byte) error {
	for shown := 0; ; {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(max(2*cap(buf), inflowRoom), limit+1)), buf...)
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), limit+1)])
		buf = buf[:len(buf)+n]
		if len(buf)-shown >= inflowBlock || len(buf) > limit || err != nil {
			select {
			case <-arrived: // nobody took what there was before
			default:
			}
			arrived <- buf
			shown = len(buf)
		}
		switch {
		case len(buf) > limit:
			return fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", errCut, err)
		}
	}
}

// more waits for the first n bytes of the reply, and reports whether it has as
// many.
func (in *inflow) more(n int) bool {
	for len(in.data) < n && in.arrived != nil {
		if data, ok := <-in.arrived; ok {
			in.data = data
		} else {
			in.arrived = nil
		}
	}
	return len(in.data) >= n
}

// rest waits for the end of the reply and returns what ended it too early.
func (in *inflow) rest() error {
	for in.arrived != nil {
		in.more(len(in.data) + 1)
	}
	return in.err
}

// try reads what begins at pos and, as long as that fails, again with more of
// the reply: it may have been cut where the reply ended so far. Each time twice
// as much is there, so that all tries together take no longer than two of the
// whole. read returns how many bytes it read.
func (in *inflow) try(pos int, read func([]byte) (int, error)) (int, error) {
	for {
		there := len(in.data)
		n, err := read(in.data[pos:])
		if err == nil {
			return n, nil
		}
		in.more(there + max(there-pos, 1))
		if len(in.data) == there {
			return n, err
		}
	}
}
