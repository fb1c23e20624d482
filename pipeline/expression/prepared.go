package expression

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/expr-lang/expr/ast"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

// preparedNames lists the functions of a text whose other arguments are read
// when compiling, and must be written out: a mistake in a pattern, a path or a
// zone shows before the hunt runs, and a record cannot bring one of its own.
func preparedNames() []string {
	return []string{"age", "bucket", "day", "extract", "extractAll", "hour", "json", "weekday"}
}

func isPrepared(name string) bool { return slices.Contains(preparedNames(), name) }

// prepare returns what the function does with its first argument.
func (c *compiler) prepare(n ast.Node, name string, args []ast.Node) (function, error) {
	least, most := preparedArguments(name)
	if len(args) < least || len(args) > most {
		return function{}, &mistake{at: n.Location(), cause: argumentError(name, function{least: least, most: most}, len(args))}
	}
	given := ""
	if len(args) > 1 {
		v, ok := constant(args[1])
		text, isText := v.(string)
		if !ok || !isText {
			return function{}, mistakeAt(args[1], "what %s is given behind the field is written out in quotes, as in %s", name, preparedExample(name))
		}
		given = text
	}
	f, err := c.preparedFunction(name, given)
	if err != nil {
		return function{}, &mistake{at: args[len(args)-1].Location(), cause: err}
	}
	return f, nil
}

func preparedArguments(name string) (least, most int) {
	switch name {
	case "age":
		return 1, 1
	case "day", "hour", "weekday":
		return 1, 2
	}
	return 2, 2
}

func preparedExample(name string) string {
	switch name {
	case "bucket":
		return `bucket(_time, "5m")`
	case "json":
		return `json(_raw, "user.name")`
	case "extract", "extractAll":
		return name + `(CommandLine, "-enc\\s+(\\S+)")`
	}
	return name + `(_time, "Europe/Berlin")`
}

func (c *compiler) preparedFunction(name, given string) (function, error) {
	switch name {
	case "age":
		return c.age(), nil
	case "bucket":
		return bucket(given)
	case "extract", "extractAll":
		return extractor(name, given)
	case "json":
		path, err := parsePath(given)
		f, _ := perValue(1, 1, kindAny, func(_ *Evaluator, s string, _ []scalar) any { return path.of(s) })
		return f, err
	}
	return zoned(name, given)
}

// extractor finds the first group of a regular expression, or where it has none
// the whole match.
func extractor(name, pattern string) (function, error) {
	re, err := compilePattern(pattern)
	if err != nil {
		return function{}, err
	}
	group := min(re.NumSubexp(), 1)
	if name == "extractAll" {
		f, _ := perValue(1, 1, kindOther, func(_ *Evaluator, s string, _ []scalar) any { return allMatches(re, group, s) })
		return f, nil
	}
	f, _ := perScalar(1, 1, func(_ *Evaluator, s string, _ []scalar) scalar {
		at := re.FindStringSubmatchIndex(s)
		if at == nil || at[2*group] < 0 {
			return noScalar()
		}
		return textScalar(s[at[2*group]:at[2*group+1]])
	})
	return f, nil
}

func allMatches(re *regexp.Regexp, group int, s string) []string {
	found := []string{}
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		if at[2*group] >= 0 {
			found = append(found, s[at[2*group]:at[2*group+1]])
		}
	}
	return found
}

// age is how many seconds an instant lies before the record's own time. There
// is no clock in it, so that a window hunted again gives the same.
func (c *compiler) age() function {
	own := c.slot("_time")
	f, _ := perScalar(1, 1, func(e *Evaluator, s string, _ []scalar) scalar {
		then, ok := pipeline.ParseTime(s)
		now, known := pipeline.ParseTime(e.values(own).First())
		if !ok || !known {
			return e.notNumber()
		}
		return lazyNumber(float64(now.UnixMicro()-then.UnixMicro()) / 1e6)
	})
	return f
}

// bucket is the beginning, in epoch seconds, of the span of time that an
// instant lies in. The spans are counted from 1970, in UTC.
func bucket(size string) (function, error) {
	d, err := configs.ParseDuration(size)
	if err != nil {
		return function{}, err
	}
	span := d.Microseconds()
	if span <= 0 {
		return function{}, errors.New(`bucket wants a span of time above 0, as in bucket(_time, "5m")`)
	}
	return ofTime(func(t time.Time) scalar {
		us := t.UnixMicro()
		begin := us - (us%span+span)%span
		return lazyNumber(float64(begin) / 1e6)
	}), nil
}

// zoned is a function of the calendar in a zone, UTC if none is given.
func zoned(name, zone string) (function, error) {
	loc, err := loadZone(zone)
	if err != nil {
		return function{}, err
	}
	switch name {
	case "hour":
		return ofTime(func(t time.Time) scalar { return lazyInteger(t.In(loc).Hour()) }), nil
	case "weekday":
		return ofTime(func(t time.Time) scalar { return textScalar(t.In(loc).Weekday().String()) }), nil
	}
	return ofTime(func(t time.Time) scalar { return textScalar(t.In(loc).Format(time.DateOnly)) }), nil
}

// loadZone finds a zone of the IANA database. The machine's own is not offered:
// the same hunt would give another result elsewhere.
func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || loc == time.Local {
		return nil, fmt.Errorf("%q is no time zone: write it as in Europe/Berlin, or UTC", name)
	}
	return loc, nil
}

// ofTime is a function of an instant as records bear it; what is none is
// counted.
func ofTime(f func(time.Time) scalar) function {
	g, _ := perScalar(1, 1, func(e *Evaluator, s string, _ []scalar) scalar {
		t, ok := pipeline.ParseTime(s)
		if !ok {
			return e.notNumber()
		}
		return f(t)
	})
	return g
}
