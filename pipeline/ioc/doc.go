// Package ioc finds indicators in text: addresses, names, URLs, mail addresses,
// hashes, paths, keys and ids; [Types] lists them. It knows nothing but text; one
// pass of a [Scanner] yields [Match] values in order of appearance, each proven
// valid by its own grammar. Package msticpy below it finds what MSTICPy finds.
//
// # How it works
//
// No regular expression runs. Each kind of indicator needs an anchor: a dot (ipv4,
// dns, email), a colon (url, ipv6, mac, a drive), a backslash (keys, shares), a
// slash, a hyphen (cve, mac), a T, an S, or 26 letters and digits in a row (hashes,
// bitcoin). The scanner jumps from anchor to anchor, reads the token around it
// once, validates, and goes on behind it, so that no input costs more than linear
// time. The exception are URLs within a URL: they are read again for their own
// ends, in all at most about eight times its length, and those that come later are
// taken to end where the next one begins, so that what is found stays in
// proportion to the text as well.
//
// Anchors and long runs are found in one pass (see sieve): a table tells the
// classes of each byte, sixteen bytes fill a word, and what depends on neighbours,
// such as a T before a digit, is told for 64 bytes at once. A search for each
// anchor by [strings.IndexByte] is slower for all types (430 MB/s where this one
// makes 540) and faster for eight and fewer (670 against 610).
//
// In processor time, on one core of a busy machine (AMD EPYC of family 25), in
// chunks of 64 KiB as extract_iocs scans them: the values of recorded Windows
// events, sixteen bytes each, with one indicator in 280 bytes, cost 1.8 ns a byte
// (540 MB/s) for all types, 1.6 for the eight of addresses, names and common
// hashes, of which the pass for anchors is 0.45; the values of longer events came
// to 630 MB/s, raw events, escaped JSON with one indicator in 150 bytes, to 385,
// and made-up logs with one in 63 to 295. Go's regexp does 2 MB/s with naive
// patterns for those eight. See BenchmarkScan and BenchmarkRegexp.
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
//   - md5, sha1, sha256, sha512: exactly 32, 40, 64, 128 hexadecimal digits that
//     are no part of a longer word, nor hyphenated on both sides (trace ids, GUIDs). At
//     least one letter, one decimal and eight different digits: one real MD5
//     in three million has no letter, and one in ten million fewer digits.
//   - ja3: an MD5 that the word ja3 goes before within a few bytes, in the same
//     statement; it is no md5 then, which is a file's.
//   - windows_path: from a drive, a variable (%TEMP%), \Device\Harddisk,
//     \SystemRoot on, with at least one name. A blank belongs to a path in quotes;
//     else where a folder goes on behind it in capitals or in a usual word (Program
//     Files), and where the path is the whole text; never behind an extension such
//     as .exe, nor before an option. The offset that a stack trace puts behind a
//     program is no part of it.
//   - unc: \\server\share, \\?\UNC\ and WebDAV's \\server@SSL@port included; not the
//     devices of \\.\ nor the namespaces of WMI.
//   - registry_key: from a hive on, short or long, with PowerShell's colon, or
//     \REGISTRY\MACHINE, USER or A; a value's name behind the key is part of it.
//   - linux_path: from a root folder of the list in unix.go on with a name in it, or
//     from ~/ on. The path of a URL or request, an option such as /c, and a date are
//     none.
//   - cve: a year and four to seven digits. mitre_attack: techniques T1nnn and T08nn
//     with their subtechniques, tactics TA00nn; in small letters in a tag
//     (attack.t1059). Both are reported in capitals.
//   - mac: six pairs joined by colons or hyphens, or three groups of four joined by
//     dots, if there is a letter in them; no fillers, nor six pairs that are a time.
//   - bitcoin: an address of the main network whose checksum is right.
//   - asn: AS and a number from 10 on; AS400 is a machine.
//
// # Escapes
//
// Logs quote logs. An escape that runs into an indicator (\u0027, %2F, or the
// line break \r\n) is no part of it. \new.example could be a folder or a line
// break and a name, hence is neither. A path whose backslashes are doubled is
// reported with one each.
//
// # Defanged text
//
// Brackets around a dot, an @, a colon or a slash, or the words dot and at in
// brackets, are taken for the sign if they join two words: evil[.]com, 1(.)2.3.4,
// bob [at] evil[dot]com, hxxp[://]. Where there is one the scanner reads a copy of
// the text that knows where everything stood. The value is what was meant; Start
// and End delimit what is written. Schemes such as hxxp and fxp become http and ftp.
//
// # Matches within matches
//
// A URL's host is reported too, as dns (whatever its last label: the place
// proves it to be a name, if it has at least two), ipv4 or ipv6; an email's
// domain is reported as dns; the last four bytes of a mapped address such as
// ::ffff:192.0.2.1 as ipv4. Inside a URL addresses, hashes, emails and further
// URLs are found as elsewhere, names only in the query and fragment: a dotted
// name in a path is a file. A URL that is the value of a parameter of another
// ends before the next &. In the path of a Windows file dotted names are files,
// unless there is an @ in it.
package ioc
