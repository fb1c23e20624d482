package splunk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

const (
	opRead = "read the results"

	// maxPageBytes bounds the text of one page. At most three are in memory: the
	// text of one, its rows, and the rows of the one before.
	maxPageBytes = 64 << 20
	// touchEvery is how often a job is kept alive while a page waits.
	touchEvery = time.Minute
	// cleanupTime is what cancelling a job may take when all else is over.
	cleanupTime = 5 * time.Second
	// keptAtMost is how many results Splunk keeps of a search as it is shipped,
	// whatever max_count asks for.
	keptAtMost = 500_000
	// endOfTime is the latest event time that Splunk knows, in 2038.
	endOfTime = "2147483647"
)

type limits struct {
	rows       int
	run, queue time.Duration
}

// Search returns a source that runs a search over each window that it is asked
// for. Each time is a new job, so that a window can be fetched again.
func (c *Client) Search(spec pipeline.Search) pipeline.Source {
	s := &search{client: c, spec: spec, lim: limits{c.cfg.API.MaxRows, c.cfg.API.SearchTimeout, c.cfg.API.QueueTimeout}}
	if spec.MaxRows > 0 {
		s.lim.rows = spec.MaxRows
	}
	return s
}

// checkIndexTime reports a search that gives nothing when its windows are cut
// by index time: mstats and mcatalog read metrics, which have none.
func checkIndexTime(spl string) error {
	_, all, err := parse(spl)
	if err != nil {
		return err
	}
	for _, c := range all {
		if slices.Contains([]string{"mstats", "mcatalog"}, c.name()) {
			return splErrorf(c.head.at, "%s reads metrics, which have no index time, and would find nothing: write window: { by: event_time }", c.name())
		}
	}
	return nil
}

type search struct {
	client *Client
	spec   pipeline.Search
	lim    limits
}

// Fetch runs the search over a window. While a batch is worked on, the next
// page is read. The job is cancelled before the loop ends.
func (s *search) Fetch(ctx context.Context, w pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		if w.Empty() {
			return
		}
		if !s.spec.EventTime {
			if err := checkIndexTime(s.spec.Query); err != nil {
				yield(nil, pipeline.Permanent(err))
				return
			}
		}
		ctx, stop := context.WithCancel(ctx)
		pages, failed := make(chan page), make(chan error, 1)
		go func() {
			failed <- s.client.hide(s.produce(ctx, w, pages))
			close(pages)
		}()
		defer func() {
			stop()
			for range pages { // ends when produce does
				continue
			}
		}()
		for p := range pages {
			for _, b := range p.batches {
				if !yield(b, nil) {
					return
				}
			}
		}
		if err := <-failed; err != nil {
			yield(nil, err)
		}
	}
}

// produce runs the job and hands its pages over.
func (s *search) produce(ctx context.Context, w pipeline.Window, out chan<- page) error {
	sid := newSID()
	s.tell(sid)
	named, err := s.client.newJob(ctx, sid, s.params(w))
	if named != "" {
		defer s.client.discard(ctx, named)
	}
	if err != nil {
		return err
	}
	if named != sid {
		s.tell(named)
	}
	rows, err := s.client.await(ctx, named, s.lim)
	if err != nil {
		return err
	}
	if rows == keptAtMost && rows <= s.lim.rows {
		return incomplete("search", named, "there are exactly as many results as Splunk keeps of one search (%d, max_count in limits.conf), so there may be more: make the window smaller or the search narrower", rows).with(pipeline.ErrTooMuch)
	}
	if rows > s.lim.rows {
		return incomplete("search", named, "there are more results than max_rows allows (%d): make the window smaller or the search narrower", s.lim.rows).with(pipeline.ErrTooMuch)
	}
	dict := s.spec.Dict
	if dict == nil {
		dict = pipeline.NewDict()
	}
	p := pager{client: s.client, sid: named, rows: pipeline.NewDecoder(dict), count: s.client.cfg.API.Page}
	return p.all(ctx, rows, out)
}

func (s *search) tell(sid string) {
	if s.spec.OnJob != nil {
		s.spec.OnJob(sid)
	}
}

// params are those of a job over a window. The window's end is the search's
// now, so that relative times in it mean the same whenever it runs. One row
// more than allowed is asked for, so that too many can be told from enough.
func (s *search) params(w pipeline.Window) url.Values {
	to := strconv.FormatInt(w.To, 10)
	v := form(
		"search", s.spec.Query,
		"exec_mode", "normal",
		"now", to,
		"allow_partial_results", "false",
		"adhoc_search_level", "smart",
		"max_count", strconv.Itoa(s.lim.rows+1),
		"timeout", seconds(jobTTL),
		"auto_cancel", seconds(jobTTL),
	)
	for name, at := range (SIEM{}).Bounds(s.spec, w) {
		v.Set(name, at)
	}
	return v
}

// Bounds implements [pipeline.Language] by parameters of the search job, in epoch
// seconds: the events' own times, or the times at which they were indexed. Splunk
// finds events by their own time only, so that MaxEventAge bounds its work.
func (SIEM) Bounds(s pipeline.Search, w pipeline.Window) map[string]string {
	from, to := strconv.FormatInt(w.From, 10), strconv.FormatInt(w.To, 10)
	if s.EventTime {
		bounds := map[string]string{"earliest_time": from, "latest_time": to}
		if s.IndexedFrom > 0 {
			bounds["index_earliest"], bounds["index_latest"] = strconv.FormatInt(s.IndexedFrom, 10), endOfTime
		}
		return bounds
	}
	oldest := int64(0)
	if s.MaxEventAge > 0 {
		oldest = max(0, w.From-int64((s.MaxEventAge-1)/time.Second)-1) // whole seconds, rounded up
	}
	return map[string]string{
		"earliest_time": strconv.FormatInt(oldest, 10), "latest_time": endOfTime,
		"index_earliest": from, "index_latest": to,
	}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// discard cancels a job that is not needed any more, also when ctx is over.
// One that cannot be cancelled ends by itself after jobTTL.
func (c *Client) discard(ctx context.Context, sid string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if err := c.Cancel(ctx, sid); err != nil {
		c.log.Info("a search job is left to end by itself", zap.String("sid", sid), zap.Error(err))
	}
}

// A pager reads the results of a job that is done.
type pager struct {
	client *Client
	sid    string
	rows   *pipeline.Decoder
	count  int // rows to ask for at a time
	shrunk bool
	buf    []byte
}

// all hands all pages over, and makes sure that they hold as many rows as the
// job says. A job that says that it has none is asked for them nevertheless.
func (p *pager) all(ctx context.Context, rows int, out chan<- page) error {
	for offset := 0; ; {
		next, err := p.read(ctx, offset, rows-offset)
		if err != nil {
			return err
		}
		if offset += next.rows; offset > rows || next.rows == 0 && offset < rows {
			return incomplete(opRead, p.sid, "%d rows arrived of the %d that there are", offset, rows)
		}
		if err := p.hand(ctx, next, out); err != nil {
			return err
		}
		if offset == rows {
			return nil
		}
	}
}

// read reads the page at an offset, behind which there should be left rows. The
// last page is asked for one more, which would show that there are more. Where
// rows are so large that a page would not fit into memory, it and those behind
// it are made smaller.
func (p *pager) read(ctx context.Context, offset, left int) (page, error) {
	for {
		wanted := min(p.count, left)
		asked := wanted
		if wanted == left && !p.shrunk {
			asked = min(wanted+1, MaxPage)
		}
		next, err := p.once(ctx, offset, asked, left == 0)
		switch {
		case errors.Is(err, errTooLarge) && asked > 1:
			p.count, p.shrunk = max(wanted/2, 1), true
		case errors.Is(err, errTooLarge):
			return page{}, pipeline.Permanent(err)
		default:
			return next, err
		}
	}
}

// errNotYet is what a reply without content means on the way to results.
var errNotYet = errors.New("the results are not there yet, though the job is done")

// once makes one call for a page. Where there should be none, a reply without
// content says so too.
func (p *pager) once(ctx context.Context, offset, count int, none bool) (page, error) {
	var next page
	err := p.client.do(ctx, call{
		op: opRead, sid: p.sid, method: http.MethodGet, path: p.client.path("search", "v2", "jobs", p.sid, "results"),
		query: form("output_mode", "json", "offset", strconv.Itoa(offset), "count", strconv.Itoa(count)),
		read: func(status int, body io.Reader) (err error) {
			switch {
			case status == http.StatusNoContent && none:
				return nil
			case status == http.StatusNoContent:
				return errNotYet
			}
			in := receive(body, maxPageBytes, p.buf)
			next, err = p.decode(in, offset)
			p.buf = in.data
			return err
		},
	})
	return next, err
}

// decode reads the page at an offset, or the failure that came in its place.
func (p *pager) decode(in *inflow, offset int) (page, error) {
	next, err := readPage(in, p.rows)
	if in.err != nil { // what there is of it is no reply
		return page{}, err
	}
	if errors.Is(err, pipeline.ErrNames) {
		e := &Error{Op: opRead, SID: p.sid, Advice: "end the search with | fields or | table and the fields that the hunt needs"}
		return page{}, e.with(err, pipeline.ErrPermanent)
	}
	if err != nil {
		if messages, splunk := parseMessages(in.data); splunk && len(messages) > 0 {
			if err := judge(opRead, p.sid, messages); err != nil {
				return page{}, err
			}
		}
		return page{}, err
	}
	if err := judge(opRead, p.sid, next.messages); err != nil {
		return page{}, err
	}
	if next.preview || !next.found {
		return page{}, errNotYet
	}
	if first := string(next.offset); first != strconv.Itoa(offset) && (offset > 0 || first != "") {
		return page{}, fmt.Errorf("%w: rows from %d on were asked for, rows from %s on came", errCut, offset, cmp.Or(brief(first), "nowhere"))
	}
	return next, nil
}

// hand gives a page away. While nobody takes it, the job is kept alive.
func (p *pager) hand(ctx context.Context, next page, out chan<- page) error {
	alive := time.NewTicker(touchEvery)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case out <- next:
			return nil
		case <-alive.C:
			if err := p.client.control(ctx, p.sid, "keep the job alive", "touch"); err != nil {
				p.client.log.Debug("a job was not kept alive", zap.String("sid", p.sid), zap.Error(err))
			}
		}
	}
}
