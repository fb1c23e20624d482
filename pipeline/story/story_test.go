package story

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// end is a Wednesday morning.
func end() time.Time { return time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC) }

func told(t *testing.T, seed uint64, opt Options) *Story {
	t.Helper()
	if opt.End.IsZero() {
		opt.End = end()
	}
	s, err := New(seed, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(t *testing.T, s *Story) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := s.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo = %d, %v; wrote %d bytes", n, err, b.Len())
	}
	return b.Bytes()
}

// A change of these sums means that every story is another than before. That
// is allowed, but must be meant.
func TestSameBytes(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		opt  Options
		want string
	}{
		{1, Options{}, "3608639f1058597935c03532d198c27583f3d8d9681ba5332284a6969c24521f"},
		{7, Options{Span: 36 * time.Hour, Hosts: 31, Events: 25_000}, "39be068ba5b212ab6571598ef35de6eed2eac3bbf11f555793d7c1b52f6065d9"},
	} {
		s := told(t, c.seed, c.opt)
		sum := sha256.Sum256(text(t, s))
		if got := hex.EncodeToString(sum[:]); got != c.want {
			t.Errorf("seed %d: sha256 %s, want %s", c.seed, got, c.want)
		}
		if !bytes.Equal(text(t, s), text(t, told(t, c.seed, c.opt))) {
			t.Errorf("seed %d: told twice, it differs", c.seed)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	if bytes.Equal(text(t, told(t, 1, Options{Events: 10_000})), text(t, told(t, 2, Options{Events: 10_000}))) {
		t.Error("two seeds tell the same story")
	}
}

func TestEvents(t *testing.T) {
	opt := Options{Events: 30_000, Hosts: 25, Span: 30 * time.Hour}
	s := told(t, 3, opt)
	from, to := s.Span()
	if !to.Equal(end()) || to.Sub(from) != opt.Span {
		t.Errorf("Span = %s, %s", from, to)
	}
	lines := bytes.Split(bytes.TrimSuffix(text(t, s), []byte("\n")), []byte("\n"))
	n, last := 0, from
	for e := range s.Events() {
		if e.Time.Before(last) || !e.Time.Before(to) {
			t.Fatalf("event %d at %s follows one at %s; the end is %s", n, e.Time, last, to)
		}
		last = e.Time
		if line := string(e.AppendJSON(nil)); line != string(lines[n]) {
			t.Fatalf("event %d is told differently:\n%s\n%s", n, line, lines[n])
		}
		checkLine(t, e, lines[n])
		n++
	}
	if n != opt.Events || s.Len() != n || len(lines) != n {
		t.Errorf("%d events, Len %d, %d lines, want %d", n, s.Len(), len(lines), opt.Events)
	}
}

// checkLine holds a line against what encoding/json reads from it.
func checkLine(t *testing.T, e Event, line []byte) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	want := map[string]any{
		"_time": float64(e.Time.UnixMilli()) / 1000, "host": e.Host, "source": e.Source,
		"sourcetype": e.Sourcetype, "index": e.Index, "_raw": e.Raw,
	}
	for _, f := range e.Fields {
		if _, twice := want[f.Name]; twice {
			t.Fatalf("field %s stands twice: %s", f.Name, line)
		}
		want[f.Name] = f.Value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s\n%s", line, diff)
	}
	if strings.HasPrefix(e.Sourcetype, "zeek:") && !json.Valid([]byte(e.Raw)) {
		t.Fatalf("raw is no JSON: %s", e.Raw)
	}
}

func TestTextIsJSON(t *testing.T) {
	for _, s := range []string{"", `a"b\c`, "tab\tline\nend\r\x00\x1f", "grüße 🙂", "\xffbad", "</script>&"} {
		var got string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil {
			t.Errorf("%q: %v", s, err)
		} else if want := strings.ToValidUTF8(s, "\ufffd"); got != want {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestOptionsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		opt  Options
		want string
	}{
		"no end":       {Options{}, "End is not set"},
		"short":        {Options{End: end(), Span: time.Hour}, "Span of 1h0m0s is too short"},
		"before 1970":  {Options{End: time.Unix(60, 0)}, "before 1970"},
		"few hosts":    {Options{End: end(), Hosts: 3}, "3 hosts"},
		"many hosts":   {Options{End: end(), Hosts: 501}, "501 hosts"},
		"few events":   {Options{End: end(), Events: 500}, "500 events are too few"},
		"below zero":   {Options{End: end(), Events: -1}, "-1 events are too few"},
		"long, sparse": {Options{End: end(), Span: 7 * 24 * time.Hour}, "too few"},
	} {
		if s, err := New(1, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: New = %v, %v; want %q", name, s, err, c.want)
		}
	}
}

// The brim of what is allowed.
func TestOptionsTaken(t *testing.T) {
	for _, opt := range []Options{
		{Hosts: 10, Events: 7000},
		{Hosts: 500, Events: 250_000},
		{Span: 7 * 24 * time.Hour, Events: 80_000},
		{End: end().In(time.FixedZone("east", 7*3600)).Add(999 * time.Millisecond)},
	} {
		want := opt.withDefaults().Events
		if got := told(t, 5, opt).Len(); got != want {
			t.Errorf("%+v: %d events, want %d", opt, got, want)
		}
	}
}

type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriterFails(t *testing.T) {
	n, err := told(t, 1, Options{Events: 10_000}).WriteTo(&full{room: 200_000})
	if !errors.Is(err, errFull) || n == 0 || n > 200_000 {
		t.Errorf("WriteTo = %d, %v", n, err)
	}
}

func TestReaderStops(t *testing.T) {
	n := 0
	for range told(t, 1, Options{Events: 10_000}).Events() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d events", n)
	}
}

func BenchmarkWriteTo(b *testing.B) {
	s, err := New(1, Options{End: end()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var sink countingWriter
		if _, err := s.WriteTo(&sink); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(sink))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Len()), "ns/event")
}

type countingWriter int

func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}
