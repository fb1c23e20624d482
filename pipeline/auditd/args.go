package auditd

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// An argument of a program, or a part of one.
type argument struct {
	number, part int
	value        []byte
}

// argument takes a field of an EXECVE line, if it is one of the arguments.
func (e *Event) argument(p pair) bool {
	if p.name == "argc" {
		e.argc = p.value
		return true
	}
	rest, ok := strings.CutPrefix(p.name, "a")
	n := digits(rest)
	if !ok || n == 0 || n > 9 {
		return false
	}
	a := argument{number: number(rest[:n])}
	switch rest = rest[n:]; {
	case rest == "":
	case rest == "_len":
		return true // of all parts together
	case rest[0] == '[' && rest[len(rest)-1] == ']' && digits(rest[1:]) == len(rest)-2 && len(rest) < 12:
		a.part = number(rest[1 : len(rest)-1])
	default:
		return false
	}
	a.value = []byte(p.value)
	if b, ok := unhex(p.value); ok && !p.quoted {
		a.value = b
	}
	e.args = append(e.args, a)
	return true
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// addArguments adds argc, the first arguments as a0, a1 …, all of them as argv,
// and as one text, cmdline.
func (e *Event) addArguments() {
	if e.argc != "" {
		e.add("EXECVE", "argc", e.argc)
	}
	if len(e.args) == 0 {
		return
	}
	slices.SortStableFunc(e.args, func(a, b argument) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.part, b.part))
	})
	var argv []string
	for i := 0; i < len(e.args); {
		whole, first := e.args[i].value, i
		for i++; i < len(e.args) && e.args[i].number == e.args[first].number; i++ {
			if e.args[i].part != e.args[i-1].part { // else it is there twice
				whole = append(whole, e.args[i].value...)
			}
		}
		value := printable(whole)
		argv = append(argv, value)
		if n := e.args[first].number; n < namedArgs {
			e.add("EXECVE", "a"+strconv.Itoa(n), value)
		}
	}
	if argc, err := strconv.Atoi(e.argc); err == nil && argc > len(argv) {
		e.Missing = argc - len(argv)
	}
	e.add("EXECVE", "cmdline", strings.Join(argv, " "))
	e.add("", "argv", argv...)
}
