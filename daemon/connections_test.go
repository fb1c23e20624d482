package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/jobs"
)

// TestRenamedConnection: a run that was queued for a connection that is not there
// any more is done by the one that the hunt names now.
func TestRenamedConnection(t *testing.T) {
	path := deploy(t, newRefusal(t), "a")
	s := load(t, path)
	d, err := Open(context.Background(), s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	n, err := jobs.Plan(context.Background(), d.Ledger(), s.Hunts, time.Now())
	if err := errors.Join(err, d.Close()); err != nil || n != 1 {
		t.Fatalf("%d runs queued, %v", n, err)
	}
	put(t, path, strings.Replace(read(t, path), "main:", "second:", 1))
	put(t, filepath.Join(filepath.Dir(path), "hunts.d", "a.yaml"), huntText("a", "connection: main", "connection: second"))
	if got := start(t, path).wait(1); !slices.Equal(got, []string{"a"}) {
		t.Errorf("runs of %q ended", got)
	}
}

// TestStranded: events for a connection that was taken out of the configuration
// are not forgotten in silence.
func TestStranded(t *testing.T) {
	path := deploy(t, newRefusal(t), "a")
	warned := func() []string {
		t.Helper()
		logs, seen := observer.New(zap.WarnLevel)
		s := load(t, path)
		d, err := Open(context.Background(), s, zap.New(logs))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if n, err := d.Ledger().Pending(context.Background(), ""); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			staged(t, d, s.Hunts[0])
		}
		if !d.introduce(context.Background(), d.engine.Load(), nil) {
			t.Error("the configuration was not made known")
		}
		var lines []string
		for _, e := range seen.All() {
			lines = append(lines, fmt.Sprintf("%s %v %v", e.Message, e.ContextMap()["connection"], e.ContextMap()["events"]))
		}
		return lines
	}
	if got := warned(); len(got) != 0 {
		t.Errorf("events for a connection that is there: %q", got)
	}
	put(t, path, strings.Replace(read(t, path), "main:", "second:", 1))
	put(t, filepath.Join(filepath.Dir(path), "hunts.d", "a.yaml"), huntText("a", "connection: main", "connection: second"))
	if got := warned(); !slices.Equal(got, []string{"events stranded main 1"}) {
		t.Errorf("warned of %q", got)
	}
}

// TestMended: a reload mends the hunts whose connection has other settings.
func TestMended(t *testing.T) {
	path := deploy(t, newRefusal(t), "a", "b")
	config := read(t, path)
	put(t, filepath.Join(filepath.Dir(path), "hunts.d", "b.yaml"), huntText("b", "connection: main", "connection: second"))
	second := "\n  second: { api: { url: 'http://127.0.0.1:1', token: 'env:HUNTD_TEST_TOKEN' }, hec: { url: 'http://127.0.0.1:1', token: 'env:HUNTD_TEST_TOKEN' } }\n"
	loaded := func(text string) *engine {
		t.Helper()
		put(t, path, strings.Replace(config, "connections:", "connections:"+text, 1))
		e, err := (&Daemon{log: zap.NewNop()}).newEngine(load(t, path))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.conns.close)
		return e
	}
	before := loaded(second)
	if got := loaded(second).mended(before); got["a"] || got["b"] {
		t.Errorf("nothing was changed, but mended are %v", got)
	}
	if got := loaded(strings.Replace(second, "//127.0.0.1:1", "//127.0.0.1:2", 1)).mended(before); got["a"] || !got["b"] {
		t.Errorf("an address was changed, and mended are %v", got)
	}
	if got := loaded(strings.Replace(second, "_TOKEN", "_OTHER", 1)).mended(before); got["a"] || !got["b"] {
		t.Errorf("a token was changed, and mended are %v", got)
	}
}
