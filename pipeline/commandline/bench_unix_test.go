//go:build unix

package commandline

import (
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// recordedCommands are the different command lines of the recordings, the
// ordinary ones and those in which something is hidden.
func recordedCommands(t recorded.T) (ordinary, hidden []string) {
	seen := map[string]bool{}
	a := New(DefaultLimits())
	for _, set := range []string{"demo", "dev"} {
		for _, file := range recorded.Files(t, set) {
			for _, event := range recorded.Events(t, file) {
				for _, field := range []string{"CommandLine", "ParentCommandLine", "Process_Command_Line", "command"} {
					for _, text := range event[field] {
						if seen[text] || text == "" {
							continue
						}
						seen[text] = true
						if c := a.Analyze(text, Unknown); c.Score > 0 {
							hidden = append(hidden, text)
						} else {
							ordinary = append(ordinary, text)
						}
					}
				}
			}
		}
	}
	return ordinary, hidden
}

// BenchmarkAnalyze measures a command line with all rules, beside a rival that
// does what scripts for hunters do: a row of regular expressions. The rival
// undoes less and matches no rule.
func BenchmarkAnalyze(b *testing.B) {
	ordinary, hidden := recordedCommands(b)
	for _, corpus := range []struct {
		name  string
		texts []string
	}{{"ordinary", ordinary}, {"hidden", hidden}} {
		bytes := 0
		for _, text := range corpus.texts {
			bytes += len(text)
		}
		run := func(name string, do func(string)) {
			b.Run(corpus.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(bytes / len(corpus.texts)))
				before := processorTime(b)
				for i := 0; b.Loop(); i++ {
					do(corpus.texts[i%len(corpus.texts)])
				}
				b.ReportMetric(float64(b.N)/(processorTime(b)-before).Seconds(), "commands/cpu-s")
			})
		}
		a := New(DefaultLimits())
		rules, err := NewRules(BuiltinRules())
		if err != nil {
			b.Fatal(err)
		}
		run("huntd", func(s string) { c := a.Analyze(s, Unknown); rules.Match(&c) })
		run("huntd-no-rules", func(s string) { a.Analyze(s, Unknown) })
		run("regexp", func(s string) { naiveReadable(s) })
	}
}

// processorTime is what the process has used so far: other work on the machine
// does not count.
func processorTime(b testing.TB) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

var (
	naiveCaret  = regexp.MustCompile(`\^(\w)`)
	naiveTick   = regexp.MustCompile("`(\\w)")
	naiveConcat = regexp.MustCompile(`['"]\s*\+\s*['"]`)
	naiveFormat = regexp.MustCompile(`\(?["']((?:\{\d+\})+)["']\s*-f\s*((?:['"][^'"]*['"]\s*,?\s*)+)\)?`)
	naiveChar   = regexp.MustCompile(`(?i)\[char\]\s*(\d+)`)
	naiveQuotes = regexp.MustCompile(`(\w)""(\w)`)
)

func naiveReadable(s string) string {
	s = naiveCaret.ReplaceAllString(s, "$1")
	s = naiveTick.ReplaceAllString(s, "$1")
	s = naiveQuotes.ReplaceAllString(s, "$1$2")
	s = naiveConcat.ReplaceAllString(s, "")
	s = naiveFormat.ReplaceAllStringFunc(s, func(m string) string { return strings.ToLower(m) })
	return naiveChar.ReplaceAllString(s, "$1")
}
