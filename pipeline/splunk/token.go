package splunk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// loginTimeout bounds one login, its repetitions included. It is nobody's own:
// all callers wait for the same one.
const loginTimeout = time.Minute

// A credential is what proves a call to be ours.
type credential struct {
	header string // the value of Authorization
	ends   time.Time
}

// credentials get, share and renew the credential of one connection.
type credentials struct {
	// obtain gets one anew: reads the secret, and logs in where that is the way.
	obtain func(ctx context.Context) (*credential, error)
	flight singleflight.Group

	mu      sync.Mutex
	now     *credential
	refused bool // when they were last used
}

// get returns the credential in use.
func (c *credentials) get(ctx context.Context) (*credential, error) {
	if now := c.current(); now != nil {
		return now, nil
	}
	return c.renew(ctx, nil)
}

func (c *credentials) current() *credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// drop forgets a credential, unless another has taken its place.
func (c *credentials) drop(stale *credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == stale {
		c.now = nil
	}
}

func (c *credentials) isRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// note keeps from the end of a call whether Splunk refused the credentials.
// Status 403 is about a right of theirs, and other errors say nothing.
func (c *credentials) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.refused = false
	case errors.Is(err, pipeline.ErrRefused):
		c.refused = !isStatus(err, http.StatusForbidden)
	}
}

// renew returns a credential other than stale, which was refused. Of all that
// call it together one obtains it for all; a caller that gives up does not take
// it from the others.
func (c *credentials) renew(ctx context.Context, stale *credential) (*credential, error) {
	done := c.flight.DoChan("", func() (any, error) {
		if now := c.current(); now != stale && now != nil {
			return now, nil
		}
		shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), loginTimeout)
		defer cancel()
		fresh, err := c.obtain(shared)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now = fresh
		return fresh, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*credential), nil
	}
}

// obtain reads the token, or logs in, as the configuration has it. A secret
// that cannot be had makes no permanent error: its file may be gone only for
// the moment in which it is replaced, so that the daemon tries again.
func (c *Client) obtain(ctx context.Context) (*credential, error) {
	if !c.cfg.API.Token.IsZero() {
		token, err := revealToken(ctx, c.cfg.API.Token)
		if err != nil {
			return nil, &Error{Op: "read api.token", causes: []error{err}}
		}
		c.masks.add(token)
		return &credential{header: "Bearer " + token, ends: tokenEnds(token)}, nil
	}
	password, err := c.cfg.API.Password.Reveal(ctx)
	if err != nil {
		return nil, &Error{Op: "read api.password", causes: []error{err}}
	}
	c.masks.add(password)
	key, err := c.login(ctx, password)
	if err != nil {
		return nil, err
	}
	c.masks.add(key)
	return &credential{header: "Splunk " + key}, nil
}

// login trades the password for a session key.
func (c *Client) login(ctx context.Context, password string) (string, error) {
	var reply struct {
		SessionKey string `json:"sessionKey"`
	}
	err := c.attempt(ctx, nil, call{
		op: "log in as " + c.cfg.API.User, method: http.MethodPost, path: "/services/auth/login",
		query: form("output_mode", "json"), form: form("username", c.cfg.API.User, "password", password),
		read: readInto(&reply),
	})
	var failed *Error
	if errors.As(err, &failed) && (failed.Status == http.StatusUnauthorized || failed.Status == http.StatusBadRequest) {
		failed.Advice = "the user or the password is wrong, or the account is locked"
		return "", failed.with(pipeline.ErrRefused, pipeline.ErrPermanent)
	}
	if err == nil && !isHeaderText(reply.SessionKey) {
		return "", &Error{Op: "log in as " + c.cfg.API.User, Advice: "the reply holds no session key that can be used", causes: []error{pipeline.ErrPermanent}}
	}
	return reply.SessionKey, err
}

// refused explains a 401 that a fresh credential did not heal.
func (c *Client) refused(failed *Error) error {
	if !c.cfg.API.Token.IsZero() {
		failed.Advice = "Splunk refuses api.token, read anew a moment ago: it is expired, disabled, or of another Splunk; put a new one in its place"
	} else {
		failed.Advice = fmt.Sprintf("Splunk refuses the session that it has just given to %s: is there more than one Splunk behind this address?", c.cfg.API.User)
	}
	return failed
}

// revealToken reads a token from its secret. Its errors are configs.ErrSecret.
func revealToken(ctx context.Context, s *configs.Secret) (string, error) {
	token, err := s.Reveal(ctx)
	if err != nil {
		return "", err
	}
	token = strings.TrimSpace(token)
	if !isHeaderText(token) {
		return "", fmt.Errorf("%s: %w: it is empty, too long or holds characters that no token has: is it the right one?", s.Reference(), configs.ErrSecret)
	}
	return token, nil
}

// A tokenError is a *pipeline.ParkedError for want of a token.
type tokenError struct {
	parked pipeline.ParkedError
	cause  error
}

func noToken(err error) *tokenError {
	return &tokenError{pipeline.ParkedError{Reason: "hec.token: " + err.Error()}, err}
}

func (e *tokenError) Error() string { return e.parked.Error() }

// Unwrap returns the *pipeline.ParkedError and why there is no token.
func (e *tokenError) Unwrap() []error { return []error{&e.parked, e.cause} }

// maxCredential is longer than any token or session key: those of Splunk have
// some hundred bytes.
const maxCredential = 8 << 10

// isHeaderText reports whether s is something that a header can carry.
func isHeaderText(s string) bool {
	return s != "" && len(s) <= maxCredential && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// tokenEnds reads from a JWT when it expires (RFC 7519 §4.1.4). It is zero for
// a token that does not say, or is no JWT. The signature is Splunk's to check.
func tokenEnds(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Exp int64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Exp <= 0 {
		return time.Time{}
	}
	return time.Unix(claims.Exp, 0).UTC()
}

// masks hides the secrets that are known from what strangers wrote.
type masks struct {
	mu     sync.Mutex
	values []string
}

// minMask is the shortest secret that is looked for: shorter ones would be
// found in every other word.
const minMask = 6

// maxMasks bounds how many forms of past secrets are remembered.
const maxMasks = 48

const hidden = "<secret>"

// add remembers a secret in the forms in which it may come back: as it is, as
// it stands in a form, and as tame leaves both.
func (m *masks) add(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, form := range []string{secret, url.QueryEscape(secret), tame(secret)} {
		if len(form) < minMask {
			continue
		}
		m.values = slices.DeleteFunc(m.values, func(v string) bool { return v == form })
		m.values = append(m.values, form)
	}
	m.values = m.values[max(0, len(m.values)-maxMasks):]
}

// hide takes the secrets out of a text. nil knows none.
func (m *masks) hide(s string) string {
	if m == nil {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.values {
		s = strings.ReplaceAll(s, v, hidden)
	}
	if cut, ok := strings.CutSuffix(s, "…"); ok { // perhaps within a secret
		for _, v := range m.values {
			for n := min(len(v)-1, len(cut)); n >= minMask; n-- {
				if begin, ok := strings.CutSuffix(cut, v[:n]); ok {
					return begin + hidden + "…"
				}
			}
		}
	}
	return s
}
