package analyzers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/expression"
)

var _ = define(Spec[beaconConfig]{
	Name:    "beacon",
	Summary: "finds groups of records that come at a regular beat",
	Attack:  []string{"T1071", "T1573", "T1571"},
	Needs:   []string{"_time"},
	Adds:    []string{"count", "interval", "jitter", "first_time", "last_time"},
	Doc: `
Implants call home on a timer. At the end of the window the records of each group
(one source and one destination, say) are put in order of their time, and the
gaps between them are looked at. The interval is the median gap; the jitter is
how far four gaps in five at most are away from it, as a part of it. Both are
indifferent to a few beats that were missed and a few that came between, which a
mean and a standard deviation are not.

A group that has enough records, an interval within the bounds and no more
jitter than allowed comes out as one record: the by fields, count, interval (in
seconds), jitter, first_time, last_time, and last_time as _time. Records less
than a second apart are one beat, though each is counted.

It misses beats slower than a window holds min_count of, and implants that draw
their sleep from a wide range. Records without a time, or without one of the by
fields, are counted as beacon.without_fields; one that is in more than
200 groups is in the first 200, and counted as beacon.combinations_over.
`,
	Config: beaconConfig{
		MinCount: 10, MaxJitter: 0.2, MinInterval: 5 * time.Second, MaxInterval: time.Hour,
		MaxGroups: 1_000_000, MaxBeats: 100_000,
	},
	New: newBeacon,
	Example: `
-- config.yaml --
beacon: { by: [src_ip, dest_ip], min_count: 5 }
-- in.ndjson --
{"_time":1767225600,"src_ip":"10.0.0.9","dest_ip":"203.0.113.7"}
{"_time":1767225610,"src_ip":"10.0.0.8","dest_ip":"203.0.113.7"}
{"_time":1767225660,"src_ip":"10.0.0.9","dest_ip":"203.0.113.7"}
{"_time":1767225722,"src_ip":"10.0.0.9","dest_ip":"203.0.113.7"}
{"_time":1767225780,"src_ip":"10.0.0.9","dest_ip":"203.0.113.7"}
{"_time":1767225840,"src_ip":"10.0.0.9","dest_ip":"203.0.113.7"}
{"_time":1767225900,"src_ip":"10.0.0.8","dest_ip":"203.0.113.7"}
-- out.ndjson --
{"src_ip":"10.0.0.9","dest_ip":"203.0.113.7","_time":"1767225840","first_time":"1767225600","last_time":"1767225840","count":"5","interval":"60","jitter":"0.033"}
`,
})

type beaconConfig struct {
	By          []string      `koanf:"by" required:"true" min:"1" doc:"The fields whose values make a group, such as source and destination."`
	MinCount    int           `koanf:"min_count" min:"4" doc:"How many beats a group must have: of few gaps some are alike by chance."`
	MaxJitter   float64       `koanf:"max_jitter" min:"0" max:"1" doc:"How far four gaps in five may be away from the interval, as a part of it."`
	MinInterval time.Duration `koanf:"min_interval" min:"1s" doc:"The shortest interval of interest."`
	MaxInterval time.Duration `koanf:"max_interval" min:"1s" doc:"The longest interval of interest."`
	MaxGroups   int           `koanf:"max_groups" min:"1" doc:"How many groups a window may have; records of further ones are counted as beacon.groups_over."`
	MaxBeats    int           `koanf:"max_beats" min:"10" doc:"How many records of a group are looked at; further ones are counted as beacon.beats_over."`
}

// beaconMerge is how close together records count as one beat.
const beaconMerge = time.Second

type beaconStage struct {
	conf   beaconConfig
	dict   *pipeline.Dict
	by     *groupKeys
	time   pipeline.Key
	groups *groupTable[beaconTimes]

	without, beatsOver int
}

// beaconTimes are nanoseconds since the epoch.
type beaconTimes []int64

func newBeacon(c beaconConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	if c.MinInterval > c.MaxInterval {
		return nil, fmt.Errorf("min_interval is %s, longer than max_interval, %s", c.MinInterval, c.MaxInterval)
	}
	return &beaconStage{
		conf: c, dict: dict, by: newGroupKeys(c.By, dict), time: dict.Key("_time"), groups: newGroupTable[beaconTimes](c.MaxGroups),
	}, nil
}

// Process implements [pipeline.Stage].
func (s *beaconStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	for row := range b.Len() {
		t, ok := pipeline.ParseTime(b.Get(row, s.time))
		if !ok || !s.by.each(b, row, func(values []string) { s.add(values, t.UnixNano()) }) {
			s.without++
		}
	}
	return nil, nil
}

func (s *beaconStage) add(values []string, at int64) {
	switch g := s.groups.at(values); {
	case g == nil:
	case len(g.of) >= s.conf.MaxBeats:
		s.beatsOver++
	default:
		g.of = append(g.of, at)
	}
}

// Flush implements [pipeline.Stage].
func (s *beaconStage) Flush(context.Context, pipeline.Window) (*pipeline.Batch, error) {
	out := pipeline.NewBuilder(s.dict)
	for _, g := range s.groups.order {
		count := len(g.of)
		beats := beaconBeats(g.of)
		interval, jitter := beaconRhythm(beats)
		if len(beats) < s.conf.MinCount || jitter > s.conf.MaxJitter || interval < s.conf.MinInterval || interval > s.conf.MaxInterval {
			continue
		}
		out.Row()
		for i, v := range g.values {
			out.SetName(s.by.names[i], v)
		}
		span := timeSpan{time.Unix(0, beats[0]), time.Unix(0, beats[len(beats)-1])}
		span.set(out)
		out.SetName("count", strconv.Itoa(count))
		out.SetName("interval", expression.FormatNumber(interval.Round(time.Millisecond).Seconds()))
		out.SetName("jitter", strconv.FormatFloat(jitter, 'f', 3, 64))
	}
	return out.Batch(), nil
}

// beaconBeats sorts times and merges those that are one beat.
func beaconBeats(times []int64) []int64 {
	slices.Sort(times)
	beats := times[:0]
	for _, t := range times {
		if len(beats) == 0 || t-beats[len(beats)-1] >= int64(beaconMerge) {
			beats = append(beats, t)
		}
	}
	return beats
}

// beaconRhythm returns the median of the gaps between beats, and the distance
// from it within which four in five of them lie, as a part of it.
func beaconRhythm(beats []int64) (interval time.Duration, jitter float64) {
	if len(beats) < 2 {
		return 0, 1
	}
	gaps := make([]int64, len(beats)-1)
	for i := range gaps {
		gaps[i] = beats[i+1] - beats[i]
	}
	slices.Sort(gaps)
	median := gaps[len(gaps)/2]
	for i, g := range gaps {
		gaps[i] = max(g-median, median-g)
	}
	slices.Sort(gaps)
	return time.Duration(median), float64(gaps[(len(gaps)*4-1)/5]) / float64(median)
}

// Counts implements [pipeline.Counter].
func (s *beaconStage) Counts() map[string]int {
	return map[string]int{"without_fields": s.without, "combinations_over": s.by.over, "groups_over": s.groups.over, "beats_over": s.beatsOver}
}
