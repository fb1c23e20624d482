package ioc

import (
	"math/bits"
	"strings"
)

const (
	md5Len    = 32
	sha1Len   = 40
	sha256Len = 64
	sha512Len = 128
	// minDigits is how many different digits a hash shows at least; padded
	// numbers and fillers show fewer.
	minDigits = 8
)

func hashType(n int) Type {
	switch n {
	case md5Len:
		return MD5
	case sha1Len:
		return SHA1
	case sha256Len:
		return SHA256
	default:
		return SHA512
	}
}

// isHash reports whether the run of letters and digits t[a:b] is a hash.
func isHash(t string, a, b int) bool {
	switch b - a {
	case md5Len, sha1Len, sha256Len, sha512Len:
	default:
		return false
	}
	if before(t, a) == '-' && at(t, b) == '-' {
		return false
	}
	var seen uint
	for i := a; i < b; i++ {
		c := t[i]
		if !is(c, hexa) {
			return false
		}
		if c > '9' {
			c += 9
		}
		seen |= 1 << (c & 15)
	}
	const decimals = 1<<10 - 1
	return seen&decimals != 0 && seen&^decimals != 0 && bits.OnesCount(seen) >= minDigits
}

// maxLabelling is how far before a fingerprint the word may stand that names it.
const maxLabelling = 28

// isJA3 reports whether the MD5 at t[a:] is the fingerprint of a TLS client or
// server: the word ja3 (or ja3s, ja3_hash) stands before it, nothing that ends
// a statement in between.
func isJA3(t string, a int) bool {
	low := max(0, a-maxLabelling)
	for i := a - 1; i >= low; i-- {
		switch t[i] {
		case ',', ';', '}', ')', '\n', '\r', 0:
			return false
		case '3':
			if hasFold(t, i-2, "ja3") && !is(before(t, i-2), alnum) {
				return true
			}
		}
	}
	return false
}

// IsJA3Field reports whether the MD5s in a field of that name are fingerprints
// of TLS clients or servers, as in ja3 or tls.server.ja3s.
func IsJA3Field(name string) bool { return strings.Contains(strings.ToLower(name), "ja3") }
