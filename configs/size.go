package configs

import (
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/invopop/jsonschema"
)

// A Size is a number of bytes, written with a unit: 512KiB, 1.5GiB, 2GB.
type Size int64

// sizePattern is what a size looks like, also for the JSON Schema.
const sizePattern = `^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$`

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)([A-Za-z]+)$`)

// A sizeUnit is one of those that sizes are written in.
type sizeUnit struct {
	name  string
	bytes float64
}

// sizeUnits are those of IEC 80000-13, largest first, then those of SI.
func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"TiB", 1 << 40},
		{"GiB", 1 << 30},
		{"MiB", 1 << 20},
		{"KiB", 1 << 10},
		{"TB", 1e12},
		{"GB", 1e9},
		{"MB", 1e6},
		{"kB", 1e3},
		{"B", 1},
	}
}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	parts := sizeForm.FindStringSubmatch(string(text))
	for _, u := range sizeUnits() {
		if parts == nil || parts[2] != u.name {
			continue
		}
		n, err := strconv.ParseFloat(parts[1], 64)
		if n *= u.bytes; err != nil || n >= math.MaxInt64 {
			return fmt.Errorf("%s is too large a size", quote(string(text)))
		}
		*s = Size(n)
		return nil
	}
	return fmt.Errorf("%s is no size: write a number with a unit, such as 512MiB or 2GiB", quote(string(text)))
}

// MarshalText writes the size as a file would have it.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the size in the largest binary unit that it is one of, with at
// most one decimal.
func (s Size) String() string {
	for _, u := range sizeUnits()[:4] {
		if n := float64(s) / u.bytes; n >= 1 {
			return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// JSONSchema describes a size to editors.
func (Size) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: sizePattern}
}
