package story_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/analyzers"
	"github.com/huntd/huntd/pipeline/story"
)

// A shipped hunt: its file, what its search lets through, and how long its
// windows are once it runs by its schedule.
type hunt struct {
	name string
	file *configs.Node
	lets func(e *story.Event) bool
	live time.Duration
}

func shipped(t *testing.T) []hunt {
	t.Helper()
	hunts := []hunt{
		{name: "encoded-powershell", live: 5 * time.Minute, lets: func(e *story.Event) bool {
			text := strings.ToLower(e.Get("CommandLine") + " " + e.Get("NewProcessName"))
			return e.Index == "windows" && e.Get("EventCode") == "4688" &&
				(strings.Contains(text, "powershell") || strings.Contains(text, "pwsh"))
		}},
		{name: "beacon", live: time.Hour, lets: func(e *story.Event) bool {
			return e.Index == "network" && strings.HasPrefix(e.Sourcetype, "zeek:conn") && e.Get("dest_ip") != ""
		}},
		{name: "password-spray", live: 15 * time.Minute, lets: func(e *story.Event) bool {
			return e.Index == "windows" && e.Get("EventCode") == "4625" && e.Get("src_ip") != ""
		}},
	}
	for i := range hunts {
		file, err := configs.Parse(filepath.Join("..", "..", "configs", "hunts.d", hunts[i].name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if got := file.Child("name").Text(); got != hunts[i].name {
			t.Fatalf("%s.yaml is named %s", hunts[i].name, got)
		}
		hunts[i].file = file
	}
	return hunts
}

// records makes batches of events.
func records(t *testing.T, dict *pipeline.Dict, events []story.Event) iter.Seq2[*pipeline.Batch, error] {
	return func(yield func(*pipeline.Batch, error) bool) {
		for chunk := range slices.Chunk(events, 500) {
			d := pipeline.NewDecoder(dict)
			for _, e := range chunk {
				if err := d.Object(e.AppendJSON(nil)); err != nil {
					t.Fatal(err)
				}
			}
			if !yield(d.Batch(), nil) {
				return
			}
		}
	}
}

// run hunts through the events of a window and returns the entities of what is
// found, each set of them once.
func (h hunt) run(t *testing.T, events []story.Event, w pipeline.Window) map[string]bool {
	t.Helper()
	dict := pipeline.NewDict()
	steps, err := analyzers.Build(h.file.Child("pipeline"), dict)
	if err != nil {
		t.Fatal(err)
	}
	found, names := map[string]bool{}, h.file.Child("findings").Child("entities")
	_, err = pipeline.Run(context.Background(), records(t, dict, events), w, steps, func(b *pipeline.Batch) error {
		for row := range b.Len() {
			entities := map[string]string{}
			for i, name := range names.Keys() {
				field := names.Items()[i].Text()
				entities[name] = b.Values(row, dict.Key(field)).Join(" ")
			}
			found[show(entities)] = true
			if b.Get(row, dict.Key("_time")) == "" {
				t.Errorf("%s: a record without _time: %v", h.name, entities)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func show(entities map[string]string) string { return fmt.Sprint(entities) }

// The shipped hunts find what is planted and nothing else: over the whole day,
// as in a first run, and window by window, as by their schedules.
func TestShippedHunts(t *testing.T) {
	hunts := shipped(t)
	end := time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC)
	seeds := uint64(3)
	if os.Getenv("HUNTD_TEST_LONG") == "1" {
		seeds = 100
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed+1), func(t *testing.T) {
			s, err := story.New(seed+1, story.Options{End: end})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]map[string]bool{}
			for _, p := range s.Planted() {
				want[p.Hunt] = map[string]bool{show(p.Entities): true}
			}
			for _, h := range hunts {
				var events []story.Event
				for e := range s.Events() {
					if h.lets(&e) {
						events = append(events, e)
					}
				}
				from, to := s.Span()
				whole := h.run(t, events, pipeline.Window{From: from.Unix(), To: to.Unix()})
				if diff := cmp.Diff(want[h.name], whole); diff != "" {
					t.Errorf("%s over a day (- planted, + found):\n%s", h.name, diff)
				}
				if diff := cmp.Diff(want[h.name], h.tiled(t, events)); diff != "" {
					t.Errorf("%s every %s (- planted, + found):\n%s", h.name, h.live, diff)
				}
			}
		})
	}
}

// tiled hunts through windows of the hunt's own length, one after another.
func (h hunt) tiled(t *testing.T, events []story.Event) map[string]bool {
	t.Helper()
	found, length := map[string]bool{}, int64(h.live/time.Second)
	for len(events) > 0 {
		from := events[0].Time.Unix() / length * length
		n := 1
		for n < len(events) && events[n].Time.Unix() < from+length {
			n++
		}
		maps.Copy(found, h.run(t, events[:n], pipeline.Window{From: from, To: from + length}))
		events = events[n:]
	}
	return found
}
