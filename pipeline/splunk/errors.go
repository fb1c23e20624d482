package splunk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// A Message is what Splunk says of a request or a search.
type Message struct {
	Type string // DEBUG, INFO, WARN, ERROR or FATAL
	Text string
}

// weight orders messages by how much they say, the least first.
func (m Message) weight() int {
	return slices.Index([]string{"DEBUG", "INFO", "WARN", "ERROR", "FATAL"}, m.Type)
}

// shownMessages is how many messages an error repeats.
const shownMessages = 20

// An Error is a call to Splunk that failed. It wraps what tells how to go on:
// pipeline.ErrRefused, pipeline.ErrUnreachable, pipeline.ErrPermanent, pipeline.ErrIncomplete,
// pipeline.ErrTooMuch, pipeline.ErrTimeout, or none of them if the call may be repeated later.
type Error struct {
	Op       string // what was being done, such as "read the results"
	Status   int    // the HTTP status; 0 if no reply came
	SID      string // the search job, if there was one
	Messages []Message
	Advice   string        // what to do about it, or ""
	After    time.Duration // how long the server wants to be left alone; 0 if it did not say
	causes   []error
	masks    *masks
}

// Error writes the operation, the status, Splunk's messages and the advice in
// one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.SID != "" {
		b.WriteString(" (job " + e.SID + ")")
	}
	if e.Status != 0 && e.Status/100 != 2 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	for i, m := range e.Messages {
		if i == shownMessages {
			fmt.Fprintf(&b, ": and %d messages more", len(e.Messages)-i)
			break
		}
		b.WriteString(": ")
		if m.Type != "" {
			b.WriteString(m.Type + " ")
		}
		b.WriteString(m.Text)
	}
	if e.Advice != "" {
		b.WriteString(": " + e.Advice)
	}
	for _, c := range e.causes {
		if !isMark(c) { // net/http repeats what it could not read
			b.WriteString(": " + e.masks.hide(tame(c.Error())))
		}
	}
	return e.masks.hide(b.String())
}

// As gives a [pipeline.BusyError] of a reply that asks for a pause.
func (e *Error) As(target any) bool {
	busy, ok := target.(**pipeline.BusyError)
	if !ok || e.After == 0 && e.Status != http.StatusServiceUnavailable && e.Status != http.StatusTooManyRequests {
		return false
	}
	*busy = &pipeline.BusyError{After: e.After, Reason: e.Error()}
	return true
}

// Unwrap returns the marks and causes.
func (e *Error) Unwrap() []error { return e.causes }

func isMark(err error) bool {
	return slices.Contains([]error{pipeline.ErrRefused, pipeline.ErrUnreachable, pipeline.ErrPermanent, pipeline.ErrIncomplete, pipeline.ErrTooMuch, pipeline.ErrTimeout}, err)
}

func (e *Error) with(causes ...error) *Error {
	e.causes = append(e.causes, causes...)
	return e
}

// incomplete reports a window that could not be read in full.
func incomplete(op, sid, format string, args ...any) *Error {
	e := &Error{Op: op, SID: sid, Advice: fmt.Sprintf(format, args...)}
	return e.with(pipeline.ErrIncomplete)
}

// errCut marks a reply that ends before it should, or is not what it claims.
var errCut = errors.New("the reply is cut short or garbled")

// noReply makes an error of a call that got none. The URL that net/http puts
// into its errors is left out: what stands before the cause here is enough.
func noReply(op, sid string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	e := &Error{Op: op, SID: sid}
	switch {
	case errors.Is(err, context.Canceled):
		return e.with(err)
	case errors.Is(err, errCut), errors.Is(err, errTooLarge), errors.Is(err, errNotYet):
		return e.with(err)
	case errors.Is(err, errForeign):
		return e.with(err, pipeline.ErrPermanent)
	case isCertificate(err):
		e.Advice = "the server's certificate is not trusted: set tls.ca_file to the authority that signed it, or tls.server_name to a name that it bears"
		return e.with(err, pipeline.ErrUnreachable, pipeline.ErrPermanent)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		e.Advice = "the server speaks no TLS on this port: is the port right?"
		return e.with(pipeline.ErrUnreachable)
	}
	return e.with(err, pipeline.ErrUnreachable)
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

const wrongURL = "this is not Splunk's answer: is the URL right, or is a proxy in between?"

// badStatus makes an error of a reply that is no success. The body is its
// beginning at least.
func badStatus(op, sid string, resp *http.Response, body []byte) *Error {
	messages, splunk := parseMessages(body)
	e := &Error{Op: op, SID: sid, Status: resp.StatusCode, Messages: messages, After: retryAfter(resp.Header)}
	switch code := resp.StatusCode; {
	case code/100 == 3:
		e.Advice = "it sends elsewhere, where no token of ours shall go: set the URL of the management port (8089) itself"
		return e.with(pipeline.ErrPermanent)
	case code == http.StatusUnauthorized:
		return e.with(pipeline.ErrRefused, pipeline.ErrPermanent)
	case code == http.StatusForbidden:
		e.Advice = "the user lacks the right: give its role the capability and the indexes that the call needs"
		return e.with(pipeline.ErrRefused, pipeline.ErrPermanent)
	case code == http.StatusNotFound && sid != "" && splunk:
		return e // the job is gone; the window is read again
	case code == http.StatusNotFound && splunk:
		e.Advice = "huntd wants Splunk 9.0.2 or newer, and its management port"
		return e.with(pipeline.ErrPermanent)
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return e
	case !splunk:
		e.Advice = wrongURL
		return e.with(pipeline.ErrPermanent)
	}
	return e.with(pipeline.ErrPermanent)
}
