package splunk

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/huntd/huntd/pipeline"
)

const (
	// keepReading is for how long readings narrow each other down. Clocks drift
	// apart by some milliseconds in that time.
	keepReading = 5 * time.Minute
	// evenTolerance is how far the host's wall clock may move against its
	// monotonic one before a reading no longer holds. Adjustments by NTP stay
	// below it.
	evenTolerance = time.Second
	// maxOffset bounds what is taken for a clock: a Date further away is a defect
	// of the server or of a proxy.
	maxOffset = 10 * 365 * 24 * time.Hour
)

// A serverClock compares a server's clock with the host's, by the header Date
// of its replies (RFC 9110 §6.6.1).
type serverClock struct {
	mu          sync.Mutex
	least, most time.Duration // between which the offset lies
	since       time.Time     // when the bounds were begun anew
	at          time.Time     // zero before the first reading
}

// note takes a reading from a reply. The server read its clock at some moment
// between request and reply and cut it to a second, so that a slow reply gives
// wide bounds and not an offset. Bounds of several replies narrow each other
// down until one contradicts them.
func (c *serverClock) note(sent, received time.Time, resp *http.Response) {
	date, ok := ownDate(resp)
	if !ok {
		return
	}
	least, most := date.Sub(received), date.Add(time.Second).Sub(sent)
	if least > most || least > maxOffset || most < -maxOffset {
		return // the host's clock was set back meanwhile, or the date is absurd
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	agrees := least <= c.most && most >= c.least
	if !c.at.IsZero() && agrees && isEven(c.at, received) && received.Sub(c.since) < keepReading {
		least, most = max(least, c.least), min(most, c.most)
	} else {
		c.since = received
	}
	c.least, c.most, c.at = least, most, received
}

// ownDate returns when the server made a reply, by its own clock. A reply with
// the header Age comes from a cache, and its Date is an old one. Gateways and
// redirects have the clock of another host.
func ownDate(resp *http.Response) (time.Time, bool) {
	switch code := resp.StatusCode; {
	case resp.Header.Values("Age") != nil,
		code/100 == 3, code == http.StatusBadGateway, code == http.StatusGatewayTimeout:
		return time.Time{}, false
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	return date, err == nil
}

// isEven reports whether the host's wall clock ran evenly between two instants:
// it was not set, and the host did not sleep.
func isEven(from, to time.Time) bool {
	step := to.Round(0).Sub(from.Round(0)) - to.Sub(from)
	return step.Abs() <= evenTolerance
}

// reading returns the newest reading, false if there is none by the host's
// clock as it is now.
func (c *serverClock) reading(now time.Time) (pipeline.ClockReading, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || !isEven(c.at, now) {
		return pipeline.ClockReading{}, false
	}
	return pipeline.ClockReading{Offset: c.least/2 + c.most/2, Bound: (c.most - c.least) / 2, At: c.at}, true
}

// A timedTransport notes the clock of every reply.
type timedTransport struct {
	staying
	clock *serverClock
}

// RoundTrip implements [http.RoundTripper].
func (t timedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	resp, err := t.staying.RoundTrip(r)
	if err == nil {
		t.clock.note(sent, time.Now(), resp)
	}
	return resp, err
}

// Clock returns by how much Splunk's clock is ahead of the host's, as the replies
// to all calls say. It is false if none has said so yet, and after the host's
// clock was set or the host slept. The clock is that of the server that answers;
// indexers stamp _indextime by their own.
func (c *Client) Clock(now time.Time) (pipeline.ClockReading, bool) { return c.clock.reading(now) }

// Refused reports whether Splunk refused the credentials when they were last
// used.
func (c *Client) Refused() bool { return c.creds.isRefused() }

// AskClock makes Splunk send a reply, for [Client.Clock]. It makes one small
// request, which succeeds whatever the status is, and never logs in: without a
// credential in use it sends none. The caller does not ask a Splunk that has
// [Client.Refused] the credentials.
func (c *Client) AskClock(ctx context.Context) error {
	const op = "ask for the time"
	target := c.base + "/services/server/info?" + form("output_mode", "json", "f", "version").Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return c.hide(noReply(op, "", err))
	}
	req.Header.Set("User-Agent", "huntd")
	cred := c.creds.current()
	if cred != nil {
		req.Header.Set("Authorization", cred.header)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.hide(noReply(op, "", err))
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxErrorReply) // so that the connection is kept
	if resp.StatusCode == http.StatusUnauthorized && cred != nil {
		c.creds.drop(cred) // the session has expired: the next call gets another
	}
	return nil
}
