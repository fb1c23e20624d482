package analyzers

import (
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/netname"
)

var _ = define(Spec[ipTypeConfig]{
	Name:    "ip_type",
	Summary: "says what kinds of addresses there are: public, private, loopback and so on",
	Adds:    []string{"ip_type", "ip_version", "ip_scope", "and as rows ip_field, ip_value"},
	Doc: `
ip_type is one of the words of MSTICPy's get_ip_type (its pivot ip_type): Public,
Private, Multicast, Loopback, Link Local, Unspecified. So it is with profile:
msticpy, exactly: addresses that IANA reserves for anything else are Private, those
that a provider shares among customers (100.64.0.0/10) are Unspecified, and so is a
value in one of the fields that is no address at all. Only white space around an
address, which MSTICPy takes for a part of it, does not matter here.

With profile: strict these have words of their own, Shared, Reserved, Documentation
and Broadcast; an IPv4 address that is mapped into IPv6 is what the IPv4 address is;
and of what is no address nothing is said.

ip_scope says in a few words what the address is for in IANA's registries, such as
private use, benchmarks or 6to4; global if it is in none. ip_version is 4 or 6.
`,
	Config: ipTypeConfig{perValueConfig: perValueConfig{As: asFields}, Profile: "msticpy"},
	New:    newIPType,
	Example: `
-- config.yaml --
ip_type: { fields: [dest_ip] }
-- in.ndjson --
{"_time":1767225600,"dest_ip":"8.8.8.8"}
{"_time":1767225601,"dest_ip":["10.0.0.1","fe80::1"]}
{"_time":1767225602,"dest_ip":"198.18.0.1"}
{"_time":1767225603,"dest_ip":"unknown"}
-- out.ndjson --
{"_time":"1767225600","dest_ip":"8.8.8.8","ip_type":"Public","ip_version":"4","ip_scope":"global"}
{"_time":"1767225601","dest_ip":["10.0.0.1","fe80::1"],"ip_type":["Private","Link Local"],"ip_version":["4","6"],"ip_scope":["private use","link local"]}
{"_time":"1767225602","dest_ip":"198.18.0.1","ip_type":"Private","ip_version":"4","ip_scope":"benchmarks"}
{"_time":"1767225603","dest_ip":"unknown","ip_type":"Unspecified"}
`,
})

type ipTypeConfig struct {
	perValueConfig `koanf:",squash"`
	Profile        string `koanf:"profile" enum:"strict,msticpy" doc:"Whose words are used."`
}

func newIPType(c ipTypeConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	v := newPerValue("ip_type", "ip", c.perValueConfig, []string{"ip_type", "ip_version", "ip_scope"}, dict)
	table := netname.NewAddressTable()
	v.about = func(text string, put func(int, string)) bool {
		a, ok := table.Look(text)
		switch {
		case !ok && c.Profile == "msticpy" && !v.picky() && text != "":
			put(0, netname.Unspecified)
			return true
		case !ok:
			return false
		case c.Profile == "msticpy":
			put(0, a.MSTICPy)
		default:
			put(0, a.Kind)
		}
		if a.IP.Is4() {
			put(1, "4")
		} else {
			put(1, "6")
		}
		put(2, a.Scope)
		return true
	}
	return v, nil
}
