package configs

import "testing"

func TestSizes(t *testing.T) {
	for text, want := range map[string]struct {
		bytes int64
		shown string
	}{
		"0B":     {0, "0B"},
		"1023B":  {1023, "1023B"},
		"64KiB":  {64 << 10, "64KiB"},
		"1.5GiB": {3 << 29, "1.5GiB"},
		"2GiB":   {2 << 30, "2GiB"},
		"1TiB":   {1 << 40, "1TiB"},
		"1GB":    {1e9, "953.7MiB"},
		"5kB":    {5000, "4.9KiB"},
	} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || int64(s) != want.bytes {
			t.Errorf("%s: %d, %v, want %d", text, int64(s), err, want.bytes)
		}
		if got := s.String(); got != want.shown {
			t.Errorf("%s is shown as %s, want %s", text, got, want.shown)
		}
	}
	for _, text := range []string{"", "1", "-1B", "1 GiB", "GiB", "1Gib", "1gb", "1e3B", "99999999999TiB", "1.B"} {
		s := Size(7)
		if err := s.UnmarshalText([]byte(text)); err == nil || s != 7 {
			t.Errorf("%q was taken for %d", text, int64(s))
		}
	}
}

func TestSizeInAFile(t *testing.T) {
	var into struct {
		Spool Size `koanf:"spool"`
	}
	n, err := ParseBytes("a.yaml", []byte("spool: 2GiB\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Decode(n, &into); err != nil || into.Spool != 2<<30 {
		t.Errorf("%d, %v", into.Spool, err)
	}
	n, err = ParseBytes("a.yaml", []byte("spool: 2048\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Decode(n, &into); err == nil || err.Error() != `a.yaml:1: "spool": "2048" is no size: write a number with a unit, such as 512MiB or 2GiB` {
		t.Errorf("a bare number: %v", err)
	}
}
