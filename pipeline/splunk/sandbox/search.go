package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// createPatience is how long the creation of a job waits for the job to be
// done. Real Splunk takes that long to start a search; here a small search is
// over by then.
const createPatience = 30 * time.Millisecond

// search routes the search API.
func (a *api) search(c *call) {
	path, api := c.path[1:], ""
	if len(path) > 0 && path[0] == "v2" {
		path, api = path[1:], "v2/"
	}
	switch {
	case len(path) == 1 && path[0] == "parser":
		a.parser(c)
	case len(path) == 0 || path[0] != "jobs" || len(path) > 3:
		c.fail(http.StatusNotFound, "FATAL", "Unknown endpoint.")
	case len(path) == 1:
		a.jobsRoot(c, api)
	case path[1] == "export" && len(path) == 2:
		a.export(c)
	default:
		j := a.jobs.get(path[1])
		if j == nil {
			c.fail(http.StatusNotFound, "FATAL", "Unknown sid.")
			return
		}
		a.oneJob(c, j, api, path[2:])
	}
}

func (a *api) jobsRoot(c *call, api string) {
	if !c.allow(http.MethodGet, http.MethodPost) {
		return
	}
	if c.r.Method == http.MethodPost {
		a.create(c)
		return
	}
	jobs := a.jobs.all()
	f := feed{title: "jobs", total: len(jobs), quiet: true}
	f.offset, f.perPage = c.number("offset", 0), c.number("count", 30)
	jobs = jobs[min(max(f.offset, 0), len(jobs)):]
	if f.perPage > 0 {
		jobs = jobs[:min(f.perPage, len(jobs))]
	}
	for _, j := range jobs {
		f.entries = append(f.entries, a.jobEntry(c, j, api))
	}
	c.feed(f)
}

// number reads a whole number of a parameter.
func (c *call) number(name string, without int) int {
	n, err := strconv.Atoi(c.form.Get(name))
	if err != nil {
		return without
	}
	return n
}

func (a *api) oneJob(c *call, j *job, api string, rest []string) {
	if len(rest) == 0 {
		a.jobItself(c, j, api)
		return
	}
	switch rest[0] {
	case "control":
		if c.allow(http.MethodPost) {
			a.control(c, j)
		}
	case "results", "results_preview", "events":
		if c.allow(http.MethodGet, http.MethodPost) {
			a.results(c, j, rest[0])
		}
	case "search.log", "timeline", "summary":
		c.w.WriteHeader(http.StatusNoContent)
	default:
		c.fail(http.StatusNotFound, "FATAL", "Unknown endpoint.")
	}
}

func (a *api) jobItself(c *call, j *job, api string) {
	switch {
	case !c.allow(http.MethodGet, http.MethodPost, http.MethodDelete):
	case c.r.Method == http.MethodDelete:
		a.jobs.remove(j)
		c.fail(http.StatusOK, "INFO", "Search job cancelled.")
	default:
		c.job(a.jobEntry(c, j, api))
	}
}

func (a *api) control(c *call, j *job) {
	action := c.form.Get("action")
	if action == "cancel" {
		a.jobs.remove(j)
		c.fail(http.StatusOK, "INFO", "Search job cancelled.")
		return
	}
	text, ok := j.control(action, c.form)
	if !ok {
		c.fail(http.StatusBadRequest, "FATAL", "The action '"+action+"' of the search job is unknown or lacks its argument.")
		return
	}
	c.fail(http.StatusOK, "INFO", text)
}

// parser answers whether a search can be read.
func (a *api) parser(c *call) {
	if !c.allow(http.MethodPost) {
		return
	}
	spl := c.form.Get("q")
	if spl == "" {
		spl = c.form.Get("search")
	}
	commands, err := splitCommands(spl)
	if err == nil {
		_, err = parseQuery(spl, a.cfg.Clock())
	}
	if err != nil {
		c.fail(http.StatusBadRequest, "FATAL", err.Error())
		return
	}
	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.name)
	}
	d := dict{{"commands", names}, {"eventsSearch", spl}, {"reportsSearch", ""}}
	if c.json() {
		c.writeJSON(http.StatusOK, d)
		return
	}
	var b strings.Builder
	b.WriteString("<response>")
	d.xml(&b)
	c.writeXML(http.StatusOK, b.String()+"</response>\n")
}

const noSearch = "The required 'search' parameter for the Splunk platform REST API search/jobs endpoint is not specified. " +
	"Specify the required 'search' parameter for the POST request on the endpoint and then retry your request."

// newJob reads the parameters of a search, or answers what is wrong with them.
func (a *api) newJob(c *call) *job {
	j := &job{
		sid: c.form.Get("id"), app: c.app, search: c.form.Get("search"), params: c.form, created: time.Now(),
		maxCount: c.number("max_count", defaultMaxCount), ttl: time.Duration(min(max(c.number("timeout", 0), 0), 1e9)) * time.Second,
		autoCancel: time.Duration(min(max(c.number("auto_cancel", 0), 0), 1e9)) * time.Second,
		state:      queued, ended: make(chan struct{}), changed: make(chan struct{}),
	}
	j.touched = j.created
	if j.ttl == 0 {
		j.ttl = defaultTTL
	}
	if j.maxCount <= 0 {
		j.maxCount = defaultMaxCount
	}
	if strings.TrimSpace(j.search) == "" {
		c.fail(http.StatusBadRequest, "FATAL", noSearch)
		return nil
	}
	if !isSID(j.sid) {
		c.fail(http.StatusBadRequest, "FATAL", "Invalid sid '"+j.sid+"'.")
		return nil
	}
	now, err := readSpan(&j.span, c.form, a.cfg.Clock())
	if err == nil {
		j.query, err = parseQuery(j.search, now)
	}
	if err != nil {
		c.fail(http.StatusBadRequest, "FATAL", err.Error())
		return nil
	}
	return j
}

// isSID reports whether a client may choose a text as the id of a job; none is
// as good.
func isSID(s string) bool {
	return len(s) <= 200 && (s == "" || strings.Trim(s, ".") != "") &&
		!slices.ContainsFunc([]rune(s), func(r rune) bool { return r <= ' ' || r > '~' || r == '/' || r == '\\' })
}

// readSpan reads the bounds of a search's time, and what is now for it.
func readSpan(s *span, form url.Values, now time.Time) (time.Time, error) {
	if text := form.Get("now"); text != "" {
		t, err := parseInstant(text, now)
		if err != nil {
			return now, splError("Invalid now.")
		}
		now = t
	}
	for _, b := range []struct {
		name string
		to   **time.Time
	}{
		{"earliest_time", &s.earliest},
		{"latest_time", &s.latest},
		{"index_earliest", &s.indexEarliest},
		{"index_latest", &s.indexLatest},
	} {
		text := form.Get(b.name)
		if text == "" {
			continue
		}
		t, err := parseInstant(text, now)
		if err != nil {
			return now, splErrorf("Invalid %s.", b.name)
		}
		*b.to = &t
	}
	if s.earliest != nil && s.latest != nil && !s.latest.After(*s.earliest) {
		return now, splError("Invalid latest_time: latest_time must be after earliest_time.")
	}
	return now, nil
}

// create starts a job and answers with its sid; a oneshot search is answered
// with its results.
func (a *api) create(c *call) {
	j := a.newJob(c)
	if j == nil {
		return
	}
	mode := c.form.Get("exec_mode")
	if mode == "oneshot" {
		j.sid = ""
	}
	if err := a.jobs.start(j, a.store); err != nil {
		c.fail(http.StatusBadRequest, "FATAL", err.Error())
		return
	}
	switch mode {
	case "oneshot":
		defer a.jobs.remove(j)
		if c.await(j, 0) {
			a.results(c, j, "results")
		}
		return
	case "blocking":
		c.await(j, 0)
	default:
		c.await(j, createPatience)
	}
	c.w.Header().Set("Location", c.root+"/search/jobs/"+url.PathEscape(j.sid))
	if c.json() {
		c.writeJSON(http.StatusCreated, dict{{"sid", j.sid}})
		return
	}
	c.writeXML(http.StatusCreated, "<response>\n  <sid>"+escape(j.sid)+"</sid>\n</response>\n")
}

// await waits for a job to end, the caller to leave, or a time to pass.
func (c *call) await(j *job, atMost time.Duration) bool {
	var over <-chan time.Time
	if atMost > 0 {
		t := time.NewTimer(atMost)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-j.ended:
		return true
	case <-over:
	case <-c.r.Context().Done():
	}
	return false
}
