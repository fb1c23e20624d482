package analyzers

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/netname"
)

var _ = define(Spec[domainConfig]{
	Name:    "domain",
	Summary: "takes domain names apart and says how random they look",
	Attack:  []string{"T1568.002", "T1036"},
	Adds: []string{
		"domain_host", "domain_subdomain", "domain_label", "domain_suffix", "domain_registered", "domain_unicode",
		"domain_looks_like", "domain_entropy", "domain_dga_score", "domain_flags",
		"and as rows domain_field, domain_value",
	},
	Doc: `
A value may be a name, or a URL whose host is one. It is split at its public suffix,
under which people register names: of www.example.co.uk domain_suffix is co.uk,
domain_label example, domain_subdomain www, and domain_registered example.co.uk.
These are what MSTICPy's dns_components calls suffix, domain and subdomain. Suffixes
that companies entered into the list, such as github.io, count with private: true.
A name whose suffix is not listed has none; its last label is the label.

domain_host is the whole name in small letters. If a part of it is in punycode,
domain_unicode is how it is meant to be read, and domain_looks_like how somebody reads
it who takes every letter for the Latin one that it resembles.

domain_entropy are the bits for each letter of the label, domain_dga_score how much
the label looks as if drawn at random, from 0 to 1: above 0.9 is worth a look, though
abbreviations and long numbers get there as well, and names made of words do not.

domain_flags are those of idn (it is not meant to be read in plain ASCII), mixed_scripts (Latin with Cyrillic or Greek in one
label), unlisted_suffix and address (it is no name; the label is the address then) that
apply. With profile: strict nothing is said of addresses, nor of what cannot be a
name; with profile: msticpy what stands in the fields is split whatever it is. Without
fields only what can be a name under a listed suffix is looked at; that some names of
files can be, such as notes.zip, is a reason to name the fields.
`,
	Config: domainConfig{perValueConfig: perValueConfig{As: asFields}, Profile: "msticpy"},
	New:    newDomain,
	Example: `
-- config.yaml --
domain: { fields: [query] }
-- in.ndjson --
{"_time":1767225600,"query":"www.Example.co.uk"}
{"_time":1767225601,"query":"xn--80ak6aa92e.com"}
{"_time":1767225602,"query":"http://xkqjwzpvtgfh.net:8080/a"}
-- out.ndjson --
{"_time":"1767225600","query":"www.Example.co.uk","domain_host":"www.example.co.uk","domain_subdomain":"www","domain_label":"example","domain_suffix":"co.uk","domain_registered":"example.co.uk","domain_entropy":"2.522","domain_dga_score":"0.001"}
{"_time":"1767225601","query":"xn--80ak6aa92e.com","domain_host":"xn--80ak6aa92e.com","domain_label":"xn--80ak6aa92e","domain_suffix":"com","domain_registered":"xn--80ak6aa92e.com","domain_unicode":"аррӏе.com","domain_looks_like":"apple.com","domain_entropy":"3.325","domain_flags":"idn"}
{"_time":"1767225602","query":"http://xkqjwzpvtgfh.net:8080/a","domain_host":"xkqjwzpvtgfh.net","domain_label":"xkqjwzpvtgfh","domain_suffix":"net","domain_registered":"xkqjwzpvtgfh.net","domain_entropy":"3.585","domain_dga_score":"1.000"}
`,
})

type domainConfig struct {
	perValueConfig `koanf:",squash"`
	Private        bool   `koanf:"private" doc:"Whether suffixes that companies entered, such as github.io, count."`
	Profile        string `koanf:"profile" enum:"strict,msticpy" doc:"Whether only what can be a name is talked of, or all that stands in the fields."`
}

// The places of the fields.
const (
	domainHost = iota
	domainSubdomain
	domainLabel
	domainSuffix
	domainRegistered
	domainUnicode
	domainLooksLike
	domainEntropy
	domainDGAScore
	domainFlags
)

func newDomain(c domainConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	v := newPerValue("domain", "domain", c.perValueConfig, []string{
		"domain_host", "domain_subdomain", "domain_label", "domain_suffix", "domain_registered", "domain_unicode",
		"domain_looks_like", "domain_entropy", "domain_dga_score", "domain_flags",
	}, dict)
	v.about = func(text string, put func(int, string)) bool {
		if strings.TrimSpace(text) == "" {
			return false
		}
		d := netname.SplitDomain(text, c.Private)
		_, err := netip.ParseAddr(d.Host)
		address := err == nil
		if (c.Profile == "strict" || v.picky()) && (address || !netname.IsName(d.Host)) || v.picky() && d.Suffix == "" {
			return false
		}
		domainParts(d, put)
		if address {
			put(domainFlags, "address")
			return true
		}
		domainReading(d, put)
		return true
	}
	return v, nil
}

// domainParts puts the parts that there are.
func domainParts(d netname.Domain, put func(int, string)) {
	for i, part := range []string{d.Host, d.Subdomain, d.Label, d.Suffix, d.Registered()} {
		if part != "" {
			put(domainHost+i, part)
		}
	}
}

// domainReading puts what a person or a machine might think of the name.
func domainReading(d netname.Domain, put func(int, string)) {
	read := netname.Unicode(d.Host)
	if read != d.Host {
		put(domainUnicode, read)
	}
	if read != netname.ASCII(read) {
		put(domainFlags, "idn")
	}
	if alike := netname.Lookalike(read); alike != "" {
		put(domainLooksLike, alike)
	}
	if netname.MixesScripts(read) {
		put(domainFlags, "mixed_scripts")
	}
	if d.Suffix == "" {
		put(domainFlags, "unlisted_suffix")
	}
	if d.Label == "" {
		return
	}
	put(domainEntropy, strconv.FormatFloat(netname.Entropy(d.Label), 'f', 3, 64))
	if score, ok := netname.DGAScore(d.Label); ok {
		put(domainDGAScore, strconv.FormatFloat(score, 'f', 3, 64))
	}
}
