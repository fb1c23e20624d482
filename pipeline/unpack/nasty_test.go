package unpack

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nasty are units that, written over and over, could be read again and again.
func nasty() map[string]string {
	return map[string]string{
		"quotes":                  "'",
		"quotes of both kinds":    `'"`,
		"doubled quotes":          "''a",
		"escaped quotes":          `\"`,
		"literals":                "'a'",
		"pluses":                  "'+'",
		"joined":                  "'a'+",
		"joined words":            "'abc'+'def' ",
		"list":                    "'a',",
		"list without end":        "('a','b'",
		"list of lists":           "('a','b') -join ",
		"-join":                   "-join('a',",
		"replace":                 "'a'.Replace('a','b')",
		"replace without end":     "'a'.Replace('a'",
		"replace of a list":       "'a'-replace'a','b','c',",
		"format":                  `"{0}{1}" -f 'a',`,
		"format of formats":       `"{0}{1}"-f`,
		"[char]":                  "[char]",
		"[char]65":                "[char]65+",
		"[char]( without end":     "[char]((((",
		"[char] of a variable":    "1,2,3,[char]$_",
		"[char] and blanks":       "[char]               ",
		"[char[]]":                "[char[]](65,66,",
		"[char[]]$":               "[char[]]$abcdef",
		"numbers":                 "104,",
		"brackets":                "(",
		"fromCharCode":            "fromCharCode(104,101,",
		"chr":                     "chr(",
		"chr(65)":                 "chr(65)&",
		"GetString":               "GetString((1,",
		"0x":                      "0x",
		"0x41,":                   "0x41,",
		",0x":                     ",0x",
		"escapes":                 `\x41`,
		"escapes without end":     `\x4`,
		"backslashes":             `\`,
		"carets":                  "^",
		"carets in a word":        "-e^ ",
		"carets in an argument":   "a^",
		"option and carets":       "powershell -e ^a^",
		"here-strings":            "@'\n",
		"hex":                     "41",
		"hex with blanks":         "4142434445464748494a ",
		"base64 in a literal":     "'QUJD QUJD' ",
		"joined base64":           "'QUJDQUJD'+'QUJDQUJD' base64",
		"base64 of 30":            "QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD ",
		"line breaks":             "\n",
		"line breaks and digits":  "A\n",
		"half of a run of 30":     strings.Repeat("A", 29) + " ",
		"names of base64":         "base6",
		"ranges":                  "[char[]](65..90)",
		"p":                       "p",
		"p and noise":             "-e p^o^w^e^r^",
		"line that goes on":       "'a' _\n",
		"blanks behind a literal": "'a'                                    ",
	}
}

// TestNasty holds that no unit takes more than linear time: four times the
// text takes about four times as long, where sixteen would be quadratic, and
// then minutes for so much of it. A busy machine is borne with.
func TestNasty(t *testing.T) {
	const size = 200_000
	for name, unit := range nasty() {
		t.Run(name, func(t *testing.T) {
			for profile, unpack := range map[string]func(*Unpacker, string) []Layer{
				"strict": (*Unpacker).Unpack, "msticpy": (*Unpacker).UnpackMSTICPy,
			} {
				took := func(n int) time.Duration {
					text := "1,2,3 " + strings.Repeat(unit, n/len(unit)) + "+'b' -join ''"
					u, best := New(Limits{}), time.Duration(1<<62)
					for range 2 {
						start := time.Now()
						unpack(u, text)
						best = min(best, time.Since(start))
					}
					return best
				}
				one, four := took(size), took(4*size)
				if four > 10*one+time.Second {
					t.Errorf("%s: %d bytes take %v, four times as many %v", profile, size, one, four)
				}
			}
		})
	}
}

// TestMadeBombs puts together far more than was written.
func TestMadeBombs(t *testing.T) {
	long := strings.Repeat("ab", 50_000)
	wider := strings.Repeat("x", maxReplaced)
	for name, in := range map[string]string{
		"format":   `"` + strings.Repeat("{0}{0}", 10_000) + `" -f '` + long + `','b'`,
		"join":     "[string]::Join('" + long + "'" + strings.Repeat(",'c'", 10_000) + ")",
		"replace":  "'" + long + "'" + strings.Repeat(".Replace('a','"+wider+"a')", 20),
		"replace2": "'" + long + "'" + strings.Repeat(".Replace('a','b').Replace('b','a')", 3000),
	} {
		u := New(Limits{})
		total := 0
		for _, l := range u.Unpack(in) {
			total += len(l.Data)
		}
		limit := DefaultLimits().Bytes
		if total > limit || u.work > (workPerByte+2)*limit {
			t.Errorf("%s: %d bytes, %d of work, want at most %d", name, total, u.work, limit)
		}
		if u.Cut()["bytes"] == 0 {
			t.Errorf("%s: cut is %v, want bytes", name, u.Cut())
		}
	}
}

// TestXZDictionary unpacks a stream of many blocks that each ask for a
// dictionary of 1.5 GiB.
func TestXZDictionary(t *testing.T) {
	whole := packed(t, "xz", []byte(script))
	const header = 12
	size := (int(whole[header]) + 1) * 4
	block := whole[header : header+size]
	at := -1
	for i := 2; i+2 < size; i++ {
		if block[i] == xzFilter && block[i+1] == 1 {
			at = i + 2
			break
		}
	}
	if at < 0 {
		t.Fatal("no LZMA2 filter in the block's header")
	}
	block[at] = 37
	binary.LittleEndian.PutUint32(block[size-4:], crc32.ChecksumIEEE(block[:size-4]))
	u := New(Limits{})
	got := rows(u.Unpack(b64(whole)))
	if diff := cmp.Diff([]row{kind(1, "base64", "xz"), text(2, "xz", script)}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if u.work > 1<<20 {
		t.Errorf("%d bytes of work for %d bytes", u.work, len(whole))
	}
	// A block is what stands before the index, which begins with a zero.
	index := len(whole) - 12 - 4*(int(binary.LittleEndian.Uint32(whole[len(whole)-8:]))+1)
	many := append(whole[:header:header], []byte(strings.Repeat(string(whole[header:index]), 3000))...)
	u = New(Limits{})
	if got := u.Unpack(b64(many)); len(got) != 1 {
		t.Errorf("%d layers of a stream whose dictionaries are not within the limits, want it alone", len(got))
	}
	if u.work > 2*workPerByte*DefaultLimits().Bytes || u.Cut()["bytes"] == 0 {
		t.Errorf("%d bytes of work, cut %v, want bytes cut", u.work, u.Cut())
	}
}

// TestXZStreams unpacks streams behind each other, and damaged ones.
func TestXZStreams(t *testing.T) {
	one := packed(t, "xz", []byte(script))
	two := append(append(append([]byte(nil), one...), 0, 0, 0, 0), one...)
	u := New(Limits{})
	if diff := cmp.Diff([]row{kind(1, "base64", "xz"), text(2, "xz", script+script)}, rows(u.Unpack(b64(two)))); diff != "" {
		t.Errorf("two streams (-want +got)\n%s", diff)
	}
	if len(u.Cut()) != 0 {
		t.Errorf("cut %v", u.Cut())
	}
	for i := range one {
		u := New(Limits{})
		bad := append([]byte(nil), one...)
		bad[i] ^= 0x55
		if got := u.Unpack("FromBase64String('" + b64(bad) + "')"); len(got) == 2 && got[1].Text != script && u.Cut()["damaged"] == 0 {
			t.Errorf("byte %d is wrong: %q and no word of it", i, got[1].Text)
		}
		u.Unpack("FromBase64String('" + b64(one[:i]) + "')")
	}
}

// TestNestedZips unpacks zips in zips, each of two.
func TestNestedZips(t *testing.T) {
	inner := zipped(t, file{"a", "some text"})
	for range 12 {
		inner = zipped(t, file{"x", string(inner)}, file{"y", string(inner)})
	}
	u := New(Limits{})
	if got := len(u.Unpack(b64(inner))); got > DefaultLimits().Layers {
		t.Errorf("%d layers", got)
	}
	if u.Cut()["layers"]+u.Cut()["bytes"] == 0 || u.work > (workPerByte+1)*DefaultLimits().Bytes {
		t.Errorf("cut %v, %d of work", u.Cut(), u.work)
	}
	u = New(Limits{})
	u.UnpackMSTICPy(b64(inner) + strings.Repeat(fmt.Sprint(" ", b64(inner)), 3))
	if u.work > (workPerByte+1)*DefaultLimits().Bytes {
		t.Errorf("%d of work", u.work)
	}
}
