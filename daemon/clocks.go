package daemon

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs/state"
)

const (
	// askEvery is how long an idle connection is left alone between two questions
	// for its clock.
	askEvery = 5 * time.Minute
)

// database is the name of the clock of the state's database, which no connection
// has.
const database = ""

// clocks say which clocks differ from the host's by more than limits.clock_skew.
//
// Beyond the database's nothing is planned: the windows would be wrong for all
// daemons. Beyond a Splunk's nothing is planned for hunts that search it. If
// Splunk is behind, the end of a window is not indexed yet, and would be passed
// over. If it is ahead, nothing would be lost; findings would come late by the
// offset, and each look for late events would count too many. But which of the
// two clocks is wrong is not known, so that both directions count. Runs that wait
// for the connection do not begin. Those of run-once do: a person has chosen
// their windows. [Daemon.checkEnded] refuses those that have ended by one clock
// alone.
//
// A skew begins and ends only when the bounds of an offset prove it, so that an
// offset at the limit does not flap.
type clocks struct {
	log   *zap.Logger
	every time.Duration // askEvery, or a test's

	mu   sync.Mutex
	seen map[string]*comparison // by connection, and that of the database
}

// A comparison is what is known of one clock.
type comparison struct {
	url     string        // of the connection
	tried   bool          // it was compared, or could not be: Splunk is away or refuses
	asked   time.Time     // zero if it never was; of the wall clock
	offset  time.Duration // the newest that was too large
	beyond  bool
	agreed  time.Time // when it was last seen to agree
	since   time.Time // when it went beyond
	refused bool      // Splunk refuses the credentials
}

func newClocks(log *zap.Logger) *clocks {
	return &clocks{log: log, every: askEvery, seen: map[string]*comparison{database: {}}}
}

// keep forgets connections that are gone or have another address, and learns
// new ones. Those without an address have no clock.
func (c *clocks) keep(urls map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, x := range c.seen {
		if name != database && urls[name] != x.url {
			delete(c.seen, name)
		}
	}
	for name, url := range urls {
		if c.seen[name] == nil {
			c.seen[name] = &comparison{url: url, tried: url == ""} // without a clock there is nothing to compare
		}
	}
}

// compare notes by how much a clock is ahead of the host's, give or take bound,
// and logs where a skew begins or ends.
func (c *clocks) compare(name string, offset, bound, limit time.Duration, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.seen[name]
	if x == nil {
		return // a reload has just taken the connection away
	}
	x.tried = true
	fields := []zap.Field{zap.String("clock", "database"), zap.Duration("offset", offset.Round(time.Millisecond)), zap.Duration("limit", limit)}
	hint := "set both clocks by NTP; until they agree this daemon plans nothing"
	if name != database {
		fields[0] = zap.String("connection", name)
		hint = "set both clocks by NTP; until they agree this daemon plans nothing for hunts that search the connection"
	}
	switch least, most := offset-bound, offset+bound; {
	case least > limit || most < -limit:
		x.offset = offset
		if !x.beyond {
			x.beyond, x.since = true, now
			c.log.Error("clock skew started", append(fields, zap.String("hint", hint))...)
		}
	case least >= -limit && most <= limit:
		if x.beyond {
			x.beyond = false
			fields = append(fields, zap.Duration("lasted", now.Sub(x.since).Round(time.Second)))
			if name != database && x.offset < 0 {
				fields = append(fields, stampedMeanwhile(cmp.Or(x.agreed, x.since), now, x.offset)...)
			}
			c.log.Warn("clock skew ended", fields...)
		}
		x.agreed = now
	}
}

// stampedMeanwhile says which times of indexing Splunk gave while its clock was
// behind. If that clock was set back, and not the host's ahead, hunts may have
// covered these times before.
func stampedMeanwhile(from, to time.Time, offset time.Duration) []zap.Field {
	return []zap.Field{
		zap.Time("stamped_from", from.Add(offset).UTC()), zap.Time("stamped_to", to.Add(offset).UTC()),
		zap.String("hint", "if Splunk's clock was the wrong one, run huntd backfill over stamped_from to stamped_to for hunts that had covered it before"),
	}
}

// noteRefused notes whether a Splunk refuses the credentials. It is not asked
// then, and holds nothing up: a run shows whether it still does.
func (c *clocks) noteRefused(name string, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.seen[name]; x != nil {
		x.refused, x.tried = refused, x.tried || refused
	}
}

// mayAsk reports whether an idle connection may be asked now, and notes that it
// is. It goes by the wall clock, since the monotonic one stands while the host
// sleeps.
func (c *clocks) mayAsk(name string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.seen[name]
	now = now.Round(0)
	if x == nil || x.refused || !x.asked.IsZero() && now.Sub(x.asked).Abs() < c.every {
		return false
	}
	x.asked = now
	return true
}

// noteTried notes that a clock could not be compared.
func (c *clocks) noteTried(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.seen[name]; x != nil {
		x.tried = true
	}
}

// mayPlan reports whether windows may be cut for hunts that search a connection:
// the clocks were compared and agree, as far as they could be asked.
func (c *clocks) mayPlan(connection string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.seen[connection]
	return c.seen[database].tried && !c.seen[database].beyond && x != nil && x.tried && !x.holds()
}

// mayBegin reports whether runs that wait for a connection may begin now.
func (c *clocks) mayBegin(connection string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.seen[connection]
	return !c.seen[database].beyond && (x == nil || !x.holds())
}

func (x *comparison) holds() bool { return x.beyond && !x.refused }

// skews are the clocks that differ too much, by connection.
func (c *clocks) skews() (skews []state.ClockSkew) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.seen)) {
		if x := c.seen[name]; x.beyond {
			skews = append(skews, state.ClockSkew{Connection: name, Offset: x.offset, Since: x.since.UTC()})
		}
	}
	return skews
}
