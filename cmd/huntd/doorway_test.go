package main

import (
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A doorway is a socket through which daemons reach their PostgreSQL, and which
// can be shut.
type doorway struct {
	t             *testing.T
	socket        string
	network, addr string       // the server's
	gate          sync.RWMutex // locked while nothing goes through

	mu       sync.Mutex
	listener net.Listener // nil while it is shut
	conns    map[net.Conn]bool
}

// newDoorway returns an open doorway to a database, and the URL that leads
// through it.
func newDoorway(t *testing.T, database string) (*doorway, string) {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	d := &doorway{t: t, socket: filepath.Join(dir, ".s.PGSQL.5432"), conns: map[net.Conn]bool{}}
	d.network, d.addr = pgconn.NetworkAddress(config.Host, config.Port)
	d.open()
	t.Cleanup(d.shut)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", dir)
	u.Host, u.RawQuery = "", q.Encode()
	return d, u.String()
}

func (d *doorway) open() {
	d.t.Helper()
	l, err := net.Listen("unix", d.socket)
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.listener = l
	d.mu.Unlock()
	go func() {
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go d.pass(conn)
			}
		}
	}()
}

// shut breaks all connections; nobody gets in any more.
func (d *doorway) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		d.listener.Close()
		d.listener = nil
	}
	for conn := range d.conns {
		conn.Close()
	}
	clear(d.conns)
}

func (d *doorway) pass(daemon net.Conn) {
	defer daemon.Close()
	server, err := net.Dial(d.network, d.addr)
	if err != nil {
		return
	}
	defer server.Close()
	d.mu.Lock()
	isOpen := d.listener != nil
	if isOpen {
		d.conns[daemon], d.conns[server] = true, true
	}
	d.mu.Unlock()
	if !isOpen {
		return
	}
	var ways sync.WaitGroup
	for _, way := range [][2]net.Conn{{daemon, server}, {server, daemon}} {
		ways.Go(func() {
			_, _ = io.Copy(&gated{way[1], &d.gate}, way[0]) // either end may break it off
			way[0].Close()
			way[1].Close()
		})
	}
	ways.Wait()
}

// gated lets bytes through while its gate is not locked.
type gated struct {
	io.Writer
	gate *sync.RWMutex
}

// Write implements [io.Writer].
func (g *gated) Write(p []byte) (int, error) {
	g.gate.RLock()
	defer g.gate.RUnlock()
	return g.Writer.Write(p)
}
