package msticpy

import (
	"unicode/utf8"

	"github.com/huntd/huntd/pipeline/ioc"
)

// hashes finds runs of exactly so many hexadecimal digits. A character that
// delimits one is used up: it cannot delimit the next of the same length. At the
// start and the end of a line none is needed.
func (s *Scanner) hashes() {
	t := s.text
	var low [3]int // where each length is looked for, from
	for i := 0; i < len(t); i++ {
		if !is(t[i], hexa) {
			continue
		}
		start := i
		i = run(t, i, hexa)
		var kind int
		var typ ioc.Type
		switch i - start {
		case 32:
			kind, typ = 0, ioc.MD5
		case 40:
			kind, typ = 1, ioc.SHA1
		case 64:
			kind, typ = 2, ioc.SHA256
		default:
			continue
		}
		if start > 0 && start-1 < low[kind] && t[start-1] != '\n' {
			continue
		}
		if s.want.Has(typ) {
			s.add(typ, start, i)
		}
		low[kind] = i
		if i < len(t) && t[i] != '\n' {
			_, n := utf8.DecodeRuneInString(t[i:])
			low[kind] += n
		}
	}
}
