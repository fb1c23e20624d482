package netname

import (
	"net/netip"
	"slices"
	"strings"
)

// The kinds of addresses in MSTICPy's words.
const (
	Public      = "Public"
	Private     = "Private"
	Multicast   = "Multicast"
	Loopback    = "Loopback"
	LinkLocal   = "Link Local"
	Unspecified = "Unspecified"
	// Words that MSTICPy has not, or calls Private or Unspecified.
	Shared        = "Shared"
	Reserved      = "Reserved"
	Documentation = "Documentation"
	Broadcast     = "Broadcast"
)

// A network is a row of IANA's registries of special-purpose addresses.
type network struct {
	prefix netip.Prefix
	scope  string // what it is for
	kind   string
	// global: the registry says that it can be reached from everywhere.
	// Python calls the others private.
	global bool
}

// networks are IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC
// 6890) and its registries of multicast and IPv6 address space, as of 2025;
// what is special within something special stands first.
func networks() []network {
	n := func(prefix, scope, kind string, global bool) network {
		return network{netip.MustParsePrefix(prefix), scope, kind, global}
	}
	return []network{
		n("0.0.0.0/32", "unspecified", Unspecified, false),
		n("0.0.0.0/8", "this network", Reserved, false),
		n("10.0.0.0/8", "private use", Private, false),
		n("100.64.0.0/10", "shared by a provider's customers", Shared, false),
		n("127.0.0.0/8", "loopback", Loopback, false),
		n("169.254.0.0/16", "link local", LinkLocal, false),
		n("172.16.0.0/12", "private use", Private, false),
		n("192.0.0.9/32", "port control anycast", Public, true),
		n("192.0.0.10/32", "traversal anycast", Public, true),
		n("192.0.0.0/24", "protocol assignments", Reserved, false),
		n("192.0.2.0/24", "documentation", Documentation, false),
		n("192.88.99.0/24", "6to4 relays", Public, true),
		n("192.168.0.0/16", "private use", Private, false),
		n("198.18.0.0/15", "benchmarks", Private, false),
		n("198.51.100.0/24", "documentation", Documentation, false),
		n("203.0.113.0/24", "documentation", Documentation, false),
		n("224.0.0.0/4", "multicast", Multicast, true),
		n("255.255.255.255/32", "broadcast", Broadcast, false),
		n("240.0.0.0/4", "reserved", Reserved, false),

		n("::/128", "unspecified", Unspecified, false),
		n("::1/128", "loopback", Loopback, false),
		n("64:ff9b::/96", "translated from IPv4", Public, true),
		n("64:ff9b:1::/48", "translated from IPv4, local", Private, false),
		n("100::/64", "discard", Reserved, false),
		n("2001::/32", "Teredo", Public, false),
		n("2001:1::1/128", "port control anycast", Public, true),
		n("2001:1::2/128", "traversal anycast", Public, true),
		n("2001:2::/48", "benchmarks", Private, false),
		n("2001:3::/32", "multicast relays", Public, true),
		n("2001:4:112::/48", "name server anycast", Public, true),
		n("2001:20::/28", "host identities", Public, true),
		n("2001:30::/28", "drone identities", Public, true),
		n("2001::/23", "protocol assignments", Reserved, false),
		n("2001:db8::/32", "documentation", Documentation, false),
		n("2002::/16", "6to4", Public, false),
		n("3fff::/20", "documentation", Documentation, true), // younger than MSTICPy's Python
		n("fc00::/7", "unique local", Private, false),
		n("fe80::/10", "link local", LinkLocal, false),
		n("fec0::/10", "site local, no longer used", Private, true),
		n("ff00::/8", "multicast", Multicast, true),
	}
}

// An AddressTable says what addresses are for.
type AddressTable struct{ v4, v6 []network }

// NewAddressTable returns the table.
func NewAddressTable() *AddressTable {
	t := &AddressTable{}
	for _, n := range networks() {
		if n.prefix.Addr().Is4() {
			t.v4 = append(t.v4, n)
		} else {
			t.v6 = append(t.v6, n)
		}
	}
	return t
}

// An Address is what is known of one.
type Address struct {
	IP    netip.Addr
	Kind  string // one of the words above
	Scope string // in IANA's registries; "global" where it is in none
	// MSTICPy is the kind as its get_ip_type says it.
	MSTICPy string
}

// Look says what an address is for; ok is false for what is none. White space
// around it does not matter.
func (t *AddressTable) Look(text string) (a Address, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) < 2 || len(text) > 128 || !strings.ContainsAny(text, ".:") {
		return a, false
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return a, false
	}
	n := t.find(ip.Unmap())
	return Address{IP: ip, Kind: n.kind, Scope: n.scope, MSTICPy: t.msticpy(ip)}, true
}

func (t *AddressTable) find(ip netip.Addr) network {
	ip = ip.WithZone("")
	list := t.v6
	if ip.Is4() {
		list = t.v4
	}
	if i := slices.IndexFunc(list, func(n network) bool { return n.prefix.Contains(ip) }); i >= 0 {
		return list[i]
	}
	return network{scope: "global", kind: Public, global: true}
}

// msticpy asks the questions that MSTICPy asks of Python's ipaddress, in its
// order. It is the Python of after the fix of CVE-2024-4032, which follows
// IANA's registries; for an IPv4 address mapped into IPv6 it knows whether that is
// private, but nothing else.
func (t *AddressTable) msticpy(ip netip.Addr) string {
	plain := ip.Unmap()
	n := t.find(plain)
	global := n.global || n.kind == Shared && ip.Is4In6()
	ip = ip.WithZone("")
	switch {
	case ip.IsMulticast() && !ip.Is4In6():
		return Multicast
	case global:
		return Public
	case ip.IsLoopback() && !ip.Is4In6():
		return Loopback
	case ip.IsLinkLocalUnicast() && !ip.Is4In6():
		return LinkLocal
	case ip.IsUnspecified() || n.kind == Shared:
		return Unspecified
	}
	return Private
}
