package analyzers

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/unpack"
)

var _ = define(Spec[unpackBase64Config]{
	Name:    "unpack_base64",
	Summary: "unpacks what is hidden in base64, layer by layer",
	Attack:  []string{"T1027", "T1140"},
	Adds:    []string{"decoded", "or one record a layer: decoded, decoded_type, decoded_encoding, decoded_depth, decoded_field, decoded_name, hashes"},
	Doc: `
Base64 in the standard and the URL alphabet, with or without padding, also the
UTF-16 that PowerShell's -EncodedCommand takes; what comes out is looked into
again, and so is what stands in gzip, zlib, deflate, zip, tar, bzip2 and zstd.

As fields, decoded holds the text of each layer that is text, outermost first. As
rows, each layer gives a record with decoded (if it is text), decoded_type (what
its bytes are), decoded_encoding, decoded_depth (1 is outermost), decoded_field,
decoded_name (in an archive) and the hashes of its bytes decoded_md5,
decoded_sha1, decoded_sha256; for UTF-16 also decoded_text_sha256, of the text as
UTF-8. Records in which nothing is packed then give none.

The work on one value is bounded. What a bound left out is counted on the run
(unpack_base64.bytes, say) and noted on the record, in huntd_note.
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
	Profile  string   `koanf:"profile" enum:"strict" doc:"What is taken for base64."`
	MaxDepth int      `koanf:"max_depth" min:"1" max:"64" doc:"How many layers deep one value is unpacked."`
	MaxBytes int      `koanf:"max_bytes" min:"1024" doc:"How many bytes one value may unpack to, over all its layers."`
}

type unpackBase64Stage struct {
	pipeline.Streaming
	dict     *pipeline.Dict
	fields   fieldSet
	unpacker *unpack.Unpacker
	rows     bool
}

func newUnpackBase64(c unpackBase64Config, dict *pipeline.Dict) (pipeline.Stage, error) {
	return &unpackBase64Stage{
		dict: dict, fields: newFieldSet(c.Fields, dict), rows: c.As == asRows,
		unpacker: unpack.New(unpack.Limits{Depth: c.MaxDepth, Bytes: c.MaxBytes}),
	}, nil
}

// Process implements [pipeline.Stage].
func (s *unpackBase64Stage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if s.rows {
		return s.asRows(b), nil
	}
	column := b.NewColumn(s.dict.Key("decoded"))
	notes := map[int]string{}
	var texts []string
	for row := range b.Len() {
		texts = texts[:0]
		s.each(b, row, notes, func(_ pipeline.Key, layer *unpack.Layer) {
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

// each calls do for every layer in a record, and notes what was cut short.
func (s *unpackBase64Stage) each(b *pipeline.Batch, row int, notes map[int]string, do func(pipeline.Key, *unpack.Layer)) {
	before := s.unpacker.Cuts()
	for field, text := range s.fields.of(b, row) {
		layers := s.unpacker.Unpack(text)
		for i := range layers {
			do(field, &layers[i])
		}
	}
	if s.unpacker.Cuts() > before {
		notes[row] = "unpack_base64: a limit cut the unpacking short"
	}
}

func (s *unpackBase64Stage) asRows(b *pipeline.Batch) *pipeline.Batch {
	m := newRowMaker("decoded", "decoded_type", "decoded_encoding", "decoded_depth", "decoded_field", "decoded_name",
		"decoded_md5", "decoded_sha1", "decoded_sha256", "decoded_text_sha256")
	notes := map[int]string{}
	for row := range b.Len() {
		s.each(b, row, notes, func(field pipeline.Key, layer *unpack.Layer) {
			m5, s1, s256 := md5.Sum(layer.Data), sha1.Sum(layer.Data), sha256.Sum256(layer.Data)
			ofText := ""
			if strings.HasPrefix(layer.Charset, "utf-16") {
				sum := sha256.Sum256([]byte(layer.Text))
				ofText = hex.EncodeToString(sum[:])
			}
			m.add(row, strings.Clone(layer.Text), layer.Type, layer.Encoding, strconv.Itoa(layer.Depth), s.dict.Name(field), layer.Name,
				hex.EncodeToString(m5[:]), hex.EncodeToString(s1[:]), hex.EncodeToString(s256[:]), ofText)
		})
	}
	return m.batch(addNotes(b, s.dict, notes), s.dict)
}

// Counts implements [pipeline.Counter].
func (s *unpackBase64Stage) Counts() map[string]int { return s.unpacker.Cut() }
