package story

import (
	"net/netip"
	"testing"
)

// The day looks like one: every kind of record, all hosts, a morning, a lunch
// dip, a night that is quiet but not silent.
func TestDay(t *testing.T) {
	s := told(t, 11, Options{})
	kinds, hosts := map[string]int{}, map[string]bool{}
	var byHour [24]int
	for e := range s.Events() {
		kinds[e.Index+" "+e.Sourcetype+" "+e.Get("EventCode")]++
		if e.Index == "windows" {
			hosts[e.Host] = true
		}
		if e.Index == "proxy" {
			byHour[e.Time.Hour()]++
		}
	}
	for kind, least := range map[string]int{
		"windows XmlWinEventLog 4688": 3000, "windows XmlWinEventLog 4624": 800, "windows XmlWinEventLog 4625": 100,
		"network zeek:conn ": 10_000, "network zeek:dns ": 2000, "proxy squid:access ": 4000,
	} {
		if kinds[kind] < least {
			t.Errorf("%d of %q, want %d and more", kinds[kind], kind, least)
		}
	}
	if len(kinds) != 6 || len(hosts) != 20 {
		t.Errorf("%d kinds of records, %d hosts: %v", len(kinds), len(hosts), kinds)
	}
	if byHour[3]*10 > byHour[10] || byHour[12]*4 > byHour[10]*3 || byHour[12] == 0 || byHour[9] < 200 {
		t.Errorf("requests by hour: %v", byHour)
	}
}

// No address of the outside world is anybody's, and none is both harmless and
// planted.
func TestAddresses(t *testing.T) {
	var reserved []netip.Prefix
	for _, p := range []string{"10.20.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "127.0.0.1/32"} {
		reserved = append(reserved, netip.MustParsePrefix(p))
	}
	for seed := range uint64(10) {
		s := told(t, seed, Options{})
		callers := map[string]map[string]bool{}
		for e := range s.Events() {
			for _, name := range []string{"src_ip", "dest_ip", "answers"} {
				value := e.Get(name)
				if value == "" {
					continue
				}
				addr, err := netip.ParseAddr(value)
				ok := false
				for _, p := range reserved {
					ok = ok || p.Contains(addr)
				}
				if err != nil || !ok {
					t.Fatalf("seed %d: %s is %q", seed, name, value)
				}
			}
			if dest := e.Get("dest_ip"); e.Sourcetype == "zeek:conn" {
				if callers[dest] == nil {
					callers[dest] = map[string]bool{}
				}
				callers[dest][e.Get("src_ip")] = true
			}
		}
		if n := len(callers[s.beacon.dest]); n != 1 {
			t.Errorf("seed %d: %d hosts call the beacon's address", seed, n)
		}
		if n := len(callers[s.download.ip]); n != 1 {
			t.Errorf("seed %d: %d hosts call the download's address", seed, n)
		}
	}
}

func TestRhythmStaysWithin(t *testing.T) {
	from, to := int64(1_700_000_123_000), int64(1_700_086_523_000)
	r := newRhythm(from, to, officeHours())
	d := newDice(1, 1)
	for range 10_000 {
		if at := r.moment(d); at < from || at >= to {
			t.Fatalf("%d is not within [%d, %d)", at, from, to)
		}
	}
}
