package unpack

// Limits bound the work on one text, over all its layers together. Zero fields
// take the defaults of [DefaultLimits].
type Limits struct {
	Depth  int // layers inside each other
	Layers int // layers of one text
	Bytes  int // decoded bytes in total
	Ratio  int // how many times its size a compressed member may grow to
}

// DefaultLimits returns limits that no honest log line meets: 20 layers deep,
// 500 layers, 16 MiB, and 250 times the size of what is compressed.
func DefaultLimits() Limits {
	return Limits{Depth: 20, Layers: 500, Bytes: 16 << 20, Ratio: 250}
}

func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	if l.Depth <= 0 {
		l.Depth = d.Depth
	}
	if l.Layers <= 0 {
		l.Layers = d.Layers
	}
	if l.Bytes <= 0 {
		l.Bytes = d.Bytes
	}
	if l.Ratio <= 0 {
		l.Ratio = d.Ratio
	}
	return l
}

const (
	// ratioFloor is what any compressed member may grow to, in bytes: blanks
	// and zeros compress a thousandfold, and so little of them harms nobody.
	ratioFloor = 64 << 10
	// workPerByte is how many bytes may be read, written and set up for
	// decompression for each byte of Limits.Bytes. It stops archives whose
	// members share their data, and thousands of streams that yield nothing.
	workPerByte = 4
)

// grown returns the size up to which a member compressed to n bytes may grow.
func (l Limits) grown(n int) int {
	if n > l.Bytes/l.Ratio {
		return l.Bytes
	}
	return min(max(n*l.Ratio, ratioFloor), l.Bytes)
}

// The names of the limits, as Cut counts them.
const (
	cutDepth   = "depth"
	cutLayers  = "layers"
	cutBytes   = "bytes"
	cutRatio   = "ratio"
	cutDamaged = "damaged"
)

// mayAdd reports whether one more layer at depth is within the limits, and
// counts it as cut if it is not.
func (u *Unpacker) mayAdd(depth int) bool {
	switch {
	case depth > u.limits.Depth:
		u.cut[cutDepth]++
	case len(u.layers) >= u.limits.Layers:
		u.cut[cutLayers]++
	default:
		return true
	}
	return false
}

// mayWork takes n bytes of work from the budget of decompression, and counts
// what has to be left undone.
func (u *Unpacker) mayWork(n int) bool {
	if !u.mayPay(n) {
		u.cut[cutBytes]++
		return false
	}
	return true
}

// mayPay is mayWork for readers, whose error is counted.
func (u *Unpacker) mayPay(n int) bool {
	if n > u.limits.Bytes*workPerByte-u.work {
		return false
	}
	u.work += n
	return true
}
