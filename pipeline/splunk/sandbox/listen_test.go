package sandbox_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/zap/zaptest"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/splunk"
	"github.com/huntd/huntd/pipeline/splunk/sandbox"
)

func TestStart(t *testing.T) {
	for _, tls := range []bool{false, true} {
		s, err := sandbox.Start(sandbox.Config{TLS: tls})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		ready := s.Ready()
		if strings.HasPrefix(ready.API, "https://") != tls || strings.HasPrefix(ready.HEC, "https://") != tls || (ready.CAFile != "") != tls {
			t.Errorf("%+v", ready)
		}
		cfg := splunk.Config{
			API: splunk.API{URL: ready.API, User: ready.User, Password: configs.Static(ready.Password)},
			HEC: splunk.HEC{URL: ready.HEC, Token: configs.Static(ready.HECToken)},
			TLS: splunk.TLS{CAFile: configs.Path(ready.CAFile)},
		}
		c, err := splunk.New(cfg, zaptest.NewLogger(t))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Check(t.Context()); err != nil {
			t.Errorf("tls %t: %v", tls, err)
		}
		h, err := splunk.NewCollector(cfg, zaptest.NewLogger(t))
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if err := errors.Join(h.Health(t.Context()), h.Check(t.Context())); err != nil {
			t.Errorf("tls %t: %v", tls, err)
		}
		s.Close()
		s.Close() // twice does no harm
		if _, err := os.Stat(ready.CAFile); err == nil {
			t.Error("the certificate is left behind")
		}
	}
}

func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, cfg := range []sandbox.Config{{API: l.Addr().String()}, {HEC: l.Addr().String()}} {
		_, err := sandbox.Start(cfg)
		if err == nil || !strings.Contains(err.Error(), "cannot listen on "+l.Addr().String()+": another program does") {
			t.Errorf("%v", err)
		}
	}
}

func TestLoadFile(t *testing.T) {
	const good = `{"_time":"1767225600","index":"a","x":"1"}` + "\n\n" + `{"_time":"2026-01-01T00:00:01.5Z","_indextime":1767225700,"host":"h","source":"s","sourcetype":"t","x":["2","3"]}` + "\n"
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		switch filepath.Ext(name) {
		case ".gz":
			z := gzip.NewWriter(f)
			_, err = z.Write([]byte(text))
			err = errors.Join(err, z.Close())
		case ".zst":
			z, zErr := zstd.NewWriter(f)
			if zErr != nil {
				t.Fatal(zErr)
			}
			_, err = z.Write([]byte(text))
			err = errors.Join(err, z.Close())
		default:
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	s, err := sandbox.Start(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"a.ndjson", "b.ndjson.gz", "c.zst"} {
		if err := s.LoadFile(write(name, good)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, test := range []struct{ name, text, want string }{
		{"cut.ndjson", `{"_time":1}` + "\n" + `{"_time":`, "cut.ndjson:2: byte "},
		{"notime.ndjson", `{"_time":1}` + "\n\n" + `{"x":"1"}`, "notime.ndjson:3: _time is missing"},
		{"badtime.ndjson", `{"_time":"soon"}`, `badtime.ndjson:1: _time is "soon", which is no time`},
		{"badindex.ndjson", `{"_time":1,"_indextime":"x"}`, `badindex.ndjson:1: _indextime is "x", which is no time`},
		{"far.ndjson", `{"_time":1e12}`, "far.ndjson:1: _time is"},
	} {
		if err := s.LoadFile(write(test.name, test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	if err := s.LoadFile(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	s.ShiftTo(time.Unix(base+1000, 0))
	ready := s.Ready()
	c, err := splunk.New(splunk.Config{API: splunk.API{URL: ready.API, Token: configs.Static(ready.Token)}}, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := map[string]int{}
	// The newest event is moved to 1000; the older by as much, to 998.5.
	for b, err := range c.Search(pipeline.Search{Query: "search index=*"}).Fetch(t.Context(), pipeline.Window{From: base, To: base + 10_000}) {
		if err != nil {
			t.Fatal(err)
		}
		for row := range b.Len() {
			var cells []string
			for _, name := range []string{"_time", "_indextime", "index", "host", "sourcetype", "x"} {
				cells = append(cells, b.Values(row, b.Dict().Key(name)).Join("+"))
			}
			got[strings.Join(cells, " ")]++
		}
	}
	for _, want := range []string{"1767226598.5 1767226598 a sandbox json 1", "1767226600 1767226698 main h t 2+3"} {
		if got[want] != 3 {
			t.Errorf("%q came %d times, want 3: %v", want, got[want], got)
		}
	}
}
