package story

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Planted is one thing that a hunt ought to find. Entities are those that the
// finding of the shipped hunt has, by the same names.
type Planted struct {
	Kind     string            `json:"kind"` // encoded_powershell, beacon, password_spray
	Hunt     string            `json:"hunt"` // the name of the shipped hunt
	Title    string            `json:"title"`
	Entities map[string]string `json:"entities"`
	From     time.Time         `json:"from"` // the first of its events
	To       time.Time         `json:"to"`   // the last of its events
}

// Everything planted lies this far before the story's end: within a window of
// 24 hours that ends some hours late, and old enough to have settled.
const (
	plantEarliest = 20 * hour
	plantLatest   = 3 * hour
)

// A download is PowerShell that is started with an encoded command and fetches
// a script from the web.
type download struct {
	host    int
	at      int64
	url     string
	site    string // the URL's host
	ip      string
	command string
	parent  string
}

// A beacon is a host that calls one address at an interval.
type beacon struct {
	host   int
	dest   string
	port   int64
	size   int64
	times  []int64
	everyS int64
}

// A spray is one source that tries a password on many accounts.
type spray struct {
	src    string
	target int // the machine that is asked
	tries  []try
}

type try struct {
	at   int64
	user string
	ok   bool
}

// plant decides what is planted, where and when.
func (s *Story) plant(d dice) {
	s.download = s.newDownload(d)
	s.beacon = s.newBeacon(d)
	s.spray = s.newSpray(d)
}

// plantAt draws a moment from which something that lasts so long is over in time.
func (s *Story) plantAt(d dice, lasts int64) int64 {
	return d.between(s.to-plantEarliest, s.to-plantLatest-lasts)
}

func (s *Story) newDownload(d dice) download {
	w := download{host: s.cast.workstation(d), at: s.plantAt(d, minute), ip: s.cast.address()}
	w.site = w.ip
	if d.oneIn(2) {
		w.site = draw(d, []string{"cdn", "files", "img", "dl"}) + number(d.between(1, 99)) + "." + d.text(7, letters) +
			draw(d, []string{".example.com", ".example.net", ".example.org"})
	}
	port := draw(d, []string{"", "", ":8080", ":8000"})
	path := draw(d, []string{"/a/", "/update/", "/", "/wp-content/"}) + d.text(int(d.between(5, 9)), letters) +
		draw(d, []string{".ps1", ".txt", ".png", ""})
	w.url = "http://" + w.site + port + path
	script := downloadScript(d, w.url)
	if d.oneIn(3) {
		script = wrapped(d, script)
	}
	w.command = encodedCommand(d, script)
	w.parent = draw(d, []string{`C:\Program Files\Quillsoft\quill.exe`, `C:\Windows\System32\wscript.exe`, `C:\Windows\System32\mshta.exe`, cmdExe})
	return w
}

// newBeacon draws an interval of 45 to 300 s, a jitter of up to 15 % of it
// either way, three to six hours of it, and now and then a missed beat.
func (s *Story) newBeacon(d dice) beacon {
	b := beacon{
		host: s.cast.workstation(d), dest: s.cast.address(), port: draw(d, []int64{443, 443, 80, 8443, 4444}),
		size: d.between(180, 900), everyS: d.between(45, 300),
	}
	interval, lasts := b.everyS*second, d.between(3*hour, 6*hour)
	jitter, missed := interval*d.between(0, 15)/100, d.Int64N(4)
	start := s.plantAt(d, lasts)
	for at := start; at < start+lasts; at += interval + d.between(-jitter, jitter) {
		if d.Int64N(100) >= missed {
			b.times = append(b.times, at)
		}
	}
	return b
}

// newSpray draws 25 to 60 accounts, each tried once or twice within 10 to 30
// minutes, the last of them with success.
func (s *Story) newSpray(d dice) spray {
	sp := spray{src: s.cast.address(), target: mailServer}
	if d.oneIn(2) {
		sp.src, sp.target = s.cast.machines[s.cast.workstation(d)].ip, dc
	}
	users := slices.Clone(s.cast.people)
	shuffle(d, users)
	users = users[:d.between(25, 60)]
	lasts := d.between(10*minute, 30*minute)
	at := s.plantAt(d, lasts)
	step := lasts / int64(len(users)+1)
	for _, user := range users {
		sp.tries = append(sp.tries, try{at: at + d.Int64N(step/2), user: user})
		if d.oneIn(5) {
			sp.tries = append(sp.tries, try{at: at + step/2 + d.Int64N(step/2), user: user})
		}
		at += step
	}
	sp.tries = append(sp.tries, try{at: at + d.Int64N(step), user: draw(d, users), ok: true})
	return sp
}

// planted plans the items of what is planted.
func (p *plan) planted() {
	w := p.download
	p.add(w.at, w.host, 0, 0, tellDownload)
	if w.site != w.ip {
		p.add(w.at+700, w.host, 0, 1, tellDownloadLookup)
	}
	p.add(w.at+900, w.host, 0, 2, tellDownloadConn)
	p.add(w.at+950, w.host, 0, 3, tellDownloadRequest)
	for _, at := range p.beacon.times {
		p.alone(at, p.beacon.host, tellBeat)
	}
	for i, t := range p.spray.tries {
		p.add(t.at, p.spray.target, uint32(i), 4, tellTry)
	}
}

// Planted returns the truth: what a hunt ought to find, and nothing else. From
// and To are those of the events that the hunt looks at.
func (s *Story) Planted() []Planted {
	w, b, sp := s.download, s.beacon, s.spray
	victim, beating := &s.cast.machines[w.host], &s.cast.machines[b.host]
	last := len(sp.tries) - 1
	return []Planted{
		{
			Kind: "encoded_powershell", Hunt: "encoded-powershell",
			Title:    fmt.Sprintf("Encoded PowerShell on %s fetches %s", victim.name, w.url),
			Entities: map[string]string{"host": victim.name, "user": s.cast.user(victim), "url": w.url},
			From:     instant(w.at), To: instant(w.at),
		},
		{
			Kind: "beacon", Hunt: "beacon",
			Title:    fmt.Sprintf("%s calls %s every %d s", beating.name, b.dest, b.everyS),
			Entities: map[string]string{"src_ip": beating.ip, "dest_ip": b.dest},
			From:     instant(b.times[0]), To: instant(b.times[len(b.times)-1]),
		},
		{
			Kind: "password_spray", Hunt: "password-spray",
			Title:    fmt.Sprintf("%s tries %d accounts", sp.src, sp.accounts()),
			Entities: map[string]string{"src_ip": sp.src},
			From:     instant(sp.tries[0].at), To: instant(sp.tries[last].at),
		},
	}
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// accounts counts the accounts that the spray tries.
func (sp *spray) accounts() int {
	n := 0
	for i, t := range sp.tries {
		if !t.ok && (i == 0 || sp.tries[i-1].user != t.user) {
			n++
		}
	}
	return n
}

func tellDownload(s *Story, it item, e *Event) {
	m := s.machine(it)
	s.process(e, s.part(it), m, process{
		user: s.cast.user(m), image: powershell, parent: s.download.parent, command: s.download.command,
	})
}

func tellDownloadLookup(s *Story, it item, e *Event) {
	s.lookup(e, s.part(it), s.machine(it).ip, s.download.site, s.download.ip)
}

func tellDownloadConn(s *Story, it item, e *Event) {
	d := s.part(it)
	port := int64(80)
	for _, other := range []int64{8080, 8000} {
		if strings.Contains(s.download.url, ":"+number(other)+"/") {
			port = other
		}
	}
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.download.ip, port: port, proto: "tcp", service: "http",
		out: d.between(200, 400), in: d.size(12, 19), ms: d.between(80, 900),
	})
}

func tellDownloadRequest(s *Story, it item, e *Event) {
	d := s.part(it)
	s.request(e, d, request{
		machine: s.machine(it), url: s.download.url, host: s.download.site, ip: s.download.ip,
		status: 200, bytes: d.size(12, 19), agent: "-",
	})
}

func tellBeat(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.beacon.dest, port: s.beacon.port, proto: "tcp", service: "ssl",
		out: s.beacon.size + d.between(0, 40), in: d.between(120, 300), ms: d.between(60, 500),
	})
}

func tellTry(s *Story, it item, e *Event) {
	t := s.spray.tries[it.salt]
	l := logon{user: t.user, from: s.spray.src, kind: 3, sub: wrongPassword}
	if t.ok {
		l.sub = ""
	}
	s.logon(e, s.part(it), s.machine(it), l)
}
