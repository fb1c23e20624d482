package splunk

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

const (
	opSend   = "post events"
	opHealth = "ask after the health of HEC"

	maxHECReply = 64 << 10
)

// A Collector hands events to the HTTP Event Collector of one Splunk. It is a
// pipeline.Sink and may be used by several goroutines. It has connections of
// its own: searches and deliveries do not wait for one another.
type Collector struct {
	log   *zap.Logger
	http  *http.Client
	base  string
	from  *configs.Secret
	masks masks

	mu    sync.Mutex
	token string // "" until it is read, and after it was refused
}

var _ pipeline.Sink = (*Collector)(nil)

// NewCollector returns the delivering side of a connection. It opens no
// connection yet.
func NewCollector(cfg Config, log *zap.Logger, opts ...Option) (*Collector, error) {
	cfg.SetDefaults()
	if cfg.HEC.URL == "" {
		return nil, errors.New("the connection has no hec.url, so that nothing can be delivered to it")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	hc, base, err := cfg.connect(cfg.HEC.URL, log, opts)
	if err != nil {
		return nil, err
	}
	hc.Jar = &jar{}
	return &Collector{log: log, http: hc, base: base, from: cfg.HEC.Token}, nil
}

// Close lets go of idle connections.
func (c *Collector) Close() { c.http.CloseIdleConnections() }

// Send posts a body, once. nil means that Splunk has taken all of it. A
// *pipeline.RejectedError, *pipeline.ParkedError or *pipeline.BusyError says that and why it took nothing, or only the events
// before the rejected one; with any other error it may have taken it or not.
func (c *Collector) Send(ctx context.Context, body []byte) error {
	if len(body) > 0 && !bytes.HasPrefix(body, gzipMagic) {
		return &pipeline.ParkedError{ThisBody: true, Reason: "the body has not the form of a HEC request: its connection was of another kind when it was made; " +
			"give the connection its old kind until these events have left"}
	}
	token, err := c.auth(ctx)
	if err != nil {
		return noToken(err)
	}
	status, reply, header, err := c.exchange(ctx, http.MethodPost, "/services/collector/event", token, body)
	if err != nil {
		return c.noAnswer(opSend, err)
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		c.forget(token)
	}
	answer := parseHEC(status, header, reply, c.masks.hide)
	if err := answer.error(); err != nil {
		return err
	}
	if answer.code != 0 {
		c.log.Warn("HEC took the events but is near its limit", zap.Int("code", answer.code), zap.String("text", answer.text))
	}
	return nil
}

// Health asks whether HEC would take events: nil, a *pipeline.BusyError if not
// now, or an error that says what is wrong. It proves the URL and TLS, not the
// token.
func (c *Collector) Health(ctx context.Context) error {
	status, reply, header, err := c.exchange(ctx, http.MethodGet, "/services/collector/health", "", nil)
	if err != nil {
		return c.noAnswer(opHealth, err)
	}
	if a := parseHEC(status, header, reply, c.masks.hide); a.code != codeHealthy || status != http.StatusOK {
		return a.error()
	}
	return nil
}

// Check proves the token too, by a post without events: HEC looks at the token
// first and then says that there is no data. Nothing is indexed.
func (c *Collector) Check(ctx context.Context) error {
	err := c.Send(ctx, nil)
	var rejected *pipeline.RejectedError
	if errors.As(err, &rejected) {
		return nil
	}
	return err
}

// auth returns the token, reading it if need be.
func (c *Collector) auth(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" {
		return c.token, nil
	}
	token, err := revealToken(ctx, c.from)
	if err != nil {
		return "", err
	}
	c.masks.add(token)
	c.token = token
	return token, nil
}

// forget makes the next send read the token again, unless another has.
func (c *Collector) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
}

// noAnswer makes an error of a request that got no whole reply.
func (c *Collector) noAnswer(op string, err error) error {
	err = noReply(op, "", err)
	var failed *Error
	if errors.As(err, &failed) {
		failed.masks = &c.masks
	}
	return err
}

func (c *Collector) exchange(ctx context.Context, method, path, token string, body []byte) (int, []byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("User-Agent", "huntd")
	if token != "" {
		req.Header.Set("Authorization", "Splunk "+token)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	reply, err := readBounded(resp.Body, maxHECReply)
	if errors.Is(err, errTooLarge) {
		return resp.StatusCode, nil, resp.Header, nil // no reply of HEC's; the status counts
	}
	return resp.StatusCode, reply, resp.Header, err
}
