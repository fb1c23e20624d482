package story

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
)

// Options say which day a story tells and how much of it.
type Options struct {
	// End is when the story ends; no event lies at or after it. It counts in
	// whole seconds. It has no default: a story knows no clock.
	End time.Time
	// Span is how far before End it begins; at least and by default 24 h.
	Span time.Duration
	// Hosts is the number of machines, 10 to 500; by default 20.
	Hosts int
	// Events is the exact number of events; by default 40,000. What runs by
	// the clock (heartbeats, updates, what is planted) sets a lower bound of
	// some 600 events per host and day.
	Events int
}

func (o Options) withDefaults() Options {
	if o.Span == 0 {
		o.Span = leastSpan
	}
	if o.Hosts == 0 {
		o.Hosts = 20
	}
	if o.Events == 0 {
		o.Events = 40_000
	}
	return o
}

const (
	leastSpan  = 24 * time.Hour
	leastHosts = 10
	mostHosts  = 500
)

func (o Options) check() error {
	switch {
	case o.End.IsZero():
		return errors.New("story: End is not set: say when the story ends")
	case o.Span < leastSpan:
		return fmt.Errorf("story: a Span of %s is too short: a story takes %s or more", o.Span, leastSpan)
	case o.End.Unix() < int64(o.Span/time.Second):
		return errors.New("story: it begins before 1970: choose a later End")
	case o.Hosts < leastHosts || o.Hosts > mostHosts:
		return fmt.Errorf("story: %d hosts: a story has %d to %d", o.Hosts, leastHosts, mostHosts)
	}
	return nil
}

// A Story is a day's events, decided but not yet written. It may be told any
// number of times, by several goroutines at once.
type Story struct {
	seed     uint64
	from, to int64 // ms
	cast     *cast
	download download
	beacon   beacon
	spray    spray
	items    []item // by time
}

// New decides the story of a seed. An error says which option does not fit.
func New(seed uint64, opt Options) (*Story, error) {
	opt = opt.withDefaults()
	if err := opt.check(); err != nil {
		return nil, err
	}
	to := opt.End.Unix() * 1000
	s := &Story{seed: seed, from: to - opt.Span.Milliseconds(), to: to}
	s.cast = newCast(newDice(seed, castStream), opt.Hosts)
	s.plant(newDice(seed, plantStream))
	p := &plan{Story: s, dice: newDice(seed, planStream)}
	if err := p.fill(opt.Events); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.items, func(a, b item) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	s.items = p.items
	return s, nil
}

// Len returns the number of events.
func (s *Story) Len() int { return len(s.items) }

// Span returns the half-open span of time [from, to) in which all events lie.
func (s *Story) Span() (from, to time.Time) {
	return time.UnixMilli(s.from).UTC(), time.UnixMilli(s.to).UTC()
}

// Events yields the events in the order of their time. Each is the reader's
// to keep.
func (s *Story) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for _, it := range s.items {
			var e Event
			s.tell(it, &e)
			if !yield(e) {
				return
			}
		}
	}
}

// WriteTo writes the events in the order of their time as NDJSON, one object
// a line (see [Event.AppendJSON]), and returns the number of bytes written.
func (s *Story) WriteTo(w io.Writer) (int64, error) {
	const chunk = 64 << 10
	var (
		written int64
		e       Event
		buf     = make([]byte, 0, chunk+16<<10)
	)
	for i, it := range s.items {
		s.tell(it, &e)
		buf = append(e.AppendJSON(buf), '\n')
		if len(buf) < chunk && i < len(s.items)-1 {
			continue
		}
		n, err := w.Write(buf)
		written += int64(n)
		if err != nil {
			return written, err
		}
		buf = buf[:0]
	}
	return written, nil
}

// tell makes an event of an item.
func (s *Story) tell(it item, e *Event) {
	e.Time = time.UnixMilli(it.at).UTC()
	it.play(s, it, e)
}
