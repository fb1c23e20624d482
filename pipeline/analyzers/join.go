package analyzers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[joinConfig]{
	Name:    "join",
	Summary: "adds to records what a table knows of them",
	Doc: `
The table is a file of CSV (its first line names the columns; .tsv: with tabs) or of
JSON objects (.json, .jsonl, .ndjson), packed or not, of at most 64 MiB and a million
rows; a small one may stand in the hunt itself, under rows. It is read anew by
every run, so that a change takes effect with the next window. A table that is
missing or cannot be read is a mistake in the hunt, found by huntd check.

by says which fields of a record are compared with which columns: user, or
src_ip=address where the names differ. A record matches a row if all of them are
the same. match has it otherwise for one column: cidr, where the table holds
networks, or wildcard, where * stands for any text and ? for one byte.

Of the rows that match, the columns that fields names (all but the keys) are added,
with prefix before their names; they replace fields of that name. Where several
rows match, a field has the values of all of them, each once, in the table's order;
networks the longest first. A record for which there are more rows than max_matches
is counted as join.matches_over and has a note; max_matches: 1 asks for the first
row, or the closest network, and is no matter for a note.

how says which records come out: left, all of them; inner, those that match; anti,
those that do not, to which nothing is added. A record that lacks one of the fields
matches nothing, and is counted as join.without_fields. Of a field with several
values each is looked up, up to 200 combinations of a record;
records with more are counted as join.combinations_over.
`,
	Config: joinConfig{How: "left", MaxMatches: 100},
	New:    newJoin,
	Example: `
-- config.yaml --
join:
  by: [src_ip=net]
  match: { net: cidr }
  prefix: src_
  rows:
    - { net: 10.0.0.0/8, owner: it }
    - { net: 10.1.2.0/24, owner: lab, zone: dmz }
-- in.ndjson --
{"_time":1767225600,"src_ip":"10.1.2.3"}
{"_time":1767225601,"src_ip":"10.9.9.9"}
{"_time":1767225602,"src_ip":"192.0.2.1"}
-- out.ndjson --
{"_time":"1767225600","src_ip":"10.1.2.3","src_owner":["lab","it"],"src_zone":"dmz"}
{"_time":"1767225601","src_ip":"10.9.9.9","src_owner":"it"}
{"_time":"1767225602","src_ip":"192.0.2.1"}
`,
})

type joinConfig struct {
	Table      configs.Path        `koanf:"table" doc:"The file with the table, relative to the hunt's."`
	Rows       []map[string]string `koanf:"rows" doc:"The table itself, instead of a file."`
	By         []string            `koanf:"by" required:"true" min:"1" doc:"The fields that are compared with columns: a name, or field=column."`
	Match      map[string]string   `koanf:"match" enum:"exact,cidr,wildcard" doc:"How a column is compared, by its name: exact, cidr or wildcard. Default: exact."`
	IgnoreCase bool                `koanf:"ignore_case" doc:"Whether capitals and small letters are the same."`
	How        string              `koanf:"how" enum:"left,inner,anti" doc:"Which records come out: left, all; inner, those that match; anti, those that do not."`
	Fields     []string            `koanf:"fields" doc:"The columns to add. Default: all that are not compared."`
	Prefix     string              `koanf:"prefix" doc:"What stands before the names of the fields that are added."`
	MaxMatches int                 `koanf:"max_matches" min:"1" max:"1000" doc:"How many rows are used for one record."`
}

type joinStage struct {
	pipeline.Streaming
	conf  joinConfig
	dict  *pipeline.Dict
	by    *groupKeys
	table lookupTable
	index *tableIndex
	add   []joinColumn
	rows  []int // that match the record

	without, over int
}

type joinColumn struct {
	from, to pipeline.Key
	values   valueSet
}

func newJoin(c joinConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	table, err := c.open()
	if err != nil {
		return nil, err
	}
	fields, columns := make([]string, len(c.By)), make([]string, len(c.By))
	for i, by := range c.By {
		field, column, differ := strings.Cut(by, "=")
		fields[i], columns[i] = strings.TrimSpace(field), strings.TrimSpace(column)
		if !differ {
			columns[i] = fields[i]
		}
	}
	s := &joinStage{conf: c, dict: dict, by: newGroupKeys(fields, dict), table: table}
	keys, err := s.keys(columns)
	if err != nil {
		return nil, err
	}
	special, mode, err := c.special(columns)
	if err != nil {
		return nil, err
	}
	if s.index, err = newTableIndex(table, keys, special, mode, c.IgnoreCase); err != nil {
		return nil, err
	}
	if len(c.Fields) == 0 {
		c.Fields = slices.DeleteFunc(table.columns(), func(name string) bool { return slices.Contains(columns, name) })
	}
	from, err := s.keys(c.Fields)
	if err != nil {
		return nil, err
	}
	for i, name := range c.Fields {
		to, err := dict.Intern(c.Prefix + name)
		if err != nil {
			return nil, err
		}
		s.add = append(s.add, joinColumn{from: from[i], to: to})
	}
	return s, nil
}

// open reads the table.
func (c joinConfig) open() (lookupTable, error) {
	if (c.Table == "") == (len(c.Rows) == 0) {
		return lookupTable{}, errors.New(`join wants either a table, the path of a file, or rows`)
	}
	if c.Table != "" {
		return readTable(string(c.Table))
	}
	var columns []string
	for _, row := range c.Rows {
		for name := range row {
			columns = append(columns, name)
		}
	}
	slices.Sort(columns)
	return tableOfRows(c.Rows, slices.Compact(columns)), nil
}

// keys returns the keys of columns that the table must have.
func (s *joinStage) keys(columns []string) ([]pipeline.Key, error) {
	keys := make([]pipeline.Key, len(columns))
	for i, name := range columns {
		k, ok := s.table.rows.Dict().Lookup(name)
		if s.table.rows.Len() == 0 { // an empty list of JSON tells of no columns
			k, ok = s.table.rows.Dict().Key(name), true
		}
		if !ok {
			hint := "it has " + strings.Join(s.table.columns(), ", ")
			if near, ok := configs.Nearest(name, s.table.columns()); ok {
				hint = "did you mean " + near + "?"
			}
			return nil, fmt.Errorf("%s has no column %q: %s", s.table.name, name, hint)
		}
		keys[i] = k
	}
	return keys, nil
}

// special returns which of the key columns is not compared exactly.
func (c joinConfig) special(columns []string) (at int, mode string, err error) {
	at = -1
	for name, m := range c.Match {
		i := slices.Index(columns, name)
		switch {
		case i < 0:
			return at, "", fmt.Errorf(`"match" names the column %s, which "by" does not`, name)
		case m == matchExact:
		case at >= 0:
			return at, "", errors.New(`only one column may be compared by cidr or wildcard`)
		default:
			at, mode = i, m
		}
	}
	return at, mode, nil
}

// Process implements [pipeline.Stage].
func (s *joinStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	columns := make([]*pipeline.NewColumn, len(s.add))
	for i, c := range s.add {
		columns[i] = b.NewColumn(c.to)
	}
	rows, notes := make([]int, 0, b.Len()), map[int]string{}
	for row := range b.Len() {
		more := s.find(b, row)
		if s.conf.How == "left" || len(s.rows) > 0 == (s.conf.How == "inner") {
			rows = append(rows, row)
		}
		if s.conf.How == "anti" {
			continue
		}
		if more && s.conf.MaxMatches > 1 {
			s.over++
			notes[row] = "join: more than " + strconv.Itoa(s.conf.MaxMatches) + " rows match"
		}
		s.fill(columns, row)
	}
	if s.conf.How != "anti" {
		b = addNotes(b.With(columns...), s.dict, notes)
	}
	if len(rows) == b.Len() {
		return b, nil
	}
	return b.Select(rows), nil
}

// find gathers the rows that match a record, and reports whether there are more.
func (s *joinStage) find(b *pipeline.Batch, row int) (more bool) {
	s.rows = s.rows[:0]
	take := func(match int) bool {
		switch {
		case slices.Contains(s.rows, match):
		case len(s.rows) < s.conf.MaxMatches:
			s.rows = append(s.rows, match)
		default:
			more = true
		}
		return !more
	}
	if !s.by.each(b, row, func(values []string) {
		if !more {
			s.index.find(values, take)
		}
	}) {
		s.without++
	}
	return more
}

// fill gives a record the columns of the rows that match.
func (s *joinStage) fill(columns []*pipeline.NewColumn, row int) {
	for i := range s.add {
		c := &s.add[i]
		for _, match := range s.rows {
			for v := range s.table.rows.Values(match, c.from).All() {
				c.values.add(v)
			}
		}
		if len(c.values.list) > 0 {
			columns[i].Set(row, c.values.list...)
			c.values.reset()
		}
	}
}

// Counts implements [pipeline.Counter].
func (s *joinStage) Counts() map[string]int {
	return map[string]int{"without_fields": s.without, "combinations_over": s.by.over, "matches_over": s.over}
}
