package splunk

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline"
)

// whole is a reply that is there.
func whole(text string) *inflow { return &inflow{data: []byte(text)} }

// drops is a reply that comes in byte by byte, each of which is seen.
func drops(text string) *inflow {
	data, arrived := []byte(text), make(chan []byte)
	go func() {
		for n := range data {
			arrived <- data[:n+1]
		}
		close(arrived)
	}()
	return &inflow{arrived: arrived}
}

func TestInflowGivesAllAndWhatEndedIt(t *testing.T) {
	const limit = 3*inflowRoom + 17
	text := bytes.Repeat([]byte("0123456789"), limit/10+1)
	broken := errors.New("broken")
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "in small pieces": iotest.HalfReader, "with the end": iotest.DataErrReader,
		"broken off": func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(broken)) },
	} {
		var buf []byte
		for _, size := range []int{limit, 10, limit + 1, inflowBlock, 0} {
			in := receive(wrap(bytes.NewReader(text[:size])), limit, buf)
			err := in.rest()
			want := error(nil)
			switch {
			case size > limit:
				want = errTooLarge
			case name == "broken off":
				want = broken
			}
			if !errors.Is(err, want) || !bytes.Equal(in.data, text[:size]) || cap(in.data) > limit+1 {
				t.Errorf("%s: %d of %d bytes in room for %d, %v, want %v", name, len(in.data), size, cap(in.data), err, want)
			}
			if size > 0 && buf != nil && &in.data[0] != &buf[:1][0] {
				t.Errorf("%s: %d bytes are not in the room that there was", name, size)
			}
			buf = in.data
		}
	}
}

// A reply without end is taken no further than the limit, and its beginning
// stays as it was shown while its room grows.
func TestInflowIsBounded(t *testing.T) {
	for _, limit := range []int{1, inflowBlock, inflowRoom - 1, inflowRoom, 5 * inflowRoom} {
		source := &ones{}
		in := receive(source, limit, nil)
		in.more(1)
		shown := in.data
		if err := in.rest(); !errors.Is(err, errTooLarge) || source.n != limit+1 || cap(in.data) > limit+1 {
			t.Errorf("limit %d: %d bytes were read, room for %d, %v", limit, source.n, cap(in.data), err)
		}
		if bytes.Count(shown, []byte{1}) != len(shown) {
			t.Errorf("limit %d: what was shown is another now", limit)
		}
	}
}

type ones struct{ n int }

func (o *ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	o.n += len(p)
	return len(p), nil
}

// TestTryIsLinear counts what is looked at of something long that comes in byte
// by byte, whether it ends or not.
func TestTryIsLinear(t *testing.T) {
	text := strings.Repeat("x", 100_000)
	for _, end := range []string{"", "}"} {
		looked := 0
		n, err := drops(text+end).try(0, func(data []byte) (int, error) {
			looked += len(data)
			if at := bytes.IndexByte(data, '}'); at >= 0 {
				return at + 1, nil
			}
			return 0, errCut
		})
		if looked > 4*len(text) {
			t.Errorf("%d bytes were looked at, of %d", looked, len(text))
		}
		if (err == nil) != (end != "") || err == nil && n != len(text)+1 {
			t.Errorf("end %q: %d, %v", end, n, err)
		}
	}
}

// Rows are read before the page has come whole.
func TestRowsAreReadWhileThePageComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := rowsJSON(0, 100)
		arrived, done := make(chan []byte), make(chan error)
		rows := pipeline.NewDecoder(pipeline.NewDict())
		var got page
		go func() {
			var err error
			got, err = readPage(&inflow{arrived: arrived}, rows)
			done <- err
		}()
		arrived <- text[:len(text)/2]
		synctest.Wait()
		if n := rows.Len(); n < 45 || n > 50 {
			t.Errorf("%d rows of the 50 that there are", n)
		}
		arrived <- text
		close(arrived)
		if err := <-done; err != nil || got.rows != 100 {
			t.Error(got.rows, err)
		}
	})
}

// stalls sends half of the n-th page, and then nothing until the client leaves.
func stalls(n int) bendFunc {
	return func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i != n {
			return false
		}
		body := rowsJSON(10, 10)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return true
	}
}

// TestSearchEndsWithinAPage leaves while half of the next page has come.
func TestSearchEndsWithinAPage(t *testing.T) {
	for _, cancelled := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(30)
			f.bend[callResults] = stalls(2)
			cfg := tokenConfig()
			cfg.API.Page = 10
			client := newClient(t, cfg, f)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var left time.Time
			var last error
			n := 0
			for b, err := range searchOf(client).Fetch(ctx, window) {
				if last = err; err != nil {
					continue
				}
				n += b.Len()
				synctest.Wait()
				left = time.Now()
				if !cancelled {
					break
				}
				cancel()
			}
			if d := time.Since(left); d > 0 || n != 10 || f.cancelled() != 1 {
				t.Errorf("cancelled %t: ended after %s and %d rows, %d jobs were cancelled", cancelled, d, n, f.cancelled())
			}
			if cancelled != errors.Is(last, context.Canceled) {
				t.Errorf("cancelled %t: %v", cancelled, last)
			}
		})
	}
}

// An error of the page that is read ahead comes behind the rows before it.
func TestErrorsComeInTheirOrder(t *testing.T) {
	for name, bend := range map[string]bendFunc{
		"404": func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > 1 {
				refuse(w, 404, "FATAL", "Unknown sid.")
			}
			return n > 1
		},
		"cut": func(n int, w http.ResponseWriter, r *http.Request) bool {
			return n > 1 && says(string(rowsJSON(10, 10)[:200]))(n, w, r)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(30)
			f.bend[callResults] = bend
			cfg := tokenConfig()
			cfg.API.Page = 10
			got, err := fetch(t.Context(), searchOf(newClient(t, cfg, f)))
			if d := cmp.Diff(numbers(10), got); d != "" || err == nil {
				t.Errorf("%s: %v %s", name, err, d)
			}
		})
	}
}

// What was read of a page that broke off late, several batches of it, comes once.
func TestPagesThatBreakOffLateAreReadAgain(t *testing.T) {
	const n = 5000
	for name, packed := range map[string]bool{"plain": false, "gzip": true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(n)
			f.bend[callResults] = func(i int, w http.ResponseWriter, _ *http.Request) bool {
				body := rowsJSON(0, n)
				if packed {
					w.Header().Set("Content-Encoding", "gzip")
					body = zip(t, body)
				}
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				if i < 3 {
					body = body[:len(body)*9/10]
				}
				_, _ = w.Write(body)
				return true
			}
			got, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
			if d := cmp.Diff(numbers(n), got); err != nil || d != "" || f.count(callResults) != 3 {
				t.Errorf("%s: %d pages, %v %s", name, f.count(callResults), err, d)
			}
		})
	}
}

func zip(t *testing.T, data []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
