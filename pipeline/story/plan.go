package story

import "fmt"

// An item is a moment and what is told of it.
type item struct {
	at   int64 // ms
	play func(*Story, item, *Event)
	// salt numbers the scene, and thereby decides its random numbers; for what
	// is planted it is an index there.
	salt uint32
	host uint16 // of the machine, by its number
	part uint16 // within the scene
}

// scene returns the numbers that all parts of an item's scene share.
func (s *Story) scene(it item) dice { return newDice(s.seed, sceneStream+uint64(it.salt)<<16) }

// part returns the numbers of an item alone.
func (s *Story) part(it item) dice {
	return newDice(s.seed, sceneStream+uint64(it.salt)<<16+uint64(it.part)+1)
}

func (s *Story) machine(it item) *machine { return &s.cast.machines[it.host] }

// A plan gathers the items of a story.
type plan struct {
	*Story
	dice
	office *rhythm
	items  []item
	scenes uint32
}

// fill plans n events: what runs by the clock, the planted, the look-alikes,
// and as much daily work as is left room for.
func (p *plan) fill(n int) error {
	p.office = newRhythm(p.from, p.to, officeHours())
	p.planted()
	p.clockwork()
	p.lookalikes()
	if len(p.items) > n {
		return fmt.Errorf("story: %d events are too few: what runs by the clock on %d hosts is %d alone",
			n, len(p.cast.machines), len(p.items))
	}
	for len(p.items) < n {
		p.work(n - len(p.items))
	}
	return nil
}

// scene begins a scene and returns its number.
func (p *plan) scene() uint32 {
	p.scenes++
	return p.scenes
}

// add plans an item; one outside the story's span is left out.
func (p *plan) add(at int64, host int, salt uint32, part int, play func(*Story, item, *Event)) {
	if at < p.from || at >= p.to {
		return
	}
	p.items = append(p.items, item{at: at, play: play, salt: salt, host: uint16(host), part: uint16(part)})
}

// alone plans a scene of one item.
func (p *plan) alone(at int64, host int, play func(*Story, item, *Event)) {
	p.add(at, host, p.scene(), 0, play)
}

// every plans a scene of one item again and again over the whole span, at an
// interval that varies by up to spread either way.
func (p *plan) every(interval, spread int64, host int, play func(*Story, item, *Event)) {
	for at := p.from + p.Int64N(interval); at < p.to; at += interval + p.between(-spread, spread) {
		p.alone(at, host, play)
	}
}

// work plans a piece of daily work of no more than room events.
func (p *plan) work(room int) {
	ws := p.cast.workstation(p.dice)
	switch n := p.Int64N(100); {
	case n < 22 && room >= mostVisit:
		p.visit(p.office.moment(p.dice), ws)
	case n < 37 && room >= 3:
		p.share(p.office.moment(p.dice), ws)
	case n < 60:
		p.alone(p.office.moment(p.dice), ws, tellProgram)
	case n < 68:
		p.alone(p.from+p.Int64N(p.to-p.from), int(p.Int64N(int64(firstWorkstation))), tellService)
	case n < 82:
		p.alone(p.office.moment(p.dice), ws, tellInternalLookup)
	case n < 90:
		p.alone(p.office.moment(p.dice), webServer, tellDatabase)
	case n < 97:
		p.alone(p.office.moment(p.dice), webServer, tellVisitor)
	default:
		p.alone(p.office.moment(p.dice), mailServer, tellMail)
	}
}

// mostVisit bounds the events of one visit to a site.
const mostVisit = 1 + 4 + 8

// visit plans a person's visit to a web site: a look-up, connections to the
// site and to where its pictures come from, requests through the proxy.
func (p *plan) visit(at int64, host int) {
	salt, part := p.scene(), 1
	p.add(at, host, salt, 0, tellLookup)
	for range p.between(1, 4) {
		p.add(at+p.between(20, 4000), host, salt, part, tellVisit)
		part++
	}
	for range p.between(2, 8) {
		p.add(at+p.between(30, 40_000), host, salt, part, tellRequest)
		part++
	}
}

// share plans a person's use of the file server: a ticket, the connection,
// the logon there.
func (p *plan) share(at int64, host int) {
	salt := p.scene()
	p.add(at, host, salt, 0, tellTicket)
	p.add(at+p.between(5, 60), host, salt, 1, tellShare)
	p.add(at+p.between(61, 200), host, salt, 2, tellShareLogon)
}
