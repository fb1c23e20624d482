// Package unpack finds what is packed inside a text and unpacks it, layer by
// layer: base64, hexadecimal, character codes and strings that a script puts
// together, what is compressed or archived in them, the base64 in that, and so
// on. It knows nothing but text; an [Unpacker] turns one text into [Layer]
// values within [Limits].
//
// # How it works
//
// One pass over the text finds runs of base64 digits of either alphabet (RFC
// 4648, 4 and 5) by looking at every sixth byte only. The words before a run
// say how much proof it needs:
//
//   - behind PowerShell's -EncodedCommand, in any abbreviation, case and dash,
//     with the carets, backticks and quotes in it, and in the digits, that
//     shells drop: 8 digits. Digits behind the last valid ones
//     are dropped and counted as damaged. UTF-16 is expected, UTF-8 accepted.
//     -e, -ec and -en count only if PowerShell is named before them, since
//     many programs have such options;
//   - behind a name with base64 or b64 in it, atob, or a PEM armour: 8 digits
//     with their padding, 16 without. Bytes of an unknown kind count from 24 on:
//     shellcode looks like that;
//   - anywhere else: 16 digits, which must be text or have a known magic.
//
// A run is decoded as a whole; if that makes no sense, its parts between
// slashes and between hyphens are, because base64 stands in paths and behind
// names. Lines of equal length, indented or not, with line breaks real or
// escaped, belong together; the last may be shorter if its length and padding
// are right. The argument of an option stands on one line.
//
// # Other forms
//
// Between the runs, the bytes ' " ( [ \ , ^ are looked at, since each other form
// begins with one of them or is announced by one:
//
//   - literals and characters joined by + & or a dot, in the syntax that
//     PowerShell, VBA, JavaScript, Python, PHP and SQL share well enough; lists
//     of them with -join, Join or join; formats with -f; and what replace makes
//     of these, if it is given constants. What they make is taken for base64 or
//     hexadecimal if it can be, with the words before them as announcement
//     (base64 named anywhere in the text counts too), and stands for that layer:
//     how it was put together is syntax. If it is none, it is a layer of its
//     own, join, if words or addresses were cut, formats filled, or constants
//     replaced. The pieces are looked at one by one only if it is neither;
//   - a literal, or here-string, of base64 with blanks and line breaks in it;
//   - [char]104 and its like among joined constants; lists of numbers in
//     [char[]](…), String.fromCharCode(…), GetString(…), bytes(…), or before
//     %{[char]$_}, with anything between them that a script may split at, in any
//     base that it converts from. Numbers that nothing casts to characters are
//     numbers, and ranges (65..90) are how passwords are made;
//   - 0x68,0x65 from eight on, 0x68656c6c6f or plain digits of hexadecimal from
//     ten on, and \x68\x65 and \u0068\u0065 from four on if ASCII is among them:
//     servers and JSON escape nothing but other bytes and scripts.
//
// Hexadecimal needs the proof that base64 needs, counted in bits: each small
// letter or blank that it decodes to is worth three, a capital two, anything else
// that is printable one, and anything else refuses it. That is less than what
// chance would need for each. 30 bits are enough; behind 0x, or a name with hex in
// it, 15 are if nearly all of them are small letters. Hashes, GUIDs, SIDs,
// pointers and identifiers fail by that. UTF-16, known types from 16 bytes on, and
// bytes of an unknown kind in a list of 24 and more bytes count as well.
//
// # MSTICPy
//
// [Unpacker.UnpackMSTICPy] decodes what MSTICPy 3.0.2 decodes (its module
// base64unpack), to be compared with it: runs of 30 and more digits and line breaks
// of the standard alphabet with at most two =, if their length is that of base64;
// whatever they hold, text being what is valid UTF-8. Archives are opened if
// their base64 begins as MSTICPy expects it (zip with deflate and without flags,
// gzip, tar whose first member has mode 0777), and their members, directories
// too, are layers of the same depth instead of the archive. It goes level by
// level: the candidates of depth 2 are those in the texts of depth 1. Equal
// candidates of one level are decoded once.
//
// It differs where MSTICPy is mistaken: UTF-16 that is valid UTF-8 is read as
// UTF-16; what is decoded twice keeps its beginning; a last candidate that is
// none does not stop the next level; a damaged archive is a layer; members of one
// name, more than 50 candidates, and as many levels as the limits allow are kept;
// nothing is padded; names of members are no text.
//
// # What counts where nothing announces it
//
// A hunter's time is worth more than a layer too many, and events are full of
// names, paths and hashes made of the same characters. So a run is refused if
// its length leaves one digit over, if the bits left over in its last digit are
// set, or if it is hexadecimal (hashes, GUIDs). Its first 64 digits are then
// decoded on trial: they must be text in UTF-8 without any control character,
// text in UTF-16, or the start of a known type. Below 32 decoded bytes, text
// must consist of words for the greater part and its digits must be of mixed
// kinds: so few bytes are printable by chance about once in a million words.
//
// UTF-16 without a byte order mark is text if at least half of it is ASCII, or
// nine tenths of it ASCII and one more script; any bytes at all are Chinese
// otherwise. A last odd byte stays in Data and becomes U+FFFD in Text, as in
// .NET.
//
// # Raw deflate
//
// PowerShell's DeflateStream writes no header, so nothing shows such a stream
// but inflating it: it must begin with a valid block, end where the data ends,
// and yield text or a known type. One that is cut off is not recognised.
//
// # Limits
//
// Depth and Layers stop nesting and numbers, Bytes the decoded total. A member
// that grows beyond Ratio times its packed size (and 64 KiB) is left out as a
// whole, because a part of it would have another hash than what it stands for;
// of a damaged one what can be read is kept. Reading and setting up
// decompressors is charged as work, four bytes for each of Bytes, so that
// archives whose members share data and streams that yield nothing are bounded
// too; so is what formats, joins and replace write. Every digit is looked at a fixed number of times. What is left out is
// counted by [Unpacker.Cut].
//
// # What is not unpacked
//
// Percent-encoded digits (%2B), strings joined by way of variables, regular
// expressions in replace, ciphers, encrypted archives and xz with other filters
// than LZMA2 (counted as damaged), 7z, rar and cab, which are named by their type
// only.
//
// # Figures
//
// One core of a shared AMD EPYC, user time of go test -bench . -cpu 1, rows of
// 2,510 characters on average, one in four with a second layer: 120,000 to 127,000
// rows/s and no allocation, as many as with base64 alone; a regular expression with
// encoding/base64 and unicode/utf16: 9,000 to 11,000 rows/s and 51 allocations a
// row. Command lines in which nothing is packed: 2,000,000 rows/s. A gzip layer with
// text: 60,000 rows/s and more.
//
// Over all fields of 89,851 recorded events of Windows, Linux, Zeek, AWS and
// web servers, every layer was looked at: none is false. All 657 readable
// commands of Unit 42's collection and all 2,410 layers that are known of
// Empire's, Metasploit's and Cobalt Strike's launchers in them decode to the
// stated hash.
package unpack
