package splunk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// A Client runs searches over the REST API of one Splunk. It may be used by
// several goroutines.
type Client struct {
	cfg       Config
	log       *zap.Logger
	base      string
	http      *http.Client
	repeaters map[callClass]*retryablehttp.Client
	creds     credentials
	masks     *masks
	clock     serverClock
}

// New returns the search side of a connection. It opens no connection yet.
func New(cfg Config, log *zap.Logger, opts ...Option) (*Client, error) {
	cfg.SetDefaults()
	if cfg.API.URL == "" {
		return nil, errors.New("the connection has no api.url, so that nothing can be searched with it")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	hc, base, err := cfg.connect(cfg.API.URL, log, opts)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, log: log, base: base, http: hc, masks: &masks{}}
	hc.Transport = timedTransport{hc.Transport.(staying), &c.clock}
	c.creds.obtain = c.obtain
	c.repeaters = map[callClass]*retryablehttp.Client{
		repeatable: newRepeater(repeatable, hc),
		creating:   newRepeater(creating, hc),
	}
	return c, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// An Identity is whom Splunk takes the client for.
type Identity struct {
	User         string
	Roles        []string
	Capabilities []string
	// Expires is when the token ends; zero if it does not say, or with a
	// password.
	Expires time.Time
}

// Check asks Splunk who the credentials belong to, which proves the URL, TLS
// and the credentials.
func (c *Client) Check(ctx context.Context) (Identity, error) {
	const op = "check the credentials"
	var reply struct {
		Entry []struct {
			Content struct {
				Username            string
				Roles, Capabilities []string
			}
		}
	}
	err := c.do(ctx, call{
		op: op, method: http.MethodGet, path: "/services/authentication/current-context",
		query: form("output_mode", "json"), read: readInto(&reply),
	})
	if err != nil {
		return Identity{}, err
	}
	if len(reply.Entry) == 0 {
		return Identity{}, &Error{Op: op, Advice: wrongURL, causes: []error{pipeline.ErrPermanent}}
	}
	content := reply.Entry[0].Content
	id := Identity{User: content.Username, Roles: content.Roles, Capabilities: content.Capabilities}
	if cred := c.creds.current(); cred != nil {
		id.Expires = cred.ends
	}
	return id, nil
}

// A call is one request to the REST API.
type call struct {
	op     string // for errors, such as "read the results"
	sid    string // the job it is about, or ""
	method string
	path   string     // from the root, with what stands in it escaped
	query  url.Values // holds no secret
	form   url.Values
	class  callClass
	// read takes the body of a successful reply. It may be called again when a
	// call is repeated.
	read func(status int, body io.Reader) error
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// readInto reads a small JSON reply; one without content leaves v as it is.
func readInto(v any) func(int, io.Reader) error {
	return func(status int, body io.Reader) error {
		data, err := readBounded(body, maxSmallReply)
		if err != nil || status == http.StatusNoContent {
			return err
		}
		return decodeReply(data, v)
	}
}

func ignoreReply(int, io.Reader) error { return nil }

// path returns a path in the connection's app.
func (c *Client) path(parts ...string) string {
	root := "/services"
	if c.cfg.API.App != "" {
		root = "/servicesNS/nobody/" + url.PathEscape(c.cfg.API.App)
	}
	for _, p := range parts {
		root += "/" + url.PathEscape(p)
	}
	return root
}

// do makes a call with the credential in use; when Splunk refuses that, once
// more with a new one.
func (c *Client) do(ctx context.Context, req call) (err error) {
	defer func() { c.creds.note(err) }()
	cred, err := c.creds.get(ctx)
	if err != nil {
		return err
	}
	err = c.attempt(ctx, cred, req)
	if !isStatus(err, http.StatusUnauthorized) {
		return err
	}
	c.log.Debug("credentials refused, renewing", zap.String("call", req.op), zap.String("sid", req.sid))
	if cred, err = c.creds.renew(ctx, cred); err != nil {
		return err
	}
	err = c.attempt(ctx, cred, req)
	var failed *Error
	if isStatus(err, http.StatusUnauthorized) && errors.As(err, &failed) {
		return c.refused(failed)
	}
	return err
}

func isStatus(err error, status int) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Status == status
}

// attempt makes a call with one credential, repeating it within seconds as its
// class allows.
func (c *Client) attempt(ctx context.Context, cred *credential, req call) error {
	var body []byte
	if req.form != nil {
		body = []byte(req.form.Encode())
	}
	target := c.base + req.path
	if len(req.query) > 0 {
		target += "?" + req.query.Encode()
	}
	r, err := retryablehttp.NewRequestWithContext(ctx, req.method, target, body)
	if err != nil {
		return c.hide(noReply(req.op, req.sid, err))
	}
	if cred != nil {
		r.Header.Set("Authorization", cred.header)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", "huntd")
	r.SetResponseHandler(func(resp *http.Response) error { return takeReply(req, resp) })
	start := time.Now()
	resp, err := c.repeaters[req.class].Do(r)
	if err == nil && resp.StatusCode/100 != 2 { // repetitions are used up
		err = takeReply(req, resp)
	}
	if resp != nil {
		resp.Body.Close()
	}
	var judged *Error
	switch {
	case err == nil || errors.As(err, &judged):
	case ctx.Err() != nil: // the caller's time is over, which says nothing of Splunk
		err = (&Error{Op: req.op, SID: req.sid}).with(ctx.Err())
	default:
		err = noReply(req.op, req.sid, err)
	}
	err = c.hide(err)
	c.log.Debug("call to Splunk", zap.String("call", req.op), zap.String("method", req.method), zap.String("path", req.path),
		zap.String("sid", req.sid), zap.Duration("took", time.Since(start)), zap.Error(err))
	return err
}

// takeReply reads a reply, or makes an error of it.
func takeReply(req call, resp *http.Response) error {
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return req.read(resp.StatusCode, resp.Body)
	}
	body, err := readBounded(resp.Body, maxErrorReply)
	if err != nil {
		body = nil // the status says enough
	}
	return badStatus(req.op, req.sid, resp, body)
}

// hide takes known secrets out of what an error says.
func (c *Client) hide(err error) error {
	var failed *Error
	if errors.As(err, &failed) {
		failed.masks = c.masks
		for i := range failed.Messages {
			failed.Messages[i].Text = c.masks.hide(failed.Messages[i].Text)
		}
	}
	return err
}

// Cancel ends a search job and frees what it holds. A job that does not exist
// any more is no error.
func (c *Client) Cancel(ctx context.Context, sid string) error {
	if strings.Trim(sid, ".") == "" {
		return errors.New("cancel: there is no job without an id")
	}
	err := c.control(ctx, sid, "cancel the job", "cancel")
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func (c *Client) control(ctx context.Context, sid, op, action string) error {
	return c.do(ctx, call{
		op: op, sid: sid, method: http.MethodPost, path: c.path("search", "v2", "jobs", sid, "control"),
		query: form("output_mode", "json"), form: form("action", action), read: ignoreReply,
	})
}
