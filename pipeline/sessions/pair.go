package sessions

import (
	"slices"
	"time"
)

// A Session is what a user did as another, or after logging in.
type Session struct {
	Open     Event // what began it; of a command that was refused, that
	Start    time.Time
	End      time.Time // zero while it is open
	Commands []string
	TTY, Dir string
	Source   string
}

// Found are the sessions that lines tell of, and what was left over.
type Found struct {
	Sessions []Session // in order of their beginnings
	Unopened int       // ends without a beginning
	Loose    int       // commands and logins of no session
}

// commandReach is how far from the beginning of a session its command may be
// logged, where the log has no process ids.
const commandReach = 2 * time.Second

// sortByTime sorts events by time, those of one time by kind.
func sortByTime(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return int(a.Kind) - int(b.Kind)
	})
}

// A place is where sessions are told apart.
type place struct{ host, service, pid, user string }

func placeOf(e *Event) place {
	if e.PID != "" {
		return place{e.Host, e.Service, e.PID, ""}
	}
	return place{e.Host, e.Service, "", e.User}
}

// A caller is who runs commands where the log has no process ids.
type caller struct{ host, service, by, user string }

// A pairer goes through events in order.
type pairer struct {
	found   Found
	open    map[place][]int
	recent  map[caller]int // the last session
	pending map[place]Event
	early   map[caller]Event // a command that comes before its session
}

// Pair returns the sessions that events tell of. It sorts the events.
func Pair(events []Event) Found {
	sortByTime(events)
	p := pairer{open: map[place][]int{}, recent: map[caller]int{}, pending: map[place]Event{}, early: map[caller]Event{}}
	for i := range events {
		p.take(&events[i])
	}
	p.found.Loose += len(p.pending) + len(p.early)
	return p.found
}

func (p *pairer) take(e *Event) {
	switch e.Kind {
	case Opened:
		p.opened(e)
	case Closed:
		p.closed(e)
	case Command, Accepted:
		p.detail(e)
	case Denied:
		p.found.Sessions = append(p.found.Sessions, Session{
			Open: *e, Start: e.Time, End: e.Time, Commands: []string{e.Command}, TTY: e.TTY, Dir: e.Dir,
		})
	}
}

func (p *pairer) opened(e *Event) {
	at, who := placeOf(e), caller{e.Host, e.Service, e.By, e.User}
	n := len(p.found.Sessions)
	p.found.Sessions = append(p.found.Sessions, Session{Open: *e, Start: e.Time})
	p.open[at] = append(p.open[at], n)
	if e.PID != "" {
		if d, ok := p.pending[at]; ok {
			delete(p.pending, at)
			p.found.Sessions[n].add(&d)
		}
		return
	}
	p.recent[who] = n
	if d, ok := p.early[who]; ok {
		delete(p.early, who)
		if e.Time.Sub(d.Time) <= commandReach {
			p.found.Sessions[n].add(&d)
		} else {
			p.found.Loose++
		}
	}
}

func (p *pairer) closed(e *Event) {
	at := placeOf(e)
	queue := p.open[at]
	if len(queue) == 0 {
		p.found.Unopened++
		return
	}
	p.found.Sessions[queue[0]].End = e.Time
	if queue = queue[1:]; len(queue) == 0 {
		delete(p.open, at)
	} else {
		p.open[at] = queue
	}
}

// detail gives a command or a login to its session, or keeps it for the next.
func (p *pairer) detail(e *Event) {
	if e.PID != "" {
		at := placeOf(e)
		if queue := p.open[at]; len(queue) > 0 {
			p.found.Sessions[queue[len(queue)-1]].add(e)
			return
		}
		if _, ok := p.pending[at]; ok {
			p.found.Loose++
		}
		p.pending[at] = *e
		return
	}
	who := caller{e.Host, e.Service, e.By, e.User}
	if n, ok := p.recent[who]; ok && len(p.found.Sessions[n].Commands) == 0 && e.Time.Sub(p.found.Sessions[n].Start) <= commandReach {
		p.found.Sessions[n].add(e)
		return
	}
	if _, ok := p.early[who]; ok {
		p.found.Loose++
	}
	p.early[who] = *e
}

func (s *Session) add(e *Event) {
	if e.Kind == Accepted {
		s.Source = e.Source
		return
	}
	s.Commands = append(s.Commands, e.Command)
	s.TTY, s.Dir = e.TTY, e.Dir
	if s.Open.By == "" {
		s.Open.By = e.By
	}
}

// PairFirst returns the sessions that MSTICPy finds, see the package comment. It
// sorts the events, and takes notice of nothing but beginnings and ends.
func PairFirst(events []Event) Found {
	sortByTime(events)
	var opened, closed []Event
	for _, e := range events {
		switch e.Kind {
		case Opened:
			opened = append(opened, e)
		case Closed:
			closed = append(closed, e)
		default:
		}
	}
	var found Found
	first := true
	var last time.Time
	for len(opened) > 0 && len(closed) > 0 {
		switch start, end := opened[0].Time, closed[0].Time; {
		case !first && !start.After(last):
			opened = opened[1:]
		case end.Before(start):
			found.Unopened++
			closed = closed[1:]
		default:
			found.Sessions = append(found.Sessions, Session{Open: opened[0], Start: start, End: end})
			first, last = false, end
			opened, closed = opened[1:], closed[1:]
		}
	}
	found.Unopened += len(closed)
	return found
}
