package netname

import (
	"net/netip"
	"strconv"
	"strings"
)

// A URL is one taken apart. Parts that are absent are ""; Has says of those that
// may also be there and empty whether they are.
type URL struct {
	Scheme, User, Host, Path, Query, Fragment string
	Port                                      int // -1: none
	HasUser, HasQuery, HasFragment            bool

	// What is wrong with it, if anything: a port that is none, a host that cannot
	// be one.
	BadPort, BadHost bool
}

// ParseURL takes a URL apart (RFC 3986, appendix B; a backslash ends the host, as
// browsers have it). What begins without a scheme and without a slash begins with
// its host. Of http, https and what has no scheme the parts are brought into one
// form as urllib3 1.26 does it: small letters and punycode in the host, . and .. out
// of the path, percent signs before what must not stand there.
func ParseURL(text string) URL {
	u := URL{Port: -1}
	rest := text
	if at := schemeEnd(text); at > 0 {
		u.Scheme, rest = strings.ToLower(text[:at]), text[at+1:]
	} else if !strings.HasPrefix(text, "/") {
		rest = "//" + text
	}
	rest, u.Fragment, u.HasFragment = strings.Cut(rest, "#")
	rest, u.Query, u.HasQuery = strings.Cut(rest, "?")
	authority, inAuthority := strings.CutPrefix(rest, "//")
	if inAuthority {
		end := strings.IndexAny(authority, "/\\")
		if end < 0 {
			end = len(authority)
		}
		authority, rest = authority[:end], authority[end:]
	} else {
		authority = ""
	}
	u.Path = rest
	tidy := u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https"
	u.authority(authority, tidy)
	if tidy {
		u.Path = encode(withoutDots(u.Path), pathChars)
		u.Query, u.Fragment = encode(u.Query, queryChars), encode(u.Fragment, queryChars)
	}
	if u.Path != "" && !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path
	}
	return u
}

// schemeEnd returns where the colon behind a scheme stands, or -1. A dot is no
// part of it here, so that evil.com:443 is a host and a port.
func schemeEnd(text string) int {
	at := strings.IndexByte(text, ':')
	if at <= 0 || !isScheme(text[:at]) || strings.Contains(text[:at], ".") {
		return -1
	}
	return at
}

func (u *URL) authority(text string, tidy bool) {
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		u.User, u.HasUser, text = text[:at], at > 0, text[at+1:]
	}
	if tidy {
		u.User = encode(u.User, userChars)
	}
	host, port := text, ""
	switch at := strings.LastIndexByte(text, ':'); {
	case strings.HasPrefix(text, "["):
		end := strings.IndexByte(text, ']') + 1
		if end == 0 {
			end = len(text)
		}
		host, port = text[:end], text[end:]
		if port != "" && port[0] != ':' {
			host, port = text, ""
		}
		port = strings.TrimPrefix(port, ":")
	case at >= 0:
		host, port = text[:at], text[at+1:]
	}
	u.Host, u.BadHost = tidyHost(host, tidy)
	if port == "" {
		return
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || len(port) > 5 {
		u.BadPort = true
		return
	}
	u.Port = int(n)
}

// tidyHost brings a host into one form, and reports whether it cannot be one.
func tidyHost(host string, tidy bool) (tidied string, bad bool) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, zone, zoned := strings.Cut(inner, "%")
		ip, err := netip.ParseAddr(addr)
		bad = !closed || err != nil || !ip.Is6() || zoned && strings.TrimPrefix(zone, "25") == ""
		if tidy && !bad {
			host = "[" + strings.ToLower(addr)
			if zoned {
				host += "%" + strings.TrimPrefix(zone, "25")
			}
			host += "]"
		}
		return host, bad
	}
	bad = strings.ContainsAny(host, "[]:") || badPercent(host)
	if !tidy {
		return host, bad
	}
	// Labels that cannot be written in punycode stay as they are.
	ascii := ASCII(strings.ToLower(host))
	return ascii, bad || !isASCII(ascii)
}

// badPercent reports whether a percent sign stands before what is no byte in
// hex.
func badPercent(s string) bool {
	return strings.Count(s, "%") != percents(s)
}

// percents counts the percent signs that stand before a byte in hex.
func percents(s string) (n int) {
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			n++
			i += 2
		}
	}
	return n
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// The bytes that may stand in a part as they are, besides letters and digits (RFC
// 3986, appendix A).
const (
	userChars  = "-._~!$&'()*+,;=:"
	pathChars  = userChars + "@/"
	queryChars = pathChars + "?"
)

// encode writes what must not stand in a part with percent signs. If all percent
// signs in it are good, they stay and their letters become capitals; else each is
// taken for itself.
func encode(s, allowed string) string {
	good := !badPercent(s)
	plain := func(c byte) bool {
		return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(allowed, c) >= 0
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			if !good {
				out.WriteString("%25")
			} else {
				out.WriteByte('%')
			}
			out.WriteString(strings.ToUpper(s[i+1 : i+3]))
			i += 2
		case plain(c) && c < 0x80:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte("0123456789ABCDEF"[c>>4])
			out.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	return out.String()
}

// withoutDots takes . and .. out of a path (RFC 3986, 5.2.4).
func withoutDots(path string) string {
	if !strings.Contains(path, ".") {
		return path
	}
	var kept []string
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case segment == ".":
		case segment != "..":
			kept = append(kept, segment)
		case len(kept) > 0:
			kept = kept[:len(kept)-1]
		}
	}
	if strings.HasPrefix(path, "/") && (len(kept) == 0 || kept[0] != "") {
		kept = append([]string{""}, kept...)
	}
	if strings.HasSuffix(path, "/.") || strings.HasSuffix(path, "/..") {
		kept = append(kept, "")
	}
	return strings.Join(kept, "/")
}
