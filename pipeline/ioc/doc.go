// Package ioc finds indicators in text: ipv4, ipv6, dns, url, email, md5, sha1
// and sha256. It knows nothing but text; one pass of a [Scanner] yields
// [Match] values in order of appearance, each proven valid by its own grammar.
//
// # How it works
//
// No regular expression runs. Each kind of indicator needs one of three
// anchors: a dot (ipv4, dns, email), a colon (url, ipv6) or 32 hexadecimal
// digits in a row (hashes). The scanner jumps from anchor to anchor, reads the
// token around it once, validates, and goes on behind it, so that no input
// costs more than linear time. Runs of hexadecimal digits are found by looking
// at every 32nd byte only. The exception are URLs within a URL: they are read
// again for their own ends, in all at most about eight times its length, and
// those that come later are taken to end with the outer one.
//
// Over recorded events (one indicator in 170 bytes) that is 460 to 590 MB/s on
// one core of a busy machine, over denser made-up logs (one in 85 bytes) 350 to
// 450; Go's regexp does 2 MB/s with naive patterns for the same types. See
// BenchmarkScan and BenchmarkRegexp.
//
// # What counts
//
// The scanner is strict: a hunter's time is worth more than a name too many.
//
//   - ipv4: four decimal octets 0 to 255 without leading zeros ("010.0.0.1" is
//     read differently by different programs, hence by nobody here). Neighbours
//     must not be letters, digits, underscores or further dotted digits:
//     1.2.3.4.5 and v1.2.3.4 are versions. So are quads after "version" and
//     product versions such as Chrome/109.0.0.0.
//   - ipv6: what [net/netip] parses, with a digit in it and either a group of
//     three characters or four groups. Of the shorter forms only ::1 counts,
//     because [Enum]::Add is code. Eight pairs are an EUI-64, not an address.
//     A zone (%eth0) is accepted and left outside of the match.
//   - dns: at least two labels of letters, digits and hyphens (RFC 1123),
//     underscores in all but the last two (RFC 8552), and a last label that is
//     an ICANN top-level domain on the public suffix list. A bare public suffix
//     (co.uk) is no name. Unicode names count if IDNA2008 lookup accepts them;
//     their value is the ASCII (punycode) form, all other values stand as in
//     the text. File names and members of objects that look like names are
//     told apart by the tables in tables.go; a last label that alone begins
//     with a capital (done.It) is prose or code. In URLs and emails the place
//     proves the name, and neither counts.
//   - url: a scheme of the list in tables.go, "://", a host (name, address,
//     bracketed ipv6, or a single label such as an intranet server), optional
//     user info and port, then everything up to a delimiter. Closing brackets
//     without an opening one, quotes, backslashes, bars, XML entities for
//     quotes, and trailing punctuation are not part of it, nor is a comma or
//     semicolon before the next URL of a list.
//   - email: a local part of letters, digits and ._+-' (at most 64) before a
//     valid name. RFC 5321 allows more; in logs = / | # and their like stand
//     between fields, so they end the local part.
//   - md5, sha1, sha256: exactly 32, 40, 64 hexadecimal digits that are no part
//     of a longer word, nor hyphenated on both sides (trace ids, GUIDs). At
//     least one letter, one decimal and eight different digits: one real MD5
//     in three million has no letter, and one in ten million fewer digits.
//
// # Escapes
//
// Logs quote logs. An escape that runs into an indicator (\u0027, %2F, or the
// line break \r\n) is no part of it. \new.example could be a folder or a line
// break and a name, hence is neither.
//
// Defanged indicators (evil[.]com) are not read, nor are the pieces of names
// that remain between their brackets; of hxxp://evil.com the name counts.
//
// # Matches within matches
//
// A URL's host is reported too, as dns (whatever its last label: the place
// proves it to be a name, if it has at least two), ipv4 or ipv6; an email's
// domain is reported as dns; the last four bytes of a mapped address such as
// ::ffff:192.0.2.1 as ipv4. Inside a URL addresses, hashes, emails and further
// URLs are found as elsewhere, names only in the query and fragment: a dotted
// name in a path is a file. A URL that is the value of a parameter of another
// ends before the next &.
package ioc
