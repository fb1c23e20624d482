package state

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state/statetest"
)

// A cutter stands between a client and a PostgreSQL server. Once armed, it hands
// the next COMMIT on, lets the server carry it out and closes the connection in
// place of the answer.
type cutter struct {
	t      *testing.T
	server [2]string // network and address
	armed  atomic.Bool
	cuts   atomic.Int64
	conns  sync.WaitGroup
}

// newCutter returns a cutter and the URL of a database behind it.
func newCutter(t *testing.T, name string) (*cutter, string) {
	t.Helper()
	config, err := pgx.ParseConfig(name)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", net.JoinHostPort(config.Host, "5432")
	if strings.HasPrefix(config.Host, "/") {
		network, address = "unix", filepath.Join(config.Host, ".s.PGSQL.5432")
	}
	c := &cutter{t: t, server: [2]string{network, address}}
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	c.conns.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			c.conns.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() { l.Close(); c.conns.Wait() })
	u, err := url.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", dir)
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return c, u.String()
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(c.server[0], c.server[1])
	if err != nil {
		c.t.Error(err)
		return
	}
	defer server.Close()
	var cut atomic.Bool
	go func() {
		defer server.Close()
		for header := 4; ; header = 5 { // the first message has no type
			message, err := readMessage(client, header)
			if err != nil {
				return
			}
			if header == 5 && message[0] == 'Q' && strings.EqualFold(string(message[5:]), "commit\x00") && c.armed.Swap(false) {
				cut.Store(true)
			}
			if _, err := server.Write(message); err != nil {
				return
			}
		}
	}()
	for {
		message, err := readMessage(server, 5)
		if err != nil {
			return
		}
		if cut.Load() { // the server answers when it is done
			c.cuts.Add(1)
			return
		}
		if _, err := client.Write(message); err != nil {
			return
		}
	}
}

// readMessage reads one message of the protocol, its header included: a type, if
// that has 5 bytes, and a length.
func readMessage(r io.Reader, header int) ([]byte, error) {
	message := make([]byte, header)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, err
	}
	rest := make([]byte, binary.BigEndian.Uint32(message[header-4:])-4)
	_, err := io.ReadFull(r, rest)
	return append(message, rest...), err
}

// TestCommitWithoutAnswer: the connection is lost when the server has committed.
// The run is a success, and only if it was committed.
func TestCommitWithoutAnswer(t *testing.T) {
	cut, name := newCutter(t, statetest.NewDatabase(t))
	l, err := Open(context.Background(), name, zap.NewNop(), WithObserver(inCommit{then: func() { cut.armed.Store(true) }}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t, l, "h")
	w.now = time.Now()
	r := w.claim(w.plan(w.mark + 600))
	if err := w.examine(w.ctx, l, r, nil); err != nil || cut.cuts.Load() != 1 {
		t.Errorf("%v, %d answers were cut off", err, cut.cuts.Load())
	}
	w.wantState(r, jobs.Succeeded)
	w.wantWatermark(r.Window.To)

	w.mark = r.Window.To
	r = w.claim(w.plan(w.mark + 600))
	zombie := r
	w.must(w.GiveBack(w.ctx, r, w.now))
	w.claim(r)
	if err := w.examine(w.ctx, l, zombie, nil); !errors.Is(err, jobs.ErrSuperseded) {
		t.Errorf("a run that was taken over: %v", err)
	}
	w.wantWatermark(w.mark)
}
