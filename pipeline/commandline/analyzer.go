package commandline

import (
	"strings"
)

// Limits bound the work on one text.
type Limits struct {
	Bytes  int // of a text; what is longer is looked at up to here
	Tokens int // that are told apart in a text
	Depth  int // how deep shells may stand in shells, and expressions in expressions
}

// DefaultLimits are ample for command lines, which Windows ends at 32,767
// characters, and for most scripts.
func DefaultLimits() Limits { return Limits{Bytes: 1 << 20, Tokens: 10_000, Depth: 8} }

// An Analyzer takes command lines apart. It keeps its memory from one to the
// next, and is used by one goroutine.
type Analyzer struct {
	limits Limits
	cut    struct{ bytes, tokens, depth, work int }

	tally   tally
	words   []string // of the line being taken apart, operators that join commands among them
	parts   []part
	vars    map[string]string
	work    int // what may still be spent on undoing
	spent   bool
	script  bool // the text is no start of a program, but a script
	out     []byte
	lexemes []lexeme
	edits   []edit
	members []node // of the lists that are being read
}

// New returns an analyzer.
func New(limits Limits) *Analyzer {
	return &Analyzer{limits: limits, vars: map[string]string{}}
}

// A Command is a command line taken apart. It is valid until its analyzer is
// used again.
type Command struct {
	Dialect   Dialect
	Program   string // as written, without quotes
	Name      string // of the program in lower case, without folders and .exe
	Arguments string // what stands behind the program, in readable form
	// Readable is the text with everything undone that hides its meaning; where
	// there is nothing to undo it is the text.
	Readable   string
	Techniques TechniqueSet // what was undone or pointed out
	Score      int          // 0 for a plain command, up to 100
	// Tokens are the words without their quotes, those of a shell's command as
	// well, and between commands the operators.
	Tokens []string

	text  string
	parts []part
}

// A part is one simple command of a line: a program and its arguments.
type part struct {
	from, to int    // in the words
	program  int    // the word that names the program, -1 while there is none
	name     string // of the program, as in Command.Name
	piped    bool   // it reads what the part before it writes
}

// Analyze takes a text apart. Where the dialect is [Unknown] it is told from the
// text.
func (a *Analyzer) Analyze(text string, d Dialect) Command {
	if len(text) > a.limits.Bytes {
		text = strings.ToValidUTF8(text[:a.limits.Bytes], "")
		a.cut.bytes++
	}
	if d == Unknown {
		d = detect(text)
	}
	a.tally = tally{}
	o := outer(text, d)
	a.script = o == PowerShell || o == POSIX
	a.words, a.parts = a.words[:0], a.parts[:0]
	a.work, a.spent = 8*len(text)+1<<16, false
	clear(a.vars)
	readable := a.walk(text, o, 0)
	if a.spent {
		a.cut.work++
	}
	c := Command{
		Dialect: d, Readable: readable, text: text, Techniques: a.tally.set(), Score: a.tally.score(),
		Tokens: a.words, parts: a.parts,
	}
	c.Program, c.Arguments = a.program(readable)
	c.Name = nameOf(c.Program)
	return c
}

// walk undoes one layer of a text, takes its words, and does the same with the
// commands of other shells in it. It returns the readable text.
func (a *Analyzer) walk(text string, d Dialect, depth int) string {
	text = a.plainDashes(text, d)
	switch d {
	case PowerShell:
		text = a.undoPowerShell(text)
	case POSIX:
		text = a.undoPOSIX(text)
	default:
		text = a.undoCmd(text, d)
	}
	return a.take(a.restoreCase(text), d, depth)
}

// note counts a technique that was met.
func (a *Analyzer) note(t Technique) { a.tally[t]++ }

// spend reports whether n more bytes may be written or looked at for undoing.
// What is made of a text may be longer than the text, or be made of itself.
func (a *Analyzer) spend(n int) bool {
	if a.work -= n + 1; a.work < 0 {
		a.spent = true
	}
	return !a.spent
}

// Cut returns what limits left out, so far: texts cut short ("bytes"), texts
// with more tokens or deeper nesting than told apart ("tokens", "depth"), and texts that
// were not undone to the end ("work").
func (a *Analyzer) Cut() map[string]int {
	return map[string]int{"bytes": a.cut.bytes, "tokens": a.cut.tokens, "depth": a.cut.depth, "work": a.cut.work}
}

// Cuts returns how often a limit was met.
func (a *Analyzer) Cuts() int { return a.cut.bytes + a.cut.tokens + a.cut.depth + a.cut.work }
