package analyzers

import (
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/commandline"
)

// commandFeatures adds figures of a command and of its program's path.
type commandFeatures struct {
	dict           *pipeline.Dict
	names          []string
	paths, session []pipeline.Key
	columns        *columnSet // of the batch that is being looked at
}

// The figures, in the order of their names.
const (
	commandLength = iota
	commandLengthLog
	commandDelimiters
	commandDelimiterHash
	commandCharSum
	commandWords
	commandHash
	processName
	pathCharSum
	pathCharSumLog
	pathHash
	systemSession
	delimCount // from here on MSTICPy's second names
	delimHash
	charOrdScore
)

// featureNames are huntd's names of the figures and MSTICPy's, which has two
// functions for some of them, one for columns and one for texts.
func featureNames(msticpy bool) []string {
	if msticpy {
		return []string{
			"commandlineLen", "commandlineLogLen", "commandlineTokensFull", "commandlineTokensHash", "commandlineScore",
			"token_count", "crc32_hash", "processName", "pathScore", "pathLogScore", "pathHash", "isSystemSession",
			"delim_count", "delim_hash", "char_ord_score",
		}
	}
	return []string{
		"command_length", "command_length_log", "command_delimiters", "command_delimiter_hash", "command_char_sum",
		"command_words", "command_hash", "process_name", "path_char_sum", "path_char_sum_log", "path_hash", "system_session",
	}
}

func newCommandFeatures(dict *pipeline.Dict, msticpy bool) *commandFeatures {
	f := &commandFeatures{dict: dict, names: featureNames(msticpy)}
	for _, n := range []string{"NewProcessName", "New_Process_Name", "Image", "process_path"} {
		f.paths = append(f.paths, dict.Key(n))
	}
	for _, n := range []string{"SubjectLogonId", "LogonId"} {
		f.session = append(f.session, dict.Key(n))
	}
	return f
}

func (f *commandFeatures) begin(b *pipeline.Batch) { f.columns = newColumnSet(b, f.dict, f.names) }

// set gives a record its figures: of the command if it has one, be it empty,
// and of the path.
func (f *commandFeatures) set(b *pipeline.Batch, row int, command string, has bool) {
	if has {
		c := commandline.FeaturesOf(command)
		f.number(commandLength, row, c.Length)
		f.logarithm(commandLengthLog, row, c.LengthLog)
		f.number(commandDelimiters, row, c.Delimiters)
		f.number(commandDelimiterHash, row, int(c.DelimiterHash))
		f.number(commandCharSum, row, c.CharSum)
		f.number(commandWords, row, c.Words)
		f.number(commandHash, row, int(c.Hash))
		if len(f.names) > delimCount {
			f.number(delimCount, row, c.Delimiters)
			f.number(delimHash, row, int(c.DelimiterHash))
			f.number(charOrdScore, row, c.CharSum)
		}
	}
	if path := firstOf(b, row, f.paths); path != "" {
		c := commandline.FeaturesOf(path)
		f.columns.set(processName, row, lastElement(path))
		f.number(pathCharSum, row, c.CharSum)
		f.logarithm(pathCharSumLog, row, c.CharSumLog)
		f.number(pathHash, row, int(c.Hash))
	}
	if session := firstOf(b, row, f.session); session != "" {
		f.columns.set(systemSession, row, strconv.FormatBool(session == "0x3e7" || session == "-1"))
	}
}

func (f *commandFeatures) number(i, row, n int) { f.columns.set(i, row, strconv.Itoa(n)) }

func (f *commandFeatures) logarithm(i, row int, x float64) {
	f.columns.set(i, row, strconv.FormatFloat(x, 'g', -1, 64))
}

// firstOf returns the first of the fields that a record has.
func firstOf(b *pipeline.Batch, row int, keys []pipeline.Key) string {
	for _, k := range keys {
		if v := b.Get(row, k); v != "" {
			return v
		}
	}
	return ""
}

// lastElement is the name at the end of a path of Windows, or of Unix where it
// has no backslash.
func lastElement(path string) string {
	separator := `\`
	if !strings.Contains(path, separator) {
		separator = "/"
	}
	return path[strings.LastIndex(path, separator)+1:]
}
