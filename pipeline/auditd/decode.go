package auditd

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encoded reports whether auditd writes a field in hex if it must. See the
// interpretation tables of auditd's auparse library.
func encoded(name string) bool {
	switch name {
	case "acct", "cmd", "comm", "cwd", "data", "device", "dir", "exe", "file", "grp", "key", "name", "new_group",
		"ocomm", "path", "proctitle", "root_dir", "sw", "vm", "watch":
		return true
	}
	return false
}

// unhex returns the bytes that s is the hex of.
func unhex(s string) ([]byte, bool) {
	if s == "" || len(s)%2 != 0 {
		return nil, false
	}
	out, err := hex.DecodeString(s)
	return out, err == nil
}

// printable returns bytes as text, those that are no UTF-8 as \xff.
func printable(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, len(b)+16)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out = append(out, `\x`...)
			out = hex.AppendEncode(out, b[:1])
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return string(out)
}

// unset is how the kernel writes an id that is not set, -1.
func unset(name, value string) bool {
	if value != "4294967295" {
		return false
	}
	switch name {
	case "ses", "old-ses", "oses", "pid", "ppid":
		return true
	}
	return strings.HasSuffix(name, "uid") || strings.HasSuffix(name, "gid")
}

// An address is what a socket address says.
type address struct{ family, ip, port, path string }

// socketAddress decodes a struct sockaddr.
func socketAddress(value string) (address, bool) {
	b, ok := unhex(value)
	if !ok || len(b) < 2 {
		return address{}, false
	}
	family := int(b[0]) | int(b[1])<<8
	if b[0] == 0 && b[1] != 0 { // a machine that writes the high byte first
		family = int(b[1])
	}
	switch {
	case family == 1:
		path := b[2:]
		if len(path) > 0 && path[0] == 0 && slices.ContainsFunc(path, func(c byte) bool { return c != 0 }) {
			path = append([]byte{'@'}, path[1:]...) // as ss and netstat write abstract names
		}
		if end := slices.Index(path, 0); end >= 0 {
			path = path[:end]
		}
		return address{family: "unix", path: printable(path)}, true
	case family == 2 && len(b) >= 8:
		ip := netip.AddrFrom4([4]byte(b[4:8]))
		return address{family: "inet", ip: ip.String(), port: port(b)}, true
	case family == 10 && len(b) >= 24:
		ip := netip.AddrFrom16([16]byte(b[8:24]))
		return address{family: "inet6", ip: ip.Unmap().String(), port: port(b)}, true
	case family == 16:
		return address{family: "netlink"}, true
	case family == 17:
		return address{family: "packet"}, true
	}
	return address{family: strconv.Itoa(family)}, true
}

func port(b []byte) string { return strconv.Itoa(int(b[2])<<8 | int(b[3])) }
