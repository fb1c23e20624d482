package analyzers

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// An ordered value is one that is made ready to be compared: numbers come first
// and by their size, then addresses by theirs, then text byte by byte, and
// last what is absent.
type orderedValue struct {
	kind   uint8
	number float64
	addr   netip.Addr
	text   string
}

const (
	orderedNumber = iota
	orderedAddr
	orderedText
	orderedAbsent
)

// newOrderedValue reads the first of a field's values; it may point into the
// batch.
func newOrderedValue(v pipeline.Values) orderedValue {
	if v.Len() == 0 {
		return orderedValue{kind: orderedAbsent}
	}
	text := v.At(0)
	if n, ok := pipeline.ParseNumber(text); ok {
		return orderedValue{kind: orderedNumber, number: n, text: text}
	}
	if len(text) >= 2 && len(text) <= 64 && strings.ContainsAny(text, ".:") {
		if a, err := netip.ParseAddr(text); err == nil {
			return orderedValue{kind: orderedAddr, addr: a, text: text}
		}
	}
	return orderedValue{kind: orderedText, text: text}
}

// compare orders two values. What is absent is last in either direction.
func (v orderedValue) compare(o orderedValue, desc bool) int {
	if v.kind == orderedAbsent || o.kind == orderedAbsent {
		return cmp.Compare(v.kind, o.kind)
	}
	var c int
	switch {
	case v.kind != o.kind:
		c = cmp.Compare(v.kind, o.kind)
	case v.kind == orderedNumber:
		c = cmp.Compare(v.number, o.number)
	case v.kind == orderedAddr:
		c = v.addr.Compare(o.addr)
	default:
		c = strings.Compare(v.text, o.text)
	}
	if desc {
		return -c
	}
	return c
}
