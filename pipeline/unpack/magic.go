package unpack

import (
	"bytes"
	"encoding/binary"
)

// A signature is what a file type begins with.
type signature struct{ magic, name string }

// signatures are those of four bytes and more, which chance does not make.
var signatures = [...]signature{
	{"PK\x03\x04", "zip"},
	{"PK\x05\x06", "zip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\x7fELF", "elf"},
	{"%PDF-", "pdf"},
	{"\x89PNG\r\n\x1a\n", "png"},
	{"GIF87a", "gif"},
	{"GIF89a", "gif"},
	{"7z\xbc\xaf\x27\x1c", "7z"},
	{"Rar!\x1a\x07", "rar"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"},
	{"MSCF\x00\x00\x00\x00", "cab"},
	{"MSWIM\x00\x00\x00", "wim"},
	{"\xfd7zXZ\x00", "xz"},
	{"{\\rtf", "rtf"},
	{"\x4c\x00\x00\x00\x01\x14\x02\x00", "lnk"},
	{"\xca\xfe\xba\xbe\x00\x00\x00", "class"},
	{"\xcf\xfa\xed\xfe", "macho"},
	{"\xce\xfa\xed\xfe", "macho"},
	{"SQLite format 3\x00", "sqlite"},
	{"ElfFile\x00", "evtx"},
	{"NTLMSSP\x00", "ntlm"},
	{"\xac\xed\x00\x05", "java-object"},
	{"\x00\x01\x00\x00\x00\xff\xff\xff\xff", "dotnet-object"},
}

// fileType returns the type of data by what it begins with, "" if unknown.
func fileType(data []byte) string {
	if len(data) < 4 {
		return ""
	}
	for i := range signatures {
		s := &signatures[i]
		if data[0] == s.magic[0] && len(data) >= len(s.magic) && string(data[:len(s.magic)]) == s.magic {
			return s.name
		}
	}
	switch {
	case isPE(data):
		return "pe"
	case isGzip(data):
		return "gzip"
	case isBzip2(data):
		return "bzip2"
	case isZlib(data):
		return "zlib"
	case isTar(data):
		return "tar"
	case data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff && data[3] >= 0xc0:
		return "jpeg"
	case isKirbi(data):
		return "kirbi"
	case isDER(data, len(data)):
		return "der"
	}
	return ""
}

// isPE tells a program for Windows: MZ alone is too short to prove anything,
// so the offset of the PE header must make sense and lead to one, or the
// header must be the one that every linker writes.
func isPE(data []byte) bool {
	if data[0] != 'M' || data[1] != 'Z' {
		return false
	}
	if bytes.HasPrefix(data, []byte("MZ\x90\x00\x03\x00\x00\x00")) {
		return true
	}
	const at = 0x3c
	if len(data) < at+4 {
		return false
	}
	off := int64(binary.LittleEndian.Uint32(data[at:]))
	if off+4 > int64(len(data)) {
		return off >= at+4 && off < 0x1000 // the rest is missing
	}
	return string(data[off:off+4]) == "PE\x00\x00"
}

// isGzip checks the fixed part of a member's header (RFC 1952, 2.3).
func isGzip(data []byte) bool {
	return data[0] == 0x1f && data[1] == 0x8b && data[2] == 8 && data[3] < 0x20
}

func isBzip2(data []byte) bool {
	const head = "BZh"
	return len(data) >= 10 && string(data[:3]) == head && data[3] >= '1' && data[3] <= '9' &&
		(string(data[4:10]) == "1AY&SY" || string(data[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// isZlib checks the two bytes of a zlib header (RFC 1950, 2.2) for a window
// of 32 KiB, which all writers use, without a preset dictionary.
// Text may begin like that too (x^2), but is no deflate stream.
func isZlib(data []byte) bool {
	return data[0] == 'x' && data[1]&0x20 == 0 && (uint(data[0])<<8|uint(data[1]))%31 == 0 && !isUTF8(data)
}

// isTar looks for the mark at offset 257 of the first header (POSIX.1-1988).
func isTar(data []byte) bool {
	const at = 257
	return len(data) >= 512 && string(data[at:at+5]) == "ustar"
}

// isDER tells a certificate, a key or a signed message: a sequence as long as
// the size of the data, of which the beginning is given, that starts with
// another element (X.690, 8.1).
func isDER(data []byte, size int) bool {
	return len(data) > 4 && data[0] == 0x30 && data[1] == 0x82 && size >= 0x100 &&
		int(binary.BigEndian.Uint16(data[2:]))+4 == size &&
		(data[4] == 0x30 || data[4] == 0x02 || data[4] == 0x06)
}

// isKirbi tells a Kerberos ticket with its key, as attackers carry it from host
// to host (KRB-CRED, RFC 4120, 5.8.1): an application element 22 that holds one
// sequence. Its end may be missing.
func isKirbi(data []byte) bool {
	return len(data) >= 8 && data[0] == 0x76 && data[1] == 0x82 && data[4] == 0x30 && data[5] == 0x82 &&
		binary.BigEndian.Uint16(data[2:]) == binary.BigEndian.Uint16(data[6:])+4
}

// isPacked reports whether the type is one that this package opens.
func isPacked(name string) bool {
	switch name {
	case "gzip", "zlib", "deflate", "zip", "tar", "bzip2", "xz", "zstd":
		return true
	}
	return false
}
