package splunk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/huntd/huntd/configs"
)

const (
	dialTimeout    = 10 * time.Second
	maxConnections = 16
	maxIdle        = 8
	idleTimeout    = 90 * time.Second
	maxHeaderBytes = 64 << 10
)

// A DialFunc opens a connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// An Option changes how a [Client] or a [Collector] is built.
type Option func(*options)

type options struct {
	dial DialFunc
}

// Dial makes connections through f, for tests that use no network. For a unix
// socket f is asked for the network "unix" and the socket's path.
func Dial(f DialFunc) Option { return func(o *options) { o.dial = f } }

// An endpoint is a URL of a configuration, taken apart.
type endpoint struct {
	base   string // scheme, host and path, without a slash at the end
	socket string // path of the unix socket, or ""
}

// parseEndpoint reads the URL of an API. Its errors never repeat more of the
// URL than its scheme and host, for what people wrongly put there are secrets.
func parseEndpoint(raw string) (endpoint, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return endpoint{}, errors.New("this is no URL: write https://splunk.example:8089, or unix:///path/to.sock")
	}
	switch {
	case u.User != nil:
		return endpoint{}, errors.New("a URL is shown and logged, so it may not hold a user or a password: give them as user and password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return endpoint{}, errors.New("a URL is shown and logged, so it may not hold a query or a fragment: give a token as token")
	case u.Scheme == "unix":
		if u.Host != "" || !filepath.IsAbs(u.Path) {
			return endpoint{}, errors.New("a unix socket is written with its whole path and three slashes: unix:///run/splunk.sock")
		}
		return endpoint{base: "http://localhost", socket: filepath.Clean(u.Path)}, nil
	case u.Scheme != "https" && u.Scheme != "http":
		return endpoint{}, fmt.Errorf("the scheme is %q: write https://splunk.example:8089, or unix:///path/to.sock", u.Scheme)
	case u.Hostname() == "":
		return endpoint{}, errors.New("the URL names no host: write https://splunk.example:8089")
	case strings.Contains(u.Path+"/", "/services/"):
		return endpoint{}, fmt.Errorf("leave the path away, huntd knows it: %s://%s", u.Scheme, u.Host)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return endpoint{}, fmt.Errorf("plain http would show the token to everyone on the way to %s: write https://%s (http is for 127.0.0.0/8, ::1, localhost)", u.Host, u.Host)
	}
	return endpoint{base: u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")}, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// newTransport returns a pool of connections to one endpoint. It uses no
// proxy: one that the environment names would see the tokens.
func newTransport(e endpoint, conf *tls.Config, timeout time.Duration, opts []Option) *http.Transport {
	o := options{dial: (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext}
	for _, opt := range opts {
		opt(&o)
	}
	dial := o.dial
	if e.socket != "" {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return o.dial(ctx, "unix", e.socket) }
	}
	return &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  timeout,
		ExpectContinueTimeout:  time.Second,
		MaxConnsPerHost:        maxConnections,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// A staying transport goes nowhere else, whatever the server says.
type staying struct{ *http.Transport }

var errSwitched = errors.New("the server switches to another protocol, which nobody asked for")

// RoundTrip implements http.RoundTripper. Without the header Location there is
// nothing to follow, and nothing that cannot be read. After status 101 net/http
// lets go of the connection, so that no timeout would end the reply.
func (t staying) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body.Close()
		return nil, errSwitched
	}
	resp.Header.Del("Location")
	return resp, nil
}

// newHTTPClient returns a client that follows no redirects and gives each
// attempt, body included, the timeout.
func newHTTPClient(t *http.Transport, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     staying{t},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newTLS returns how servers are verified.
func newTLS(c TLS) (*tls.Config, error) {
	conf := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         c.ServerName,
		InsecureSkipVerify: c.InsecureSkipVerify, // only when written out, and logged by whoever builds a connection
	}
	var err error
	if conf.RootCAs, err = readRoots(c.CAFile); err != nil {
		return nil, &configs.SettingError{Key: "tls.ca_file", Err: err}
	}
	return conf, nil
}

// readRoots reads the authorities that replace the system's; without a file
// there are none that do.
func readRoots(file configs.Path) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := configs.ReadFile(string(file))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file)
	}
	return roots, nil
}
