package statetest

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A Proxy stands between a client and a PostgreSQL server.
type Proxy struct {
	URL string // of the database, by way of the proxy

	t       testing.TB
	network string
	address string // of the server
	mu      sync.Mutex
	mode    mode
	resumed chan struct{} // closed when it is not frozen
	conns   map[net.Conn]bool
}

type mode int

const (
	open mode = iota
	refusing
	frozen
)

// NewProxy returns a proxy to the server of a database.
func NewProxy(t testing.TB, database string) *Proxy {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{t: t, network: "tcp", address: net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), conns: map[net.Conn]bool{}, resumed: closed()}
	if strings.HasPrefix(config.Host, "/") {
		p.network, p.address = "unix", filepath.Join(config.Host, ".s.PGSQL."+strconv.Itoa(int(config.Port)))
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del("host")
	q.Set("sslmode", "disable")
	q.Set("connect_timeout", "2")
	u.RawQuery = q.Encode()
	if user := q.Get("user"); user != "" {
		u.User = url.User(user)
	}
	u.Host = l.Addr().String()
	p.URL = u.String()
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.set(refusing)
		accepting.Wait()
	})
	return p
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// Refuse closes all connections, and each new one at once.
func (p *Proxy) Refuse() { p.set(refusing) }

// Freeze keeps all connections open and lets no byte through.
func (p *Proxy) Freeze() { p.set(frozen) }

// Resume lets everything through again.
func (p *Proxy) Resume() { p.set(open) }

func (p *Proxy) set(m mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == frozen && m != frozen {
		close(p.resumed)
	}
	if m == frozen && p.mode != frozen {
		p.resumed = make(chan struct{})
	}
	p.mode = m
	if m == refusing {
		for c := range p.conns {
			c.Close()
		}
	}
}

func (p *Proxy) state() (mode, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode, p.resumed
}

func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == refusing {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	if !p.keep(client) {
		return
	}
	server, err := (&net.Dialer{}).DialContext(context.Background(), p.network, p.address)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			defer way[0].Close()
			defer way[1].Close()
			_, _ = io.Copy(gate{way[1], p}, way[0]) // ends with either connection
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
}

// A gate holds writes back while the proxy is frozen.
type gate struct {
	io.Writer
	proxy *Proxy
}

// Write implements [io.Writer].
func (g gate) Write(b []byte) (int, error) {
	for {
		m, resumed := g.proxy.state()
		if m != frozen {
			return g.Writer.Write(b)
		}
		<-resumed
	}
}
