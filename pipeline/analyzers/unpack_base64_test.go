package analyzers

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// A decodedRow is what MSTICPy and the profile msticpy say of one layer alike.
type decodedRow struct {
	Depth, Name, Text, MD5, SHA1, SHA256 string
}

// A goldenUnpack is what MSTICPy's base64unpack made of an input.
type goldenUnpack struct {
	Name, Func, Input, Error string
	UTF16                    bool
	Rows                     []struct {
		Reference []string
		FileName  string `json:"file_name"`
		Text      string `json:"decoded_string"`
		Type      string `json:"encoding_type"`
		MD5       string
		SHA1      string
		SHA256    string
	}
}

// rows returns what MSTICPy found. Its depth stands in the middle of its
// reference, and a layer without a name is called unknown.
func (g *goldenUnpack) rows() []decodedRow {
	var out []decodedRow
	for _, r := range g.Rows {
		row := decodedRow{Name: r.FileName, Text: r.Text, MD5: r.MD5, SHA1: r.SHA1, SHA256: r.SHA256}
		if len(r.Reference) > 1 {
			row.Depth = strings.TrimSuffix(r.Reference[1], ".")
		}
		if row.Name == "unknown" {
			row.Name = ""
		}
		if r.Type == "binary" {
			row.Text = ""
		}
		out = append(out, row)
	}
	return out
}

// unpackRows runs a text through the stage in the profile msticpy.
func unpackRows(t *testing.T, input string) []decodedRow {
	t.Helper()
	record, err := json.Marshal(map[string]string{"text": input})
	if err != nil {
		t.Fatal(err)
	}
	out, err := runPipeline(t, "- unpack_base64: { fields: [text], as: rows, profile: msticpy }\n", string(record)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	var rows []decodedRow
	for line := range strings.Lines(out) {
		var f map[string]any
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		s := func(name string) string {
			v, _ := f[name].(string)
			return v
		}
		rows = append(rows, decodedRow{
			s("decoded_depth"), s("decoded_name"), s("decoded"), s("decoded_md5"), s("decoded_sha1"), s("decoded_sha256"),
		})
	}
	return rows
}

// TestUnpackProfileMSTICPy compares the profile msticpy, row by row and in
// order, with what the real MSTICPy made of the same inputs.
func TestUnpackProfileMSTICPy(t *testing.T) {
	// Where the profile differs, and why.
	exceptions := map[string]string{
		"ps_utf16 false":     "UTF-16 is read as such; MSTICPy leaves a NUL behind each character",
		"two_last_bad false": "nested base64 is decoded though the last candidate beside it is none; MSTICPy stops",
		"corrupt_zip false":  "a damaged archive is a layer of its type; MSTICPy ends with an exception",
	}
	var cases []goldenUnpack
	recorded.JSON(t, recorded.Path(t, "golden", "base64.json"), &cases)
	compared := map[string]int{}
	for _, c := range cases {
		// With its flag utf16, MSTICPy reads UTF-8 as Chinese: only the input
		// that is UTF-16 can be compared. Its unpack_items pads the input with
		// A unless its length is a multiple of four.
		if c.UTF16 && c.Name != "ps_utf16" || c.Func == "unpack_items" && len(c.Input)%4 != 0 {
			continue
		}
		compared[c.Func]++
		want, got := c.rows(), unpackRows(t, c.Input)
		name := fmt.Sprintf("%s %v", c.Name, c.UTF16)
		switch name {
		case "ps_utf16 false":
			for i := range want {
				want[i].Text = strings.ReplaceAll(want[i].Text, "\x00", "")
			}
		case "two_last_bad false":
			if len(got) != len(want)+1 || got[len(want)].Text != "first secret string value one" {
				t.Errorf("%s %s: got %+v, want one row more than %+v: %s", c.Func, name, got, want, exceptions[name])
				continue
			}
			got = got[:len(want)]
		case "corrupt_zip false":
			if len(got) != 1 || got[0].Text != "" || !strings.HasPrefix(c.Error, "BadZipFile") {
				t.Errorf("%s %s: got %+v, want one row: %s", c.Func, name, got, exceptions[name])
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s (-MSTICPy +ours):\n%s", c.Func, name, diff)
		}
	}
	if diff := cmp.Diff(map[string]int{"unpack": 14, "unpack_df": 14, "unpack_items": 4}, compared); diff != "" {
		t.Errorf("cases compared (-want +got):\n%s", diff)
	}
}

// TestUnpackProvenance follows each layer to the one that it came out of, over
// two fields of one record.
func TestUnpackProvenance(t *testing.T) {
	const (
		inner = "aW5uZXIgdGV4dCBvZiBhbGw=" // inner text of all
		outer = "PGFXNXVaWElnZEdWNGRDQnZaaUJoYkd3PT4="
	)
	record := fmt.Sprintf(`{"a":"x %s %s","b":"y %s"}`, outer, inner, outer)
	out, err := runPipeline(t, "- unpack_base64: { as: rows }\n", record+"\n")
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Field, ID, Parent, Depth, Text string }
	var got []row
	for line := range strings.Lines(out) {
		var f map[string]string
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, row{f["decoded_field"], f["decoded_id"], f["decoded_parent"], f["decoded_depth"], f["decoded"]})
	}
	want := []row{
		{"a", "1", "", "1", "<" + inner + ">"},
		{"a", "2", "1", "2", "inner text of all"},
		{"a", "3", "", "1", "inner text of all"},
		{"b", "4", "", "1", "<" + inner + ">"},
		{"b", "5", "4", "2", "inner text of all"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestUnpackNotes: what a limit left out is noted on its record alone, by the
// limit's name.
func TestUnpackNotes(t *testing.T) {
	for _, profile := range []string{"strict", "msticpy"} {
		deep := "PGFXNXVaWElnZEdWNGRDQnZaaUJoYkd3PT4=" // two layers
		if profile == "msticpy" {
			deep = "PGFXNXVaWElnZEdWNGRDQjBhR0YwSUdseklHeHZibWRsY2c9PT4=" // the inner one of 30 digits
		}
		records := fmt.Sprintf("{\"a\":\"x %s\"}\n{\"a\":\"plain\"}\n{\"a\":\"x %s\"}\n", deep, deep)
		out, err := runPipeline(t, "- unpack_base64: { max_depth: 1, profile: "+profile+" }\n", records)
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		for line := range strings.Lines(out) {
			var f map[string]string
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatal(err)
			}
			notes = append(notes, f["huntd_note"])
		}
		const note = "unpack_base64: left out or cut short: depth"
		if diff := cmp.Diff([]string{note, "", note}, notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", profile, diff)
		}
	}
}

// TestUnpackBombs: a batch of bombs does not become gigabytes, which no batch can
// hold; what is left out is noted, and does not hide what stands behind it.
func TestUnpackBombs(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	var page strings.Builder
	for i := range 40 {
		fmt.Fprintf(&page, "the quick brown fox %d jumps over %x\n", i*i*7919, i*i*104729)
	}
	if _, err := z.Write([]byte(strings.Repeat(page.String(), 8<<20/page.Len()))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := base64.StdEncoding.EncodeToString(packed.Bytes())
	const bombs = 40
	var in strings.Builder
	for range bombs {
		fmt.Fprintf(&in, `{"v":"%s"}`+"\n", bomb)
	}
	fmt.Fprintf(&in, `{"v":"powershell -enc %s"}`+"\n", "ZQBjAGgAbwAgACcAaABpACAAdABoAGUAcgBlACcA")
	out, notes := runCounted(t, "- unpack_base64: { fields: [v] }\n", in.String())
	if limit := in.Len() + 2*unpackBase64Batch; len(out) > limit {
		t.Errorf("%d bytes came out, want %d at most", len(out), limit)
	}
	if whole := strings.Count(out, `"decoded":"the quick`); whole == 0 || whole+notes["unpack_base64.bytes"] != bombs || strings.Count(out, noteField) != notes["unpack_base64.bytes"] {
		t.Errorf("%d of %d are whole, %v are counted, %d have a note", whole, bombs, notes, strings.Count(out, noteField))
	}
	if !strings.Contains(out, `"decoded":"echo 'hi there'"`) {
		t.Error("what stands behind the bombs is not unpacked")
	}
}
