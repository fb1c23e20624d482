package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/huntd/huntd/pipeline"
)

func TestWindow(t *testing.T) {
	w := pipeline.Window{From: 1763890000, To: 1763890300}
	if w.Empty() || w.Span() != 5*time.Minute || w.String() != "[2025-11-23T09:26:40Z, 2025-11-23T09:31:40Z)" {
		t.Error(w.Empty(), w.Span(), w)
	}
	got, err := json.Marshal(map[string]any{"w": w})
	if want := `{"w":{"from":"2025-11-23T09:26:40Z","to":"2025-11-23T09:31:40Z"}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, w := range []pipeline.Window{{}, {From: 5, To: 5}, {From: 6, To: 5}} {
		if !w.Empty() {
			t.Errorf("%v holds a second", w)
		}
	}
}

func TestParseInstant(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "1763890000": 1763890000, "2025-11-23T09:26:40Z": 1763890000, "2025-11-23T10:26:40+01:00": 1763890000,
		"2025-11-23T09:26:40.000Z": 1763890000,
	} {
		if got, err := pipeline.ParseInstant(in); err != nil || got != want {
			t.Errorf("%s: %d, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"-5": "lies before 1970", "": "is no instant", "now": "is no instant", "2025-11-23": "is no instant", "2025-11-23T09:26:40": "is no instant",
		"1763890000.5": "is no instant", "1e9": "is no instant", " 5": "is no instant", "99999999999999999999": "is no instant",
		"2025-11-23T09:26:40.5Z": "has a fraction",
	} {
		if got, err := pipeline.ParseInstant(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d, %v, want %s", in, got, err, want)
		}
	}
}
