package splunk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// The codes by which HEC says what it did (Splunk, "Troubleshoot HTTP Event
// Collector", possible error codes), as far as they are handled by themselves.
const (
	codeSuccess         = 0
	codeNoData          = 5
	codeBadFormat       = 6
	codeBadIndex        = 7
	codeNoChannel       = 10
	codeBadChannel      = 11
	codeNoEvent         = 12
	codeBlankEvent      = 13
	codeNoAck           = 14
	codeBadFields       = 15
	codeNoQueryAuth     = 16
	codeHealthy         = 17
	codeBadHealthToken  = 21
	codeHealthDisabled  = 22
	codeQueueNearFull   = 24
	codeAckNearFull     = 25
	codeNoChannelCloud  = 28
	noCode              = -1
	maxUnknownReplyText = 200 // runes
)

// A hecAnswer is a reply of HEC's.
type hecAnswer struct {
	status int
	code   int // noCode if the reply was not HEC's
	text   string
	event  int // the offending event, -1 if it names none
	after  time.Duration
}

// parseHEC reads a reply. hide takes secrets out of its text.
func parseHEC(status int, header http.Header, body []byte, hide func(string) string) hecAnswer {
	a := hecAnswer{status: status, code: noCode, event: -1, after: retryAfter(header)}
	var reply struct {
		Text  json.RawMessage `json:"text"`
		Code  *int            `json:"code"`
		Event json.RawMessage `json:"invalid-event-number"`
	}
	if json.Unmarshal(body, &reply) == nil && reply.Code != nil && *reply.Code >= 0 {
		var text, number scalar // the code counts, whatever stands beside it
		_, _ = text.UnmarshalJSON(reply.Text), number.UnmarshalJSON(reply.Event)
		a.code, a.text = *reply.Code, hide(tame(string(text)))
		if n, err := strconv.Atoi(string(number)); err == nil && n >= 0 {
			a.event = n
		}
		return a
	}
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		a.text = "an empty reply"
	case trimmed[0] == '<':
		a.text = "a page of HTML or XML"
	default:
		a.text = "no reply of HEC's: " + hide(shorten(tame(string(trimmed)), maxUnknownReplyText))
	}
	return a
}

// error says what the answer means for the events.
func (a hecAnswer) error() error {
	switch a.status {
	case http.StatusOK:
		return a.accepted()
	case http.StatusBadRequest:
		return a.badRequest()
	case http.StatusUnauthorized, http.StatusForbidden:
		return a.park("HEC refuses hec.token, which is read again before the next try: is it of this Splunk, and enabled?")
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return a.park("there is no HEC at this address: is hec.url right (port 8088, not 8089), or is a proxy in between?")
	case http.StatusRequestEntityTooLarge:
		return a.reject(-1)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &pipeline.BusyError{After: a.after, Reason: a.says()}
	}
	if a.status/100 == 3 {
		return a.park("it sends elsewhere, where no token of ours shall go: set hec.url to the address of HEC itself")
	}
	return a.unclear()
}

func (a hecAnswer) accepted() error {
	switch {
	case a.code == codeSuccess, a.code == codeQueueNearFull, a.code == codeAckNearFull:
		return nil
	case a.code == noCode && a.text != "an empty reply":
		return a.park("this is not HEC's answer: is hec.url right, or is a proxy in between?")
	}
	return a.unclear()
}

func (a hecAnswer) badRequest() error {
	switch a.code {
	case codeNoData:
		return a.reject(-1)
	case codeBadFormat, codeNoEvent, codeBlankEvent, codeBadFields:
		return a.reject(a.event)
	case codeBadIndex:
		return a.badIndex()
	case codeNoChannel, codeBadChannel, codeNoAck, codeNoChannelCloud:
		return a.park("the token wants indexer acknowledgement, which huntd does not use: switch it off (useACK) or use another token")
	case codeNoQueryAuth, codeBadHealthToken, codeHealthDisabled:
		return a.park("HEC refuses hec.token")
	case noCode:
		return a.park("this is not HEC's answer: is hec.url right, https or http, or is a proxy in between?")
	}
	return a.unclear()
}

// badIndex is an answer about an event of the body: the event is right, and the
// token or the hunt's index is to be changed.
func (a hecAnswer) badIndex() error {
	return &pipeline.ParkedError{Status: a.status, ThisBody: true, Reason: a.says() +
		": the token may not write to the hunt's index, or there is none of that name: allow it for the token, or change deliver.index"}
}

func (a hecAnswer) reject(event int) error {
	return &pipeline.RejectedError{Event: event, Status: a.status, Reason: a.says()}
}

func (a hecAnswer) park(advice string) error {
	return &pipeline.ParkedError{Status: a.status, Reason: a.says() + ": " + advice}
}

// unclear is an answer that leaves open what became of the events.
func (a hecAnswer) unclear() error {
	return &Error{Op: opSend, Status: a.status, Messages: []Message{{Text: a.says()}}}
}

func (a hecAnswer) says() string {
	if a.code == noCode {
		return a.text
	}
	return fmt.Sprintf("%s (code %d)", a.text, a.code)
}
