package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folder makes a folder of files and returns its settings.
func folder(t *testing.T, files map[string]string) *Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			fmt.Fprint(z, text)
			z.Close()
			text = packed.String()
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Config{Path: configs.Path(dir)}
}

// search returns the field n of the records that a search finds, in order.
func search(t *testing.T, c *Config, s pipeline.Search, w pipeline.Window) (found string, counts map[string]int, err error) {
	t.Helper()
	searcher, err := c.NewSearcher(zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	src := searcher.Search(s)
	var names []string
	for b, ferr := range src.Fetch(t.Context(), w) {
		if err = ferr; err != nil {
			break
		}
		for row := range b.Len() {
			names = append(names, b.Get(row, b.Dict().Key("n")))
		}
		b.Release()
	}
	slices.Sort(names)
	return strings.Join(names, " "), src.(pipeline.Counter).Counts(), err
}

var window = pipeline.Window{From: 1000, To: 2000}

func TestSearch(t *testing.T) {
	c := folder(t, map[string]string{
		"a.ndjson": `{"n":"before","_time":1500,"_indextime":999}` + "\n" +
			`{"n":"first","_time":500,"_indextime":"1000"}` + "\n" +
			`{"n":"last","_time":"1970-01-01T00:25:00Z","_indextime":1999.9}` + "\n" +
			`{"n":"behind","_time":1500,"_indextime":2000}` + "\n" +
			`{"n":"by its own time","_time":1200}` + "\n",
		"dns/b.ndjson.gz": `{"n":"packed","_time":1500}` + "\n",
		"c.log":           `{"n":"log","_time":1500}`,
		delivered:         `{"n":"delivered","_time":1500}` + "\n",
	})
	for _, tt := range []struct {
		search pipeline.Search
		want   string
	}{
		{pipeline.Search{Query: "*"}, "by its own time first last log packed"},
		{pipeline.Search{Query: "*.ndjson"}, "by its own time first last"},
		{pipeline.Search{Query: "*.ndjson *.log"}, "by its own time first last log"},
		{pipeline.Search{Query: "*.gz"}, "packed"},
		{pipeline.Search{Query: "dns/*"}, "packed"},
		{pipeline.Search{Query: "dns/*.ndjson"}, ""},
		{pipeline.Search{Query: "*.ndjson", EventTime: true}, "before behind by its own time last"},
		{pipeline.Search{Query: "*.ndjson", EventTime: true, IndexedFrom: 1999}, "behind last"},
	} {
		got, counts, err := search(t, c, tt.search, window)
		if got != tt.want || err != nil || len(counts) != 0 && got != "" {
			t.Errorf("%+v: %q, %v, %v, want %q", tt.search, got, counts, err, tt.want)
		}
	}
}

// TestRecordsThatDoNotFit: what one line does wrong stops no window, and is counted.
func TestRecordsThatDoNotFit(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": `{"n":"good","_time":1500}` + "\nno record\n" + `{"n":"timeless"}` + "\n" + `{"n":"odd","_time":"soon"}` + "\n" + `{"n":"cut`})
	got, counts, err := search(t, c, pipeline.Search{Query: "*"}, window)
	if want := map[string]int{countMalformed: 2, countTimeless: 2}; got != "good" || err != nil || !cmp.Equal(counts, want) {
		t.Errorf("%q, %v, %v, want %v", got, counts, err, want)
	}
}

func TestNoFileMatches(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": `{"n":"x","_time":1500}` + "\n"})
	_, counts, err := search(t, c, pipeline.Search{Query: "*.log"}, window)
	if want := map[string]int{countNoFiles: 1}; err != nil || !cmp.Equal(counts, want) {
		t.Errorf("%v, %v, want %v", counts, err, want)
	}
}

// TestOldRecords: by index time, what is older than max_event_age is not found.
func TestOldRecords(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": `{"n":"old","_time":899,"_indextime":1500}` + "\n" + `{"n":"new","_time":900,"_indextime":1500}` + "\n"})
	if got, _, err := search(t, c, pipeline.Search{Query: "*", MaxEventAge: 100 * time.Second}, window); got != "new" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFoldersOfPatterns(t *testing.T) {
	for _, tt := range []struct {
		search, folder string
		want           bool
	}{
		{"*.gz", "a/b", true},
		{"dns/*.gz", ".", true},
		{"dns/*.gz", "dns", true},
		{"dns/*.gz", "lost+found", false},
		{"dns/*.gz", "dns/old", false},
		{"*/old/*.gz", "dns/old", true},
		{"dns/*.gz *.log", "lost+found", true},
	} {
		if got := mayMatchBelow(tt.search, tt.folder); got != tt.want {
			t.Errorf("%s below %s: %v", tt.search, tt.folder, got)
		}
	}
}

func TestTooManyRecords(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": strings.Repeat(`{"n":"x","_time":1500}`+"\n", 11)})
	if _, _, err := search(t, c, pipeline.Search{Query: "*", MaxRows: 10}, window); !errors.Is(err, pipeline.ErrTooMuch) || !errors.Is(err, pipeline.ErrIncomplete) {
		t.Errorf("11 records of 10: %v", err)
	}
	if _, _, err := search(t, c, pipeline.Search{Query: "*", MaxRows: 11}, window); err != nil {
		t.Error(err)
	}
}

// TestOddFiles: links, devices and FIFOs are not read, and hold nothing up.
func TestOddFiles(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": `{"n":"good","_time":1500}` + "\n"})
	dir, outside := string(c.Path), filepath.Join(t.TempDir(), "secret.ndjson")
	if err := errors.Join(
		os.WriteFile(outside, []byte(`{"n":"secret","_time":1500}`), 0o600),
		os.Symlink(outside, filepath.Join(dir, "link.ndjson")),
		os.Symlink(filepath.Dir(outside), filepath.Join(dir, "linked")),
		syscall.Mkfifo(filepath.Join(dir, "fifo.ndjson"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	if got, _, err := search(t, c, pipeline.Search{Query: "*"}, window); got != "good" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCutFile(t *testing.T) {
	c := folder(t, map[string]string{"a.gz": strings.Repeat(`{"n":"x","_time":1500}`+"\n", 10_000)})
	path := filepath.Join(string(c.Path), "a.gz")
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, _, err := search(t, c, pipeline.Search{Query: "*"}, window); !errors.Is(err, pipeline.ErrIncomplete) {
		t.Errorf("a packed file that is cut off: %v", err)
	}
}

func TestFolderIsMissing(t *testing.T) {
	c := &Config{Path: configs.Path(filepath.Join(t.TempDir(), "nowhere"))}
	if faults := c.Unusable(t.Context()); len(faults) != 1 || faults[0].Key != "path" {
		t.Errorf("%v", faults)
	}
	if _, _, err := search(t, c, pipeline.Search{Query: "*"}, window); !errors.Is(err, pipeline.ErrUnreachable) || errors.Is(err, pipeline.ErrPermanent) {
		t.Errorf("it may come back: %v", err)
	}
	if err := newSink(string(c.Path)).Send(t.Context(), []byte("{}\n")); !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("%v", err)
	}
}

func TestCountLate(t *testing.T) {
	c := folder(t, map[string]string{"a.ndjson": `{"_time":1500,"_indextime":1600}` + "\n" + `{"_time":1500,"_indextime":1700}` + "\n" + `{"_time":2500,"_indextime":2600}` + "\n"})
	searcher, err := c.NewSearcher(zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := searcher.CountLate(t.Context(), pipeline.Search{Query: "*", IndexedFrom: 1700}, window); n != 1 || err != nil {
		t.Errorf("%d late records, %v", n, err)
	}
}

func TestSinkAppends(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, delivered)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if err := newSink(dir).Send(t.Context(), []byte("{123456789\n{123456789\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(file)
	if err != nil || string(text) != strings.Repeat("{123456789\n", 8*20*2) {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	// What a killed process left of a line is kept apart from the next.
	if err := errors.Join(os.WriteFile(file, []byte("whole\nhal"), 0o600), newSink(dir).Send(t.Context(), []byte("{}\n"))); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); string(text) != "whole\nhal\n{}\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestSinkIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, delivered), 0o600); err != nil {
		t.Fatal(err)
	}
	var parked *pipeline.ParkedError
	if err := newSink(dir).Send(t.Context(), []byte("{}\n")); !errors.As(err, &parked) {
		t.Errorf("a FIFO: %v", err)
	}
	if _, err := newSink(dir).CheckOnline(t.Context()); !errors.As(err, &parked) {
		t.Errorf("a FIFO passes the check: %v", err)
	}
	link := t.TempDir()
	if err := os.Symlink("/dev/null", filepath.Join(link, delivered)); err != nil {
		t.Fatal(err)
	}
	if err := newSink(link).Send(t.Context(), []byte("{}\n")); !errors.As(err, &parked) || parked.ThisBody {
		t.Errorf("a link: %v", err)
	}
	if err := newSink(t.TempDir()).Send(t.Context(), []byte("\x1f\x8b")); !errors.As(err, &parked) || !parked.ThisBody {
		t.Errorf("a body of a Splunk: %v", err)
	}
}

// TestSinkCheck: a check creates no file, and names a folder that is not there.
func TestSinkCheck(t *testing.T) {
	dir := t.TempDir()
	s := newSink(dir)
	if line, err := s.CheckOnline(t.Context()); err != nil || !strings.HasSuffix(line, "will be created") {
		t.Errorf("an empty folder: %q, %v", line, err)
	}
	if _, err := os.Stat(filepath.Join(dir, delivered)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the check created the file: %v", err)
	}
	if err := s.Send(t.Context(), []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := s.CheckOnline(t.Context()); err != nil || !strings.HasSuffix(line, "can be written") {
		t.Errorf("a file: %q, %v", line, err)
	}
	gone := filepath.Join(dir, "gone")
	if _, err := newSink(gone).CheckOnline(t.Context()); err == nil || !strings.Contains(err.Error(), gone) {
		t.Errorf("no folder: %v", err)
	}
}

func TestSinkWaitsForItsFile(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, delivered))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockPause)
	defer cancel()
	if err := newSink(dir).Send(ctx, []byte("{}\n")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("another process has the file: %v", err)
	}
}

func TestRender(t *testing.T) {
	text := func(v any) map[string]pipeline.Param {
		return map[string]pipeline.Param{"x": {Type: "string", Value: v}}
	}
	if got, err := (SIEM{}).Render("dns/$x$-*.gz", text("day1")); got != "dns/day1-*.gz" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, c := range map[string]struct {
		search string
		params map[string]pipeline.Param
		want   string
	}{
		"unused":  {"*.gz", text("a"), "does not use it"},
		"unknown": {"$y$.gz", nil, "no parameter"},
		"slash":   {"$x$.gz", text("../a"), "no part of a file's name"},
		"star":    {"$x$.gz", text("*"), "no part of a file's name"},
		"empty":   {"$x$.gz", text(""), "no part of a file's name"},
		"list":    {"$x$.gz", map[string]pipeline.Param{"x": {Type: "list", Value: []any{"a"}}}, "not list"},
		"number":  {"$x$.gz", map[string]pipeline.Param{"x": {Type: "int", Value: "1a"}}, "no whole number"},
		"enum":    {"$x$.gz", map[string]pipeline.Param{"x": {Type: "enum", Value: "c", Values: []string{"a", "b"}}}, "a, b"},
	} {
		if got, err := (SIEM{}).Render(c.search, c.params); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v, want an error with %q", name, got, err, c.want)
		}
	}
}

func TestCheckSearch(t *testing.T) {
	for search, want := range map[string]string{
		"": "is a pattern", "**/*.gz": "no pattern", "search index=x": "no pattern", "  ": "is a pattern", "[": "no pattern", "/etc/*": "leads out", "../*": "leads out", "a/../../b": "leads out",
	} {
		if err := (SIEM{}).CheckSearch(search, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", search, err, want)
		}
	}
	if err := (SIEM{}).CheckSearch("*.ndjson dns/*.gz", true); err != nil {
		t.Error(err)
	}
}

func TestBodies(t *testing.T) {
	lines := []byte("{\"a\":1}\n{\"b\":2}\n")
	body, err := SIEM{}.Join(lines)
	if err != nil || !bytes.Equal(body, lines) {
		t.Errorf("%q, %v", body, err)
	}
	lines[2] = 'z' // the packer uses its memory again
	if got, err := (SIEM{}).Split(body); err != nil || len(got) != 2 || string(got[0]) != `{"a":1}` || string(got[1]) != `{"b":2}` {
		t.Errorf("%q, %v", got, err)
	}
}
