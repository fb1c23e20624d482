package story

// clockwork plans what machines do by themselves, day and night. Much of it is
// as regular as any beacon; what tells it apart is where it goes (inside), how
// often it comes (hourly) or that it is not regular at all (updates).
func (p *plan) clockwork() {
	for host := range p.cast.machines {
		p.every(1024*second, second, host, tellTime)
		p.every(10*minute, 2*second, host, tellAgent)
		p.updates(host)
		p.every(3*hour, 20*minute, host, tellAgentScript)
	}
	for host := range firstWorkstation {
		p.every(5*minute, second/2, host, tellMonitoring)
	}
	for i := range 3 {
		p.every(hour, 2*minute, firstWorkstation+i, tellHourlyCheck)
	}
	p.every(6*hour, hour, mgmtServer, tellReport)
}

// updates plans a software updater that polls an outside server when the
// machine happens to be idle: anything from two minutes to more than an hour
// apart, more often than any beacon's least count.
func (p *plan) updates(host int) {
	for at := p.from + p.Int64N(hour); at < p.to; {
		p.alone(at, host, tellUpdate)
		if p.oneIn(3) {
			at += p.between(2*minute, 8*minute)
		} else {
			at += p.between(10*minute, 80*minute)
		}
	}
}

// tellTime: machines ask the domain controller for the time, and that asks a
// server outside.
func tellTime(s *Story, it item, e *Event) {
	m, to := s.machine(it), s.cast.machines[dc].ip
	if it.host == uint16(dc) {
		to = s.cast.clock
	}
	d := s.part(it)
	s.conn(e, d, conn{src: m.ip, dest: to, port: 123, proto: "udp", service: "ntp", out: 48, in: 48, ms: d.between(1, 60)})
}

// tellAgent: the management agent reports to its server.
func tellAgent(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.machines[mgmtServer].ip, port: 8443, proto: "tcp", service: "ssl",
		out: d.between(900, 1400), in: d.between(300, 420), ms: d.between(20, 90),
	})
}

// tellMonitoring: the monitoring asks a server how it is.
func tellMonitoring(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.cast.machines[mgmtServer].ip, dest: s.machine(it).ip, port: 9100, proto: "tcp", service: "http",
		out: d.between(180, 200), in: d.between(20_000, 30_000), ms: d.between(5, 40),
	})
}

func tellUpdate(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.updaters[0].ips[0], port: 443, proto: "tcp", service: "ssl",
		out: d.between(700, 2000), in: d.size(11, 22), ms: d.between(80, 4000),
	})
}

// tellHourlyCheck: regular, outside, but only a few times in a day.
func tellHourlyCheck(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.machine(it).ip, dest: s.cast.updaters[1].ips[0], port: 443, proto: "tcp", service: "ssl",
		out: d.between(500, 600), in: d.between(1500, 1700), ms: d.between(60, 200),
	})
}
