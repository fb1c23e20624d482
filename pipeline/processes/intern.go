package processes

import (
	"strconv"
	"strings"
)

// names numbers texts that count as equal.
type names struct {
	fold  func(string) string
	exact map[string]int32 // as written
	ids   map[string]int32 // folded
}

func newNames(fold func(string) string) *names {
	return &names{fold: fold, exact: map[string]int32{}, ids: map[string]int32{}}
}

func (n *names) id(s string) int32 {
	if id, ok := n.exact[s]; ok {
		return id
	}
	folded := n.fold(s)
	id, ok := n.ids[folded]
	if !ok {
		id = int32(len(n.ids))
		n.ids[folded] = id
	}
	n.exact[s] = id
	return id
}

func asWritten(s string) string { return s }

// foldPID writes a process id that is a number in decimal, so that 0x1f and 31
// are one.
func foldPID(s string) string {
	s = strings.TrimSpace(s)
	digits, base := s, 10
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		digits, base = s[2:], 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return s
	}
	return strconv.FormatUint(n, 10)
}
