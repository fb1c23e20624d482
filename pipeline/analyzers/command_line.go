package analyzers

import (
	"context"
	"fmt"
	"strconv"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/commandline"
)

var _ = define(Spec[commandLineConfig]{
	Name:    "command_line",
	Summary: "takes command lines apart, undoes their disguise and names the risky ones",
	Attack:  []string{"T1027.010", "T1059"},
	Adds: []string{
		"command_program", "command_name", "command_arguments", "command_tokens", "command_shell", "command_readable",
		"command_techniques", "command_score", "decoded_readable", "risk_rule", "risk_title", "risk_severity", "risk_attack",
		"features", "or one record a risky rule, with risk_field and risk_command",
	},
	Doc: `
Reads command lines of cmd.exe, PowerShell and POSIX shells, those that stand in
one another as well (cmd /c powershell -c …), and scripts. The first of the
fields that a record has is described:

| field | what |
| --- | --- |
| command_program, command_name | the program as written; its name in lower case without folder and .exe |
| command_arguments | what follows the program, in readable form |
| command_tokens | the words of the readable text without quotes, in shells' commands too; operators between commands are words |
| command_shell | windows (a program and its arguments, no shell), cmd, powershell, posix, unknown |
| command_readable | the text with its disguise undone; **only where that differs from the text** |
| command_techniques | what was undone: caret, backtick, quotes, concat, format, join, replace, char_code, env_substring, variables, separators, escape, whitespace, dash, case; base64 is only pointed out, unpack_base64 unpacks it |
| command_score | 0 for a plain command to 100; each technique adds its weight, and a point each further time |

Risky commands are found by rules, in the readable text of all these fields and of
decoded, where unpack_base64 stands before this stage; decoded_readable is the
readable text of each layer in it that differs. risk_rule, risk_title and risk_attack
hold the ids, titles and ATT&CK techniques of all rules that match, risk_severity
the highest severity. As rows, each match gives a record with that rule's alone,
risk_field (the field it was found in) and risk_command (the command's words);
records without a match then give none.

A file of further rules is named by rules; it holds a list:

    rules:
      - id: backup-stopped
        title: the backup service is stopped
        severity: high
        attack: [T1489]
        program: [net, sc]      # names; without it all words of the line are looked at
        all: [stop, "*backup*"] # all of these terms, one of any, none of none
        into: []                # and one of these programs reads what it writes
        regex: ""               # and this matches the text

A term is a word, or several in a row, in any case; * stands for any characters,
a hyphen in front for a slash too, and -w~indowstyle for any of its abbreviations.

The figures that MSTICPy's eventcluster clusters processes by, to the last digit, under
these names and with profile: msticpy under MSTICPy's, under both where there are two:

| field | MSTICPy | what |
| --- | --- | --- |
| command_length, command_length_log | commandlineLen, commandlineLogLen | characters; decimal logarithm |
| command_delimiters | commandlineTokensFull, delim_count | delimiters |
| command_delimiter_hash | commandlineTokensHash, delim_hash | CRC-32 of the delimiters in a row |
| command_char_sum | commandlineScore, char_ord_score | sum of the code points |
| command_words | token_count | pieces between single blanks |
| command_hash | crc32_hash | CRC-32 |
| process_name | processName | the last part of NewProcessName, Image or process_path |
| path_char_sum, path_char_sum_log, path_hash | pathScore, pathLogScore, pathHash | of the whole path |
| system_session | isSystemSession | true if SubjectLogonId or LogonId is 0x3e7 or -1 |

They differ from MSTICPy in that a path's separator is looked for in each path, not in
the first ten for all. The profile msticpy also adds its five rules for syslog
(risky_cmd_line), as msticpy-…, which look at decoded text as well and keep every match
of a time, not the last alone.

Nothing is executed. What cannot be computed from the text stays as it is:
variables of the machine, other scripts, ciphers. The work on a text is bounded;
what a bound cut is counted (command_line.work, say) and noted in huntd_note. So is what
as: rows leaves out, since all records that are made of one hold 128 MiB at most
(command_line.rows_over).
`,
	Config: commandLineConfig{Fields: commandLineFields(), Shell: "auto", As: asFields, Profile: "strict", Features: true, Builtin: true},
	New:    newCommandLine,
	Example: `
-- config.yaml --
command_line: { features: false }
-- in.ndjson --
{"_time":1767225600,"CommandLine":"cmd /c p^ow^ershell -w hidden \"IEX ('Down'+'load')\""}
{"_time":1767225601,"CommandLine":"notepad.exe C:\\a.txt"}
-- out.ndjson --
{"_time":"1767225600","CommandLine":"cmd /c p^ow^ershell -w hidden \"IEX ('Down'+'load')\"","command_program":"cmd","command_name":"cmd","command_arguments":"/c powershell -w hidden \"IEX ('Download')\"","command_tokens":["cmd","/c","powershell","-w","hidden","IEX","Download"],"command_shell":"cmd","command_readable":"cmd /c powershell -w hidden \"IEX ('Download')\"","command_techniques":["caret","concat"],"command_score":"36","risk_rule":["powershell-hidden","powershell-expression"],"risk_title":["PowerShell without a window","PowerShell runs a text as a command"],"risk_severity":"medium","risk_attack":["T1059.001","T1564.003"]}
{"_time":"1767225601","CommandLine":"notepad.exe C:\\a.txt","command_program":"notepad.exe","command_name":"notepad","command_arguments":"C:\\a.txt","command_tokens":["notepad.exe","C:\\a.txt"],"command_shell":"windows","command_score":"0"}
`,
})

type commandLineConfig struct {
	Fields   []string     `koanf:"fields" min:"1" doc:"The fields that hold command lines. The first that a record has is described; risky commands are looked for in all."`
	Shell    string       `koanf:"shell" enum:"auto,windows,cmd,powershell,posix" doc:"The language of the texts; auto tells it from each."`
	As       string       `koanf:"as" enum:"fields,rows" doc:"Whether the rules that match add fields to the record, or give records of their own."`
	Profile  string       `koanf:"profile" enum:"strict,msticpy" doc:"msticpy gives the figures MSTICPy's names, and adds its rules for syslog."`
	Features bool         `koanf:"features" doc:"Whether figures for clustering are added."`
	Builtin  bool         `koanf:"builtin" doc:"Whether the rules that come with huntd are used."`
	Rules    configs.Path `koanf:"rules" doc:"A file of further rules."`
}

// commandLineFields are the names by which command lines go.
func commandLineFields() []string {
	return []string{
		"CommandLine", "Process_Command_Line", "ProcessCommandLine", "process_command_line", "event_data.CommandLine",
		"process", "commandline", "command_line", "cmdline", "cmd", "command", "Command", "proctitle", "ScriptBlockText",
	}
}

type commandLineStage struct {
	pipeline.Streaming
	dict     *pipeline.Dict
	fields   fieldSet
	decoded  pipeline.Key
	dialect  commandline.Dialect
	analyzer *commandline.Analyzer
	rules    *commandline.Rules
	features *commandFeatures
	rows     bool
	room     rowRoom
}

func newCommandLine(c commandLineConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	dialect, err := commandline.ParseDialect(c.Shell)
	if err != nil {
		return nil, err
	}
	var list []commandline.Rule
	if c.Builtin {
		list = commandline.BuiltinRules()
	}
	if c.Profile == "msticpy" {
		list = append(list, commandline.MSTICPyRules()...)
	}
	if c.Rules != "" {
		own, err := commandLineRules(c.Rules)
		if err != nil {
			return nil, err
		}
		list = append(list, own...)
	}
	rules, err := commandline.NewRules(list)
	if err != nil {
		return nil, err
	}
	s := &commandLineStage{
		dict: dict, fields: newFieldSet(c.Fields, dict), decoded: dict.Key("decoded"), dialect: dialect, rules: rules,
		analyzer: commandline.New(commandline.DefaultLimits()), rows: c.As == asRows,
	}
	if c.Features {
		s.features = newCommandFeatures(dict, c.Profile == "msticpy")
	}
	return s, nil
}

// commandLineRules reads a file of rules.
func commandLineRules(path configs.Path) ([]commandline.Rule, error) {
	var file struct {
		Rules []commandline.Rule `koanf:"rules" required:"true"`
	}
	node, err := configs.Parse(string(path))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if err := configs.DecodeAs("the rules", node, &file); err != nil {
		return nil, err
	}
	return file.Rules, nil
}

// The columns of a batch that the stage adds to.
const (
	commandLineProgram = iota
	commandLineName
	commandLineArguments
	commandLineTokens
	commandLineShell
	commandLineReadable
	commandLineTechniques
	commandLineScore
	commandLineDecoded
	commandLineRule
	commandLineTitle
	commandLineSeverity
	commandLineAttack
)

var commandLineColumns = []string{
	"command_program", "command_name", "command_arguments", "command_tokens", "command_shell", "command_readable",
	"command_techniques", "command_score", "decoded_readable", "risk_rule", "risk_title", "risk_severity", "risk_attack",
}

// A commandLineBatch is what becomes of one batch.
type commandLineBatch struct {
	*commandLineStage
	b       *pipeline.Batch
	columns *columnSet
	notes   map[int]string
	matches *rowMaker
	attack  [][]string // of each match
	risk    commandRisk
	layers  []string
	names   []string
}

// Process implements [pipeline.Stage].
func (s *commandLineStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	p := commandLineBatch{
		commandLineStage: s, b: b, columns: newColumnSet(b, s.dict, commandLineColumns), notes: map[int]string{},
		matches: newRowMaker("command_line", b, &s.room, "risk_rule", "risk_title", "risk_severity", "risk_field", "risk_command"),
	}
	if s.features != nil {
		s.features.begin(b)
	}
	for row := range b.Len() {
		before := s.analyzer.Cuts()
		p.record(row)
		if s.analyzer.Cuts() > before {
			p.notes[row] = "command_line: a limit cut the analysis short"
		}
	}
	b = p.columns.onto(b)
	if s.features != nil {
		b = s.features.columns.onto(b)
	}
	b = addNotes(b, s.dict, p.notes)
	if !s.rows {
		return b, nil
	}
	return addLists(p.matches.batch(b, s.dict), s.dict, "risk_attack", p.attack), nil
}

// record looks at one record.
func (p *commandLineBatch) record(row int) {
	first, described, present := "", false, false
	dialect := p.dialect
	p.risk.reset()
	for field, text := range p.fields.of(p.b, row) {
		present = true
		if text == "" {
			continue
		}
		c := p.analyzer.Analyze(text, p.dialect)
		if !described {
			first, described = text, true
			p.describe(row, text, &c)
			if c.Techniques.Has(commandline.Base64) && c.Dialect != commandline.POSIX {
				dialect = commandline.PowerShell
			}
		}
		p.match(row, field, &c)
	}
	p.decodedOf(row, dialect)
	if !p.rows {
		p.risk.set(p.columns, row)
	}
	if p.features != nil {
		p.features.set(p.b, row, first, present)
	}
}

// decodedOf looks at what was unpacked from the record.
func (p *commandLineBatch) decodedOf(row int, d commandline.Dialect) {
	p.layers = p.layers[:0]
	for text := range p.b.Values(row, p.decoded).All() {
		c := p.analyzer.Analyze(text, d)
		if c.Readable != text {
			p.layers = append(p.layers, c.Readable)
		}
		p.match(row, p.decoded, &c)
	}
	if len(p.layers) > 0 {
		p.columns.set(commandLineDecoded, row, p.layers...)
	}
}

// describe says of a record what its command is.
func (p *commandLineBatch) describe(row int, text string, c *commandline.Command) {
	set := p.columns
	for _, f := range []struct {
		column int
		value  string
	}{
		{commandLineProgram, c.Program},
		{commandLineName, c.Name},
		{commandLineArguments, c.Arguments},
		{commandLineShell, c.Dialect.String()},
		{commandLineScore, strconv.Itoa(c.Score)},
	} {
		if f.value != "" {
			set.set(f.column, row, f.value)
		}
	}
	if len(c.Tokens) > 0 {
		set.set(commandLineTokens, row, c.Tokens...)
	}
	if c.Readable != text {
		set.set(commandLineReadable, row, c.Readable)
	}
	if c.Techniques != 0 {
		p.names = p.names[:0]
		for t := range c.Techniques.All {
			p.names = append(p.names, t.String())
		}
		set.set(commandLineTechniques, row, p.names...)
	}
}

func (p *commandLineBatch) match(row int, field pipeline.Key, c *commandline.Command) {
	for _, m := range p.commandLineStage.rules.Match(c) {
		if p.rows {
			if p.matches.add(row, m.Rule.ID, m.Rule.Title, m.Rule.Severity, p.dict.Name(field), m.Command) {
				p.attack = append(p.attack, m.Rule.Attack)
			}
		} else {
			p.risk.add(m.Rule)
		}
	}
}

// Counts implements [pipeline.Counter].
func (s *commandLineStage) Counts() map[string]int {
	counts := s.analyzer.Cut()
	counts["rows_over"] = s.room.over
	return counts
}
