package pipeline

// Cells appends the record at the start of data, a JSON list of the values of
// the given fields, and returns how many bytes it took: a row of Splunk's
// json_rows, which names the fields once for all. A value is read as in
// [Decoder.Object]; null is absent. A row of another length is refused. The
// keys must differ from each other.
func (d *Decoder) Cells(data []byte, keys []Key) (int, error) {
	d.keys, d.inCells = keys, true
	n, err := d.Next(data)
	d.keys, d.inCells = nil, false
	return n, err
}

// cells reads the list at the start of in.
func (d *Decoder) cells() error {
	if d.space() != '[' {
		return d.fail("a row must be a JSON list")
	}
	d.pos++
	for i, key := range d.keys {
		if i > 0 {
			if d.space() != ',' {
				return d.fail("the row has %d values for %d fields", i, len(d.keys))
			}
			d.pos++
		}
		d.names.last = noKey
		if err := d.value(key, 1); err != nil {
			return err
		}
	}
	if d.space() != ']' {
		return d.fail("the row has more values than the %d fields, or does not end", len(d.keys))
	}
	d.pos++
	return nil
}
