package unpack

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzUnpack holds what every text must give: layers within the limits, each
// below its parent and inside its text, and work in proportion to the text.
func FuzzUnpack(f *testing.F) {
	url := "http://example.com/a?b=c"
	for _, s := range []string{
		"", "plain words", "powershell -enc " + b64(wide(url)), "powershell -e " + b64(wide(url))[:31],
		"FromBase64String('" + b64([]byte("x "+b64([]byte(url)))) + "')",
		b64(packed(f, "gzip", []byte(url))), b64(packed(f, "zlib", []byte(url))),
		b64(packed(f, "deflate", []byte(url+url))), b64(packed(f, "zstd", []byte(url))), b64(bzipped(f)),
		b64(zipped(f, file{"a", url}, file{"b", b64([]byte(url))})), b64(tarred(f, file{"a", url})),
		"-----BEGIN X-----\n" + wrapped(b64([]byte(strings.Repeat(url, 9))), "\n") + "-----END X-----",
		"/x/" + b64([]byte(url)) + "/y-z_" + b64([]byte(url)),
		b64(wideBE(url)), "\\n" + b64([]byte(url)) + "\\r\\n",
	} {
		f.Add(s)
	}
	limits := Limits{Depth: 6, Layers: 40, Bytes: 1 << 20, Ratio: 100}
	u := New(limits)
	f.Fuzz(func(t *testing.T, text string) {
		layers := u.Unpack(text)
		if len(layers) > limits.Layers {
			t.Fatalf("%d layers", len(layers))
		}
		if u.looked > 4*(len(text)+2*u.bytes) {
			t.Fatalf("looked at %d digits of %d bytes and %d decoded", u.looked, len(text), u.bytes)
		}
		total := 0
		for i, l := range layers {
			total += len(l.Data)
			in, depth := text, 0
			if l.Parent >= 0 {
				if l.Parent >= i {
					t.Fatalf("layer %d comes before its parent %d", i, l.Parent)
				}
				in, depth = layers[l.Parent].Text, layers[l.Parent].Depth
			}
			if l.Depth != depth+1 || l.Depth > limits.Depth {
				t.Fatalf("layer %d is at depth %d below %d", i, l.Depth, depth)
			}
			if l.Start < 0 || l.End < l.Start || l.End > len(in) {
				t.Fatalf("layer %d is at %d to %d of %d bytes", i, l.Start, l.End, len(in))
			}
			if l.Type == "" || l.Encoding == "" {
				t.Fatalf("layer %d has type %q and encoding %q", i, l.Type, l.Encoding)
			}
			if (l.Charset != "") != (l.Text != "") && len(l.Data) > 3 || !utf8.ValidString(l.Text) {
				t.Fatalf("layer %d has charset %q and text %q", i, l.Charset, l.Text)
			}
		}
		if total > limits.Bytes {
			t.Fatalf("%d bytes in %d layers", total, len(layers))
		}
	})
}
