package splunk

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// A callClass says when a call may be repeated.
type callClass int

const (
	// repeatable calls do no harm twice: reading, logging in, cancelling.
	repeatable callClass = iota
	// creating calls make something: they are repeated here only when the
	// server cannot have seen them, or said that it did nothing.
	creating
)

// Calls are tried five times within seconds.
const (
	maxRepeats = 4
	firstPause = 250 * time.Millisecond
	lastPause  = 5 * time.Second
	// maxAfter bounds what a server may ask for.
	maxAfter = 24 * time.Hour
)

// newRepeater returns the client that repeats calls of a class. It logs
// nothing, for it would log URLs, and hands the last reply over as it is.
func newRepeater(class callClass, hc *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   hc,
		RetryWaitMin: firstPause,
		RetryWaitMax: lastPause,
		RetryMax:     maxRepeats,
		CheckRetry:   class.check,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// check is a retryablehttp.CheckRetry.
func (class callClass) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return class.checkError(err), nil
	}
	if retryAfter(resp.Header) > lastPause {
		return false, nil // asked for more than seconds: the run loop waits, not the call
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true, nil
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return class == repeatable, nil
	}
	return false, nil
}

func (class callClass) checkError(err error) bool {
	var judged *Error
	switch {
	case errors.As(err, &judged), errors.Is(err, errTooLarge), errors.Is(err, errForeign), isCertificate(err):
		return false
	case class == creating:
		return isDial(err)
	}
	return true
}

// isDial reports whether a call failed before anything of it was sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// backoff is a retryablehttp.Backoff: what the server asks for, or else a
// random time up to a bound that doubles ("full jitter", Marc Brooker,
// Exponential Backoff And Jitter, AWS 2015), so that callers who failed
// together do not come back together.
func backoff(first, last time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if after := retryAfter(resp.Header); after > 0 {
			return min(max(after, first), last)
		}
	}
	return rand.N(min(first<<min(attempt, 16), last))
}

// retryAfter reads the header Retry-After (RFC 9110 §10.2.3), seconds or a
// date, which is compared with the server's own clock where it shows that. It
// is 0 where the header is missing or makes no sense, and a day at most.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if sec, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(sec) || sec <= 0 {
			return 0
		}
		return time.Duration(min(sec, maxAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), maxAfter)
}
