package ioc

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// corpora calls bench with made-up logs, and the recordings where they are.
func corpora(b *testing.B, bench func(*testing.B, string)) {
	b.Run("logs", func(b *testing.B) { bench(b, logs(1<<22)) })
	b.Run("demo", func(b *testing.B) { bench(b, recorded.Raw(b, "demo")) })
	b.Run("fields", func(b *testing.B) { bench(b, fieldValues(b)) })
}

// fieldValues returns the values of the fields of recorded Windows events with
// zero bytes between, as extract_iocs scans them.
func fieldValues(b *testing.B) string {
	var text strings.Builder
	for _, path := range recorded.Files(b, "demo")[:4] {
		for _, fields := range recorded.Events(b, path) {
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				if name != "_raw" {
					text.WriteString(strings.Join(append(fields[name], ""), "\x00"))
				}
			}
		}
	}
	return text.String()
}

func BenchmarkScan(b *testing.B) {
	corpora(b, func(b *testing.B, text string) {
		s, n := New(All), 0
		count := func(Match) { n++ }
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			n = 0
			s.Scan(text, count)
		}
		b.ReportMetric(float64(n), "matches")
	})
}

// BenchmarkRegexp is what BenchmarkScan is measured by: Go's regexp, without
// any validation.
func BenchmarkRegexp(b *testing.B) {
	corpora(b, func(b *testing.B, text string) {
		text = text[:min(len(text), 1<<18)]
		n := 0
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			n = 0
			for _, re := range naive[:SHA256+1] {
				n += len(re.FindAllStringIndex(text, -1))
			}
		}
		b.ReportMetric(float64(n), "matches")
	})
}

// logs makes about n bytes of events in the style of Windows, a proxy and a
// resolver.
func logs(n int) string {
	r := rand.New(rand.NewPCG(7, 7))
	line := func(dst []byte) []byte {
		num := func(n int) { dst = strconv.AppendInt(dst, int64(r.IntN(n)), 10) }
		put := func(s string) { dst = append(dst, s...) }
		ip := func() {
			put("10.")
			num(256)
			put(".")
			num(256)
			put(".")
			num(256)
		}
		switch r.IntN(4) {
		case 0:
			put(`{"EventID":3,"UtcTime":"2026-01-01 10:20:30.123","ProcessGuid":"{6b7c8d90-1a2b-3c4d-5e6f-708192a3b4c5}","Image":"C:\\Windows\\System32\\svchost.exe","SourceIp":"`)
			ip()
			put(`","DestinationIp":"`)
			ip()
			put(`","DestinationHostname":"cdn`)
			num(900)
			put(`.example.com","RuleName":"-","User":"NT AUTHORITY\\NETWORK SERVICE","Protocol":"tcp"}`)
		case 1:
			ip()
			put(` - - [01/Jan/2026:10:20:30 +0000] "GET /assets/app.min.js?v=`)
			num(1e6)
			put(` HTTP/1.1" 200 5120 "https://www.example.org/page/`)
			num(1e4)
			put(`.html" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"`)
		case 2:
			put("Process Create: Image: C:\\Program Files\\Vendor\\agent.exe CommandLine: \"agent.exe\" --run ")
			num(1e5)
			put(" CurrentDirectory: C:\\Windows\\system32\\ Hashes: SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709,MD5=D41D8CD98F00B204E9800998ECF8427E IntegrityLevel: System ParentImage: C:\\Windows\\System32\\services.exe")
		default:
			put("Jan  1 10:20:30 host named[")
			num(30000)
			put("]: client @0x7f2a1c0 ")
			ip()
			put("#53 (www")
			num(50)
			put(".example.net): query: www.example.net IN A + (")
			ip()
			put(")")
		}
		return append(dst, '\n')
	}
	var dst []byte
	for len(dst) < n {
		dst = line(dst)
	}
	return string(dst)
}
