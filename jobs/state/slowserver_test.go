package state

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// A slowServer is a PostgreSQL at some distance: what goes to and fro takes its
// time. It counts how often a client has waited for an answer.
type slowServer struct {
	url   string
	delay time.Duration
	trips atomic.Int64
}

// newSlowServer puts a distance between the caller and a database.
func newSlowServer(tb testing.TB, database string, delay time.Duration) *slowServer {
	tb.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		tb.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &slowServer{delay: delay}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := front.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				client.Close()
				continue
			}
			asked := &atomic.Bool{}
			serving.Go(func() {
				s.carry(server, client, func() {
					if !asked.Swap(true) {
						s.trips.Add(1)
					}
				})
			})
			serving.Go(func() { s.carry(client, server, func() { asked.Store(false) }) })
		}
	})
	tb.Cleanup(func() {
		front.Close()
		serving.Wait()
	})
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Del("host")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = front.Addr().String(), q.Encode()
	s.url = u.String()
	return s
}

// carry copies what one end says to the other, later.
func (s *slowServer) carry(to, from net.Conn, said func()) {
	type piece struct {
		at   time.Time
		data []byte
	}
	pieces := make(chan piece, 1<<12)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 64<<10)
			n, err := from.Read(data)
			if n > 0 {
				said()
				pieces <- piece{time.Now().Add(s.delay), data[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range pieces { // until the reader has noticed
	}
}

// TestCommitOfMany: how often a commit waits for the server does not grow with
// each finding, nor does looking up what was reported.
func TestCommitOfMany(t *testing.T) {
	server := newSlowServer(t, statetest.NewDatabase(t), time.Millisecond)
	w := newWorld(t, openPostgres(t, server.url), "h")
	w.now = time.Now()
	const most = 40 // for 10,000 rows
	r := w.claim(w.plan(w.mark + 600))
	c := many(r, 5_000, w.now)
	before := server.trips.Load()
	w.must(w.Commit(w.ctx, c, w.now))
	if n := server.trips.Load() - before; n > most {
		t.Errorf("a commit of %d suppressions and %d findings took %d trips, want %d at most", len(c.Shown), len(c.Sent), n, most)
	}
	keys := make([]string, len(c.Shown))
	for i, s := range c.Shown {
		keys[i] = s.Key
	}
	before = server.trips.Load()
	shown, err := w.Suppressions(w.ctx, "h", r.Lane, keys, 0)
	w.must(err)
	if n := server.trips.Load() - before; n > most || len(shown) != len(keys) {
		t.Errorf("%d of %d suppressions were read, by %d trips, want %d at most", len(shown), len(keys), n, most)
	}
	if n := w.count("finding"); n != len(c.Sent) {
		t.Errorf("%d findings are kept, want %d", n, len(c.Sent))
	}
}

// many is the commit of a window with so many new findings.
func many(r jobs.Run, n int, now time.Time) jobs.Commit {
	c := jobs.Commit{Run: r, Searched: now}
	for i := range n {
		c.Shown = append(c.Shown, jobs.Suppression{Key: fmt.Sprintf("4:host=9:host-%04d8:ioc_url=%d", i*7919%n, r.Window.From), Shown: 1, Until: 1 << 40})
		c.Sent = append(c.Sent, jobs.Sent{ID: fmt.Sprintf("%032x", i*7919%n), Digest: fmt.Sprintf("%032x", i)})
	}
	return c
}

// longestCommit is far more than a commit may take, for machines that are busy.
const longestCommit = 20 * time.Second

// BenchmarkCommit commits a window of 60,000 findings that is to be looked at for
// late events, to a file, and to a server that is 1 ms away.
func BenchmarkCommit(b *testing.B) {
	for name, open := range map[string]func(b *testing.B) *Ledger{
		"sqlite": func(b *testing.B) *Ledger { return openFile(b, filepath.Join(b.TempDir(), "huntd.db")) },
		"postgres": func(b *testing.B) *Ledger {
			return openPostgres(b, newSlowServer(b, statetest.NewDatabase(b), time.Millisecond).url)
		},
	} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, open(b), "h")
			for b.Loop() {
				b.StopTimer()
				c := many(w.claim(w.plan(w.mark+600)), 60_000, w.now)
				b.StartTimer()
				w.must(w.Commit(w.ctx, c, w.now))
				w.mark += 600
			}
			if each := b.Elapsed() / time.Duration(b.N); each > longestCommit {
				b.Errorf("a commit takes %s, want 3 s, and %s at most", each, longestCommit)
			}
		})
	}
}
