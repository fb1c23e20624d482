package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// content is what Splunk says of a job. While it is parsed much is missing.
func (j *job) content() dict {
	j.mu.Lock()
	defer j.mu.Unlock()
	state, over := j.now(), !j.doneAt.IsZero()
	progress, until := 0.0, time.Now()
	if over {
		progress, until = 1, j.doneAt
	}
	d := dict{
		{"canSummarize", false},
		{"cursorTime", "1970-01-01T00:00:00.000+00:00"},
		{"defaultSaveTTL", "604800"},
		{"defaultTTL", "600"},
		{"delegate", ""},
		{"diskUsage", 0},
		{"dispatchState", state},
		{"doneProgress", progress},
		{"dropCount", 0},
		{"earliestTime", bound1970(j.span.earliest)},
	}
	if state != queued && state != parsing {
		d = append(d, j.counts()...)
		d = append(d, pair{"runDuration", until.Sub(j.created).Seconds()})
	}
	d = append(d, dict{
		{"eventIsStreaming", true},
		{"eventIsTruncated", j.truncated},
		{"eventSearch", j.search},
		{"eventSorting", "desc"},
		{"isBatchModeSearch", false},
		{"isDone", over},
		{"isEventsPreviewEnabled", false},
		{"isFailed", state == failed},
		{"isFinalized", j.finalized},
		{"isPaused", j.pausing},
		{"isPreviewEnabled", false},
		{"isRealTimeSearch", false},
		{"isRemoteTimeline", false},
		{"isSaved", false},
		{"isSavedSearch", false},
		{"isTimeCursored", true},
		{"isZombie", false},
		{"keywords", ""},
		{"label", ""},
		{"normalizedSearch", j.search},
		{"numPreviews", 0},
		{"optimizedSearch", "| " + strings.TrimPrefix(j.search, "| ")},
		{"pid", "1"},
		{"priority", 5},
		{"provenance", "rest:jobs"},
		{"remoteSearch", ""},
		{"reportSearch", ""},
		{"resultIsStreaming", !j.transforms()},
		{"sampleRatio", "1"},
		{"sampleSeed", "0"},
		{"search", j.search},
		{"searchCanBeEventType", false},
		{"searchTotalBucketsCount", 1},
		{"searchTotalEliminatedBucketsCount", 0},
		{"sid", j.sid},
		{"statusBuckets", 0},
		{"ttl", j.left()},
		{"performance", dict{}},
		{"messages", append([]message{}, j.messages...)},
		{"request", request(j.params)},
		{"runtime", dict{{"auto_cancel", strconv.Itoa(int(j.autoCancel / time.Second))}, {"auto_pause", "0"}}},
		{"searchProviders", []string{serverName}},
	}...)
	if j.span.earliest != nil {
		d = append(d, pair{"searchEarliestTime", float64(j.span.earliest.UnixNano()) / 1e9})
	}
	if j.span.latest != nil {
		d = append(d, pair{"latestTime", bound1970(j.span.latest)}, pair{"searchLatestTime", float64(j.span.latest.UnixNano()) / 1e9})
	}
	return d
}

func (j *job) counts() dict {
	events, results := 0, 0
	if j.results != nil {
		events, results = len(j.events.rows), len(j.results.rows)
	}
	return dict{
		{"eventAvailableCount", events},
		{"eventCount", j.searched.found},
		{"eventFieldCount", 0},
		{"resultCount", results},
		{"resultPreviewCount", results},
		{"scanCount", j.searched.scanned},
	}
}

func (j *job) transforms() bool {
	return slices.ContainsFunc(j.query.steps, func(s step) bool { return s.transforming })
}

// left is how many seconds the job will be kept.
func (j *job) left() int {
	left := j.ttl
	if !j.doneAt.IsZero() {
		left -= time.Since(later(j.doneAt, j.touched))
	}
	return int(max(left, 0).Round(time.Second) / time.Second)
}

func bound1970(t *time.Time) string {
	if t == nil {
		return isoTime(0)
	}
	return isoTime(nanos(*t))
}

// request is what the job was created with.
func request(params url.Values) dict {
	var d dict
	for _, key := range slices.Sorted(maps.Keys(params)) {
		if key != "output_mode" {
			d = append(d, pair{key, params.Get(key)})
		}
	}
	return d
}

// jobEntry is a job as an entry of a feed.
func (a *api) jobEntry(c *call, j *job, api string) entry {
	path := c.root + "/search/" + api + "jobs/" + url.PathEscape(j.sid)
	links := []pair{{"alternate", path}}
	for _, l := range []string{"search.log", "events", "results", "results_preview", "timeline", "summary", "control"} {
		links = append(links, pair{l, path + "/" + l})
	}
	content := j.content()
	j.mu.Lock()
	ttl := strconv.Itoa(int(j.ttl / time.Second))
	j.mu.Unlock()
	return entry{
		name: j.search, path: path, author: a.cfg.User, links: links, content: content,
		acl: dict{
			{"perms", dict{{"read", []string{a.cfg.User}}, {"write", []string{a.cfg.User}}}},
			{"owner", a.cfg.User},
			{"modifiable", true},
			{"sharing", "global"},
			{"app", j.app},
			{"can_write", true},
			{"ttl", ttl},
		},
	}
}

// job answers with a job: alone, it is no feed in XML.
func (c *call) job(e entry) {
	entries := []entry{e}
	c.complete(entries)
	if c.json() {
		c.feedJSON(feed{entries: entries, total: 1})
		return
	}
	var b strings.Builder
	c.entryXML(&b, &entries[0], `<entry xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">`)
	c.writeXML(http.StatusOK, b.String())
}
