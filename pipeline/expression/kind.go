package expression

// A kind is what is known of a result before any record is seen.
type kind uint8

const (
	kindAny   kind = iota // only the record tells
	kindBool              // true or false
	kindOther             // anything but true and false
)

// either is the kind of a result that is one of two.
func either(a, b kind) kind {
	if a == b {
		return a
	}
	return kindAny
}
