// Package msticpy finds in a text the indicators that MSTICPy 3.0.2 finds in it
// with IoCExtract.extract(text): the same sets, its oddities included, so that
// the results of a notebook can be had again. Hunts that have no notebook to
// agree with want the strict scanner of package ioc.
//
// # How it works
//
// MSTICPy runs ten patterns over the text, each from left to right and without
// overlaps, in Python's re (case ignored, ^ and $ at every line). Here each
// pattern is a function of its own that gives the same matches: there is no
// backtracking in it, since for each of these patterns it can be told at the
// first look which of the ways to match re would try first that succeeds. Where
// a place fails, so do all others in the same run of characters, which are
// skipped: the cost is linear where that of re is quadratic.
//
// # What is odd about it
//
//   - ipv4: no octets, no boundaries: 999.1.1.1 and the head of 1.2.3.4567.
//   - ipv6: clock times and MAC addresses of colons are some.
//   - dns: no boundaries either, no underscore, no "--": _dmarc.example.com gives
//     dmarc.example.com. The last label must be on the public suffix list.
//   - url: runs to the next white space, quote or angle bracket. A URL is then
//     unquoted and searched again, from the end of the URL before it in the text
//     on, as if that counted in the URL: hence mostly the first only. What is
//     found is a url, and its host is dns, whatever it is: "[", or nothing.
//   - email: the domain need not exist. linux_path: any slash, /c and //host too.
//   - md5, sha1, sha256: one character between two hashes hides the second,
//     unless it is a line feed.
//   - A text that several patterns match is of the type with the highest rank:
//     ipv4, ipv6, url; email, hashes; dns; windows_path; linux_path.
//   - Defanged text (evil[.]com, hxxp://) is found, and stays as it was found.
//
// One thing differs: four letters beyond ASCII that Python folds to i, k and s
// are not letters here. The public suffix list is that of golang.org/x/net, with
// the few changes taken back that it saw since tldextract 3.1.2 of 2021, which
// the outputs compared with were made with.
package msticpy
