package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokenLife is how long the authentication token says that it lasts.
const tokenLife = 30 * 24 * time.Hour

// maxSessions bounds how many sessions there are at once.
const maxSessions = 10_000

// logins know who may call.
type logins struct {
	user, password, token string
	idle                  time.Duration

	mu       sync.Mutex
	sessions map[string]time.Time // when each was last used
	noToken  bool                 // the token was revoked
}

func newLogins(cfg Config) *logins {
	return &logins{
		user: cfg.User, password: cfg.Password, token: newJWT(cfg.User), idle: cfg.SessionTimeout,
		sessions: map[string]time.Time{},
	}
}

// newJWT makes a token of the shape that Splunk's have: its claim "not before"
// is nbr. The key of its signature is known to nobody.
func newJWT(user string) string {
	now := time.Now().Unix()
	id, key := make([]byte, 32), make([]byte, 64)
	_, _ = rand.Read(id) // never fails
	_, _ = rand.Read(key)
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString([]byte(`{"kid":"splunk.secret","alg":"HS512","ver":"v2","ttyp":"static"}`)) + "." +
		b64.EncodeToString(fmt.Appendf(nil, `{"iss":"%s from %s","sub":"%s","aud":"huntd","idp":"Splunk","jti":"%s","iat":%d,"exp":%d,"nbr":%d}`,
			user, serverName, user, hex.EncodeToString(id), now, now+int64(tokenLife/time.Second), now))
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(text))
	return text + "." + b64.EncodeToString(mac.Sum(nil))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// login begins a session.
func (l *logins) login(user, password string) (key string, ok bool) {
	if !same(user, l.user) || !same(password, l.password) {
		return "", false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sessions) >= maxSessions {
		clear(l.sessions)
	}
	key = rand.Text() + rand.Text()
	l.sessions[key] = time.Now()
	return key, true
}

func (l *logins) logout(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.sessions[key]
	delete(l.sessions, key)
	return ok
}

// valid reports whether a session key or token is good, and keeps a session
// alive.
func (l *logins) valid(secret string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if same(secret, l.token) {
		return !l.noToken
	}
	used, ok := l.sessions[secret]
	if !ok || time.Since(used) >= l.idle {
		delete(l.sessions, secret)
		return false
	}
	l.sessions[secret] = time.Now()
	return true
}

// cookieName is the name of the cookie that stands for a session.
func cookieName(r *http.Request) string {
	port := "8089"
	if at := strings.LastIndexByte(r.Host, ':'); at >= 0 && !strings.HasSuffix(r.Host, "]") {
		port = r.Host[at+1:]
	}
	return "splunkd_" + port
}

// check reports whether a call proves whose it is. bad tells that it tried to,
// with a key or a token.
func (l *logins) check(r *http.Request) (ok, bad bool) {
	header := r.Header.Get("Authorization")
	scheme, secret, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "splunk", "bearer":
		ok = l.valid(strings.TrimSpace(secret))
		return ok, !ok
	case "basic":
		user, password, _ := r.BasicAuth()
		return same(user, l.user) && same(password, l.password), false
	case "":
		if c, err := r.Cookie(cookieName(r)); err == nil {
			ok = l.valid(c.Value)
			return ok, !ok
		}
	}
	return false, false
}

// ExpireSessions ends all sessions, as a long pause does: their keys get 401.
func (s *Sandbox) ExpireSessions() {
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	clear(s.logins.sessions)
}

// RevokeToken makes the authentication token of [Ready] one that gets 401.
func (s *Sandbox) RevokeToken() {
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	s.logins.noToken = true
}
