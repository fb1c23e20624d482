package hunt

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// descriptors are the names that stand for a cron line.
const descriptors = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"

// A cronField is one of the five fields of a cron line.
type cronField struct {
	name   string
	option cron.ParseOption
	values int
	wants  string
}

func cronFields() [5]cronField {
	return [5]cronField{
		{"minute", cron.Minute, 60, "0 to 59"},
		{"hour", cron.Hour, 24, "0 to 23"},
		{"day of month", cron.Dom, 31, "1 to 31"},
		{"month", cron.Month, 12, "1 to 12 or JAN to DEC"},
		{"day of week", cron.Dow, 7, "0 to 6 or SUN to SAT (Sunday is 0, not 7)"},
	}
}

// parseLine reads a cron line. Lines that robfig/cron would read in another way
// than people do never reach it.
func parseLine(line string, zone *time.Location) (cron.Schedule, error) {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("cron line %q: "+format, append([]any{line}, args...)...)
	}
	line = strings.TrimSpace(line)
	if strings.Contains(line, "TZ=") {
		return nil, refuse("the time zone has a key of its own, timezone")
	}
	if every, ok := strings.CutPrefix(line, "@every"); ok {
		d, err := time.ParseDuration(strings.TrimSpace(every))
		switch {
		case err != nil:
			return nil, refuse("@every wants a span of time, such as @every 15m")
		case d < minEvery:
			return nil, refuse("@every wants a minute or more")
		case d%time.Second != 0:
			return nil, refuse("@every wants whole seconds")
		}
		return cron.ConstantDelaySchedule{Delay: d}, nil
	}
	if !strings.HasPrefix(line, "@") {
		if err := checkFields(strings.Fields(line)); err != nil {
			return nil, refuse("%w", err)
		}
	}
	parsed, err := cron.ParseStandard(line)
	if err != nil && strings.HasPrefix(line, "@") {
		return nil, refuse("there is no such name: write %s or @every with a span of time", descriptors)
	}
	if err != nil {
		return nil, refuse("%w", err)
	}
	if spec, ok := parsed.(*cron.SpecSchedule); ok {
		spec.Location = zone
	}
	return parsed, nil
}

func checkFields(fields []string) error {
	if len(fields) != 5 {
		return fmt.Errorf("it has %d fields, want 5: minute hour day-of-month month day-of-week", len(fields))
	}
	for i, f := range cronFields() {
		if err := f.check(fields[i]); err != nil {
			return err
		}
	}
	dom, dow := fields[2], fields[4]
	if restricts(dom) && restricts(dow) && (stepped(dom) || stepped(dow)) {
		// cron(8) fires where both match, robfig/cron where either does.
		return fmt.Errorf("day of month %q and day of week %q together mean one thing to some crons and another to others: "+
			"list the days instead of a step, or restrict only one of the two", dom, dow)
	}
	return nil
}

// restricts reports whether a field leaves any value out.
func restricts(field string) bool { return strings.Trim(strings.TrimSuffix(field, "/1"), "*?") != "" }

// stepped reports whether a field begins with a star that it then restricts.
func stepped(field string) bool { return strings.ContainsAny(field[:1], "*?") && restricts(field) }

// set are the field's values in what a parser of this field alone has read.
func (f cronField) set(s cron.Schedule) uint64 {
	c, ok := s.(*cron.SpecSchedule)
	if !ok {
		return 0
	}
	return map[cron.ParseOption]uint64{
		cron.Minute: c.Minute, cron.Hour: c.Hour, cron.Dom: c.Dom, cron.Month: c.Month, cron.Dow: c.Dow,
	}[f.option]
}

func (f cronField) check(field string) error {
	for part := range strings.SplitSeq(field, ",") {
		if part == "" {
			return fmt.Errorf("%s %q has an empty part, which never fires", f.name, field)
		}
		span, step, ok := strings.Cut(part, "/")
		if n, err := strconv.Atoi(step); ok && err == nil && n >= f.values {
			return fmt.Errorf("%s %q steps by %d of %d values: it would fire at the first only", f.name, field, n, f.values)
		}
		starry := strings.ContainsAny(span, "*?") && len(span) > 1 // robfig/cron takes *-5 for *
		parsed, err := cron.NewParser(f.option).Parse(part)
		if err != nil || starry {
			return fmt.Errorf("%s %q: it takes %s, ranges such as a-b that do not wrap around, lists, and steps such as */n",
				f.name, field, f.wants)
		}
		if ok && step != "1" && bits.OnesCount64(f.set(parsed)&^starBit) == 1 {
			return fmt.Errorf("%s %q steps beyond its last value: it would fire at the first only", f.name, field)
		}
	}
	return nil
}
