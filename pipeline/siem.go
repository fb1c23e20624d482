package pipeline

import (
	"context"
	"errors"
	"time"
)

// ErrRefused marks an error by which a peer refuses the credentials, or what they
// have a right to.
var ErrRefused = errors.New("refused")

// ErrUnreachable marks an error by which no reply came at all: the name, the
// connection or TLS failed.
var ErrUnreachable = errors.New("unreachable")

// A SIEM is a kind of connection. It knows the searches that its connections run
// and the form in which they take events, and needs no connection for that.
type SIEM interface {
	Language
	Format
}

// A Language is that of the searches of one kind of connection.
type Language interface {
	// Render returns a search with its parameters in place.
	Render(search string, params map[string]Param) (string, error)
	// CheckSearch refuses a rendered search that must not run unattended, or that
	// windows cannot bound, be it by index time or by event time.
	CheckSearch(search string, eventTime bool) error
	// CheckCount refuses a rendered search whose late events cannot be counted.
	CheckCount(search string) error
	// Bounds returns the parameters that bind a search to a window, as a person
	// would give them to the SIEM.
	Bounds(s Search, w Window) map[string]string
}

// A Param is a parameter of a search: a value and what kind of value it is.
type Param struct {
	Type   string   `koanf:"type" required:"true" enum:"string,ip,cidr,int,duration,enum,field,index,list" doc:"What the value is. It decides how the value is checked and written into the search."`
	Value  any      `koanf:"value" required:"true" doc:"The value; for a list, a list of values."`
	Values []string `koanf:"values" doc:"For an enum: what the value may be."`
	Of     string   `koanf:"of" enum:"string,ip,cidr,int,duration,enum,field,index" doc:"For a list: the type of its members. It becomes (\"a\",\"b\"), to be used as field IN $name$. Default: string."`
}

// A Search is what a hunt asks of a connection.
type Search struct {
	// Query is the search, rendered and checked, without bounds of time.
	Query string
	// EventTime cuts windows by the time of the events instead of the time at
	// which they were indexed.
	EventTime bool
	// MaxEventAge is, by index time, how much older than the window an event may
	// be and still be found. 0 is no bound.
	MaxEventAge time.Duration
	// IndexedFrom leaves out, of windows by event time, what was indexed before
	// it, in epoch seconds. 0 leaves out nothing.
	IndexedFrom int64
	// MaxRows overrides the connection's bound where it is not 0.
	MaxRows int
	// Dict is the dictionary of the run. nil makes one for each window.
	Dict *Dict
	// OnJob, if set, is called with the id of a search job before the job is
	// created, so that whoever crashes knows what to cancel; and again in the rare
	// case that the SIEM gives it another.
	OnJob func(id string)
}

// A Searcher runs searches on one connection.
type Searcher interface {
	// Search returns a source that runs a search over each window that it is
	// asked for.
	Search(s Search) Source
	// CountLate counts the events of a window by event time that were indexed at
	// or after s.IndexedFrom.
	CountLate(ctx context.Context, s Search, w Window) (int, error)
	// Cancel ends a search job that its owner left behind.
	Cancel(ctx context.Context, job string) error
}

// A ClockReading says that a server's clock is ahead of the host's by Offset, give
// or take Bound. Offset is negative where the server is behind.
type ClockReading struct {
	Offset, Bound time.Duration
	At            time.Time // when the newest reply came
}

// A Format is the form in which sinks of one kind take events.
type Format interface {
	// CheckIndex refuses what is no index that events can be sent to.
	CheckIndex(name string) error
	// AppendEvent appends an event as one line, which ends in "\n".
	AppendEvent(dst []byte, to Envelope, e Event) []byte
	// Join makes a body of lines that AppendEvent made. Sinks send it as it is.
	Join(lines []byte) ([]byte, error)
	// Split returns the lines of a body, without their "\n".
	Split(body []byte) ([][]byte, error)
	// MaxBody returns the most bytes that a body may have, before and after Join.
	MaxBody() (raw, joined int)
}
