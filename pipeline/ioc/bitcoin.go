package ioc

import (
	"bytes"
	"crypto/sha256"
	"math/bits"
	"strings"
)

// Lengths of addresses. Base58Check leaves out leading zeros; those of segregated
// witnesses hold 20 or 32 bytes (BIP 141, BIP 341).
const (
	minBitcoin  = 26
	maxBase58   = 35
	shortBech32 = 42
	longBech32  = 62
)

// isBitcoin reports whether s is an address of the Bitcoin main network whose
// checksum is right: P2PKH or P2SH in Base58Check, or a witness in Bech32.
func isBitcoin(s string) bool {
	switch n := len(s); {
	case (s[0] == '1' || s[0] == '3') && n >= minBitcoin && n <= maxBase58:
		return isBase58Check(s)
	case (n == shortBech32 || n == longBech32) && hasFold(s, 0, "bc1"):
		return isBech32(s)
	}
	return false
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// isBase58Check decodes a version byte, a hash of 20 bytes and the first 4 bytes
// of the double SHA-256 of both.
func isBase58Check(s string) bool {
	const size, sum = 25, 4
	var data [size]byte
	for i := range len(s) {
		carry := strings.IndexByte(base58, s[i])
		if carry < 0 {
			return false
		}
		for j := size - 1; j >= 0; j-- {
			carry += int(data[j]) * len(base58)
			data[j] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return false
		}
	}
	const pubKey, script = 0x00, 0x05
	if data[0] != pubKey && data[0] != script {
		return false
	}
	first := sha256.Sum256(data[:size-sum])
	second := sha256.Sum256(first[:])
	return bytes.Equal(second[:sum], data[size-sum:])
}

const bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// isBech32 checks the checksum of BIP 173, or for witnesses of version 1 and
// later that of BIP 350. Capitals and small letters do not mix.
func isBech32(s string) bool {
	if s != strings.ToLower(s) && s != strings.ToUpper(s) {
		return false
	}
	const prefix = "\x03\x03\x00\x02\x03" // "bc", expanded
	sum := uint32(1)
	for i := range len(prefix) {
		sum = bech32Step(sum, uint32(prefix[i]))
	}
	version := 0
	for i := len("bc1"); i < len(s); i++ {
		v := strings.IndexByte(bech32, lower(s[i]))
		if v < 0 {
			return false
		}
		if i == len("bc1") {
			version = v
		}
		sum = bech32Step(sum, uint32(v))
	}
	const plain, modified = 1, 0x2bc830a3
	if version == 0 {
		return sum == plain
	}
	return sum == modified && len(s) == longBech32
}

// bech32Step takes five bits into the checksum, a BCH code.
func bech32Step(sum, v uint32) uint32 {
	generator := [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ v
	for ; top != 0; top &= top - 1 {
		sum ^= generator[bits.TrailingZeros32(top)]
	}
	return sum
}
