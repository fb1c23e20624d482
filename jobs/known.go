package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// knownEvents decide which events of a window are new, and remember them. Findings
// that were reported not long ago are withheld, by the hunt's suppress rule. On
// the late lane, what the live run has sent is left out, unless it has changed.
type knownEvents struct {
	hunt *hunt.Hunt
	run  Run

	keeps bool   // what is sent is kept with the commit, for a late run to compare with
	sent  []Sent // if it is kept

	before    map[string]string // digests by id, of the live run; nil but for the late lane
	unchanged int

	forget             int64 // see [Commit]
	shown              []Suppression
	reported, withheld int
}

func newKnownEvents(h *hunt.Hunt, run Run, warmsUp bool) *knownEvents {
	return &knownEvents{hunt: h, run: run, keeps: run.Lane.Kind().Settles && h.Window.Settle > 0 && !warmsUp}
}

// addRecord reports whether a record is new, and remembers it. Records of one id
// do not differ.
func (k *knownEvents) addRecord(id string) bool {
	if _, known := k.before[id]; known {
		k.unchanged++
		return false
	}
	k.keep(id, "")
	return true
}

// selectNew returns those findings that are to be delivered, and remembers them.
func (k *knownEvents) selectNew(ctx context.Context, l RunLedger, found []*pipeline.Finding) ([]*pipeline.Finding, error) {
	report, changed, withheld := k.compare(found)
	if rule := k.hunt.Findings.Suppress; rule != nil && k.run.Lane.Kind().Suppresses {
		k.forget = k.run.Window.From - int64(k.hunt.Window.MaxEventAge/time.Second) // there is no older evidence
		keys := make([]string, len(report))
		for i, f := range report {
			keys[i] = f.Key
		}
		shown, err := l.Suppressions(ctx, k.run.Hunt, k.run.Lane.SuppressionLane(), keys, k.forget)
		if err != nil {
			return nil, err
		}
		var more []*pipeline.Finding
		report, more, k.shown = suppress(rule, report, shown)
		withheld = append(withheld, more...)
		for _, f := range changed {
			k.shown = append(k.shown, span(rule, f))
		}
		for _, f := range more {
			k.keep(idOf(f), fmt.Sprint(withheldMark, shown[f.Key].Until))
		}
	}
	report = append(report, changed...)
	for _, f := range report {
		if k.keeps {
			k.keep(idOf(f), digest(f))
		}
	}
	k.reported, k.withheld = len(report), len(withheld)
	return report, nil
}

// record adds to a commit what is to be remembered, and the counts.
func (k *knownEvents) record(c *Commit) {
	c.Sent, c.Shown, c.Forget = k.sent, k.shown, k.forget
	c.Result.Findings, c.Result.Suppressed = k.reported, k.withheld
	if k.before == nil {
		return
	}
	c.Result.Notes[noteLate] = c.Late
	if k.unchanged > 0 {
		c.Result.Notes["late.unchanged"] = k.unchanged
	}
}

// compare splits findings into those that were not sent before, those that have
// changed since, and those that were withheld and still are. The others have not
// changed.
func (k *knownEvents) compare(found []*pipeline.Finding) (fresh, changed, withheld []*pipeline.Finding) {
	if k.before == nil {
		return found, nil, nil
	}
	for _, f := range found {
		was, known := k.before[idOf(f)]
		until, wasWithheld := withheldUntil(was)
		switch {
		case !known, wasWithheld && when(f) >= until:
			fresh = append(fresh, f)
		case wasWithheld:
			withheld = append(withheld, f)
		case was == digest(f):
			k.unchanged++
		default:
			changed = append(changed, f)
		}
	}
	return fresh, changed, withheld
}

func (k *knownEvents) keep(id, digest string) {
	if k.keeps {
		k.sent = append(k.sent, Sent{ID: id, Digest: digest})
	}
}

// withheldMark begins the digest of a finding that was withheld, before the
// epoch second until which it was.
const withheldMark = "withheld:"

func withheldUntil(digest string) (until int64, ok bool) {
	text, ok := strings.CutPrefix(digest, withheldMark)
	if !ok {
		return 0, false
	}
	until, err := strconv.ParseInt(text, 10, 64)
	return until, err == nil
}

// suppress splits findings into those to report and those that were reported not
// long enough ago, and says what to remember.
func suppress(rule *hunt.Suppress, found []*pipeline.Finding, shown map[string]Suppression) (report, withheld []*pipeline.Finding, remember []Suppression) {
	for _, f := range found {
		at := when(f)
		before, known := shown[f.Key]
		if known && before.Shown <= at && at < before.Until {
			withheld = append(withheld, f)
			continue
		}
		report = append(report, f)
		span := span(rule, f)
		if known && at < before.Shown { // old news, of events that came late
			if span.Until < before.Shown {
				continue // must not displace what is remembered
			}
			span.Until = before.Until
		}
		remember = append(remember, span)
	}
	return report, withheld, remember
}

// when is a finding's time in epoch seconds, the window's end where its
// evidence has none.
func when(f *pipeline.Finding) int64 {
	if f.Time.IsZero() {
		return f.Window.To
	}
	return f.Time.Unix()
}

// span is how long a finding that is reported withholds others.
func span(rule *hunt.Suppress, f *pipeline.Finding) Suppression {
	return Suppression{Key: f.Key, Shown: when(f), Until: when(f) + int64(rule.For/time.Second)}
}
