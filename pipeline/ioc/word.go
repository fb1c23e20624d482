package ioc

// Eight bytes are looked at in one word; the high bit of each tells what holds
// for it.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// between sets the high bits of the bytes of w from lo to hi; w's own must not
// be set.
func between(w, lo, hi uint64) uint64 {
	return (w + (0x80-lo)*ones) &^ (w + (0x7f-hi)*ones)
}

// load returns eight bytes as a word, the first lowest.
func load(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// areAlnum reports whether all eight bytes are letters or digits.
func areAlnum(w uint64) bool {
	low := w &^ highs
	return (between(low, '0', '9')|between(low|0x20*ones, 'a', 'z'))&^w&highs == highs
}
