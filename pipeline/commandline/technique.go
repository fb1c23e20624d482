package commandline

import "math/bits"

// A Technique is a way to hide what a command does.
type Technique uint8

// The techniques that are undone or, where so said, only pointed out.
const (
	Caret        Technique = iota // cmd.exe: p^ower^shell
	Backtick                      // PowerShell: Invoke-Expre`ssion
	Quotes                        // po""wershell, w'h'oami
	Concat                        // 'Down'+'load'
	Format                        // '{1}{0}' -f 'b','a'
	Join                          // -join, -split, .Split, characters picked from a string
	Replace                       // -replace, .Replace, %X:a=b%
	CharCode                      // [char]105, $'\x69'
	EnvSubstring                  // %COMSPEC:~-7,3%, $env:comspec[4,15,25]
	Variables                     // set X=..&&call %X%, $a+$b, a=c;$a
	Separators                    // cmd.exe: ,;cmd;,/c
	Escape                        // POSIX: c\at
	Whitespace                    // POSIX: cat${IFS}file, {cat,file}
	Dash                          // a Unicode dash before an option
	Case                          // pOwERsheLL
	Base64                        // an encoded command, pointed out only
	techniques
)

var techniqueNames = [techniques]string{
	"caret", "backtick", "quotes", "concat", "format", "join", "replace", "char_code", "env_substring",
	"variables", "separators", "escape", "whitespace", "dash", "case", "base64",
}

// String returns the technique's name.
func (t Technique) String() string { return techniqueNames[t] }

// A TechniqueSet is a set of techniques.
type TechniqueSet uint32

// Has reports whether t is in the set.
func (s TechniqueSet) Has(t Technique) bool { return s&(1<<t) != 0 }

// All yields the techniques in the order of their declaration.
func (s TechniqueSet) All(yield func(Technique) bool) {
	for ; s != 0; s &= s - 1 {
		if !yield(Technique(bits.TrailingZeros32(uint32(s)))) {
			return
		}
	}
}

// weights say how little business an honest command has with a technique, in
// points of the score.
var weights = [techniques]int{
	Caret: 20, Backtick: 20, Quotes: 15, Concat: 15, Format: 25, Join: 20, Replace: 15, CharCode: 25, EnvSubstring: 30,
	Variables: 10, Separators: 20, Escape: 15, Whitespace: 20, Dash: 15, Case: 15, Base64: 15,
}

// A tally counts how often each technique was met.
type tally [techniques]int

func (t *tally) set() TechniqueSet {
	var s TechniqueSet
	for i, n := range t {
		if n > 0 {
			s |= 1 << i
		}
	}
	return s
}

// score adds the weight of each technique once, and a point for each further
// time up to as much again; at most 100.
func (t *tally) score() int {
	sum := 0
	for i, n := range t {
		if n > 0 {
			sum += weights[i] + min(n-1, weights[i])
		}
	}
	return min(sum, 100)
}
