package pipeline

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

func noise(n int) []byte {
	text, r := make([]byte, n), rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	return text
}

func TestAheadGivesAllAndTheError(t *testing.T) {
	text, broken := noise(3*aheadBlock+17), errors.New("broken")
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r },
		"half":  iotest.HalfReader,
		"with the error": func(r io.Reader) io.Reader {
			return iotest.DataErrReader(io.MultiReader(r, iotest.ErrReader(broken)))
		},
	} {
		ended := make(chan struct{})
		a := newAhead(wrap(bytes.NewReader(text)), func() { close(ended) })
		got, err := io.ReadAll(a)
		if !bytes.Equal(got, text) || (err != nil) != (name == "with the error") || (err != nil && !errors.Is(err, broken)) {
			t.Errorf("%s: %d of %d bytes, %v", name, len(got), len(text), err)
		}
		if n, again := a.Read(make([]byte, 1)); n != 0 || again == nil {
			t.Errorf("%s: behind the end: %d, %v", name, n, again)
		}
		<-ended
		a.Close()
	}
}

// A stream without end is read no further than the blocks there are, and no
// more once it is closed.
func TestAheadEndsWhenItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		endless := &counted{}
		a := newAhead(endless, func() { ended = true })
		if _, err := a.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if endless.reads != aheadBlocks {
			t.Errorf("%d blocks were read ahead, there are %d", endless.reads, aheadBlocks)
		}
		a.Close()
		a.Close()
		synctest.Wait()
		if !ended {
			t.Error("the goroutine goes on")
		}
	})
}

type counted struct{ reads int }

func (c *counted) Read(p []byte) (int, error) {
	c.reads++
	return len(p), nil
}
