package splunk

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// The most that is kept of a server's cookies: a load balancer sets one or two,
// and each request bears them all.
const (
	maxCookies     = 16
	maxCookieBytes = 4 << 10
)

// A jar holds the cookies of one server, by which a load balancer tells to
// which indexer a client belongs. It forgets the oldest when there are too many.
type jar struct {
	mu      sync.Mutex
	cookies []*http.Cookie
}

// SetCookies implements http.CookieJar. A cookie that the server takes back, or
// that is too large, is left out.
func (j *jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		j.cookies = slices.DeleteFunc(j.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
		takenBack := c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now())
		if takenBack || len(c.Name)+len(c.Value) > maxCookieBytes {
			continue
		}
		j.cookies = append(j.cookies, &http.Cookie{Name: c.Name, Value: c.Value, Quoted: c.Quoted})
		for j.size() > maxCookieBytes || len(j.cookies) > maxCookies {
			j.cookies = slices.Delete(j.cookies, 0, 1)
		}
	}
}

// Cookies implements http.CookieJar.
func (j *jar) Cookies(*url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.cookies)
}

func (j *jar) size() (n int) {
	for _, c := range j.cookies {
		n += len(c.Name) + len(c.Value)
	}
	return n
}
