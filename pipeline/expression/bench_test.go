package expression

import (
	"fmt"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/huntd/huntd/pipeline"
)

const benchCondition = `(Image endsWith "\\powershell.exe" or Image endsWith "\\pwsh.exe") and CommandLine contains "-enc" ` +
	`and not (ParentImage startsWith "C:\\Program Files\\")`

// processes makes records of process starts, with as many fields as Splunk's
// have after field extraction. One of six is a PowerShell, one of eighteen with
// an encoded command.
func processes(n int) []record {
	images := []string{`cmd.exe`, `powershell.exe`, `svchost.exe`, `conhost.exe`, `rundll32.exe`, `chrome.exe`}
	parents := []string{`C:\Program Files\Agent\agent.exe`, `C:\Windows\explorer.exe`}
	out := make([]record, n)
	for i := range out {
		image := images[i%len(images)]
		args := "-NoProfile -File C:\\scripts\\inventory.ps1 -Verbose"
		if i%18 == 1 {
			args = "-NoProfile -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"
		}
		out[i] = record{
			"_time": {fmt.Sprint(1700000000 + i)}, "host": {"WS01"}, "source": {"WinEventLog:Security"}, "sourcetype": {"WinEventLog"},
			"EventCode": {"4688"}, "user": {"alice"}, "Image": {`C:\Windows\System32\` + image}, "CommandLine": {image + " " + args},
			"ParentImage": {parents[i%7%2]}, "ProcessId": {fmt.Sprint(i)}, "LogonId": {"0x3e7"}, "IntegrityLevel": {"High"},
		}
	}
	return out
}

// TestClosuresAllocateNothing leaves out matches: package regexp has pools of its
// own, which the race detector empties.
func TestClosuresAllocateNothing(t *testing.T) {
	for _, source := range []string{
		benchCondition,
		`len(CommandLine) > 10 and ProcessId > 3 and 3 < ProcessId`,
		`EventCode in [4688, 4689, "x"] and EventCode == 4688.0 and ProcessId in 0..100`,
		`lower(Image) endsWith "\\cmd.exe" or lower(trim(CommandLine)) in ["a", "b"]`,
		`len(CommandLine) * 2 + ProcessId > 50 and entropy(CommandLine) > 1 and (gone ?? user) == "alice" and user != host`,
		`any(Image, lower(#) endsWith "\\cmd.exe") and (let w = lower(CommandLine); w contains "cmd" and w not contains "enc")`,
		`hour(_time, "Europe/Berlin") > 3 and age(_time) == 0 and bucket(_time, "1h") < _time and indexOf(Image, "W") == 3`,
		`cidr(host, "10.0.0.0/8") or glob(Image, "*\\cmd.exe") or has(gone) or CommandLine contains "enc"`,
	} {
		dict := pipeline.NewDict()
		e, err := Condition(source, dict)
		if err != nil {
			t.Fatal(err)
		}
		batch := rows(dict, processes(20)...)
		held := 0
		allocs := testing.AllocsPerRun(100, func() {
			for row := range batch.Len() {
				if ok, err := e.Holds(batch, row); err == nil && ok {
					held++
				}
			}
		})
		if allocs != 0 || held == 0 {
			t.Errorf("%s: %v allocations for %d rows, %d held", source, allocs, batch.Len(), held)
		}
	}
}

// BenchmarkCondition takes a filter of four comparisons, by closures and by
// expr's machine alone, and beside them expr itself over maps that are there
// already; and others of the kinds that hunters write.
func BenchmarkCondition(b *testing.B) {
	records := processes(5000)
	dict := pipeline.NewDict()
	batch := rows(dict, records...)
	evaluate := func(source string, slow bool) func(b *testing.B) {
		return func(b *testing.B) {
			e, err := compile(source, dict, true, slow)
			if err != nil {
				b.Fatal(err)
			}
			filter(b, len(records), func(row int) bool {
				ok, err := e.Holds(batch, row)
				if err != nil {
					b.Fatal(err)
				}
				return ok
			})
		}
	}
	b.Run("closures", evaluate(benchCondition, false))
	b.Run("machine", evaluate(benchCondition, true))
	b.Run("expr over maps", func(b *testing.B) {
		envs := make([]map[string]any, len(records))
		for i, r := range records {
			envs[i] = map[string]any{}
			for name, values := range r {
				envs[i][name] = values[0]
			}
		}
		program, err := expr.Compile(benchCondition, expr.Env(envs[0]), expr.AsBool())
		if err != nil {
			b.Fatal(err)
		}
		var machine vm.VM
		filter(b, len(records), func(row int) bool {
			v, err := machine.Run(program, envs[row])
			if err != nil {
				b.Fatal(err)
			}
			return v.(bool)
		})
	})
	for name, source := range map[string]string{
		"lower":      `lower(CommandLine) contains "-enc" and lower(Image) endsWith "\\powershell.exe"`,
		"arithmetic": `ProcessId * 2 + len(CommandLine) > 4000 and user != host`,
		"loop":       `any(CommandLine, lower(#) contains "-enc" and # not contains "-file")`,
		"calendar":   `hour(_time, "Europe/Berlin") not in 7..18 and weekday(_time, "Europe/Berlin") not in ["Saturday", "Sunday"]`,
		"glob":       `glob(Image, "*\\powershell.exe", "*\\pwsh.exe") and not cidr(host, "10.0.0.0/8")`,
		"pair":       `any([Image, ParentImage], lower(#) endsWith "\\cmd.exe")`,
		"slice":      `Image[:3] == "C:\\" and CommandLine[-4:] != "cmd\""`,
		"reduce":     `reduce(CommandLine, #acc + len(#), 0) > 10`,
		"list":       `len(filter(CommandLine, # contains "-enc")) > 0`,
	} {
		b.Run(name, evaluate(source, false))
	}
}

// filter asks for one row after the other.
func filter(b *testing.B, rows int, holds func(row int) bool) {
	b.ReportAllocs()
	held, n := 0, 0
	for b.Loop() {
		if holds(n % rows) {
			held++
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	if n > rows && held == 0 {
		b.Error("no record held")
	}
}
