package story

import (
	"fmt"
	"strconv"
)

// domain is the company's own name, internal and external.
const domain = "fernhill.example"

// netbios is the same as Windows spells it in accounts.
const netbios = "FERNHILL"

// The servers stand at fixed places, the workstations follow them.
const (
	dc int = iota
	fileServer
	mailServer
	webServer
	dbServer
	mgmtServer // software distribution, monitoring, the vulnerability scanner
	backupServer
	firstWorkstation
)

type machine struct {
	name  string // as Splunk's host
	ip    string
	owner int // the person who sits there, by number; -1 for servers
	sites []int
}

// A site is a web site with the addresses that serve it.
type site struct {
	name   string
	ips    []string
	assets int // the delivery network its pictures come from, by number; -1 for those themselves
}

type cast struct {
	machines []machine
	people   []string
	sites    []site // the delivery networks first
	mailers  []string
	updaters []site
	clock    string // the time server out there
	visitors []string
	deck     []string // addresses of the outside world that nobody has yet
}

const (
	siteCount    = 60
	cdnCount     = 4
	mailerCount  = 25
	updaterCount = 3
	visitorCount = 120
)

func newCast(d dice, hosts int) *cast {
	c := &cast{deck: outside(d), people: directory(d, max(120, 2*hosts))}
	for i := range siteCount {
		c.sites = append(c.sites, c.newSite(d, i))
	}
	for range mailerCount {
		c.mailers = append(c.mailers, c.address())
	}
	for i := range updaterCount {
		name := fmt.Sprintf("update%d.%s.example", i+1, []string{"quillsoft", "larkwing", "ostrava-labs"}[i])
		c.updaters = append(c.updaters, site{name: name, ips: []string{c.address()}})
	}
	c.clock = c.address()
	for range visitorCount {
		c.visitors = append(c.visitors, c.address())
	}
	for i, name := range []string{"dc01", "file01", "mail01", "web01", "db01", "mgmt01", "bak01"} {
		c.machines = append(c.machines, machine{name: name, ip: fmt.Sprintf("10.20.0.%d", 10+i), owner: -1})
	}
	for i := range hosts - firstWorkstation {
		m := machine{
			name:  fmt.Sprintf("ws%03d", 101+i),
			ip:    fmt.Sprintf("10.20.%d.%d", 16+i/200, 20+i%200),
			owner: i,
		}
		for range 12 {
			m.sites = append(m.sites, int(d.between(cdnCount, siteCount-1)))
		}
		c.machines = append(c.machines, m)
	}
	return c
}

// outside returns all addresses of the documentation ranges, mixed.
func outside(d dice) []string {
	var deck []string
	for _, net := range []string{"192.0.2.", "198.51.100.", "203.0.113."} {
		for i := 1; i < 255; i++ {
			deck = append(deck, net+strconv.Itoa(i))
		}
	}
	shuffle(d, deck)
	return deck
}

// address deals an address that nobody else has.
func (c *cast) address() string {
	a := c.deck[0]
	c.deck = c.deck[1:]
	return a
}

func (c *cast) newSite(d dice, i int) site {
	s := site{assets: -1}
	n := d.between(1, 3)
	if i < cdnCount {
		s.name = fmt.Sprintf("edge%d.%s.example", i+1, draw(d, []string{"swiftcast", "nimbusdrop", "farpost"}))
		n = d.between(3, 5)
	} else {
		s.name = fmt.Sprintf("%s.%s%s-%d.example", draw(d, []string{"www", "app", "shop", "portal", "news"}),
			draw(d, siteFirst()), draw(d, siteLast()), i)
		s.assets = int(d.Int64N(cdnCount))
	}
	for range n {
		s.ips = append(s.ips, c.address())
	}
	if d.oneIn(6) {
		s.ips = append(s.ips, fmt.Sprintf("2001:db8:%x::%x", 16+i, d.between(1, 0xffff)))
	}
	return s
}

// directory returns the names of n accounts, each once.
func directory(d dice, n int) []string {
	var all []string
	for _, first := range firstNames() {
		for _, last := range lastNames() {
			all = append(all, first+"."+last)
		}
	}
	shuffle(d, all)
	return all[:n]
}

// user returns the account of the person at a machine; servers act as
// themselves.
func (c *cast) user(m *machine) string {
	if m.owner < 0 {
		return computerAccount(m)
	}
	return c.people[m.owner]
}

// workstation draws one of the workstations, by its number.
func (c *cast) workstation(d dice) int {
	return int(d.between(int64(firstWorkstation), int64(len(c.machines)-1)))
}
