package story

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

const seeds = 24

// tally counts over all stories what a single one need not have.
type tally struct {
	deeper   int // stories in which the address is a layer deeper
	tempting int // stories in which all keyboards together look like a spray
}

func TestTruth(t *testing.T) {
	var sum tally
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint("seed=", seed+1), func(t *testing.T) {
			s := told(t, seed+1, Options{})
			events := slices.Collect(s.Events())
			checkTimes(t, s)
			checkEncodedCommands(t, s, events, &sum)
			checkBeats(t, s, events)
			checkFailures(t, s, events, &sum)
		})
	}
	if sum.deeper < seeds/8 || sum.deeper > seeds/2 {
		t.Errorf("the address is a layer deeper in %d of %d stories", sum.deeper, seeds)
	}
	if sum.tempting < seeds/2 {
		t.Errorf("failures at keyboards tempt in %d of %d stories", sum.tempting, seeds)
	}
}

// checkTimes checks when and for which hunts things are planted.
func checkTimes(t *testing.T, s *Story) {
	all := s.Planted()
	var hunts []string
	for _, p := range all {
		hunts = append(hunts, p.Hunt)
		if p.From.Before(end().Add(-20*time.Hour)) || p.To.After(end().Add(-3*time.Hour)) || p.To.Before(p.From) {
			t.Errorf("%s lies in %s to %s", p.Kind, p.From, p.To)
		}
		for name, value := range p.Entities {
			if value == "" {
				t.Errorf("%s has no %s", p.Kind, name)
			}
		}
	}
	if !slices.Equal(hunts, []string{"encoded-powershell", "beacon", "password-spray"}) {
		t.Errorf("planted for %q", hunts)
	}
	if d := all[1].To.Sub(all[1].From); d < 150*time.Minute || d > 6*time.Hour {
		t.Errorf("the beacon lasts %s", d)
	}
	if d := all[2].To.Sub(all[2].From); d < 9*time.Minute || d > 30*time.Minute {
		t.Errorf("the spray lasts %s", d)
	}
}

var encoded = regexp.MustCompile(`(?i) -e[a-z]* ([A-Za-z0-9+/=]{40,})$`)

func decodeUTF16(t *testing.T, text string) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}

var inner = regexp.MustCompile(`'([A-Za-z0-9+/=]{40,})'`)

// script returns the script of an encoded command, and whether it was wrapped
// once more.
func script(t *testing.T, encodedCommand string) (text string, wrapped bool) {
	t.Helper()
	text = decodeUTF16(t, encodedCommand)
	m := inner.FindStringSubmatch(text)
	if m == nil {
		return text, false
	}
	layer, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(layer), "\x00") {
		return decodeUTF16(t, m[1]), true
	}
	return string(layer), true
}

// checkEncodedCommands: encoded commands are many; exactly one has an address
// in it, and that is the planted one.
func checkEncodedCommands(t *testing.T, s *Story, events []Event, sum *tally) {
	want := s.Planted()[0].Entities
	all, fetching := 0, 0
	for _, e := range events {
		m := encoded.FindStringSubmatch(e.Get("CommandLine"))
		if e.Get("EventCode") != "4688" || m == nil {
			continue
		}
		all++
		text, wrapped := script(t, m[1])
		if wrapped {
			sum.deeper++
		}
		if !strings.Contains(text, "://") {
			continue
		}
		fetching++
		if !strings.Contains(text, want["url"]) || e.Host != want["host"] || e.Get("user") != want["user"] {
			t.Errorf("%s %s: %s; planted is %v", e.Host, e.Get("user"), text, want)
		}
	}
	if fetching != 1 || all < 100 {
		t.Errorf("%d of %d encoded commands fetch something", fetching, all)
	}
}

// beats returns the outside destinations that are called regularly by a strict
// measure: at least 10 calls, 20 s to 15 min apart, and half of the gaps
// within 20 % of the median gap. Each hour is looked at by itself, too; of so
// few calls some are regular by chance, and so half of the gaps must lie within
// 12 %.
func beats(events []Event) map[string]int {
	calls := map[string][]int64{}
	for _, e := range events {
		if e.Sourcetype != "zeek:conn" || netip.MustParseAddr(e.Get("dest_ip")).IsPrivate() {
			continue
		}
		pair := e.Get("src_ip") + " " + e.Get("dest_ip")
		calls[pair] = append(calls[pair], e.Time.UnixMilli())
	}
	found := map[string]int{}
	for pair, times := range calls {
		if regular(times, 20) {
			found[pair]++
		}
		for len(times) > 0 {
			n := 1
			for n < len(times) && times[n]/hour == times[0]/hour {
				n++
			}
			if regular(times[:n], 12) {
				found[pair]++
			}
			times = times[n:]
		}
	}
	return found
}

func regular(times []int64, percent int64) bool {
	if len(times) < 10 {
		return false
	}
	var gaps, off []int64
	for i, at := range times[1:] {
		gaps = append(gaps, at-times[i])
	}
	slices.Sort(gaps)
	median := gaps[len(gaps)/2]
	for _, g := range gaps {
		off = append(off, max(g-median, median-g))
	}
	slices.Sort(off)
	return median >= 20*second && median <= 15*minute && off[len(off)/2]*100 <= median*percent
}

// checkBeats: only the beacon is regular.
func checkBeats(t *testing.T, s *Story, events []Event) {
	want := s.Planted()[1].Entities
	pair := want["src_ip"] + " " + want["dest_ip"]
	found := beats(events)
	if found[pair] < 2 {
		t.Errorf("the beacon %s does not show", pair)
	}
	delete(found, pair)
	if len(found) > 0 {
		t.Errorf("others are as regular: %v", found)
	}
}

// checkFailures: only the spray fails with many accounts, if one sees that
// every machine calls itself by the same address.
func checkFailures(t *testing.T, s *Story, events []Event, sum *tally) {
	planted := s.Planted()[2]
	src := planted.Entities["src_ip"]
	failed, entered := map[string]map[string]int{}, 0
	for _, e := range events {
		from := e.Get("src_ip")
		switch e.Get("EventCode") {
		case "4625":
			if failed[from] == nil {
				failed[from] = map[string]int{}
			}
			failed[from][e.Get("user")]++
		case "4624":
			if from == src && e.Time.Equal(planted.To) {
				entered++
			}
		}
	}
	if n := len(failed[src]); n < 25 || n > 61 {
		t.Errorf("%d accounts sprayed", n)
	}
	if entered != 1 {
		t.Errorf("%d logons at the spray's end", entered)
	}
	if len(failed[localhost]) >= 10 {
		sum.tempting++
	}
	for from, users := range failed {
		if len(users) > 8 && from != src && from != localhost {
			t.Errorf("%s fails with %d accounts", from, len(users))
		}
	}
}
