package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// An Event is a finding or record ready to leave.
type Event struct {
	// ID is the same each time the hunt makes the event, so that whoever receives
	// it twice can tell.
	ID       string
	Run      string
	Severity string    // "" for a record
	Time     time.Time // zero: the receiver's clock
	Body     []byte    // a JSON object
}

// An Envelope is what all events of a hunt's delivery have in common.
type Envelope struct {
	Hunt, Index, Sourcetype, Source, Host string
}

// Append appends the event as HEC wants it: one line of JSON. The envelope's
// keys come from the hunt alone; what was read stands inside "event" and cannot
// reach them.
func (v Envelope) Append(dst []byte, e Event) []byte {
	dst = append(dst, '{')
	if !e.Time.IsZero() {
		dst = append(dst, `"time":`...)
		dst = append(dst, FormatEpoch(e.Time.Truncate(time.Microsecond))...)
		dst = append(dst, ',')
	}
	for _, p := range [...]struct{ name, value string }{
		{"host", v.Host}, {"source", v.Source}, {"sourcetype", v.Sourcetype}, {"index", v.Index},
	} {
		if p.value != "" {
			dst = append(append(append(dst, '"'), p.name...), `":`...)
			dst = append(AppendQuoted(dst, p.value), ',')
		}
	}
	dst = append(append(dst, `"event":`...), e.Body...)
	dst = AppendQuoted(append(dst, `,"fields":{"huntd_id":`...), e.ID)
	dst = AppendQuoted(append(dst, `,"huntd_hunt":`...), v.Hunt)
	dst = AppendQuoted(append(dst, `,"huntd_run":`...), e.Run)
	if e.Severity != "" {
		dst = AppendQuoted(append(dst, `,"huntd_severity":`...), e.Severity)
	}
	return append(dst, "}}\n"...)
}

// EventID returns the id of the event that a hunt makes under a key: 128 bits of a
// hash over the two, in hex. Neither lane nor run enters, so that a rerun or a
// backfill gives the same id.
func EventID(hunt, key string) string {
	h := sha256.New()
	h.Write(binary.AppendUvarint(nil, uint64(len(hunt))))
	h.Write([]byte(hunt))
	h.Write([]byte(key))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// WindowKey makes a key unique that is unique within a window, by the window's
// start. Epoch seconds are not negative; keys without a window, which begin with a
// letter of an odd code, read as a negative start.
func WindowKey(from int64, key string) string {
	return string(binary.AppendVarint(nil, from)) + key
}

// A RecordKeys tells the records of one window apart, the same way each time they
// are read: by Splunk's own address of the event (_bkt and _cd), which names it
// once in the whole cluster however windows are cut, or where that is missing by
// the window's start and the content. Equal ones are numbered.
type RecordKeys struct {
	From int64 // where the window begins

	seen map[string]int
}

// Key returns the key of a record.
func (k *RecordKeys) Key(b *Batch, row int) string {
	d := b.Dict()
	key := address(b, row, d.Key("_bkt"), d.Key("_cd"))
	if key == "" {
		sum := sha256.Sum256(b.appendSorted(nil, row, PerSearch))
		key = WindowKey(k.From, "c:"+hex.EncodeToString(sum[:16]))
	}
	if k.seen == nil {
		k.seen = map[string]int{}
	}
	k.seen[key]++
	if n := k.seen[key]; n > 1 { // one event may leave as several rows
		key += "#" + string(binary.AppendUvarint(nil, uint64(n)))
	}
	return key
}

func address(b *Batch, row int, bkt, cd Key) string {
	bucket, offset := b.Get(row, bkt), b.Get(row, cd)
	if bucket == "" || offset == "" {
		return ""
	}
	return "a:" + strings.Join([]string{bucket, offset}, "\x00")
}

// PerSearch reports the fields whose values differ from one search to the next.
func PerSearch(name string) bool { return name == "_serial" || name == "_si" }
