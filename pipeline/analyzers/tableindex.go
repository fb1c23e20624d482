package analyzers

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

// How the values of one column are matched.
const (
	matchExact    = "exact"
	matchCIDR     = "cidr"
	matchWildcard = "wildcard"
)

// tableGlobs is how many rows of a table may hold a wildcard: each is tried by
// itself.
const tableGlobs = 1000

// A tableIndex finds the rows of a table by the values of its key columns. At
// most one column is matched by network or wildcard, the others as they are.
type tableIndex struct {
	keys    []pipeline.Key
	special int // which of the keys is not matched as it is, -1: none
	mode    string
	fold    bool

	exact map[string][]int // the rows by all keys
	nets  map[tableNet][]int
	bits  []tableBits // those that nets holds, longest first
	globs []tableGlob
	name  []byte
}

// A tableNet is a network under the values of the other keys.
type tableNet struct {
	others string
	net    netip.Prefix
}

type tableBits struct {
	bits int
	is4  bool
}

type tableGlob struct {
	others string
	glob   glob
	row    int
}

// newTableIndex reads the key columns; special is the place of the one that is
// matched by mode, or -1.
func newTableIndex(t lookupTable, keys []pipeline.Key, special int, mode string, fold bool) (*tableIndex, error) {
	x := &tableIndex{
		keys: keys, special: special, mode: mode, fold: fold,
		exact: map[string][]int{}, nets: map[tableNet][]int{},
	}
	values := make([]string, len(keys))
	for row := range t.rows.Len() {
		if err := x.add(t, row, 0, values); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", t.name, row+1, err)
		}
	}
	slices.SortFunc(x.bits, func(a, b tableBits) int { return cmp.Compare(b.bits, a.bits) })
	return x, nil
}

// add files a row under its keys; a key of several values, as JSON can hold,
// under each of them. A row without one of the keys is never found.
func (x *tableIndex) add(t lookupTable, row, i int, values []string) error {
	if i < len(x.keys) {
		for v := range t.rows.Values(row, x.keys[i]).All() {
			values[i] = v
			if err := x.add(t, row, i+1, values); err != nil {
				return err
			}
		}
		return nil
	}
	if x.special < 0 {
		k := string(x.others(values, -1))
		x.exact[k] = append(x.exact[k], row)
		return nil
	}
	others, text := string(x.others(values, x.special)), x.folded(values[x.special])
	if x.mode == matchCIDR {
		return x.addNet(others, text, row)
	}
	if !strings.ContainsAny(text, "*?") {
		k := string(x.others(values, -1))
		x.exact[k] = append(x.exact[k], row)
		return nil
	}
	if len(x.globs) == tableGlobs {
		return fmt.Errorf("more than %d rows hold a wildcard", tableGlobs)
	}
	x.globs = append(x.globs, tableGlob{others, newGlob(text), row})
	return nil
}

func (x *tableIndex) addNet(others, text string, row int) error {
	net, err := netip.ParsePrefix(strings.TrimSpace(text))
	if err != nil {
		addr, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("%q is neither a network nor an address", text)
		}
		net = netip.PrefixFrom(addr, addr.BitLen())
	}
	if a := net.Addr(); a.Is4In6() && net.Bits() >= 96 {
		net = netip.PrefixFrom(a.Unmap(), net.Bits()-96)
	}
	net = net.Masked()
	at := tableNet{others, net}
	x.nets[at] = append(x.nets[at], row)
	if b := (tableBits{net.Bits(), net.Addr().Is4()}); !slices.Contains(x.bits, b) {
		x.bits = append(x.bits, b)
	}
	return nil
}

// find calls do with each row that matches the values of the keys, in the
// table's order, until it returns false; of networks the longest come first.
func (x *tableIndex) find(values []string, do func(row int) bool) {
	if x.special >= 0 && x.mode == matchCIDR {
		x.findNets(values, do)
		return
	}
	exact := x.exact[string(x.others(values, -1))]
	if len(x.globs) > 0 {
		others, text := string(x.others(values, x.special)), x.folded(values[x.special])
		for _, g := range x.globs {
			if g.others != others || !g.glob.match(text) {
				continue
			}
			for len(exact) > 0 && exact[0] < g.row {
				if !do(exact[0]) {
					return
				}
				exact = exact[1:]
			}
			if !do(g.row) {
				return
			}
		}
	}
	for _, row := range exact {
		if !do(row) {
			return
		}
	}
}

func (x *tableIndex) findNets(values []string, do func(row int) bool) {
	if len(values[x.special]) > 64 {
		return // no address is that long
	}
	addr, err := netip.ParseAddr(values[x.special])
	if err != nil {
		return
	}
	addr = addr.Unmap().WithZone("")
	others := string(x.others(values, x.special))
	for _, b := range x.bits {
		if b.is4 != addr.Is4() {
			continue
		}
		net, err := addr.Prefix(b.bits)
		if err != nil {
			continue
		}
		for _, row := range x.nets[tableNet{others, net}] {
			if !do(row) {
				return
			}
		}
	}
}

// others makes one text of all values but one; no two lists make the same.
func (x *tableIndex) others(values []string, but int) []byte {
	x.name = x.name[:0]
	for i, v := range values {
		if i != but {
			v = x.folded(v)
			x.name = append(strconv.AppendInt(x.name, int64(len(v)), 10), ':')
			x.name = append(x.name, v...)
		}
	}
	return x.name
}

func (x *tableIndex) folded(v string) string {
	if x.fold {
		return strings.ToLower(v)
	}
	return v
}
