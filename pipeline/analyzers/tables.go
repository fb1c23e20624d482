package analyzers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// A lookupTable is a table that stands beside a hunt. Its columns have a
// dictionary of their own.
type lookupTable struct {
	name string // for messages
	rows *pipeline.Batch
}

// How large a table may be.
const (
	tableBytes = 64 << 20
	tableRows  = 1_000_000
)

// columns returns the names of the table's columns, in order.
func (t lookupTable) columns() []string {
	d := t.rows.Dict()
	names := make([]string, d.Len())
	for i := range names {
		names[i] = d.Name(pipeline.Key(i))
	}
	return names
}

// readTable reads a table: JSON objects, in a list or one after another, where
// the file's name ends in .json, .jsonl or .ndjson; else CSV (.tsv: with tabs)
// whose first line names the columns. It may be packed with gzip or zstd.
func readTable(path string) (lookupTable, error) {
	r, err := pipeline.OpenRecords(path)
	if err != nil {
		return lookupTable{}, err
	}
	text, err := io.ReadAll(io.LimitReader(r, tableBytes+1))
	err = errors.Join(err, r.Close())
	switch {
	case err != nil:
		return lookupTable{}, fmt.Errorf("%s: %w", path, err)
	case len(text) > tableBytes:
		return lookupTable{}, fmt.Errorf("%s: the table is larger than %d MiB", path, tableBytes>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	base := strings.ToLower(filepath.Base(path))
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".zst")
	var rows *pipeline.Batch
	switch filepath.Ext(base) {
	case ".json", ".jsonl", ".ndjson":
		rows, err = tableOfJSON(text)
	case ".tsv":
		rows, err = tableOfCSV(text, '\t')
	default:
		rows, err = tableOfCSV(text, ',')
	}
	if err != nil {
		return lookupTable{}, fmt.Errorf("%s:%w", path, err)
	}
	return lookupTable{path, rows}, nil
}

// tableOfCSV reads CSV. Its errors begin with the number of a line.
func tableOfCSV(text []byte, comma rune) (*pipeline.Batch, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.ReuseRecord = comma, true
	dict := pipeline.NewDict()
	out := pipeline.NewBuilder(dict)
	var keys []pipeline.Key
	for {
		cells, err := r.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && keys == nil:
			return nil, errors.New("1: there is no line that names the columns")
		case errors.Is(err, io.EOF):
			return out.Batch(), nil
		case errors.As(err, &bad):
			return nil, fmt.Errorf("%d: %w", bad.Line, bad.Err)
		case err != nil:
			return nil, fmt.Errorf("1: %w", err)
		}
		line, _ := r.FieldPos(0)
		if keys == nil {
			if keys, err = tableKeys(cells, dict); err != nil {
				return nil, fmt.Errorf("%d: %w", line, err)
			}
			continue
		}
		if out.Len() == tableRows {
			return nil, fmt.Errorf("%d: the table has more than %d rows", line, tableRows)
		}
		out.Row()
		for i, cell := range cells {
			if cell != "" {
				out.Set(keys[i], cell)
			}
		}
	}
}

func tableKeys(cells []string, dict *pipeline.Dict) ([]pipeline.Key, error) {
	keys := make([]pipeline.Key, len(cells))
	for i, name := range cells {
		name = strings.TrimSpace(name)
		if name == "" {
			return nil, fmt.Errorf("column %d has no name", i+1)
		}
		if _, twice := dict.Lookup(name); twice {
			return nil, fmt.Errorf("two columns are called %s", name)
		}
		k, err := dict.Intern(name)
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	return keys, nil
}

// tableOfJSON reads JSON objects. Its errors begin with the number of a line.
func tableOfJSON(text []byte) (*pipeline.Batch, error) {
	d := pipeline.NewDecoder(pipeline.NewDict())
	at := 0
	line := func() int { return 1 + bytes.Count(text[:at], []byte("\n")) }
	list := false
	for {
		at += len(text[at:]) - len(bytes.TrimLeft(text[at:], " \t\r\n"))
		switch {
		case at == len(text) && list:
			return nil, fmt.Errorf("%d: the list does not end", line())
		case at == len(text):
			return d.Batch(), nil
		case text[at] == '[' && d.Len() == 0 && !list:
			list = true
			at++
			continue
		case list && text[at] == ']':
			if rest := bytes.TrimSpace(text[at+1:]); len(rest) > 0 {
				return nil, fmt.Errorf("%d: something stands behind the list", line())
			}
			return d.Batch(), nil
		case list && text[at] == ',' && d.Len() > 0:
			at++
			continue
		case d.Len() == tableRows:
			return nil, fmt.Errorf("%d: the table has more than %d rows", line(), tableRows)
		}
		n, err := d.Next(text[at:])
		if err != nil {
			return nil, fmt.Errorf("%d: %w", line(), err)
		}
		at += n
	}
}

// tableOfRows makes a table of rows that stand in the hunt itself.
func tableOfRows(rows []map[string]string, columns []string) lookupTable {
	out := pipeline.NewBuilder(pipeline.NewDict())
	for _, row := range rows {
		out.Row()
		for _, name := range columns {
			if v := row[name]; v != "" {
				out.SetName(name, v)
			}
		}
	}
	return lookupTable{"rows", out.Batch()}
}
