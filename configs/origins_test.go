package configs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListOrigins(t *testing.T) {
	file := "name: a\nlimit: 0x10\nsmall: 0\nlag: 1m30s\nfields: [a, b]\nservers: { b: { url: x, secret: env:PASS } }\nadmin: { listen: z }\n"
	s, n, err := decodeLayers(t, file, Environment("T_", []string{"T_LEVELS=[low]", "T_SERVERS__A__URL=y", "T_ROOM=1GiB"}), Flag("--index", "", "index"))
	if err != nil {
		t.Fatal(err)
	}
	s.Ratio = 0.5
	want := []Origin{
		{"name", "a", "FILE:1"},
		{"index", "", "--index"},
		{"on", "false", "default"},
		{"limit", "16", "FILE:2"},
		{"small", "0", "FILE:3"},
		{"ratio", "0.5", "default"},
		{"lag", "1m30s", "FILE:4"},
		{"fields", "[a, b]", "FILE:5"},
		{"levels", "[low]", "T_LEVELS"},
		{"servers.a.url", "y", "T_SERVERS__A__URL"},
		{"servers.a.timeout", "30s", "default"},
		{"servers.b.url", "x", "FILE:6"},
		{"servers.b.timeout", "30s", "default"},
		{"servers.b.secret", "env:PASS", "FILE:6"},
		{"admin.listen", "z", "FILE:7"},
		{"room", "1GiB", "T_ROOM"},
		{"disabled", "false", "default"},
	}
	for i := range want {
		want[i].Place = strings.Replace(want[i].Place, "FILE", n.File(), 1)
	}
	if diff := cmp.Diff(want, ListOrigins(&s, n)); diff != "" {
		t.Error(diff)
	}
}
