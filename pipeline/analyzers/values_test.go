package analyzers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// told runs one record through stages and returns a field of what comes out,
// nil where it is absent.
func told(t *testing.T, settings string, record map[string]string, field string) any {
	t.Helper()
	in, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	out, err := runPipeline(t, settings, string(in)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(out), &fields); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return fields[field]
}

// TestIPTypesOfMSTICPy: the words are those of get_ip_type.
func TestIPTypesOfMSTICPy(t *testing.T) {
	var golden map[string]string
	recorded.JSON(t, recorded.Path(t, "golden", "ip_types.json"), &golden)
	for _, ip := range slices.Sorted(maps.Keys(golden)) {
		if got := told(t, "- ip_type: { fields: [v] }\n", map[string]string{"v": ip}, "ip_type"); got != golden[ip] {
			t.Errorf("%s is %v, want %s", ip, got, golden[ip])
		}
	}
}

// TestDomainsOfMSTICPy: the parts are those of dns_components and
// url_components; what they have as "" or None is absent.
func TestDomainsOfMSTICPy(t *testing.T) {
	var golden []struct {
		In       string
		DNS, URL map[string]any
	}
	recorded.JSON(t, recorded.Path(t, "golden", "domains.json"), &golden)
	for _, g := range golden {
		for ours, theirs := range map[string]string{"domain_subdomain": "subdomain", "domain_label": "domain", "domain_suffix": "suffix"} {
			got := told(t, "- domain: { fields: [v] }\n", map[string]string{"v": g.In}, ours)
			if want := g.DNS[theirs]; got != want && !(got == nil && want == "") {
				t.Errorf("%s: %s is %v, want %v", g.In, ours, got, want)
			}
		}
		for _, part := range []string{"scheme", "auth", "host", "port", "path", "query", "fragment"} {
			got := told(t, "- url: { fields: [v], profile: msticpy }\n", map[string]string{"v": g.In}, "url_"+part)
			want := g.URL[part]
			if n, ok := want.(float64); ok {
				want = fmt.Sprint(n)
			}
			if got != want {
				t.Errorf("%s: url_%s is %v, want %v", g.In, part, got, want)
			}
		}
	}
}

// TestDefangOfMSTICPy: both ways, in both profiles.
func TestDefangOfMSTICPy(t *testing.T) {
	var golden []struct{ In, Type, Defang, Refang string }
	recorded.JSON(t, recorded.Path(t, "golden", "defang.json"), &golden)
	for _, g := range golden {
		for _, profile := range []string{"strict", "msticpy"} {
			for _, typ := range []string{"auto", g.Type} {
				settings := fmt.Sprintf("{ fields: [v], type: %s, profile: %s", typ, profile)
				record := map[string]string{"v": g.In}
				if got := told(t, "- defang: "+settings+" }\n", record, "defanged"); got != g.Defang {
					t.Errorf("%s, %s: defanged %v, want %s", g.In, settings, got, g.Defang)
				}
				record["v"] = g.Defang
				if got := told(t, "- defang: "+settings+", how: refang }\n", record, "refanged"); got != g.Refang {
					t.Errorf("%s, %s: refanged %v, want %s", g.Defang, settings, got, g.Refang)
				}
			}
		}
	}
}

// TestDefangTwice: what is harmless already stays as it is, and comes back.
func TestDefangTwice(t *testing.T) {
	for _, v := range []string{"https://a.example/b.c?d=http://e.f", "a.b@c.d", "1.2.3.4", "a b. c@d", "sftp://x.y", "LDAP://A.B/", "no dots"} {
		once := told(t, "- defang: { fields: [v] }\n", map[string]string{"v": v}, "defanged").(string)
		if twice := told(t, "- defang: { fields: [v] }\n", map[string]string{"v": once}, "defanged"); twice != once {
			t.Errorf("%s: once %s, twice %s", v, once, twice)
		}
		if back := told(t, "- defang: { fields: [v], how: refang }\n", map[string]string{"v": once}, "refanged"); back != v {
			t.Errorf("%s: %s, and back %s", v, once, back)
		}
	}
}

// TestMaskHash: a hash depends on the key and the value alone.
func TestMaskHash(t *testing.T) {
	mask := func(key, value string) string {
		t.Setenv("HUNTD_TEST_MASK", key)
		return told(t, "- mask: { fields: [v], key: 'env:HUNTD_TEST_MASK', length: 20 }\n", map[string]string{"v": value}, "v").(string)
	}
	one := mask("k1", "ann")
	// HMAC-SHA-256 of "ann" under "k1", as openssl dgst -hmac gives it.
	if want := "caff17d531b6dfd19e22"; one != want {
		t.Errorf("got %s, want %s", one, want)
	}
	if mask("k1", "ann") != one || mask("k2", "ann") == one || mask("k1", "bob") == one {
		t.Error("the hash does not follow key and value")
	}
	t.Setenv("HUNTD_TEST_MASK", "")
	if _, err := runPipeline(t, "- mask: { fields: [v], key: 'env:HUNTD_TEST_MASK' }\n", `{"v":"ann"}`+"\n"); err == nil || !strings.Contains(err.Error(), "stage 1 (mask): the key: env:HUNTD_TEST_MASK") {
		t.Errorf("without the key: %v", err)
	}
}

func TestValueMistakes(t *testing.T) {
	for settings, want := range map[string]string{
		"- mask: { how: redact }\n":                            "mask wants fields, or find or pattern",
		"- mask: { fields: [v] }\n":                            `"key" is missing`,
		"- mask: { fields: [v], key: hunter2 }\n":              `"key"`,
		"- mask: { pattern: '(', how: redact }\n":              `"pattern": error parsing regexp`,
		"- defang: {}\n":                                       `"fields" is missing`,
		"- select: {}\n":                                       "select wants the fields to keep",
		"- select: [a*b*]\n":                                   "a name of a field may hold one *",
		"- rename: { 'a*': b }\n":                              `rename: "a*" and "b" want one * each`,
		"- rename: { a: [b] }\n":                               `rename: "a" wants the name that the field gets`,
		"- rename: 1\n":                                        "rename wants names of fields",
		"- sort: ['-']\n":                                      `"by" wants the names of fields`,
		"- sample: {}\n":                                       "sample wants a rate below 1",
		"- dedup: { by: [a], keep: last, within: 1m }\n":       `"within" goes with keep: first alone`,
		"- rare: { of: [a], per: [a] }\n":                      `"of" and "per" both name the field a`,
		"- first_seen: { look_back: 30d }\n- first_seen: {}\n": `"by" is missing`,
	} {
		node, err := configs.ParseBytes("p.yaml", []byte(settings))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(node, pipeline.NewDict()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "p.yaml:1") {
			t.Errorf("%s\ngot  %v\nwant %s", settings, err, want)
		}
	}
}

// TestParamsOver: the parameters of a URL are bounded.
func TestParamsOver(t *testing.T) {
	in := `{"u":"http://a.b/?` + strings.Repeat("x=1&", 50) + "&&" + func() (s string) {
		for i := range 101 {
			s += fmt.Sprintf("&n%d=%d", i, i)
		}
		return s
	}() + `"}`
	for _, as := range []string{"fields", "rows"} {
		_, notes := runCounted(t, "- url: { as: "+as+" }\n", in+"\n")
		if diff := cmp.Diff(map[string]int{"url.params_over": 1}, notes); diff != "" {
			t.Errorf("as %s: %s", as, diff)
		}
	}
}
