package unpack

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// TestMSTICPy compares what is decoded, as hash and text of each layer, with
// what MSTICPy's unpack decodes of the same inputs. Containers themselves (the
// zip, the gzip stream before it is unpacked) are layers here and no rows
// there, so they are not compared; neither is how often a thing is decoded,
// since MSTICPy replaces equal base64 everywhere at once and reports it once.
func TestMSTICPy(t *testing.T) {
	// Deliberate differences.
	more := map[string][]string{
		// MSTICPy stops when the last candidate of a text does not decode, and
		// misses the base64 in what it decoded before.
		"two_last_bad": {"first secret string value one"},
	}
	raises := map[string]bool{
		// One damaged archive ends MSTICPy's run with an exception; here it is
		// a layer of type zip, counted as damaged.
		"corrupt_zip": true,
	}
	garbles := map[string]bool{
		// Without its utf16 flag MSTICPy leaves a NUL behind each character of
		// UTF-16; the flag is not needed here.
		"ps_utf16": true,
	}
	var cases []struct {
		Name, Func, Input, Error string
		UTF16                    bool
		Rows                     []struct {
			Text   string            `json:"decoded_string"`
			Type   string            `json:"encoding_type"`
			Hashes map[string]string `json:"file_hashes"`
		}
	}
	recorded.JSON(t, recorded.Path(t, "golden", "base64.json"), &cases)
	compared := 0
	for _, c := range cases {
		// With the flag, MSTICPy reads UTF-8 as UTF-16 too; only the case that
		// is UTF-16 can be compared.
		if c.Func != "unpack" || c.UTF16 != garbles[c.Name] {
			continue
		}
		compared++
		u := New(Limits{})
		theirs, ours := make(map[string]string), make(map[string]string)
		for _, r := range c.Rows {
			text := r.Text
			if r.Type == "binary" {
				text = ""
			}
			theirs[r.Hashes["sha256"]] = text
		}
		for _, l := range u.Unpack(c.Input) {
			if !isPacked(l.Type) || l.Name != "" {
				ours[sum(string(l.Data))] = l.Text
			}
		}
		for _, text := range more[c.Name] {
			theirs[sum(text)] = text
		}
		for h := range theirs { // UTF-16 which MSTICPy calls binary for its mark
			if theirs[h] == "" {
				delete(theirs, h)
				if _, ok := ours[h]; !ok {
					t.Errorf("%s: no layer with hash %s", c.Name, h)
				}
				delete(ours, h)
			}
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s: layers by hash (-MSTICPy +ours)\n%s", c.Name, diff)
		}
		if raises[c.Name] != (c.Error != "") || raises[c.Name] != (u.Cut()["damaged"] == 1) {
			t.Errorf("%s: MSTICPy's error is %q, cut here is %v", c.Name, c.Error, u.Cut())
		}
	}
	if compared != 13 {
		t.Errorf("compared %d cases, want 13", compared)
	}
}
