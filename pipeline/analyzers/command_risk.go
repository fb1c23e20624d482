package analyzers

import (
	"slices"

	"github.com/huntd/huntd/pipeline/commandline"
)

// A commandRisk gathers the rules that match one record.
type commandRisk struct {
	rules, titles, attack valueSet
	severity              int // in commandline.Severities, plus 1
}

func (r *commandRisk) reset() {
	r.rules.reset()
	r.titles.reset()
	r.attack.reset()
	r.severity = 0
}

func (r *commandRisk) add(rule *commandline.Rule) {
	r.rules.add(rule.ID)
	r.titles.add(rule.Title)
	for _, id := range rule.Attack {
		r.attack.add(id)
	}
	r.severity = max(r.severity, slices.Index(commandline.Severities(), rule.Severity)+1)
}

// set gives a record what was gathered.
func (r *commandRisk) set(columns *columnSet, row int) {
	if len(r.rules.list) == 0 {
		return
	}
	columns.set(commandLineRule, row, r.rules.list...)
	columns.set(commandLineTitle, row, r.titles.list...)
	if len(r.attack.list) > 0 {
		columns.set(commandLineAttack, row, r.attack.list...)
	}
	if r.severity > 0 {
		columns.set(commandLineSeverity, row, commandline.Severities()[r.severity-1])
	}
}
