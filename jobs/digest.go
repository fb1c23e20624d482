package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

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
