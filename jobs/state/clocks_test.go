package state

import (
	"testing"
	"time"
)

// testClockOffset: the database of a server has a clock of its own, a file has
// the host's.
func testClockOffset(t *testing.T, open func() *Ledger) {
	l := open()
	db, server := l.db.(*postgresDB)
	want := func(lie func(time.Time) time.Time, want time.Duration) {
		t.Helper()
		if server {
			db.clock = lie
		}
		offset, bound, err := l.ClockOffset(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if miss := (offset - want).Abs(); miss > bound+time.Millisecond || bound > time.Second {
			t.Errorf("offset %s ± %s, want %s", offset, bound, want)
		}
		if !server && (offset != 0 || bound != 0) {
			t.Errorf("the file's clock is %s ± %s ahead", offset, bound)
		}
	}
	if want(nil, 0); !server {
		return
	}
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		want(func(now time.Time) time.Time { return now.Add(ahead) }, ahead)
	}
}

func TestUnreadableSkews(t *testing.T) {
	if _, err := parseSkews("{"); err == nil {
		t.Error("half an object was read")
	}
}
