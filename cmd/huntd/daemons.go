package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
)

// daemonNotes say what people should know of the daemons at work, a line each.
func daemonNotes(daemons []state.Daemon) []string {
	lines := skewLines(daemons)
	if slices.ContainsFunc(daemons, func(d state.Daemon) bool { return d.ConfigHash != daemons[0].ConfigHash }) {
		var each []string
		for _, d := range daemons {
			each = append(each, fmt.Sprintf("%s has %s (%s)", d.ID, counted(d.Hunts, "hunt"), d.ConfigHash))
		}
		lines = append(lines, "the daemons differ in their hunts: "+strings.Join(each, ", ")+": give all the same files and reload them")
	}
	return lines
}

// skewLines say of each clock that a daemon found to differ from its host's what
// that daemon leaves undone.
func skewLines(daemons []state.Daemon) (lines []string) {
	for _, d := range daemons {
		for _, s := range d.Skews {
			what := "it plans nothing"
			if s.Connection != "" {
				what += " for hunts that search " + s.Connection
			}
			lines = append(lines, fmt.Sprintf("daemon %s: %s since %s: %s until its host's agrees", d.ID, s, stamp(s.Since), what))
		}
	}
	return lines
}

// heldBySkew says why no daemon runs hunts that search a connection, "" if one
// does.
func heldBySkew(daemons []state.Daemon, connection string) (held string) {
	for _, d := range daemons {
		i := slices.IndexFunc(d.Skews, func(s state.ClockSkew) bool { return s.Connection == "" || s.Connection == connection })
		if i < 0 {
			return ""
		}
		held = skewLines([]state.Daemon{{ID: d.ID, Skews: d.Skews[i : i+1]}})[0]
	}
	return held
}

// plannable are those of hunts whose windows may be cut here: this host's clock
// agrees with the database's, and no daemon has found another to differ. The
// others are left to the daemons.
func plannable(ctx context.Context, setup *daemon.Setup, l *state.Ledger, hunts []*jobs.Hunt) (may []*jobs.Hunt, err error) {
	offset, bound, err := l.ClockOffset(ctx)
	if err != nil || offset.Abs()-bound > setup.Limits.ClockSkew {
		return nil, err
	}
	daemons, err := l.Daemons(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	for _, h := range hunts {
		if !slices.ContainsFunc(daemons, func(d state.Daemon) bool { return heldBySkew([]state.Daemon{d}, h.Source.Connection) != "" }) {
			may = append(may, h)
		}
	}
	return may, nil
}
