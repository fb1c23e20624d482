package analyzers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// A statistic is a figure that a hunt asks for, such as sum(bytes) as total.
type statistic struct {
	field, as string
	start     func() figure
}

// A figure is a statistic of one group as far as it has come.
type figure interface {
	// add takes the values of the field in a record; t is the zero time where
	// the record has none.
	add(v pipeline.Values, t time.Time, budget *statisticBudget)
	// result returns the figure's values, none if nothing is known.
	result() []string
}

// A statisticBudget bounds what the figures of all groups hold, and counts what
// they left out.
type statisticBudget struct {
	values                        int
	over, approximate, notNumbers int
}

// take takes room for one value, if there is some.
func (b *statisticBudget) take() bool {
	if b.values <= 0 {
		return false
	}
	b.values--
	return true
}

var statisticForm = regexp.MustCompile(`^\s*([a-z]+)([0-9.]*)\s*(?:\(\s*(.*?)\s*\))?\s*(?:\s[aA][sS]\s+(.+?))?\s*$`)

// statisticNames lists the functions, for messages.
const statisticNames = "count, dc, values, list, first, last, earliest, latest, sum, avg, stdev, range, min, max, median, p95"

func parseStatistic(text string) (statistic, error) {
	m := statisticForm.FindStringSubmatch(text)
	if m == nil {
		return statistic{}, fmt.Errorf("%q is no figure: write one such as count, or sum(bytes) as total", text)
	}
	name, rank, field, as := m[1], m[2], m[3], m[4]
	st := statistic{field: field, as: as}
	if as == "" {
		st.as = strings.Trim(name+rank+"_"+field, "_")
	}
	var err error
	st.start, err = statisticStart(name, rank)
	switch {
	case err != nil:
		return st, fmt.Errorf("%q: %w", text, err)
	case field == "" && name == "count" && !strings.Contains(text, "("):
		st.start = func() figure { return &countFigure{records: true} }
	case field == "":
		return st, fmt.Errorf("%q wants a field, such as %s(bytes)", text, name+rank)
	}
	return st, nil
}

// statisticStart returns what begins a figure of that name.
func statisticStart(name, rank string) (func() figure, error) {
	switch name {
	case "p", "perc":
		at, err := strconv.ParseFloat(rank, 64)
		if err != nil || at < 0 || at > 100 {
			return nil, errors.New("a percentile lies between p0 and p100")
		}
		return func() figure { return &percentileFigure{at: at / 100} }, nil
	case "median":
		return func() figure { return &percentileFigure{at: 0.5} }, noRank(rank)
	}
	starts := map[string]func() figure{
		"count": func() figure { return &countFigure{} }, "c": func() figure { return &countFigure{} },
		"dc": func() figure { return &distinctFigure{} }, "distinct": func() figure { return &distinctFigure{} },
		"values":   func() figure { return &distinctFigure{list: true} },
		"list":     func() figure { return &listFigure{} },
		"first":    func() figure { return &pickFigure{} },
		"last":     func() figure { return &pickFigure{last: true} },
		"earliest": func() figure { return &pickFigure{byTime: true} },
		"latest":   func() figure { return &pickFigure{byTime: true, last: true} },
		"min":      func() figure { return &extremeFigure{sign: -1} },
		"max":      func() figure { return &extremeFigure{sign: 1} },
	}
	for _, of := range []string{"sum", "avg", "mean", "stdev", "range"} {
		starts[of] = func() figure { return &numberFigure{of: of} }
	}
	if start, ok := starts[name]; ok {
		return start, noRank(rank)
	}
	hint := "there are " + statisticNames
	if near, ok := configs.Nearest(name, strings.Split(statisticNames, ", ")); ok {
		hint = "did you mean " + near + "?"
	}
	return nil, fmt.Errorf("there is no %s: %s", name+rank, hint)
}

func noRank(rank string) error {
	if rank != "" {
		return errors.New("only p takes a number behind it, as in p95")
	}
	return nil
}
