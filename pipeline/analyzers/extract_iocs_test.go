package analyzers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

// iocFields returns the fields ioc_* of the one record that comes out.
func iocFields(t *testing.T, settings, in string) map[string][]string {
	t.Helper()
	record, err := json.Marshal(map[string]string{"_time": "1", "text": in})
	if err != nil {
		t.Fatal(err)
	}
	out, err := runPipeline(t, "- extract_iocs: "+settings+"\n", string(record)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(out), &fields); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	all := map[string][]string{}
	for name, value := range fields {
		typ, ok := strings.CutPrefix(name, "ioc_")
		if !ok {
			continue
		}
		switch v := value.(type) {
		case string:
			all[typ] = []string{v}
		case []any:
			for _, one := range v {
				all[typ] = append(all[typ], one.(string))
			}
		}
	}
	return all
}

// TestExtractIocsMSTICPy: the profile msticpy gives the sets of the real one.
func TestExtractIocsMSTICPy(t *testing.T) {
	var golden []struct {
		Input string
		Str   map[string][]string
	}
	recorded.JSON(t, recorded.Path(t, "golden", "ioc_strings.json"), &golden)
	for _, g := range golden {
		want := map[string][]string{}
		for name, values := range g.Str {
			want[strings.TrimSuffix(name, "_hash")] = slices.Sorted(slices.Values(values))
		}
		got := iocFields(t, "{ profile: msticpy, fields: [text] }", g.Input)
		for _, values := range got {
			slices.Sort(values)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-MSTICPy +ours):\n%s", g.Input, diff)
		}
	}
}

// TestExtractIocsLong: values in texts that are scanned in several goes, in one
// record and across records, come whole and in order.
func TestExtractIocsLong(t *testing.T) {
	var in strings.Builder
	var want []string
	for row := range 3 {
		fields := map[string]string{"_time": fmt.Sprint(row)}
		for field := range 40 {
			fields[fmt.Sprintf("f%02d", field)] = fmt.Sprintf("10.0.%d.%d ", row, field) + strings.Repeat("x", extractIocsChunk/10)
		}
		line, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
		for field := range 40 {
			want = append(want, fmt.Sprintf("10.0.%d.%d f%02d 0", row, field, field))
		}
	}
	out, err := runPipeline(t, "- extract_iocs: { types: [ipv4], as: rows }\n", in.String())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out) {
		var r map[string]string
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r["ioc"]+" "+r["ioc_field"]+" "+r["ioc_offset"])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	out, err = runPipeline(t, "- extract_iocs: { types: [ipv4] }\n", in.String())
	if err != nil {
		t.Fatal(err)
	}
	for row, line := range slices.Collect(strings.Lines(out)) {
		var r struct {
			IPs []string `json:"ioc_ipv4"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		for i, ip := range r.IPs {
			if whole, _, _ := strings.Cut(want[row*40+i], " "); ip != whole {
				t.Errorf("record %d: %s, not %s", row, ip, whole)
			}
		}
		if len(r.IPs) != 40 {
			t.Errorf("record %d: %d addresses", row, len(r.IPs))
		}
	}
}

// TestExtractIocsJA3: the name of a field tells what an MD5 in it is.
func TestExtractIocsJA3(t *testing.T) {
	const md5 = "d41d8cd98f00b204e9800998ecf8427e"
	for types, want := range map[string]string{
		"[md5, ja3]": fmt.Sprintf(`{"tls.ja3s.hash":"%[1]s","x":"%[1]s","ioc_md5":"%[1]s","ioc_ja3":"%[1]s"}`, md5),
		"[ja3]":      fmt.Sprintf(`{"tls.ja3s.hash":"%[1]s","x":"%[1]s","ioc_ja3":"%[1]s"}`, md5),
		"[md5]":      fmt.Sprintf(`{"tls.ja3s.hash":"%[1]s","x":"%[1]s","ioc_md5":"%[1]s"}`, md5),
	} {
		out, err := runPipeline(t, "- extract_iocs: { types: "+types+" }\n", fmt.Sprintf(`{"tls.ja3s.hash":"%[1]s","x":"%[1]s"}`, md5)+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out); got != want {
			t.Errorf("%s:\n%s, not\n%s", types, got, want)
		}
	}
}

// TestExtractIocsPowerShell: in the commands that MSTICPy's notebook decodes the
// same is found as it finds there.
func TestExtractIocsPowerShell(t *testing.T) {
	var golden struct {
		Dec []struct {
			Text string `json:"decode_validated"`
		}
		IOCs [][3]any // which text, the type, the value
	}
	recorded.JSON(t, recorded.Path(t, "golden", "dsdl_powershell_ioc.json"), &golden)
	want := make([]map[string][]string, len(golden.Dec))
	for i := range want {
		want[i] = map[string][]string{}
	}
	for _, g := range golden.IOCs {
		of, name := want[int(g[0].(float64))], strings.TrimSuffix(g[1].(string), "_hash")
		of[name] = append(of[name], g[2].(string))
	}
	for i, dec := range golden.Dec {
		got := iocFields(t, "{ profile: msticpy, fields: [text] }", dec.Text)
		for name := range got {
			slices.Sort(got[name])
			slices.Sort(want[i][name])
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%q (-MSTICPy +ours):\n%s", dec.Text, diff)
		}
	}
	if len(golden.IOCs) == 0 {
		t.Error("nothing to look for")
	}
}
