package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"runtime/pprof"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// serve is one daemon, in the folder of its configuration.
func serve(ctx context.Context, spec string, in io.Reader, out io.Writer) (err error) {
	var w workload
	if err := json.Unmarshal([]byte(spec), &w); err != nil {
		return err
	}
	s, err := daemon.Load(configName)
	if err != nil {
		return err
	}
	if w.Every > 0 {
		for _, h := range s.Hunts {
			h.Schedule = hunt.Schedule{Schedule: every(w.Every)}
		}
	}
	m := &meter{jitter: map[string]time.Duration{}}
	m.open = func(context.Context) (int, error) { return m.count(), nil }
	for _, h := range s.Hunts {
		m.jitter[h.Query] = h.Jitter()
	}
	data := make([]byte, w.Body/4*3)
	rand.Read(data) // never fails
	for name, c := range s.Connections {
		s.Connections[name] = daemon.Connection{ConnectionKind: connection{c.ConnectionKind, w, m, base64.StdEncoding.EncodeToString(data)}}
	}
	// The log is encoded as in production, and discarded.
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel))
	d, err := daemon.Open(ctx, s, log, daemon.WithObserver(m))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if w.Waits != "" {
		m.open = d.Ledger().OpenRuns
		if err := holdBack(ctx, d.Ledger(), w, s.Hunts[0]); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		defer stop()
		ended <- d.Run(ctx, nil)
	}()
	err = m.measure(ctx, w, bufio.NewScanner(in), json.NewEncoder(out))
	stop()
	return errors.Join(err, <-ended)
}

// A connection is searched and delivered to without anybody there.
type connection struct {
	daemon.ConnectionKind
	workload workload
	meter    *meter
	body     string // what a search finds, "" for nothing
}

// NewSearcher implements [daemon.ConnectionKind].
func (c connection) NewSearcher(*zap.Logger) (pipeline.Searcher, error) { return searcher{c: c}, nil }

// NewSink implements [daemon.ConnectionKind].
func (c connection) NewSink(*zap.Logger) (pipeline.Sink, error) { return sink{c.workload.Deliver}, nil }

// A searcher is that of a connection. No event comes late, and no search is left
// behind.
type searcher struct {
	pipeline.Searcher
	c connection
}

// Search implements [pipeline.Searcher].
func (s searcher) Search(search pipeline.Search) pipeline.Source { return source{s.c, search} }

// Cancel implements [pipeline.Searcher].
func (searcher) Cancel(context.Context, string) error { return nil }

// every is a schedule that fires more often than a cron line can.
type every time.Duration

// Next implements [cron.Schedule].
func (e every) Next(t time.Time) time.Time { return t.Truncate(time.Duration(e)).Add(time.Duration(e)) }

// A source finds the body of its connection at once.
type source struct {
	connection
	search pipeline.Search
}

// Fetch implements [pipeline.Source].
func (s source) Fetch(ctx context.Context, w pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	s.meter.searched(s.search.Query, w)
	return func(yield func(*pipeline.Batch, error) bool) {
		switch {
		case s.workload.Waits == onSearch:
			<-ctx.Done()
			yield(nil, context.Cause(ctx))
		case s.body != "":
			b := pipeline.NewBuilder(s.search.Dict)
			b.Row()
			b.SetName("_raw", s.body)
			yield(b.Batch(), nil)
		}
	}
}

// holdBack makes runs wait that become due.
func holdBack(ctx context.Context, l *state.Ledger, w workload, h *hunt.Hunt) error {
	now := time.Now()
	switch w.Waits {
	case onPause:
		return l.PauseConnection(ctx, "main", "benchmark", time.Time{}, now)
	case onSpool:
		run, err := l.Begin(ctx, jobs.NewRun(h, jobs.Manual, now, pipeline.Window{From: 1, To: 2}), now)
		if err != nil {
			return err
		}
		full := jobs.Body{Dest: "gone", Data: make([]byte, 2*spool), Events: 1}
		return errors.Join(l.Stage(ctx, run, 0, []jobs.Body{full}, now), l.Commit(ctx, jobs.Commit{Run: run}, now))
	}
	return nil
}

// A sink confirms every body at once, or none.
type sink struct{ confirms bool }

// Send implements [pipeline.Sink].
func (s sink) Send(context.Context, []byte) error {
	if s.confirms {
		return nil
	}
	return &pipeline.BusyError{After: time.Minute, Reason: "nothing is delivered here"}
}

// profiled writes a CPU profile to a file until stop is called.
func profiled(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, pprof.StartCPUProfile(f)
}
