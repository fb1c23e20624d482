package story

// webmailFailures is how many people at most fail to log on to webmail in a
// day. The mail server asks the domain controller in their name, so that all
// these failures come from one address.
const webmailFailures = 6

// lookalikes plans failed logons as they happen everywhere, day by day.
func (p *plan) lookalikes() {
	for from := p.from; from < p.to; from += day {
		today := newRhythm(from, min(from+day, p.to), officeHours())
		for host := firstWorkstation; host < len(p.cast.machines); host++ {
			p.signIn(today.moment(p.dice), host)
			for range p.between(1, 4) {
				p.mistype(today.moment(p.dice), host)
			}
		}
		for range p.between(3, webmailFailures) {
			p.webmail(today.moment(p.dice), p.cast.workstation(p.dice))
		}
		p.scan(from + p.Int64N(20*hour))
	}
	p.expired()
}

// signIn plans a person's logon at the keyboard.
func (p *plan) signIn(at int64, host int) {
	p.alone(at, host, tellKeyboard)
}

func tellKeyboard(s *Story, it item, e *Event) {
	m := s.machine(it)
	s.logon(e, s.part(it), m, logon{user: s.cast.user(m), from: localhost, kind: 2})
}

// localhost is the source of every logon at a keyboard: one address in the
// log, but as many people as there are keyboards.
const localhost = "127.0.0.1"

// mistype plans one to three wrong passwords of one person and then the right
// one, at the keyboard or at the file server.
func (p *plan) mistype(at int64, host int) {
	fail, succeed := tellUnlockFailure, tellKeyboard
	if p.oneIn(3) {
		fail, succeed = tellShareFailure, tellShareLogon
	}
	for range p.between(1, 3) {
		p.alone(at, host, fail)
		at += p.between(2*second, 12*second)
	}
	p.alone(at, host, succeed)
}

func tellUnlockFailure(s *Story, it item, e *Event) {
	m := s.machine(it)
	s.logon(e, s.part(it), m, logon{user: s.cast.user(m), from: localhost, kind: 7, sub: wrongPassword})
}

func tellShareFailure(s *Story, it item, e *Event) {
	m := s.machine(it)
	s.logon(e, s.part(it), &s.cast.machines[fileServer], logon{user: s.cast.user(m), from: m.ip, kind: 3, sub: wrongPassword})
}

// webmail plans a wrong password and the right one, asked by the mail server.
func (p *plan) webmail(at int64, host int) {
	p.alone(at, host, tellWebmailFailure)
	p.alone(at+p.between(4*second, 30*second), host, tellWebmail)
}

func tellWebmailFailure(s *Story, it item, e *Event) { s.webmail(it, e, wrongPassword) }

func tellWebmail(s *Story, it item, e *Event) { s.webmail(it, e, "") }

func (s *Story) webmail(it item, e *Event, sub string) {
	s.logon(e, s.part(it), &s.cast.machines[dc], logon{
		user: s.cast.user(s.machine(it)), from: s.cast.machines[mailServer].ip, kind: 3, sub: sub,
	})
}

// expired plans a service account whose password has run out: from one host
// it fails again and again, but it is only one account.
func (p *plan) expired() {
	for at := p.from + p.Int64N(hour); at < p.to; at += p.between(8*minute, 25*minute) {
		p.alone(at, backupServer, tellExpired)
	}
}

func tellExpired(s *Story, it item, e *Event) {
	s.logon(e, s.part(it), &s.cast.machines[fileServer], logon{
		user: "svc_backup", from: s.machine(it).ip, kind: 3, sub: passwordExpired,
	})
}

// factoryAccounts are what the vulnerability scanner tries on every server.
func factoryAccounts() []string {
	return []string{"administrator", "admin", "root", "guest", "test"}
}

// scan plans the vulnerability scanner's round: ports of all servers, and the
// accounts that devices are sold with.
func (p *plan) scan(at int64) {
	for host := range firstWorkstation {
		salt := p.scene()
		for i := range len(scannedPorts()) {
			at += p.between(second, 5*second)
			p.add(at, host, salt, i, tellScan)
		}
		for i := range len(factoryAccounts()) {
			at += p.between(second, 5*second)
			p.add(at, host, salt, i, tellScanLogon)
		}
	}
}

func scannedPorts() []int64 { return []int64{21, 22, 80, 443, 445, 3389, 5985} }

func tellScan(s *Story, it item, e *Event) {
	d := s.part(it)
	s.conn(e, d, conn{
		src: s.cast.machines[mgmtServer].ip, dest: s.machine(it).ip, port: scannedPorts()[it.part],
		proto: "tcp", service: "-", out: d.between(0, 400), in: d.between(0, 900), ms: d.between(1, 900),
	})
}

func tellScanLogon(s *Story, it item, e *Event) {
	s.logon(e, s.part(it), s.machine(it), logon{
		user: factoryAccounts()[it.part], from: s.cast.machines[mgmtServer].ip, kind: 3, sub: noSuchUser,
	})
}
