//go:build unix

package sandbox

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/story"
)

// BenchmarkFetch reads the made-up day, 40,000 events, from a sandbox behind a
// proxy that packs the pages, as Splunk does. They are packed once, so that
// hardly anything but the client is measured: from the first page that is asked
// for to the last event, the best of all searches.
func BenchmarkFetch(b *testing.B) {
	day, err := story.New(1, story.Options{End: time.Unix(newest, 0)})
	if err != nil {
		b.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := day.WriteTo(&text); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	s := New(Config{})
	defer s.Close()
	if err := s.LoadFile(path); err != nil {
		b.Fatal(err)
	}
	p := &packer{api: s.API(), pages: map[string][]byte{}}
	srv := httptest.NewServer(p)
	defer srv.Close()
	c, err := splunk.New(splunk.Config{API: splunk.API{URL: srv.URL, User: s.Ready().User, Password: configs.Static(s.Ready().Password)}}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	src := c.Search(pipeline.Search{Query: "search index=*", EventTime: true})
	from, to := day.Span()
	fetch := func() {
		n := 0
		for batch, err := range src.Fetch(b.Context(), pipeline.Window{From: from.Unix(), To: to.Unix() + 1}) {
			if err != nil {
				b.Fatal(err)
			}
			n += batch.Len()
		}
		if n != day.Len() {
			b.Fatalf("%d events, want %d", n, day.Len())
		}
	}
	fetch()
	wall, cpu := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		fetch()
		wall, cpu = min(wall, time.Since(p.begun)), min(cpu, processorTime()-p.used)
	}
	events := float64(day.Len())
	b.ReportMetric(float64(wall.Nanoseconds())/events, "best-ns/event")
	b.ReportMetric(float64(cpu.Nanoseconds())/events, "best-cpu-ns/event")
	b.ReportMetric(float64(text.Len())/events, "B/event")
}

// A packer answers with pages that it packs once, and notes when the first of
// a search was asked for.
type packer struct {
	api   http.Handler
	pages map[string][]byte
	begun time.Time
	used  time.Duration
}

func (p *packer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/results") {
		p.api.ServeHTTP(w, r)
		return
	}
	if r.URL.Query().Get("offset") == "0" {
		p.begun, p.used = time.Now(), processorTime()
	}
	page, ok := p.pages[r.URL.RawQuery]
	if !ok {
		whole, packed := httptest.NewRecorder(), &bytes.Buffer{}
		p.api.ServeHTTP(whole, r)
		z := gzip.NewWriter(packed)
		_, err := z.Write(whole.Body.Bytes())
		if err != nil || z.Close() != nil || whole.Code != http.StatusOK {
			panic(fmt.Sprint("no page: ", whole.Code, err))
		}
		page = packed.Bytes()
		p.pages[r.URL.RawQuery] = page
	}
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(page)
}

// processorTime is what the process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
