package analyzers

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/unpack"
)

var _ = define(Spec[unpackBase64Config]{
	Name:    "unpack_base64",
	Summary: "unpacks what is hidden in base64, hexadecimal, character codes and joined strings, layer by layer",
	Attack:  []string{"T1027", "T1140"},
	Adds:    []string{"decoded", "or one record a layer: decoded, decoded_type, decoded_encoding, decoded_depth, decoded_field, decoded_name, decoded_id, decoded_parent, hashes"},
	Doc: `
Unpacked is base64 in the standard and the URL alphabet, with or without padding,
also the UTF-16 that PowerShell's -EncodedCommand takes, in any abbreviation and
with the carets, backticks and quotes that hide it; hexadecimal (68656c6c6f behind
0x or a name with hex in it, long strings anywhere, \x68\x65, 0x68,0x65); character
codes ([char]104+[char]101, [char[]](104,101), '104,101'|%{[char]$_},
String.fromCharCode(104,101), Chr(104)&Chr(101)); strings that a script puts
together ('aGVs'+'bG8=', -join, -f, replace), lines of base64 in a literal. What
comes out is looked into again, and so is what stands in gzip, zlib, deflate, zip,
tar, bzip2, xz and zstd. Without an announcement, only what proves to be text or of
a known type counts: hashes, identifiers and lists of numbers are no layers.

As fields, decoded holds the text of each layer that is text, outermost first. As
rows, each layer gives a record with decoded (if it is text), decoded_type (what
its bytes are), decoded_encoding (base64, base64url, hex, charcode, join, or what
it was compressed or archived by), decoded_depth (1 is outermost), decoded_field,
decoded_name (in an archive), decoded_id (counted within the record) and
decoded_parent (the decoded_id of the layer that it came out of; none for
outermost ones), and the hashes of its bytes decoded_md5, decoded_sha1,
decoded_sha256; for UTF-16 also decoded_text_sha256, of the text as UTF-8. Records
in which nothing is packed then give none. A string that was put together only to
be base64 or hexadecimal is no layer of its own.

The profile msticpy decodes what MSTICPy's base64unpack decodes: runs of 30 and more
digits and line breaks of the standard alphabet that are padded well, whatever they
hold; zip, gzip and tar where their base64 begins as MSTICPy expects it, their
members as layers of the same depth, named as there; level by level, equal base64
once a level. It differs from MSTICPy where that is mistaken: UTF-16 that is valid
UTF-8 too is read as UTF-16 (MSTICPy leaves a NUL behind each character, or with its
flag utf16 reads UTF-8 as Chinese); nested base64 keeps its beginning, and is
decoded even if the last candidate beside it is none; a damaged archive is a layer
of its type, counted as damaged, and no error; members of one name are all kept; the
input is not padded with A; base64 in the name of a member is not decoded; more than
50 candidates a level are decoded.

The work on one value is bounded: bytes, layers, depth, and how much a compressed
member may grow. When the values of a batch (a thousand records, say) have come to
32 MiB, each further one may grow to sixteen times its size. What a bound left out is counted on the run (unpack_base64.bytes,
say) and noted on the record, in huntd_note. So is what as: rows leaves out, since
all records that are made of one hold 128 MiB at most (unpack_base64.rows_over).
`,
	Config: unpackBase64Config{
		As: asFields, Profile: "strict", MaxDepth: unpack.DefaultLimits().Depth, MaxBytes: unpack.DefaultLimits().Bytes,
	},
	New: newUnpackBase64,
	Example: `
-- config.yaml --
unpack_base64: { fields: [CommandLine] }
-- in.ndjson --
{"_time":1767225600,"CommandLine":"powershell -enc ZQBjAGgAbwAgACcAaABpACAAdABoAGUAcgBlACcA"}
{"_time":1767225601,"CommandLine":"notepad.exe C:\\Windows\\System32\\drivers\\etc\\hosts"}
-- out.ndjson --
{"_time":"1767225600","CommandLine":"powershell -enc ZQBjAGgAbwAgACcAaABpACAAdABoAGUAcgBlACcA","decoded":"echo 'hi there'"}
{"_time":"1767225601","CommandLine":"notepad.exe C:\\Windows\\System32\\drivers\\etc\\hosts"}
`,
})

type unpackBase64Config struct {
	Fields   []string `koanf:"fields" doc:"The fields to look into. Default: every field but _raw."`
	As       string   `koanf:"as" enum:"fields,rows" doc:"Whether what is found adds fields to the record, or gives records of its own."`
	Profile  string   `koanf:"profile" enum:"strict,msticpy" doc:"What is taken for packed: what can be proven to be, or what MSTICPy takes."`
	MaxDepth int      `koanf:"max_depth" min:"1" max:"64" doc:"How many layers deep one value is unpacked."`
	MaxBytes int      `koanf:"max_bytes" min:"1024" doc:"How many bytes one value may unpack to, over all its layers."`
}

type unpackBase64Stage struct {
	pipeline.Streaming
	dict     *pipeline.Dict
	fields   fieldSet
	unpacker *unpack.Unpacker
	unpack   func(string) []unpack.Layer
	rows     bool
	room     rowRoom
	noted    map[string]int // what was cut short in the records before
	maxBytes int            // of one value
	unpacked int            // bytes that the values of the batch were unpacked to so far
}

const (
	// unpackBase64Batch is how many bytes the values of a batch may unpack to,
	// whatever their size: of the sixteen megabytes that a batch usually has at most,
	// bombs make gigabytes.
	unpackBase64Batch = 32 << 20
	// unpackBase64Share is how many times its size, and a page, a value may unpack to
	// when these are used up: bombs must not hide what stands behind them.
	unpackBase64Share = 16
	unpackBase64Page  = 4 << 10
	// unpackBase64Most is what no batch exceeds, however large it is: half of what one
	// can hold.
	unpackBase64Most = pipeline.MaxBatchBytes / 2
)

func newUnpackBase64(c unpackBase64Config, dict *pipeline.Dict) (pipeline.Stage, error) {
	u := unpack.New(unpack.Limits{Depth: c.MaxDepth, Bytes: c.MaxBytes})
	s := &unpackBase64Stage{dict: dict, fields: newFieldSet(c.Fields, dict), rows: c.As == asRows, unpacker: u, unpack: u.Unpack, maxBytes: c.MaxBytes}
	if c.Profile == "msticpy" {
		s.unpack = u.UnpackMSTICPy
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *unpackBase64Stage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	s.unpacked = 0
	if s.rows {
		return s.asRows(b), nil
	}
	column := b.NewColumn(s.dict.Key("decoded"))
	notes := map[int]string{}
	var texts []string
	for row := range b.Len() {
		texts = texts[:0]
		s.each(b, row, notes, func(_ pipeline.Key, _ int, layer *unpack.Layer) {
			if layer.Charset != "" {
				texts = append(texts, strings.Clone(layer.Text))
			}
		})
		if len(texts) > 0 {
			column.Set(row, texts...)
		}
	}
	return addNotes(b.With(column), s.dict, notes), nil
}

// each calls do for every layer in a record, with how many layers the values
// before gave, and notes what was cut short.
func (s *unpackBase64Stage) each(b *pipeline.Batch, row int, notes map[int]string, do func(field pipeline.Key, before int, layer *unpack.Layer)) {
	before, n := s.unpacker.Cuts(), 0
	for field, text := range s.fields.of(b, row) {
		room := max(unpackBase64Batch-s.unpacked, unpackBase64Page+unpackBase64Share*len(text))
		s.unpacker.LimitBytes(min(s.maxBytes, room, unpackBase64Most-s.unpacked))
		layers := s.unpack(text)
		s.unpacked += s.unpacker.Unpacked()
		for i := range layers {
			do(field, n, &layers[i])
		}
		n += len(layers)
	}
	if s.unpacker.Cuts() > before {
		notes[row] = "unpack_base64: left out or cut short: " + strings.Join(s.newCuts(), ", ")
	}
}

// newCuts returns the names of what was cut short since the last call.
func (s *unpackBase64Stage) newCuts() []string {
	cuts := s.unpacker.Cut()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(cuts)) {
		if cuts[name] > s.noted[name] {
			names = append(names, name)
		}
	}
	s.noted = cuts
	return names
}

func (s *unpackBase64Stage) asRows(b *pipeline.Batch) *pipeline.Batch {
	m := newRowMaker("unpack_base64", b, &s.room, "decoded", "decoded_type", "decoded_encoding", "decoded_depth", "decoded_field", "decoded_name", "decoded_id", "decoded_parent",
		"decoded_md5", "decoded_sha1", "decoded_sha256", "decoded_text_sha256")
	notes := map[int]string{}
	for row := range b.Len() {
		id := 0
		s.each(b, row, notes, func(field pipeline.Key, before int, layer *unpack.Layer) {
			id++
			parent := ""
			if layer.Parent >= 0 {
				parent = strconv.Itoa(before + layer.Parent + 1)
			}
			m5, s1, s256 := md5.Sum(layer.Data), sha1.Sum(layer.Data), sha256.Sum256(layer.Data)
			ofText := ""
			if strings.HasPrefix(layer.Charset, "utf-16") {
				sum := sha256.Sum256([]byte(layer.Text))
				ofText = hex.EncodeToString(sum[:])
			}
			m.add(row, strings.Clone(layer.Text), layer.Type, layer.Encoding, strconv.Itoa(layer.Depth), s.dict.Name(field), layer.Name, strconv.Itoa(id), parent,
				hex.EncodeToString(m5[:]), hex.EncodeToString(s1[:]), hex.EncodeToString(s256[:]), ofText)
		})
	}
	return m.batch(addNotes(b, s.dict, notes), s.dict)
}

// Counts implements [pipeline.Counter].
func (s *unpackBase64Stage) Counts() map[string]int {
	counts := s.unpacker.Cut()
	counts["rows_over"] = s.room.over
	return counts
}
