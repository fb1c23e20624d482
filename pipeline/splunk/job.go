package splunk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

const (
	opCreate = "create the search job"
	opStatus = "look after the search job"

	// The pauses between looks at a job: the first, and the longest.
	firstLook = 100 * time.Millisecond
	lastLook  = 2 * time.Second
	// creations is how often a job is tried to be created when it is unclear
	// whether the try before did.
	creations = 3
	// jobTTL is how long Splunk keeps a job that nobody looks at.
	jobTTL = 10 * time.Minute
)

// newSID returns an id for a search job that no other job has.
func newSID() string { return "huntd_" + strings.ToLower(rand.Text()) }

// maxSID is longer than any id of a job: those of a search head cluster have
// some hundred bytes.
const maxSID = 512

// isSID reports whether an id that a server gives to a job can stand in paths,
// logs and the ledger.
func isSID(sid string) bool {
	return len(sid) <= maxSID && strings.Trim(sid, ".") != "" && strings.IndexFunc(sid, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("/\\?#%\"'<>", r)
	}) < 0
}

// newJob creates a search job under the id sid and returns the id that it goes
// by; with an error, "" if there is surely no job. When it is unclear whether a
// try came through, the job is looked for before it is tried again. It is looked
// for as well when Splunk refuses the request: what it refuses may be an id that
// is taken, by a try that someone in between reported as failed.
func (c *Client) newJob(ctx context.Context, sid string, params url.Values) (string, error) {
	var reply struct {
		SID      string      `json:"sid"`
		Messages messageList `json:"messages"`
	}
	params.Set("id", sid)
	req := call{
		op: opCreate, sid: sid, method: http.MethodPost, path: c.path("search", "v2", "jobs"),
		query: form("output_mode", "json"), form: params, class: creating, read: readInto(&reply),
	}
	for try := 1; ; try++ {
		err := c.do(ctx, req)
		switch {
		case err == nil && reply.SID == "":
			return sid, judge(opCreate, sid, reply.Messages)
		case err == nil && (!isSID(reply.SID) || c.masks.hide(reply.SID) != reply.SID):
			return sid, (&Error{Op: opCreate, SID: sid}).with(fmt.Errorf("%w: no job has the id %q", errCut, brief(reply.SID)))
		case err == nil:
			return reply.SID, nil
		case try == 1 && !mayExist(err) && !isConflict(err):
			return "", err
		}
		_, lost := c.status(ctx, sid)
		switch {
		case lost == nil:
			return sid, nil
		case isStatus(lost, http.StatusNotFound) && isConflict(err):
			return "", err
		case !isStatus(lost, http.StatusNotFound), try == creations:
			return sid, err
		}
	}
}

// mayExist reports whether a creation that failed may have come through.
func mayExist(err error) bool {
	var failed *Error
	if !errors.As(err, &failed) || failed.Op != opCreate || isDial(err) || isCertificate(err) {
		return false
	}
	switch failed.Status {
	case 0, http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isConflict reports whether a creation was refused in a way in which an id
// that is taken is.
func isConflict(err error) bool {
	return isStatus(err, http.StatusBadRequest) || isStatus(err, http.StatusConflict)
}

// A jobStatus is what Splunk says of a job. While a job is young most of it is
// missing.
type jobStatus struct {
	DispatchState    string      `json:"dispatchState"`
	IsDone           scalar      `json:"isDone"`
	IsFailed         scalar      `json:"isFailed"`
	IsFinalized      scalar      `json:"isFinalized"`
	EventIsTruncated scalar      `json:"eventIsTruncated"`
	ReportSearch     scalar      `json:"reportSearch"` // the part from the first transforming command on
	ResultCount      scalar      `json:"resultCount"`
	Messages         messageList `json:"messages"`
}

// status looks at a job. A job that Splunk does not show yet has an empty
// state.
func (c *Client) status(ctx context.Context, sid string) (jobStatus, error) {
	var reply struct {
		Entry []struct {
			Content jobStatus `json:"content"`
		} `json:"entry"`
	}
	err := c.do(ctx, call{
		op: opStatus, sid: sid, method: http.MethodGet, path: c.path("search", "v2", "jobs", sid),
		query: form("output_mode", "json"),
		read: func(status int, body io.Reader) error {
			reply.Entry = nil
			return readInto(&reply)(status, body)
		},
	})
	if err != nil || len(reply.Entry) == 0 {
		return jobStatus{}, err
	}
	s := reply.Entry[0].Content
	for i := range s.Messages {
		s.Messages[i].Text = c.masks.hide(s.Messages[i].Text)
	}
	return s, nil
}

// await waits for a job to end and returns how many rows it has.
func (c *Client) await(ctx context.Context, sid string, lim limits) (int, error) {
	began, started := time.Now(), time.Time{}
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		s, err := c.status(ctx, sid)
		if err != nil {
			return 0, err
		}
		if done, err := s.verdict(sid); done || err != nil {
			if err != nil {
				return 0, err
			}
			c.noteMessages(sid, s.Messages)
			return s.rows(sid)
		}
		waiting := s.DispatchState == "" || s.DispatchState == "QUEUED"
		if !waiting && started.IsZero() {
			started = time.Now()
		}
		switch {
		case waiting && time.Since(began) >= lim.queue:
			return 0, &Error{
				Op: opStatus, SID: sid, Messages: s.Messages,
				Advice: fmt.Sprintf("it waited %s in Splunk's queue and was given up (api.queue_timeout): too many searches run at once", lim.queue),
			}
		case !waiting && time.Since(started) >= lim.run:
			slow := &Error{
				Op: opStatus, SID: sid, Messages: s.Messages,
				Advice: fmt.Sprintf("it ran for %s and was given up (api.search_timeout): make the search or the window smaller", lim.run),
			}
			return 0, slow.with(pipeline.ErrTimeout)
		}
		if err := sleep(ctx, pause); err != nil {
			return 0, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// verdict says whether the job is done, and if so whether its results are
// whole.
func (s jobStatus) verdict(sid string) (done bool, err error) {
	failed := &Error{Op: "search", SID: sid, Messages: s.telling()}
	switch {
	case s.DispatchState == "BAD_INPUT_CANCEL":
		failed.Advice = "Splunk cancelled it for its input"
		return false, failed.with(pipeline.ErrPermanent)
	case strings.HasSuffix(s.DispatchState, "CANCEL"), s.DispatchState == "QUIT":
		failed.Advice = "the job was cancelled at Splunk: " + brief(s.DispatchState)
		return false, failed
	case s.DispatchState == "FAILED", s.IsFailed.bool():
		failed.Advice = "the search failed"
		switch {
		case len(failed.Messages) == 0:
			return false, failed
		case passing(s.Messages):
			return false, failed.with(pipeline.ErrIncomplete)
		}
		return false, failed.with(pipeline.ErrPermanent)
	case s.DispatchState != "DONE" || !s.IsDone.bool():
		return false, nil
	case s.IsFinalized.bool():
		failed.Advice = "it was finalized before it had seen everything, by a limit at Splunk or by a person"
		return false, failed.with(pipeline.ErrIncomplete)
	case s.EventIsTruncated.bool() && s.ReportSearch == "": // else the events are not the results
		failed.Advice = "Splunk kept only some of the events: make the window smaller or the search narrower, or raise max_rows"
		return false, failed.with(pipeline.ErrIncomplete, pipeline.ErrTooMuch)
	}
	return true, judge("search", sid, s.Messages)
}

// telling returns the messages that say more than INFO.
func (s jobStatus) telling() (list []Message) {
	for _, m := range s.Messages {
		if m.Type == "WARN" || m.Type == "ERROR" || m.Type == "FATAL" {
			list = append(list, m)
		}
	}
	return list
}

func (s jobStatus) rows(sid string) (int, error) {
	n, err := strconv.Atoi(string(s.ResultCount))
	if err != nil || n < 0 {
		return 0, incomplete("search", sid, "Splunk does not say how many results there are (resultCount %q)", brief(string(s.ResultCount)))
	}
	return n, nil
}

func (c *Client) noteMessages(sid string, messages []Message) {
	for _, m := range messages {
		if m.Type == "WARN" {
			c.log.Warn("Splunk warns of a search", zap.String("sid", sid), zap.String("message", m.Text))
		}
	}
}
