package splunk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJoinAndSplit(t *testing.T) {
	lines := [][]byte{[]byte(`{"event":1}`), []byte(`{"event":"a\nb"}`), []byte(`{}`)}
	body, err := SIEM{}.Join([]byte(`{"event":1}` + "\n" + `{"event":"a\nb"}` + "\n{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := SIEM{}.Split(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
	for name, damaged := range map[string][]byte{"no gzip": []byte("{}"), "cut": body[:len(body)-5], "empty": nil} {
		if _, err := (SIEM{}).Split(damaged); err == nil || !strings.Contains(err.Error(), "body of a HEC request") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
