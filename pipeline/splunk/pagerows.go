package splunk

import (
	"encoding/json"
	"fmt"

	"github.com/huntd/huntd/pipeline"
)

// maxFields bounds the fields of a page in rows.
const maxFields = 1 << 14

// cellRows reads rows of cells.
func (r *pageReader) cellRows() error {
	keys, err := r.keys()
	if err != nil {
		return err
	}
	return r.results(func(data []byte) (int, error) { return r.rows.Cells(data, keys) })
}

// earlyRows reads rows that stood before the names of their fields.
func (r *pageReader) earlyRows() error {
	if r.rowsAt == 0 {
		return nil
	}
	r.pos = r.rowsAt
	return r.cellRows()
}

// keys are the fields that each row has a cell of: names, or objects with a
// name.
func (r *pageReader) keys() ([]pipeline.Key, error) {
	var names []columnName
	if err := json.Unmarshal(r.fields, &names); err != nil {
		return nil, pageError("rows have no list of fields")
	}
	if len(names) > maxFields {
		return nil, fmt.Errorf("%d fields are more than %d: %w", len(names), maxFields, pipeline.ErrNames)
	}
	keys, seen := make([]pipeline.Key, len(names)), map[pipeline.Key]bool{}
	for i, name := range names {
		key, err := r.rows.Dict().Intern(string(name))
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, pageError("two fields have one name")
		}
		keys[i], seen[key] = key, true
	}
	return keys, nil
}

// A columnName is read from a text or from an object with a name.
type columnName string

// UnmarshalJSON implements json.Unmarshaler.
func (f *columnName) UnmarshalJSON(data []byte) error {
	var object struct{ Name string }
	if json.Unmarshal(data, &object) == nil {
		*f = columnName(object.Name)
		return nil
	}
	return json.Unmarshal(data, (*string)(f))
}
