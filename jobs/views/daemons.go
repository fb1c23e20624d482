package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/huntd/huntd/jobs/state"
)

// describeDaemons returns what people should know of the daemons at work, a line each.
func describeDaemons(daemons []state.Daemon) (lines []string) {
	for _, d := range daemons {
		for _, s := range d.Skews {
			lines = append(lines, describeSkew(d, s))
		}
	}
	if slices.ContainsFunc(daemons, func(d state.Daemon) bool { return d.ConfigHash != daemons[0].ConfigHash }) {
		var each []string
		for _, d := range daemons {
			each = append(each, fmt.Sprintf("%s has %s (%s)", d.ID, FormatCount(d.Hunts, "hunt"), d.ConfigHash))
		}
		lines = append(lines, "the daemons differ in their hunts: "+strings.Join(each, ", ")+": give all the same files and reload them")
	}
	return lines
}

// describeSkew says what a daemon leaves undone because a clock differs from its host's.
func describeSkew(d state.Daemon, s state.ClockSkew) string {
	what := "it plans nothing"
	if s.Connection != "" {
		what += " for hunts that search " + s.Connection
	}
	return fmt.Sprintf("daemon %s: %s since %s: %s until its host's agrees", d.ID, s, FormatInstant(s.Since), what)
}

// describeHold says why no daemon runs hunts that search a connection, "" if one
// does.
func describeHold(daemons []state.Daemon, connection string) (held string) {
	for _, d := range daemons {
		s := d.SkewFor(connection)
		if s == nil {
			return ""
		}
		held = describeSkew(d, *s)
	}
	return held
}
