package unpack

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzUnpack holds what every text must give: layers within the limits, each
// below its parent and inside its text, and work in proportion to the text.
func FuzzUnpack(f *testing.F) {
	seeds(f)
	u := New(fuzzLimits)
	f.Fuzz(func(t *testing.T, text string) {
		layers := u.Unpack(text)
		if u.looked > 5*(len(text)+2*u.bytes) {
			t.Fatalf("looked at %d digits of %d bytes and %d decoded", u.looked, len(text), u.bytes)
		}
		checkLayers(t, text, layers)
	})
}

// FuzzUnpackMSTICPy holds the same of the layers that MSTICPy decodes, and that
// they come level by level.
func FuzzUnpackMSTICPy(f *testing.F) {
	seeds(f)
	u := New(fuzzLimits)
	f.Fuzz(func(t *testing.T, text string) {
		layers := u.UnpackMSTICPy(text)
		if u.looked > 2*(len(text)+2*u.bytes) {
			t.Fatalf("looked at %d digits of %d bytes and %d decoded", u.looked, len(text), u.bytes)
		}
		checkLayers(t, text, layers)
		for i := 1; i < len(layers); i++ {
			if layers[i].Depth < layers[i-1].Depth {
				t.Fatalf("layer %d is at depth %d behind %d", i, layers[i].Depth, layers[i-1].Depth)
			}
		}
	})
}

var fuzzLimits = Limits{Depth: 6, Layers: 40, Bytes: 1 << 20, Ratio: 100}

func seeds(f *testing.F) {
	url := "http://example.com/a?b=c"
	for _, s := range []string{
		"", "plain words", "powershell -enc " + b64(wide(url)), "powershell -e " + b64(wide(url))[:31],
		"FromBase64String('" + b64([]byte("x "+b64([]byte(url)))) + "')",
		b64(packed(f, "gzip", []byte(url))), b64(packed(f, "zlib", []byte(url))), b64(packed(f, "xz", []byte(url))),
		b64(packed(f, "deflate", []byte(url+url))), b64(packed(f, "zstd", []byte(url))), b64(bzipped(f)),
		b64(zipped(f, file{"a", url}, file{"b", b64([]byte(url))})), b64(tarred(f, file{"a", url})),
		"-----BEGIN X-----\n" + wrapped(b64([]byte(strings.Repeat(url, 9))), "\n") + "-----END X-----",
		"/x/" + b64([]byte(url)) + "/y-z_" + b64([]byte(url)),
		b64(wideBE(url)), "\\n" + b64([]byte(url)) + "\\r\\n",
		"'ht'+'tp://x'+[char]46+('y'+\"z\")", "('a','b','c') -join ''", "-join('aGVs','bG8=')", "[string]::Join('', ('QUJD','REVG'))",
		"('{1}{0}' -f 'b','a')+'c d e f'", "'aGZZVsbG8='.Replace('ZZ','').Replace('a','b') -replace '\\$','x'", "Replace(\"a~b\", \"~\", \"\")",
		"[char]104+[char]0x65+[CHAR](108)", "'104,101,108,108'|%{[char]$_}", "[char[]](104,101,108,108)", "chr(&H68) & Chr(101) & _\n\"x\"",
		"String.fromCharCode(104,101,108,108)", "'68 65 6c'|%{[char]([convert]::ToInt16($_,16))}", "[byte[]] $x = 0x4d,0x5a,0x90",
		"0x68656c6c6f20776f726c64", `\\x68\\x65\\x6c\\x6c\\x6f \\u0068\\u0065`, "x 68747470733a2f2f6578616d706c652e636f6d2f61",
		"power^shell -\"e\"^nc ^" + codes(b64(wide("dir")), "%c", "^"), "@'\nQUJD\nREVGR0hJSktM\n'@",
	} {
		f.Add(s)
	}
}

// checkLayers holds that layers are within the limits, and each is below its
// parent and inside its text.
func checkLayers(t *testing.T, text string, layers []Layer) {
	limits := fuzzLimits
	if len(layers) > limits.Layers {
		t.Fatalf("%d layers", len(layers))
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
}
