package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// Start makes a sandbox that listens. It answers when Start returns; Close ends
// it.
func Start(cfg Config) (*Sandbox, error) {
	s := New(cfg)
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Sandbox) listen() (err error) {
	ports := []struct {
		name, addr string
		handler    http.Handler
		url        *string
		listener   net.Listener
	}{
		{name: "API", addr: s.cfg.API, handler: s.API(), url: &s.ready.API},
		{name: "HEC", addr: s.cfg.HEC, handler: s.HEC(), url: &s.ready.HEC},
	}
	var hosts []string
	for i := range ports {
		p := &ports[i]
		if p.listener, err = open(p.name, p.addr); err != nil {
			for _, before := range ports[:i] {
				_ = before.listener.Close()
			}
			return err
		}
		hosts = append(hosts, publicHost(p.listener.Addr()))
	}
	scheme, conf := "http", (*tls.Config)(nil)
	if s.cfg.TLS {
		if conf, err = s.certify(hosts); err != nil {
			for _, p := range ports {
				_ = p.listener.Close()
			}
			return err
		}
		scheme = "https"
	}
	for i, p := range ports {
		_, port, _ := net.SplitHostPort(p.listener.Addr().String())
		*p.url = scheme + "://" + net.JoinHostPort(hosts[i], port)
		s.serve(p.listener, p.handler, conf)
	}
	return nil
}

// open listens on an address, which is host:port.
func open(name, addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the %s of the sandbox cannot listen on %s: another program does; name another address, or port 0 for a free one: %w", name, addr, syscall.EADDRINUSE)
	case err != nil:
		return nil, fmt.Errorf("the %s of the sandbox cannot listen on %q: %w", name, addr, err)
	}
	return l, nil
}

// publicHost is the host to reach a listener under, from this machine.
func publicHost(a net.Addr) string {
	host, _, _ := net.SplitHostPort(a.String())
	if ip, err := netip.ParseAddr(host); err != nil || ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

func (s *Sandbox) serve(l net.Listener, h http.Handler, conf *tls.Config) {
	srv := &http.Server{
		Handler:           h,
		TLSConfig:         conf,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Hour, // Splunk's is at least that
		MaxHeaderBytes:    64 << 10,
	}
	s.serving = append(s.serving, srv)
	if conf != nil {
		l = tls.NewListener(l, conf)
	}
	go func() { _ = srv.Serve(l) }()
}

// certify makes an authority and a certificate of it for the hosts, and writes
// the authority's own into a file.
func (s *Sandbox) certify(hosts []string) (*tls.Config, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-time.Hour)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "huntd sandbox authority"},
		NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "SplunkServerDefaultCert"},
		NotBefore: from, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return nil, err
	}
	if err := s.writeCA(caDER); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der, caDER}, PrivateKey: key}},
	}, nil
}

func (s *Sandbox) writeCA(der []byte) error {
	f, err := os.CreateTemp("", "huntd-sandbox-ca-*.pem")
	if err != nil {
		return err
	}
	s.caFile, s.ready.CAFile = f.Name(), f.Name()
	return errors.Join(pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: der}), f.Close())
}

func (s *Sandbox) removeCA() {
	if s.caFile != "" {
		_ = os.Remove(s.caFile)
	}
}
