package netname

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// A Domain is a domain name taken apart. The parts together, with dots between
// them, are the name.
type Domain struct {
	Host      string // the name or address, in small letters
	Subdomain string // all before Label: "www.mail"
	Label     string // what somebody registered under the suffix: "example"
	Suffix    string // under which names are registered: "co.uk"; "" if there is none
}

// Registered returns the label with its suffix, "" if one is missing.
func (d Domain) Registered() string {
	if d.Label == "" || d.Suffix == "" {
		return ""
	}
	return d.Label + "." + d.Suffix
}

// SplitDomain takes the host of a text apart: a name, an address, or a URL with
// or without a scheme. With private set, suffixes that companies entered into the
// list count as well. An address is a label without a suffix.
//
// With a suffix that is not listed the last label is the label, as tldextract
// has it.
func SplitDomain(text string, private bool) Domain {
	d := Domain{Host: hostOf(text)}
	if addr, err := netip.ParseAddr(strings.Trim(d.Host, "[]")); err == nil {
		d.Label, d.Host = d.Host, addr.String()
		return d
	}
	if d.Host == "" {
		return d
	}
	// The list holds names in their Unicode form or in ASCII; lookups are in ASCII.
	labels := strings.Split(d.Host, ".")
	n := suffixLabels(labels, private)
	d.Suffix = strings.Join(labels[len(labels)-n:], ".")
	if rest := labels[:len(labels)-n]; len(rest) > 0 {
		d.Label = rest[len(rest)-1]
		d.Subdomain = strings.Join(rest[:len(rest)-1], ".")
	}
	return d
}

// suffixLabels returns how many of the last labels are the public suffix.
func suffixLabels(labels []string, private bool) int {
	ascii := make([]string, len(labels))
	for i, l := range labels {
		ascii[i] = asciiLabel(l)
	}
	// No rule is longer than this.
	from := max(len(ascii)-8, 0)
	name := strings.Join(ascii[from:], ".")
	suffix, icann := publicsuffix.PublicSuffix(name)
	listed := icann || strings.Contains(suffix, ".")
	for !icann && !private && strings.Contains(suffix, ".") {
		// A company's rule lies below one of ICANN's.
		_, suffix, _ = strings.Cut(suffix, ".")
		suffix, icann = publicsuffix.PublicSuffix(suffix)
	}
	if !listed || !icann && !strings.Contains(suffix, ".") {
		return 0
	}
	return 1 + strings.Count(suffix, ".")
}

// hostOf returns the host of a URL or of what looks like the beginning of one.
func hostOf(text string) string {
	if at := strings.Index(text, "//"); at >= 0 && isSchemeBefore(text[:at]) {
		text = text[at+2:]
	}
	if end := strings.IndexAny(text, "/?#\\"); end >= 0 {
		text = text[:end]
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	text = strings.TrimSpace(text)
	if _, err := netip.ParseAddr(text); err != nil { // one of IPv6 is no port
		if strings.HasPrefix(text, "[") && strings.Contains(text, "]") {
			text, _, _ = strings.Cut(text, "]")
			text += "]"
		} else {
			text, _, _ = strings.Cut(text, ":")
		}
	}
	text = strings.TrimRight(strings.TrimSpace(text), ".")
	return strings.ToLower(ideographicDots.Replace(text))
}

// ideographicDots are those that stand for a dot in a name (RFC 3490, 3.1).
var ideographicDots = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

// isSchemeBefore reports whether text is "" or a scheme and its colon.
func isSchemeBefore(text string) bool {
	if text == "" {
		return true
	}
	name, colon := strings.CutSuffix(text, ":")
	return colon && isScheme(name)
}

// isScheme is the rule of RFC 3986, 3.1.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// asciiLabel returns a label as DNS has it, and what cannot be written so as it
// is.
func asciiLabel(label string) string {
	if isASCII(label) || len(label) > maxLabel {
		return label
	}
	if a, err := idna.Punycode.ToASCII(label); err == nil {
		return a
	}
	return label
}

// ASCII returns a name as DNS has it, in punycode where it needs to be.
func ASCII(host string) string { return mapLabels(host, asciiLabel) }

// Unicode returns a name as people read it: labels in punycode decoded, where
// that is possible.
func Unicode(host string) string {
	return mapLabels(host, func(label string) string {
		if !isPunycode(label) || len(label) > maxLabel {
			return label
		}
		if u, err := idna.Punycode.ToUnicode(label); err == nil {
			return u
		}
		return label
	})
}

// maxLabel bounds the work on one label: DNS allows 63 bytes, which are no more
// than four times as many in Unicode.
const maxLabel = 256

func mapLabels(host string, f func(string) string) string {
	labels := strings.Split(host, ".")
	for i, l := range labels {
		labels[i] = f(l)
	}
	return strings.Join(labels, ".")
}

// IsName reports whether a host can be a name in DNS: labels of letters, digits,
// hyphens and underscores (RFC 1034, 3.5, and what is in use), at least two of them,
// of at most 63 bytes in ASCII, 253 in all.
func IsName(host string) bool {
	ascii := ASCII(host)
	if len(ascii) > 253 || !strings.Contains(ascii, ".") {
		return false
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if dgaSymbol(label[i]) == dgaOther && label[i] != '-' && label[i] != '_' {
				return false
			}
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
