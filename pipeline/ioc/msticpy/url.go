package msticpy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huntd/huntd/pipeline/ioc"
)

// protocols are those of URLs; of two that end alike the longer goes first.
var protocols = [...]string{
	"https", "http", "hxxps", "hxxp", "sftps", "sftp", "ftps", "ftp", "sfxps", "sfxp", "fxps", "fxp",
	"telnet", "ldap", "file",
}

// span is a URL in a text, and its host.
type span struct{ start, host, hostEnd, end int }

// nextURL returns the next URL from i on.
func nextURL(t string, i int) (u span, ok bool) {
	const sep = "://"
	for from := i; ; {
		n := strings.Index(t[from:], sep)
		if n < 0 {
			return span{}, false
		}
		colon := from + n
		from = colon + len(sep)
		if start := protocolStart(t, i, colon); start >= 0 {
			u = readURL(t, from)
			u.start = start
			return u, true
		}
	}
}

// protocolStart returns where the protocol starts that ends at i, not before
// low; -1 if there is none.
func protocolStart(t string, low, i int) int {
	best := -1
	for _, p := range protocols {
		start := i - len(p)
		if start >= low && strings.EqualFold(t[start:i], p) && (best < 0 || start < best) {
			best = start
		}
	}
	return best
}

// readURL reads what follows a protocol.
func readURL(t string, i int) span {
	if end := runQuoted(t, i, userinfo); at(t, end) == '@' {
		i = end + 1
	}
	u := span{host: i, hostEnd: runQuoted(t, i, host)}
	i = u.hostEnd
	if at(t, i) == ':' {
		i = digitsEnd(t, i+1)
	}
	if at(t, i) == '/' {
		i = pathEnd(t, i+1)
	}
	if at(t, i) == '?' {
		i = runQuoted(t, i+1, query)
	}
	if at(t, i) == '#' {
		i = runQuoted(t, i+1, query)
	}
	u.end = i
	return u
}

// runQuoted returns the end of the run of bytes of the class, and of percent
// signs with two digits, that begins at i.
func runQuoted(t string, i int, mask uint8) int {
	for {
		i = run(t, i, mask)
		if at(t, i) != '%' || !is(at(t, i+1), hexa) || !is(at(t, i+2), hexa) {
			return i
		}
		i += len("%00")
	}
}

func digitsEnd(t string, i int) int {
	for i < len(t) {
		r, n := utf8.DecodeRuneInString(t[i:])
		if !unicode.IsDigit(r) {
			break
		}
		i += n
	}
	return i
}

func pathEnd(t string, i int) int {
	for i < len(t) {
		switch c := t[i]; {
		case c == '?', c == '#', c == '"', c == '<', c == '>':
			return i
		case c > ' ' && c < utf8.RuneSelf:
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(t[i:])
		if isSpace(r) {
			return i
		}
		i += n
	}
	return i
}

// urls finds URLs, and in each of them, unquoted, again URLs and their hosts.
func (s *Scanner) urls() {
	end, chars := 0, 0 // of the URL before, in bytes and in characters
	for {
		u, ok := nextURL(s.text, end)
		if !ok {
			return
		}
		s.add(ioc.URL, u.start, u.end)
		s.unquoted(u, chars)
		chars += utf8.RuneCountInString(s.text[end:u.end])
		end = u.end
	}
}

// unquoted looks into a URL for URLs, from a number of characters on.
func (s *Scanner) unquoted(u span, skip int) {
	t := unquote(s.text[u.start:u.end])
	from := 0
	for ; skip > 0 && from < len(t); skip-- {
		_, n := utf8.DecodeRuneInString(t[from:])
		from += n
	}
	for {
		in, ok := nextURL(t, from)
		if !ok {
			return
		}
		s.addValue(ioc.URL, u.start, u.end, t[in.start:in.end])
		s.addValue(ioc.DNS, u.start, u.end, t[in.host:in.hostEnd])
		from = in.end
	}
}
