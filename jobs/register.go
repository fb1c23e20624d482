package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A register is what a window has come to. That of a live run is kept with its
// commit, if its hunt looks for late events; that of a run on the late lane
// holds what was sent before, and lets only what is new or has changed pass.
type register struct {
	keeps bool
	sent  []Sent

	before    map[string]string // digests by id; nil but for the late lane
	late      int               // events that were indexed late
	unchanged int
}

// withheldMark begins the digest of a finding that was withheld, before the
// epoch second until which it was.
const withheldMark = "withheld:"

// onlyNew lets those events pass to add that were not sent before. It is for
// records, of which an id says all.
func (s *register) onlyNew(add func(event []byte) error) func(id string, event []byte) error {
	return func(id string, event []byte) error {
		if _, known := s.before[id]; known {
			s.unchanged++
			return nil
		}
		s.keep(id, "")
		return add(event)
	}
}

func (s *register) keep(id, digest string) {
	if s.keeps {
		s.sent = append(s.sent, Sent{ID: id, Digest: digest})
	}
}

// sort tells findings that were sent before and have changed from those that
// were not sent, and from those that were withheld before and still are. What
// has not changed is in none of them.
func (s *register) sort(found []*pipeline.Finding) (fresh, changed, withheld []*pipeline.Finding) {
	if s.before == nil {
		return found, nil, nil
	}
	for _, f := range found {
		was, known := s.before[idOf(f)]
		until, wasWithheld := withheldUntil(was)
		switch {
		case !known, wasWithheld && when(f) >= until:
			fresh = append(fresh, f)
		case wasWithheld:
			withheld = append(withheld, f)
		case was == digest(f):
			s.unchanged++
		default:
			changed = append(changed, f)
		}
	}
	return fresh, changed, withheld
}

// deliver keeps what findings are like that are sent.
func (s *register) deliver(report []*pipeline.Finding) {
	if !s.keeps {
		return
	}
	for _, f := range report {
		s.keep(idOf(f), digest(f))
	}
}

// withhold keeps until when findings are withheld.
func (s *register) withhold(withheld []*pipeline.Finding, shown map[string]Suppression) {
	for _, f := range withheld {
		s.keep(idOf(f), fmt.Sprint(withheldMark, shown[f.Key].Until))
	}
}

// close hands over what is to be committed.
func (s *register) close(c *Commit) {
	c.Sent = s.sent
	if s.before != nil {
		c.Result.Notes[noteLate] = s.late
		if s.unchanged > 0 {
			c.Result.Notes["late.unchanged"] = s.unchanged
		}
	}
}

func withheldUntil(digest string) (until int64, ok bool) {
	text, ok := strings.CutPrefix(digest, withheldMark)
	if !ok {
		return 0, false
	}
	until, err := strconv.ParseInt(text, 10, 64)
	return until, err == nil
}

// idOf is the id of a finding's event: of two windows, two findings.
func idOf(f *pipeline.Finding) string {
	return pipeline.EventID(f.Hunt, pipeline.WindowKey(f.Window.From, f.Key))
}

// digest tells versions of a finding apart: 128 bits of a hash over all that is
// sent of it, but for the order of its evidence and of its entities' values, and
// for the numbers that a search gives to its results.
func digest(f *pipeline.Finding) string {
	plain := *f
	plain.Evidence = make([]json.RawMessage, len(f.Evidence))
	for i, record := range f.Evidence {
		plain.Evidence[i] = lasting(record)
	}
	slices.SortFunc(plain.Evidence, func(a, b json.RawMessage) int { return strings.Compare(string(a), string(b)) })
	plain.Entities = make(map[string][]string, len(f.Entities))
	for name, values := range f.Entities {
		plain.Entities[name] = slices.Sorted(slices.Values(values))
	}
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(plain); err != nil {
		panic(err) // unreachable: it is sent in the same form
	}
	fmt.Fprint(sum, f.Time.UnixNano())
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// lasting is a record without what differs from one search to the next, its
// fields in order.
func lasting(record json.RawMessage) json.RawMessage {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(record, &fields) != nil {
		return record
	}
	for name := range fields {
		if pipeline.PerSearch(name) {
			delete(fields, name)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return record
	}
	return text
}
