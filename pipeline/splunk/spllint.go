package splunk

import (
	"slices"
	"strings"
)

// riskyCommands change, send or run something, or reach beyond the indexes.
// Most of them are those that Splunk itself warns of before it runs a search
// from a link ("safeguards for risky commands").
var riskyCommands = []string{
	"collect", "dbxquery", "delete", "dump", "map", "mcollect", "meventcollect",
	"outputcsv", "outputlookup", "outputtext", "rest", "run", "runshellscript",
	"script", "sendalert", "sendemail", "summaryindex", "tscollect",
}

// timeModifiers bound a search in time from within.
var timeModifiers = []string{
	"earliest", "latest", "_index_earliest", "_index_latest", "index_earliest", "index_latest",
	"earliest_time", "latest_time", "starttime", "endtime", "starttimeu", "endtimeu",
	"daysago", "hoursago", "minutesago", "startdaysago", "enddaysago", "starthoursago", "endhoursago",
	"startminutesago", "endminutesago", "startmonthsago", "endmonthsago",
	"searchtimespandays", "searchtimespanhours", "searchtimespanminutes", "searchtimespanmonths",
}

// expressionCommands take an expression, in which name=… compares or sets a
// field and bounds nothing.
var expressionCommands = []string{"eval", "where", "fieldformat", "convert"}

// lint reports the first thing in a search that a hunt must not run
// unattended: risky commands, also inside subsearches, and time bounds, which
// are the window's alone, real-time ones included; and what is no search at
// all. It reads the search, not the macros that the search calls.
func lint(spl string) error {
	tokens, all, err := parse(spl)
	if err != nil {
		return err
	}
	if err := lintStart(tokens); err != nil {
		return err
	}
	for _, c := range all {
		if err := lintCommand(c); err != nil {
			return err
		}
	}
	return nil
}

func lintStart(tokens []token) error {
	first := tokens[0]
	switch {
	case first.kind == pipeToken:
		return nil
	case first.kind == wordToken && strings.EqualFold(first.text, "search"):
		if len(tokens) == 1 {
			return splErrorf(first.at, "search alone would read everything: say what to search for, such as index=windows")
		}
		return nil
	case first.kind == macroToken:
		return splErrorf(first.at, "a search begins with the word search or with a pipe: write search %s", first.text)
	}
	return splErrorf(first.at, "a search begins with the word search (search index=windows …) or with a pipe and a command (| tstats …), not with %s", first.text)
}

func lintCommand(c command) error {
	switch c.head.kind {
	case wordToken, macroToken:
	default:
		return splErrorf(c.head.at, "a command's name is missing before %s", c.head.text)
	}
	if slices.Contains(riskyCommands, c.name()) {
		return splErrorf(c.head.at, "the command %s changes, sends or runs something or reaches beyond the indexes: a hunt only reads; huntd itself delivers what it finds", c.name())
	}
	if slices.Contains(expressionCommands, c.name()) {
		return nil
	}
	for i, t := range append([]token{c.head}, c.args...) {
		if i < len(c.args) && c.args[i].kind == equalToken {
			if name := strings.ToLower(strings.Trim(t.text, `"'`)); slices.Contains(timeModifiers, name) {
				return splErrorf(t.at, "%s= bounds the search in time: leave it out, the hunt's window does that", name)
			}
		}
	}
	return nil
}
