package splunk

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

// TestManyMessages buries the one that counts among more than are kept.
func TestManyMessages(t *testing.T) {
	var texts []string
	for i := range 3 * maxMessages {
		texts = append(texts, fmt.Sprintf(`{"type":"%s","text":"talk %d"}`, []string{"DEBUG", "INFO"}[i%2], i))
	}
	texts = append(texts, `{"type":"FATAL","text":"the one that counts"}`)
	list, splunk := parseMessages([]byte(`{"messages":[` + strings.Join(texts, ",") + `]}`))
	if len(list) != maxMessages || !splunk {
		t.Fatal(len(list), splunk)
	}
	wantError(t, judge("search", "s", list), []error{pipeline.ErrPermanent}, "the one that counts")
	err := &Error{Op: "search", Messages: list}
	if text := err.Error(); len(text) > 1000 || !strings.HasSuffix(text, fmt.Sprintf("and %d messages more", maxMessages-shownMessages)) {
		t.Error(text)
	}
}

// TestSecretsAreHiddenInAnyForm has a server repeat secrets as they stood in
// the form, with other blanks, and cut off.
func TestSecretsAreHiddenInAnyForm(t *testing.T) {
	m := &masks{}
	m.add("canary  p@ss/w\u00f6rd")
	m.add("tiny")
	for in, want := range map[string]string{
		"got canary  p@ss/w\u00f6rd!":                  "got <secret>!",
		"got canary p@ss/w\u00f6rd!":                   "got <secret>!",
		"got canary++p%40ss%2Fw%C3%B6rd&x=y":           "got <secret>&x=y",
		"got canary  p@ss/w…":                          "got <secret>…",
		"got canary++p%40…":                            "got <secret>…",
		"got canary":                                   "got canary",
		"a tiny word":                                  "a tiny word",
		"canary p@ss/w\u00f6rd canary  p@ss/w\u00f6rd": "<secret> <secret>",
	} {
		if got := m.hide(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for _, n := range []int{maxUnknownReplyText - 30, maxUnknownReplyText - 12, maxUnknownReplyText - 6} {
		m := &masks{}
		m.add(canaryToken)
		a := parseHEC(400, nil, []byte(strings.Repeat("x", n-len("you sent "))+" you sent "+canaryToken+strings.Repeat("y", 300)), m.hide)
		if strings.Contains(a.text, canaryToken[:6]) {
			t.Errorf("cut at %d: %s", n, a.text)
		}
	}
	for n := range 40 {
		m := &masks{}
		m.add(canaryPassword)
		f := &Error{Op: "x", masks: m, Messages: []Message{{"WARN", tame(strings.Repeat("x", maxMessage-n) + canaryPassword)}}}
		if strings.Contains(f.Error(), canaryPassword[:6]) {
			t.Errorf("cut %d behind its begin: %s", n, f.Error()[maxMessage-20:])
		}
	}
}

func TestSecretsAreForgottenInTime(t *testing.T) {
	m := &masks{}
	for i := range 1000 {
		m.add(fmt.Sprintf("session-key-%04d", i))
	}
	if len(m.values) > maxMasks || m.hide("session-key-0999") != hidden {
		t.Error(len(m.values), m.hide("session-key-0999"))
	}
}

func TestReadPageTellsOfNames(t *testing.T) {
	_, err := readPage(whole(`{"results":[{"`+strings.Repeat("x", pipeline.MaxNameBytes+1)+`":"1"}]}`), pipeline.NewDecoder(pipeline.NewDict()))
	if !errors.Is(err, pipeline.ErrNames) || errors.Is(err, errCut) {
		t.Error(err)
	}
}
