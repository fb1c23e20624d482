package auditd

import "strings"

// A Line is one message of an event.
type Line struct {
	Node   string // "" where the line names none
	Type   string
	Time   string // seconds since the epoch, with milliseconds
	Serial string
	Body   string
}

// header begins what all lines have.
const header = "audit("

// ParseLine takes a line apart. It reports false for text that is no message of
// the audit system. The line's strings are parts of s.
func ParseLine(s string) (Line, bool) {
	for {
		before, behind, found := strings.Cut(s, header)
		if !found {
			return Line{}, false
		}
		s = behind
		time, serial, rest, ok := stamp(s)
		if !ok {
			continue
		}
		kind := lastField(before, "type=")
		if kind == "" {
			continue
		}
		return Line{
			Node: lastField(before, "node="), Type: typeName(kind), Time: time, Serial: serial,
			Body: strings.TrimRight(strings.TrimPrefix(rest, ":"), "\r\n"),
		}, true
	}
}

// stamp reads "1521757638.392:262332)" and returns what stands behind it.
func stamp(s string) (time, serial, rest string, ok bool) {
	sec := digits(s)
	if sec == 0 || sec == len(s) || s[sec] != '.' {
		return "", "", "", false
	}
	end := sec + 1 + digits(s[sec+1:])
	if end == sec+1 || end == len(s) || s[end] != ':' {
		return "", "", "", false
	}
	n := digits(s[end+1:])
	last := end + 1 + n
	if n == 0 || last == len(s) || s[last] != ')' {
		return "", "", "", false
	}
	return s[:end], s[end+1 : last], s[last+1:], true
}

// digits returns how many digits s begins with, up to 20.
func digits(s string) int {
	n := 0
	for n < len(s) && n < 20 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// lastField returns the value of the last name= in the head of a line.
func lastField(s, name string) string {
	for {
		i := strings.LastIndex(s, name)
		if i < 0 {
			return ""
		}
		if i > 0 && s[i-1] != ' ' && s[i-1] != '\t' {
			s = s[:i]
			continue
		}
		value := s[i+len(name):]
		if end := strings.IndexAny(value, " \t"); end >= 0 {
			value = value[:end]
		}
		return value
	}
}

// typeName gives a numeric type its name, which the kernel's own log lacks.
// Numbers that are not listed stay as they are.
func typeName(s string) string {
	switch s { // linux/audit.h
	case "1006":
		return "LOGIN"
	case "1100":
		return "USER_AUTH"
	case "1101":
		return "USER_ACCT"
	case "1103":
		return "CRED_ACQ"
	case "1104":
		return "CRED_DISP"
	case "1105":
		return "USER_START"
	case "1106":
		return "USER_END"
	case "1110":
		return "CRED_REFR"
	case "1112":
		return "USER_LOGIN"
	case "1113":
		return "USER_LOGOUT"
	case "1123":
		return "USER_CMD"
	case "1130":
		return "SERVICE_START"
	case "1131":
		return "SERVICE_STOP"
	}
	return kernelTypeName(s)
}

func kernelTypeName(s string) string {
	switch s {
	case "1300":
		return "SYSCALL"
	case "1302":
		return "PATH"
	case "1305":
		return "CONFIG_CHANGE"
	case "1306":
		return "SOCKADDR"
	case "1307":
		return "CWD"
	case "1309":
		return "EXECVE"
	case "1318":
		return "OBJ_PID"
	case "1319":
		return "TTY"
	case "1320":
		return "EOE"
	case "1321":
		return "BPRM_FCAPS"
	case "1323":
		return "MMAP"
	case "1325":
		return "NETFILTER_CFG"
	case "1326":
		return "SECCOMP"
	case "1327":
		return "PROCTITLE"
	case "1330":
		return "KERN_MODULE"
	case "1334":
		return "BPF"
	case "1400":
		return "AVC"
	case "1701":
		return "ANOM_ABEND"
	}
	return s
}
