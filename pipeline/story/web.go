package story

import (
	"fmt"
	"strings"
)

// proxy is the host whose log tells of web requests.
const proxy = "proxy01"

// site returns the site of a visit: mostly one of the person's own dozen,
// the first ones most of all.
func (s *Story) site(d dice, m *machine) *site {
	if d.oneIn(5) {
		return &s.cast.sites[d.between(cdnCount, siteCount-1)]
	}
	n := int64(len(m.sites))
	return &s.cast.sites[m.sites[min(d.Int64N(n), d.Int64N(n))]]
}

func tellLookup(s *Story, it item, e *Event) {
	m := s.machine(it)
	at := s.site(s.scene(it), m)
	s.lookup(e, s.part(it), m.ip, at.name, at.ips[0])
}

// tellVisit: a connection to the site, or to the delivery network behind it.
func tellVisit(s *Story, it item, e *Event) {
	m, d := s.machine(it), s.part(it)
	at := s.site(s.scene(it), m)
	if d.oneIn(2) {
		at = &s.cast.sites[at.assets]
	}
	s.conn(e, d, conn{
		src: m.ip, dest: draw(d, at.ips), port: 443, proto: "tcp", service: "ssl",
		out: d.size(9, 14), in: d.size(11, 23), ms: d.size(7, 17),
	})
}

// tellRequest: a page or picture through the proxy.
func tellRequest(s *Story, it item, e *Event) {
	m, d := s.machine(it), s.part(it)
	at := s.site(s.scene(it), m)
	path := draw(d, []string{"/", "/index.html", "/search?q=" + d.text(6, letters), "/article/" + number(d.between(1000, 9999)), "/api/v2/items"})
	if d.oneIn(2) {
		at = &s.cast.sites[at.assets]
		path = "/static/" + d.text(10, hexDigits) + draw(d, []string{".js", ".css", ".png", ".woff2", ".jpg"})
	}
	s.request(e, d, request{
		machine: m, url: "https://" + at.name + path, host: at.name, ip: at.ips[0],
		status: draw(d, []int64{200, 200, 200, 200, 200, 204, 301, 304, 304, 404}), bytes: d.size(9, 20),
	})
}

// A request is one line of the proxy's log.
type request struct {
	machine       *machine
	url, host, ip string
	status, bytes int64
	agent         string // of the browser; absent: the usual one
}

const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Kingfisher/118.0"

// request makes the event of a request in the proxy's native log format.
func (s *Story) request(e *Event, d dice, r request) {
	if r.agent == "" {
		r.agent = browser
	}
	user, took := s.cast.user(r.machine), d.between(8, 900)
	e.set(
		proxy, "proxy", "squid:access", "/var/log/squid/access.log",
		Field{"src_ip", r.machine.ip},
		Field{"user", user},
		Field{"http_method", "GET"},
		Field{"url", r.url},
		Field{"dest", r.host},
		Field{"dest_ip", r.ip},
		Field{"status", number(r.status)},
		Field{"bytes", number(r.bytes)},
		Field{"response_time", number(took)},
		Field{"http_user_agent", r.agent},
	)
	e.Raw = fmt.Sprintf(`%s %6d %s TCP_MISS/%d %d GET %s %s HIER_DIRECT/%s - "%s"`,
		appendSeconds(nil, e.Time.UnixMilli()), took, r.machine.ip, r.status, r.bytes, r.url,
		strings.ReplaceAll(user, " ", "_"), r.ip, r.agent)
}
