package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// A finding holds at most so much evidence; what is beyond is counted in the
// event and noted on the run.
const (
	maxEvidence      = 100
	maxEvidenceBytes = 256 << 10
	maxEntityValues  = 100
	// maxTitle and maxKey are in bytes: what a record puts into them is bounded
	// by nobody else.
	maxTitle = 1 << 10
	maxKey   = 1 << 10
)

// A finder makes findings of the records that leave a pipeline: records of one
// window with one key are one finding.
type finder struct {
	hunt   *hunt.Hunt
	window pipeline.Window
	byKey  map[string]*draft
	order  []*draft
	notes  map[string]int
	bytes  int // of all evidence
}

// A draft is a finding that may still get evidence.
type draft struct {
	pipeline.Finding
	bytes int
}

// newFinder begins a window.
func newFinder(h *hunt.Hunt, w pipeline.Window) *finder {
	return &finder{hunt: h, window: w, byKey: map[string]*draft{}, notes: map[string]int{}}
}

// Add takes the records of a batch, which may be released after.
func (f *finder) Add(b *pipeline.Batch) error {
	for row := range b.Len() {
		if err := f.add(b, row); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) add(b *pipeline.Batch, row int) error {
	title, err := f.title(b, row)
	if err != nil {
		return err
	}
	entities := f.entities(b, row)
	key := f.key(b, row, title, entities)
	d := f.byKey[key]
	if d == nil {
		rule := f.hunt.Findings
		d = &draft{Finding: pipeline.Finding{
			Title: f.cut(title), Severity: rule.Severity, Hunt: f.hunt.Name, Window: f.window, Attack: rule.Attack,
			Entities: map[string][]string{}, Key: key,
		}}
		f.byKey[key] = d
		f.order = append(f.order, d)
	}
	for name, values := range entities {
		d.Entities[name] = f.union(d.Entities[name], values)
	}
	d.Score = max(d.Score, f.score(b, row))
	if t, ok := pipeline.ParseTime(b.Get(row, b.Dict().Key("_time"))); ok && t.After(d.Time) {
		d.Time = t
	}
	f.evidence(d, b, row)
	return nil
}

func (f *finder) evidence(d *draft, b *pipeline.Batch, row int) {
	record := b.AppendRecord(nil, row)
	if len(d.Evidence) > 0 && (len(d.Evidence) >= maxEvidence || d.bytes+len(record) > maxEvidenceBytes) {
		d.Omitted++
		f.notes["findings.evidence_omitted"]++
		return
	}
	d.bytes += len(record)
	f.bytes += len(record)
	d.Evidence = append(d.Evidence, json.RawMessage(record))
}

// union adds values to those a finding has, each once.
func (f *finder) union(have, values []string) []string {
	for _, v := range values {
		switch {
		case slices.Contains(have, v):
		case len(have) >= maxEntityValues:
			f.notes["findings.entity_values_omitted"]++
		default:
			have = append(have, v)
		}
	}
	return have
}

func (f *finder) title(b *pipeline.Batch, row int) (string, error) {
	fields := map[string]string{}
	for key, vals := range b.Fields(row) {
		fields[b.Dict().Name(key)] = vals.Join(", ")
	}
	title, err := f.hunt.Title(fields)
	if err != nil {
		err = pipeline.Permanent(err)
	}
	return title, err
}

// cutSpan shortens a title that is too long.
func (f *finder) cut(title string) string {
	if len(title) <= maxTitle {
		return title
	}
	f.notes["findings.titles_cut"]++
	return strings.ToValidUTF8(title[:maxTitle], "") + "…"
}

func (f *finder) entities(b *pipeline.Batch, row int) map[string][]string {
	entities := map[string][]string{}
	for name, field := range f.hunt.Findings.Entities {
		for v := range b.Values(row, b.Dict().Key(field)).All() {
			entities[name] = append(entities[name], strings.Clone(v))
		}
	}
	return entities
}

// key tells the window's findings apart: by the suppress fields, else by
// entities and title. The order of a field's values does not matter.
func (f *finder) key(b *pipeline.Batch, row int, title string, entities map[string][]string) string {
	var k strings.Builder
	part := func(name string, values []string) {
		values = slices.Sorted(slices.Values(values))
		fmt.Fprintf(&k, "%d:%s", len(name), name)
		for _, v := range values {
			fmt.Fprintf(&k, "=%d:%s", len(v), v)
		}
	}
	if s := f.hunt.Findings.Suppress; s != nil && len(s.By) > 0 {
		for _, field := range s.By {
			part(field, b.Values(row, b.Dict().Key(field)).Slice())
		}
		return shortKey(k.String())
	}
	for _, name := range slices.Sorted(maps.Keys(entities)) {
		part(name, entities[name])
	}
	part("", []string{title})
	return shortKey(k.String())
}

// shortKey puts a hash in the place of a key that is too long to be kept.
func shortKey(key string) string {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func (f *finder) score(b *pipeline.Batch, row int) float64 {
	rule := f.hunt.Findings
	if rule.Score == "" {
		return pipeline.SeverityScore(rule.Severity)
	}
	if n, ok := pipeline.ParseNumber(rule.Score); ok {
		return n
	}
	n, _ := pipeline.ParseNumber(b.Get(row, b.Dict().Key(rule.Score)))
	return min(max(n, 0), 100)
}

// Findings returns what was found, in order of first evidence.
func (f *finder) Findings() []*pipeline.Finding {
	all := make([]*pipeline.Finding, len(f.order))
	for i, d := range f.order {
		all[i] = &d.Finding
	}
	return all
}

// event makes the event of a finding.
func event(f *pipeline.Finding, run string) (pipeline.Event, error) {
	body, err := json.Marshal(f)
	at := f.Time
	if at.IsZero() {
		at = time.Unix(f.Window.To, 0) // not the receiver's clock: it would change from try to try
	}
	return pipeline.Event{ID: idOf(f), Run: run, Severity: f.Severity, Time: at, Body: body}, err
}
