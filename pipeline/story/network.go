package story

import (
	"fmt"
	"strconv"
)

// sensor is the host that records the network.
const sensor = "zeek01"

// A conn is one connection, sizes and durations as its opener sees them.
type conn struct {
	src, dest      string
	port           int64
	proto, service string
	out, in        int64 // bytes
	ms             int64 // duration
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// conn makes the event of a connection, as Zeek writes it.
func (s *Story) conn(e *Event, d dice, c conn) {
	uid := "C" + d.text(16, letters+"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
	from := d.between(49152, 65535)
	lasted := string(appendSeconds(nil, c.ms))
	e.set(
		sensor, "network", "zeek:conn", "/opt/zeek/logs/current/conn.log",
		Field{"uid", uid},
		Field{"src_ip", c.src},
		Field{"src_port", number(from)},
		Field{"dest_ip", c.dest},
		Field{"dest_port", number(c.port)},
		Field{"proto", c.proto},
		Field{"service", c.service},
		Field{"duration", lasted},
		Field{"bytes_out", number(c.out)},
		Field{"bytes_in", number(c.in)},
		Field{"conn_state", "SF"},
	)
	e.Raw = fmt.Sprintf(`{"ts":%s,"uid":%q,"id.orig_h":%q,"id.orig_p":%d,"id.resp_h":%q,"id.resp_p":%d,`+
		`"proto":%q,"service":%q,"duration":%s,"orig_bytes":%d,"resp_bytes":%d,"conn_state":"SF"}`,
		appendSeconds(nil, e.Time.UnixMilli()), uid, c.src, from, c.dest, c.port,
		c.proto, c.service, lasted, c.out, c.in)
}

// lookup makes the event of a name's look-up at the domain controller.
func (s *Story) lookup(e *Event, d dice, src, name, answer string) {
	uid := "C" + d.text(16, letters+"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
	from, id := d.between(49152, 65535), d.between(1, 65535)
	server := s.cast.machines[dc].ip
	e.set(
		sensor, "network", "zeek:dns", "/opt/zeek/logs/current/dns.log",
		Field{"uid", uid},
		Field{"src_ip", src},
		Field{"src_port", number(from)},
		Field{"dest_ip", server},
		Field{"dest_port", "53"},
		Field{"proto", "udp"},
		Field{"trans_id", number(id)},
		Field{"query", name},
		Field{"qtype_name", "A"},
		Field{"rcode_name", "NOERROR"},
		Field{"answers", answer},
	)
	e.Raw = fmt.Sprintf(`{"ts":%s,"uid":%q,"id.orig_h":%q,"id.orig_p":%d,"id.resp_h":%q,"id.resp_p":53,`+
		`"proto":"udp","trans_id":%d,"query":%q,"qtype_name":"A","rcode_name":"NOERROR","answers":[%q]}`,
		appendSeconds(nil, e.Time.UnixMilli()), uid, src, from, server, id, name, answer)
}

// tellInternalLookup: a machine asks for one of the servers.
func tellInternalLookup(s *Story, it item, e *Event) {
	d := s.part(it)
	server := s.cast.machines[d.Int64N(int64(firstWorkstation))]
	s.lookup(e, d, s.machine(it).ip, server.name+"."+domain, server.ip)
}

// tellTicket: a Kerberos ticket from the domain controller.
func tellTicket(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.machines[dc].ip, port: 88, proto: "tcp", service: "krb_tcp",
		out: d.between(1400, 1900), in: d.between(1500, 2100), ms: d.between(2, 15),
	})
}

// tellShare: files to and from the file server.
func tellShare(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.machines[fileServer].ip, port: 445, proto: "tcp", service: "smb",
		out: d.size(10, 22), in: d.size(11, 25), ms: d.size(6, 20),
	})
}

// tellDatabase: the web server asks the database.
func tellDatabase(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.machines[dbServer].ip, port: 5432, proto: "tcp", service: "postgresql",
		out: d.size(8, 13), in: d.size(9, 18), ms: d.size(2, 12),
	})
}

// tellVisitor: somebody outside reads the company's web site.
func tellVisitor(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: draw(d, s.cast.visitors), dest: s.machine(it).ip, port: 443, proto: "tcp", service: "ssl",
		out: d.size(9, 13), in: d.size(11, 20), ms: d.size(7, 15),
	})
}

// tellMail: a mail goes out.
func tellMail(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: draw(d, s.cast.mailers), port: 25, proto: "tcp", service: "smtp",
		out: d.size(11, 21), in: d.between(300, 900), ms: d.between(300, 4000),
	})
}
