package ioc

import (
	"fmt"
	"strings"
)

// Type is a kind of indicator.
type Type uint8

// The kinds of indicators, in the order in which [Types] lists them.
const (
	IPv4 Type = iota
	IPv6
	DNS
	URL
	Email
	MD5
	SHA1
	SHA256
	SHA512
	WindowsPath
	LinuxPath
	UNC
	RegistryKey
	CVE
	MITREAttack
	MAC
	Bitcoin
	JA3
	ASN
	typeCount
)

var typeNames = [typeCount]string{
	"ipv4", "ipv6", "dns", "url", "email", "md5", "sha1", "sha256", "sha512",
	"windows_path", "linux_path", "unc", "registry_key",
	"cve", "mitre_attack", "mac", "bitcoin", "ja3", "asn",
}

// String returns the type's name as hunts write it, such as "ipv4".
func (t Type) String() string {
	if t >= typeCount {
		return fmt.Sprintf("Type(%d)", uint8(t))
	}
	return typeNames[t]
}

// ParseType returns the type with the given name, and an error that lists the
// names if there is none.
func ParseType(name string) (Type, error) {
	for t, n := range typeNames {
		if n == name {
			return Type(t), nil
		}
	}
	return 0, fmt.Errorf("%q is no type of indicator; there are %s", name, strings.Join(typeNames[:], ", "))
}

// Types returns all types.
func Types() []Type {
	all := make([]Type, typeCount)
	for i := range all {
		all[i] = Type(i)
	}
	return all
}

// Set is a set of types.
type Set uint32

// All holds every type.
const All Set = 1<<typeCount - 1

// SetOf returns the set of the given types.
func SetOf(types ...Type) Set {
	var s Set
	for _, t := range types {
		s |= 1 << t
	}
	return s
}

// Has reports whether t is in the set.
func (s Set) Has(t Type) bool { return s&(1<<t) != 0 }

// Match is one indicator found in a text.
type Match struct {
	// Type is what was found.
	Type Type
	// Start and End delimit it in the text, in bytes, End exclusive.
	Start, End int
	// Value is the text between Start and End; but a Unicode domain name is in
	// its ASCII form, what is defanged is as it was meant, an escaped path is
	// without escapes, and ids are in capitals. It may share memory with the text
	// or the scanner, and is only valid until the next Scan.
	Value string
}
