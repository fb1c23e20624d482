package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/views"
	"github.com/huntd/huntd/pipeline/story"
)

// A receivedEvent is a finding as HEC received it.
type receivedEvent struct {
	Event struct {
		Title    string         `json:"title"`
		Severity string         `json:"severity"`
		Hunt     string         `json:"hunt"`
		Entities map[string]any `json:"entities"`
	} `json:"event"`
	Fields map[string]any `json:"fields"`
}

// A sighting is one thing that was planted or found.
type sighting struct {
	Hunt     string            `json:"hunt"`
	Title    string            `json:"title"`
	Entities map[string]string `json:"entities"`
}

// A verdict compares what was hidden with what arrived at HEC.
type verdict struct {
	Planted []sighting `json:"planted"`
	Found   []sighting `json:"found"`
	Missed  []sighting `json:"missed"`
	Extra   []sighting `json:"extra"`
	Events  int        `json:"events"`
	Seconds float64    `json:"seconds"`
}

// judge prints the verdict and returns an error unless all was found and
// nothing else.
func (d *demo) judge(setup *daemon.Setup) error {
	found, err := d.arrived()
	if err != nil {
		return err
	}
	v := compare(d.story.Planted(), found)
	v.Events, v.Seconds = d.events, time.Since(d.start).Seconds()
	if *d.output == "json" {
		if err := json.NewEncoder(d.out).Encode(v); err != nil {
			return err
		}
	} else {
		d.summary(setup, v, len(found))
	}
	if d.keep != "" {
		d.progress("kept in %s", d.dir)
	}
	if len(v.Missed)+len(v.Extra) > 0 {
		return fmt.Errorf("%d of %d planted things were missed, %d findings were not planted", len(v.Missed), len(v.Planted), len(v.Extra))
	}
	return nil
}

// arrived returns the findings that HEC accepted, each once.
func (d *demo) arrived() ([]sighting, error) {
	var all []sighting
	ids := map[any]bool{}
	for _, raw := range d.splunk.Received() {
		line, err := json.Marshal(raw)
		if err != nil {
			return nil, err
		}
		var e receivedEvent
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("an event arrived that is no finding: %w", err)
		}
		if id := e.Fields["huntd_id"]; !ids[id] {
			ids[id] = true
			all = append(all, sighting{e.Event.Hunt, e.Event.Title, texts(e.Event.Entities)})
		}
	}
	return all, nil
}

// texts makes one text of each entity.
func texts(entities map[string]any) map[string]string {
	out := map[string]string{}
	for name, v := range entities {
		if list, ok := v.([]any); ok {
			var parts []string
			for _, p := range list {
				parts = append(parts, fmt.Sprint(p))
			}
			out[name] = strings.Join(parts, ", ")
			continue
		}
		out[name] = fmt.Sprint(v)
	}
	return out
}

// compare matches what was planted with what was found: the hunt must be the
// one meant for it, and every planted entity must be in the finding.
func compare(planted []story.Planted, found []sighting) verdict {
	v := verdict{Planted: []sighting{}, Found: []sighting{}, Missed: []sighting{}, Extra: []sighting{}}
	taken := make([]bool, len(found))
	for _, p := range planted {
		s := sighting{p.Hunt, p.Title, p.Entities}
		v.Planted = append(v.Planted, s)
		hit := false
		for i, f := range found {
			if f.Hunt == p.Hunt && covers(f.Entities, p.Entities) {
				taken[i], hit = true, true
			}
		}
		if hit {
			v.Found = append(v.Found, s)
		} else {
			v.Missed = append(v.Missed, s)
		}
	}
	for i, f := range found {
		if !taken[i] {
			v.Extra = append(v.Extra, f)
		}
	}
	return v
}

// covers reports whether all entities wanted are among those there are.
func covers(have, want map[string]string) bool {
	for name, value := range want {
		if !slices.Contains(strings.Split(have[name], ", "), value) {
			return false
		}
	}
	return true
}

func (d *demo) summary(setup *daemon.Setup, v verdict, delivered int) {
	fmt.Fprintf(d.out, "\n%s, %s, %d events read of %d, %s delivered, %.1f seconds\n",
		views.FormatCount(len(setup.Hunts), "hunt"), views.FormatCount(int(d.windows.Load()), "window"), d.read.Load(), v.Events, views.FormatCount(delivered, "finding"), v.Seconds)
	fmt.Fprintf(d.out, "planted %d, found %d, missed %d, extra %d\n", len(v.Planted), len(v.Found), len(v.Missed), len(v.Extra))
	for what, list := range map[string][]sighting{"missed": v.Missed, "extra": v.Extra} {
		for _, s := range list {
			fmt.Fprintf(d.out, "  %s: %s: %s %v\n", what, s.Hunt, s.Title, slices.Sorted(maps.Values(s.Entities)))
		}
	}
}
