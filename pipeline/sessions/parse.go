package sessions

import (
	"strings"
	"time"
)

// A Kind is what a line tells.
type Kind int

// The kinds of lines, in the order in which they come if they have one time.
const (
	Accepted Kind = iota // sshd let someone in
	Command              // sudo ran a command
	Denied               // sudo refused to
	Opened
	Closed
)

// An Event is what one line tells. Parse sets what stands in the line; the rest
// is its user's.
type Event struct {
	Kind    Kind
	Time    time.Time
	Host    string
	Service string // sudo, su, su-l, sshd, cron …
	PID     string // "" where the log has none
	By      string // who: the user that ran sudo or su; "" if a service did
	User    string // as whom
	TTY     string
	Dir     string
	Command string
	Reason  string // why it was Denied
	Source  string // the address that sshd names
}

// Parse reads a line. Its texts are parts of the line. What comes first in the
// line decides, since commands may hold what other lines look like.
func Parse(line string) (Event, bool) {
	first := len(line)
	var read func(head, rest string) (Event, bool)
	var rest string
	for _, m := range []struct {
		mark string
		read func(head, rest string) (Event, bool)
	}{{"pam_unix(", parsePAM}, {"COMMAND=", parseSudo}, {"Accepted ", parseAccepted}} {
		if at := strings.Index(line[:first], m.mark); at >= 0 {
			first, read, rest = at, m.read, line[at+len(m.mark):]
		}
	}
	if read == nil {
		return Event{}, false
	}
	return read(line[:first], rest)
}

// parsePAM reads "sudo:session): session opened for user root by ann(uid=0)".
func parsePAM(head, s string) (Event, bool) {
	service, s, ok := strings.Cut(s, ":session): session ")
	if !ok || service == "" || strings.ContainsAny(service, " )") {
		return Event{}, false
	}
	e := Event{Service: service, PID: PIDIn(head)}
	switch {
	case strings.HasPrefix(s, "opened for user "):
		e.Kind, s = Opened, s[len("opened for user "):]
	case strings.HasPrefix(s, "closed for user "):
		e.Kind, s = Closed, s[len("closed for user "):]
	default:
		return Event{}, false
	}
	user, by, _ := strings.Cut(strings.TrimSpace(s), " by ")
	e.User, e.By = account(user), account(by)
	return e, e.User != ""
}

// account returns the name in "ann(uid=1000)". It ends where names do, for the
// line may stand within something else.
func account(s string) string {
	if end := strings.IndexAny(s, " (\"',;\\"); end >= 0 {
		s = s[:end]
	}
	return s
}

// parseSudo reads what stands before and behind COMMAND=.
func parseSudo(head, command string) (Event, bool) {
	before, fields, ok := strings.Cut(head, " : ")
	if !ok || !strings.Contains(fields, "USER=") {
		return Event{}, false
	}
	e := Event{Kind: Command, Service: "sudo", PID: PIDIn(before), Command: strings.TrimSpace(command)}
	before = strings.TrimRight(before, " ")
	e.By = before[strings.LastIndexAny(before, " \t:")+1:]
	first := len(fields)
	for _, f := range []struct {
		name string
		to   *string
	}{{"TTY=", &e.TTY}, {"PWD=", &e.Dir}, {"USER=", &e.User}} {
		if at := strings.Index(fields, f.name); at >= 0 {
			first = min(first, at)
			*f.to = until(fields[at+len(f.name):])
		}
	}
	if e.Reason = strings.Trim(fields[:first], " ;"); e.Reason != "" {
		e.Kind = Denied
	}
	return e, e.By != "" && e.User != ""
}

// until returns what stands before the next field.
func until(s string) string {
	end := len(s)
	for _, sep := range []string{" ;", "   ", " PWD=", " USER=", " GROUP=", " TSID=", " ENV="} {
		if at := strings.Index(s[:end], sep); at >= 0 {
			end = at
		}
	}
	return strings.TrimRight(s[:end], " ;")
}

// parseAccepted reads "publickey for ann from 203.0.113.7 port 50022 ssh2".
func parseAccepted(head, s string) (Event, bool) {
	_, s, ok := strings.Cut(s, " for ")
	user, s, found := strings.Cut(s, " from ")
	source, _, _ := strings.Cut(s, " ")
	if !ok || !found || user == "" || source == "" || strings.Contains(user, " ") {
		return Event{}, false
	}
	return Event{Kind: Accepted, Service: "sshd", PID: PIDIn(head), User: user, Source: source}, true
}

// PIDIn returns the number in the brackets of "… sudo[31]: ", what stands
// before a message, or "".
func PIDIn(head string) string {
	end := strings.LastIndex(head, "]:")
	if end < 0 {
		return ""
	}
	begin := strings.LastIndexByte(head[:end], '[')
	pid := head[begin+1 : end]
	if begin < 0 || pid == "" || strings.Trim(pid, "0123456789") != "" {
		return ""
	}
	return pid
}
