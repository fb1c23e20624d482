package analyzers

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/story"
)

// BenchmarkStages measures each stage, set as in its example, over the events
// of a made-up working day, in batches of a thousand.
func BenchmarkStages(b *testing.B) {
	s, err := story.New(1, story.Options{End: time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC)})
	if err != nil {
		b.Fatal(err)
	}
	events := slices.Collect(s.Events())
	for _, d := range definitions() {
		b.Run(d.name, func(b *testing.B) {
			e, err := parseExample([]byte(d.example))
			if err != nil {
				b.Fatal(err)
			}
			node, err := configs.ParseBytes("config.yaml", []byte("- "+strings.ReplaceAll(strings.TrimSpace(e.config), "\n", "\n  ")+"\n"))
			if err != nil {
				b.Fatal(err)
			}
			dict := pipeline.NewDict()
			var batches []*pipeline.Batch
			for chunk := range slices.Chunk(events, 1000) {
				dec := pipeline.NewDecoder(dict)
				for _, e := range chunk {
					if err := dec.Object(e.AppendJSON(nil)); err != nil {
						b.Fatal(err)
					}
				}
				batches = append(batches, dec.Batch())
			}
			b.ReportAllocs()
			for b.Loop() {
				steps, err := Build(node, dict)
				if err != nil {
					b.Fatal(err)
				}
				src := func(yield func(*pipeline.Batch, error) bool) {
					for _, batch := range batches {
						if !yield(batch, nil) {
							return
						}
					}
				}
				if _, err := pipeline.Run(context.Background(), src, pipeline.Window{}, steps, func(*pipeline.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(events))/b.Elapsed().Seconds(), "events/s")
		})
	}
}
