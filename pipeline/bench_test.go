package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// windowsEvents makes n lines of about 3 kB, as Splunk gives events of Windows:
// 40-odd fields, the last of which is the event itself as escaped JSON. Kinds
// of events, with fields of their own, follow one another at random.
func windowsEvents(n int) [][]byte {
	r := newDice()
	lines := make([][]byte, n)
	for i := range lines {
		lines[i] = windowsEvent(r, i)
	}
	return lines
}

func newDice() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func windowsEvent(r *rand.Rand, i int) []byte {
	kind := r.IntN(4)
	var fields []string
	add := func(name, value string) { fields = append(fields, name, value) }
	add("_time", fmt.Sprintf("2026-11-23T10:%02d:%02d.%03d+00:00", r.IntN(60), r.IntN(60), r.IntN(1000)))
	add("_indextime", fmt.Sprint(1_795_428_000+i))
	add("host", fmt.Sprintf("ws%03d.corp.example", r.IntN(200)))
	add("source", "WinEventLog:Microsoft-Windows-Sysmon/Operational")
	add("sourcetype", "XmlWinEventLog")
	add("index", "windows")
	add("EventCode", []string{"1", "3", "4688", "4624"}[kind])
	add("Image", `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`)
	add("ProcessGuid", fmt.Sprintf("{%08x-4711-%04x-0000-%012x}", r.Uint32(), r.IntN(1<<16), r.Uint32()))
	for k := range 20 {
		add(fmt.Sprintf("Field%c%d", 'A'+kind, k), fmt.Sprintf(`value %d of \Device\HarddiskVolume%d`, r.IntN(1000), k))
	}
	add("Message", fmt.Sprintf("A process has been created.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tLogon ID:\t\t0x%x", r.Uint32()))
	raw := appendObject(nil, fields)
	add("_raw", string(raw))
	return appendObject(nil, fields)
}

func appendObject(dst []byte, fields []string) []byte {
	dst = append(dst, '{')
	for i := 0; i < len(fields); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(pipeline.AppendQuoted(dst, fields[i]), ':')
		dst = pipeline.AppendQuoted(dst, fields[i+1])
	}
	return append(dst, '}')
}

func total(lines [][]byte) (n int64) {
	for _, line := range lines {
		n += int64(len(line))
	}
	return n
}

// each runs a function over the lines, again and again, and reports speed by
// bytes and by events.
func each(b *testing.B, lines [][]byte, f func(line []byte) error) {
	b.SetBytes(total(lines) / int64(len(lines)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := f(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDecode decodes into batches of 1,000 records, beside encoding/json.
func BenchmarkDecode(b *testing.B) {
	corpora := []struct {
		name  string
		lines func(testing.TB) [][]byte
	}{
		{"made", func(testing.TB) [][]byte { return windowsEvents(4000) }},
		{"real", realEvents},
	}
	for _, c := range corpora {
		b.Run(c.name, func(b *testing.B) {
			lines := c.lines(b)
			b.Run("huntd", func(b *testing.B) {
				d := pipeline.NewDecoder(pipeline.NewDict())
				each(b, lines, func(line []byte) error {
					if d.Len() == 1000 {
						d.Batch().Release()
					}
					return d.Object(line)
				})
			})
			b.Run("encoding/json", func(b *testing.B) {
				each(b, lines, func(line []byte) error {
					var record map[string]any
					return json.Unmarshal(line, &record)
				})
			})
		})
	}
}

// BenchmarkEncode writes records as lines of JSON.
func BenchmarkEncode(b *testing.B) {
	d := pipeline.NewDecoder(pipeline.NewDict())
	lines := windowsEvents(1000)
	for _, line := range lines {
		if err := d.Object(line); err != nil {
			b.Fatal(err)
		}
	}
	batch := d.Batch()
	b.SetBytes(total(lines) / int64(len(lines)))
	b.ReportAllocs()
	var dst []byte
	i := 0
	for b.Loop() {
		dst = batch.AppendRecord(dst[:0], i%batch.Len())
		i++
	}
}

// BenchmarkGC is a full collection while 30,000 events are held: as batches, as
// maps, and, to see what a collection costs in itself, not at all.
func BenchmarkGC(b *testing.B) {
	const events = 30_000
	b.Run("huntd", func(b *testing.B) {
		var held []*pipeline.Batch
		d, r := pipeline.NewDecoder(pipeline.NewDict()), newDice()
		for i := range events {
			if err := d.Object(windowsEvent(r, i)); err != nil {
				b.Fatal(err)
			}
			if d.Len() == 1000 {
				held = append(held, d.Batch())
			}
		}
		collect(b)
		runtime.KeepAlive(held)
	})
	b.Run("maps", func(b *testing.B) {
		held, r := make([]map[string]any, events), newDice()
		for i := range held {
			if err := json.Unmarshal(windowsEvent(r, i), &held[i]); err != nil {
				b.Fatal(err)
			}
		}
		collect(b)
		runtime.KeepAlive(held)
	})
	b.Run("nothing", collect)
}

// collect measures collections, and reports the processor time they take, which
// the collector spreads over its workers.
func collect(b *testing.B) {
	runtime.GC()
	before := gcSeconds()
	for b.Loop() {
		runtime.GC()
	}
	b.ReportMetric((gcSeconds()-before)*1e3/float64(b.N), "cpu-ms/op")
}

func gcSeconds() float64 {
	sample := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64()
}
