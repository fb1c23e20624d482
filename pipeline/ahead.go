package pipeline

import (
	"io"
	"sync"
)

const (
	aheadBlock  = 128 << 10
	aheadBlocks = 4
)

// An ahead reads a stream on a goroutine of its own, some blocks ahead of
// whoever reads it, so that unpacking and what is done with the text take a
// processor each.
type ahead struct {
	full  chan []byte // closed at the end, when err is set
	empty chan []byte
	quit  chan struct{}
	once  sync.Once
	block []byte // being read
	rest  []byte // of it
	err   error
}

// newAhead begins to read r. When nothing more is to be read, end is called on
// the same goroutine. Close must be called, be it before the end.
func newAhead(r io.Reader, end func()) *ahead {
	a := &ahead{full: make(chan []byte, aheadBlocks), empty: make(chan []byte, aheadBlocks), quit: make(chan struct{})}
	for range aheadBlocks {
		a.empty <- make([]byte, aheadBlock)
	}
	go func() {
		defer end()
		a.err = a.fill(r)
		close(a.full)
	}()
	return a
}

func (a *ahead) fill(r io.Reader) error {
	for {
		var block []byte
		select {
		case block = <-a.empty:
		case <-a.quit:
			return io.ErrClosedPipe
		}
		n, err := r.Read(block[:aheadBlock])
		if n > 0 {
			a.full <- block[:n] // there is room for every block
		}
		if err != nil {
			return err
		}
		if n == 0 {
			a.empty <- block
		}
	}
}

// Read implements [io.Reader].
func (a *ahead) Read(p []byte) (int, error) {
	if len(a.rest) == 0 && len(p) > 0 {
		if a.block != nil {
			a.empty <- a.block
		}
		var ok bool
		if a.block, ok = <-a.full; !ok {
			return 0, a.err
		}
		a.rest = a.block
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close ends the reading as soon as what is under way returns.
func (a *ahead) Close() { a.once.Do(func() { close(a.quit) }) }
