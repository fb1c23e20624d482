package ioc

import "strings"

// atHyphen reports the CVE id or the MAC address whose first hyphen is at i.
func (s *Scanner) atHyphen(i int) {
	t := s.text
	if hasFold(t, i-3, "cve") {
		if end := cveEnd(t, i); end > i {
			s.upTo(i - 3)
			s.addValue(CVE, i-3, end, upper(t[i-3:end]))
		}
		return
	}
	if at(t, i+3) == '-' && i > 1 {
		s.mac(i-2, '-')
	}
}

// cveEnd returns the end of the CVE id whose first hyphen is at i, i if it is
// none: a year, and a number of four digits or more.
func cveEnd(t string, i int) int {
	const maxDigits = 7
	if prev := before(t, i-3); isWord(prev) && !afterEscape(t, i-3) {
		return i
	}
	year := i + 1
	if !hasFold(t, year, "19") && !hasFold(t, year, "20") || !is(at(t, year+2), digit) || !is(at(t, year+3), digit) {
		return i
	}
	from := year + len("2000-")
	end := from
	for is(at(t, end), digit) {
		end++
	}
	if at(t, from-1) != '-' || end-from < 4 || end-from > maxDigits || isWord(at(t, end)) {
		return i
	}
	return end
}

// upper returns s in capitals, s itself if it is.
func upper(s string) string { return strings.ToUpper(s) }

// atTechnique reports the ATT&CK technique (T1059, T1059.001) or tactic (TA0002)
// that starts at i.
func (s *Scanner) atTechnique(i int) {
	t := s.text
	if !is(at(t, i+1), digit) && at(t, i+1) != 'A' {
		return
	}
	prev := before(t, i)
	if isWord(prev) && !afterEscape(t, i) || prev == '-' || prev == '.' {
		return
	}
	if end := attackEnd(t, i); end > i {
		s.upTo(i)
		s.add(MITREAttack, i, end)
	}
}

// attackEnd returns the end of the ATT&CK id at i, i if there is none.
func attackEnd(t string, i int) int {
	const subDigits = 3
	end := i + len("T0000")
	digits := i + 1
	if lower(at(t, digits)) == 'a' {
		digits++
		end++
	}
	if end > len(t) || countDigits(t, digits) != len("0000") {
		return i
	}
	isTactic := digits == i+2
	if isTactic != (t[digits:digits+2] == "00") { // techniques begin with T1, those of industry with T08
		return i
	}
	if !isTactic && t[digits] != '1' && t[digits:digits+2] != "08" {
		return i
	}
	if !isTactic && at(t, end) == '.' && is(at(t, end+1), digit) {
		if countDigits(t, end+1) != subDigits {
			return i
		}
		end += 1 + subDigits
	}
	next := at(t, end)
	if isWord(next) || next == '-' && isWord(at(t, end+1)) || next == '.' && isWord(at(t, end+1)) {
		return i
	}
	return end
}

// countDigits counts the decimal digits at t[i:], up to 11.
func countDigits(t string, i int) int {
	n := 0
	for n < 11 && is(at(t, i+n), digit) {
		n++
	}
	return n
}

// tagged reports the ATT&CK id in a tag such as attack.t1059.001, which is the
// token t[a:b].
func (s *Scanner) tagged(a, b int) {
	const tag = "attack."
	i := a + len(tag)
	if i < b && lower(s.text[i]) == 't' && hasFold(s.text, a, tag) {
		if end := attackEnd(s.text, i); end == b {
			s.addValue(MITREAttack, i, end, upper(s.text[i:end]))
		}
	}
}

// atAS reports the number of an autonomous system (RFC 5396) whose S is at i.
// AS2 to AS4 are protocols, AS400 is a machine.
func (s *Scanner) atAS(i int) {
	const minNumber, machine, maxNumber = 10, 400, 1<<32 - 1
	t := s.text
	if before(t, i) != 'A' {
		return
	}
	if prev := before(t, i-1); isWord(prev) && !afterEscape(t, i-1) || prev == '-' || prev == '.' || prev == '$' {
		return
	}
	number, end := 0, i+1
	for ; end < len(t) && is(t[end], digit) && number <= maxNumber; end++ {
		number = number*10 + int(t[end]-'0')
	}
	next := at(t, end)
	if at(t, i+1) == '0' || number < minNumber || number == machine || number > maxNumber ||
		isWord(next) || next == '-' && isWord(at(t, end+1)) || next == '.' && isWord(at(t, end+1)) {
		return
	}
	s.upTo(i - 1)
	s.add(ASN, i-1, end)
}
