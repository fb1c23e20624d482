package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Config says what kind of sandbox to make. Its zero value is a good one.
type Config struct {
	// API and HEC are the addresses to listen on, such as 127.0.0.1:8089; empty
	// is a free port of 127.0.0.1.
	API, HEC string
	// TLS serves https, with certificates of an authority made for this
	// sandbox; see [Ready.CAFile].
	TLS bool
	// User and Password are those of the one account; empty is "admin" and a
	// random password.
	User, Password string
	// Received gets a line of JSON for each event that HEC accepts, before HEC
	// says so: {"time","host","source","sourcetype","index","event","fields"}.
	// A Flush method is called behind each write. May be nil.
	Received io.Writer
	// Ack makes the HEC token one that uses indexer acknowledgement.
	Ack bool
	// MinRun is the least time that a search job takes, so that its states can
	// be seen. 0 is none: a small search is done when its creation is answered.
	MinRun time.Duration
	// MaxSearches is how many searches run at once; more wait in the queue.
	// 0 is 10.
	MaxSearches int
	// SessionTimeout is how long an idle session lasts. 0 is one hour.
	SessionTimeout time.Duration
	// Clock is the sandbox's clock: it stamps what HEC accepts, is now for searches,
	// and stands in the header Date of replies. nil is time.Now. Sessions, tokens
	// and what a job lasts go by the host's.
	Clock func() time.Time
}

// A Sandbox is a small Splunk. It may be used by several goroutines.
type Sandbox struct {
	cfg     Config
	store   *store
	logins  *logins
	jobs    *jobList
	hec     *collector
	faults  faults
	serving []*http.Server
	ready   Ready
	caFile  string
	closed  sync.Once
}

// Ready is what one needs to know to use a sandbox.
type Ready struct {
	API      string `json:"api"` // URLs; empty where there is no listener
	HEC      string `json:"hec"`
	User     string `json:"user"`
	Password string `json:"password"`
	Token    string `json:"token"`     // an authentication token for the API
	HECToken string `json:"hec_token"` // may write to any index
	// CAFile holds the certificate of the authority; empty without TLS. It is
	// removed by Close.
	CAFile string `json:"ca_file,omitempty"`
}

// New makes a sandbox that listens nowhere: it is used through its handlers.
// Close ends its searches.
func New(cfg Config) *Sandbox {
	if cfg.User == "" {
		cfg.User = "admin"
	}
	if cfg.Password == "" {
		cfg.Password = rand.Text()
	}
	if cfg.MaxSearches == 0 {
		cfg.MaxSearches = 10
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.SessionTimeout == 0 {
		cfg.SessionTimeout = time.Hour
	}
	s := &Sandbox{cfg: cfg, store: newStore()}
	s.logins = newLogins(cfg)
	s.jobs = newJobList(cfg)
	s.hec = newCollector(cfg, s.store)
	s.ready = Ready{User: cfg.User, Password: cfg.Password, Token: s.logins.token, HECToken: s.hec.token}
	return s
}

// API returns the handler of the management port.
func (s *Sandbox) API() http.Handler { return s.dated(s.faults.wrap(&api{s}, apiCall)) }

// HEC returns the handler of the HTTP Event Collector.
func (s *Sandbox) HEC() http.Handler { return s.dated(s.faults.wrap(s.hec, hecCall)) }

// dated answers by the sandbox's clock.
func (s *Sandbox) dated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.cfg.Clock().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}

// Ready returns the addresses and credentials of the sandbox.
func (s *Sandbox) Ready() Ready { return s.ready }

// Received returns the lines of Config.Received that there have been, in order.
func (s *Sandbox) Received() []json.RawMessage { return s.hec.inbox.all() }

// Close ends all searches, lets requests that are being answered end for a
// moment, and stops listening.
func (s *Sandbox) Close() {
	s.closed.Do(func() {
		s.jobs.close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		for _, srv := range s.serving {
			if srv.Shutdown(ctx) != nil {
				_ = srv.Close()
			}
		}
		s.removeCA()
	})
}

// An inbox keeps and hands on what HEC accepted.
type inbox struct {
	mu    sync.Mutex
	to    io.Writer
	lines []json.RawMessage
	torn  bool // a line was written in part
}

// put writes lines, each ended by a line end, or keeps none of them.
func (b *inbox) put(lines [][]byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.to != nil {
		if err := b.write(bytes.Join(lines, nil)); err != nil {
			return err
		}
	}
	for _, l := range lines {
		b.lines = append(b.lines, json.RawMessage(bytes.TrimSuffix(l, []byte("\n"))))
	}
	return nil
}

func (b *inbox) write(text []byte) error {
	if b.torn {
		text = slices.Insert(text, 0, '\n')
	}
	n, err := b.to.Write(text)
	if err != nil {
		b.torn = b.torn || n > 0
		return err
	}
	b.torn = false
	if f, ok := b.to.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

func (b *inbox) all() []json.RawMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines)
}
