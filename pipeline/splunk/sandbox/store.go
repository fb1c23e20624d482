package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// An event is one indexed event: a row of a batch and what Splunk adds to it.
// It holds one pointer, so that a hundred thousand of them are cheap to keep.
type event struct {
	batch   *pipeline.Batch
	row     int32
	index   int32 // its place among the store's indexes
	at      int64 // _time, in nanoseconds since 1970
	indexed int64 // _indextime, likewise
	address int64 // where it begins in its bucket
}

// indexSecond returns the _indextime, which Splunk keeps in whole seconds.
func (e *event) indexSecond() int64 { return floorSeconds(e.indexed) }

func floorSeconds(nanos int64) int64 {
	sec := nanos / int64(time.Second)
	if nanos%int64(time.Second) < 0 {
		sec--
	}
	return sec
}

// An index is a named heap of events, kept in a single bucket.
type index struct {
	name string
	end  int64 // the address behind its last event
}

// A store holds all events, in the order in which they were indexed. Events
// are only ever added, so that a search works on what there was when it began.
type store struct {
	dict *pipeline.Dict
	keys storeKeys

	mu      sync.RWMutex
	events  []event
	indexes []index
	places  map[string]int32
}

// storeKeys are the keys of the fields that every event has.
type storeKeys struct {
	time, indexTime, host, source, sourcetype, index, raw pipeline.Key
}

func newStore() *store {
	d := pipeline.NewDict()
	return &store{
		dict: d,
		keys: storeKeys{
			d.Key("_time"), d.Key("_indextime"), d.Key("host"), d.Key("source"), d.Key("sourcetype"), d.Key("index"), d.Key("_raw"),
		},
		places: map[string]int32{},
	}
}

// A stamp is the two times of an event, in nanoseconds since 1970.
type stamp struct{ at, indexed int64 }

// add indexes the records of a batch, which must have the field index. It makes
// the indexes that are new.
func (s *store) add(b *pipeline.Batch, stamps []stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for row, st := range stamps {
		place := s.place(b.Get(row, s.keys.index))
		ix := &s.indexes[place]
		s.events = append(s.events, event{
			batch: b, row: int32(row), index: place, at: st.at, indexed: st.indexed, address: ix.end,
		})
		ix.end += int64(len(b.Get(row, s.keys.raw))) + 1
	}
}

func (s *store) place(name string) int32 {
	if p, ok := s.places[name]; ok {
		return p
	}
	name = strings.Clone(name)
	p := int32(len(s.indexes))
	s.indexes = append(s.indexes, index{name: name})
	s.places[name] = p
	return p
}

// A snapshot is what a search sees of the store.
type snapshot struct {
	store   *store
	events  []event
	indexes []index
}

func (s *store) snapshot() snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return snapshot{s, s.events[:len(s.events):len(s.events)], slices.Clone(s.indexes)}
}

// shift moves all events, so that the newest is at t.
func (s *store) shift(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) == 0 {
		return
	}
	newest := s.events[0].at
	for i := range s.events {
		newest = max(newest, s.events[i].at)
	}
	by := t.UnixNano() - newest
	moved := slices.Clone(s.events) // running searches keep what they have
	for i := range moved {
		moved[i].at += by
		moved[i].indexed += by
	}
	s.events = moved
}

// guid names the one indexer that there is, in its events' _bkt.
const guid = "5A4D8B0C-0F1E-4B7A-9C55-3E6F2D1A7B90"

// serverName is the name of the one server that there is.
const serverName = "sandbox"

// isoTime writes an instant as results do: with milliseconds and a zone.
func isoTime(nanos int64) string {
	return time.Unix(0, nanos).UTC().Format("2006-01-02T15:04:05.000-07:00")
}

func (e *event) epoch() string { return pipeline.FormatEpoch(time.Unix(0, e.at)) }

func (e *event) cd() string { return "0:" + strconv.FormatInt(e.address, 10) }

func (s snapshot) bucket(e *event) string { return s.indexes[e.index].name + "~0~" + guid }
