package configs

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const canary = "hunter2-canary"

// leaks reports whether text holds the canary in any form a verb may give it.
func leaks(text string) bool {
	lower := strings.ToLower(text)
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("% x", canary), fmt.Sprint([]byte(canary)), fmt.Sprintf("%#v", []byte(canary))} {
		if strings.Contains(lower, strings.ToLower(form)) || strings.Contains(lower, strings.Trim(form, "[]")) {
			return true
		}
	}
	return false
}

type holder struct {
	Shown  Secret
	Shared *Secret
	hidden Secret
	kept   *Secret
	deep   struct{ list []Secret }
	named  map[string]*Secret
	boxed  any
}

func newHolder() holder {
	s := Static(canary)
	h := holder{Shown: *s, Shared: s, hidden: *s, kept: s, named: map[string]*Secret{"a": s}, boxed: *s}
	h.deep.list = []Secret{*s}
	return h
}

func TestSecretPrintsNothingUnderAnyVerb(t *testing.T) {
	s, h := Static(canary), newHolder()
	for name, v := range map[string]any{
		"value": *s, "pointer": s, "list": []Secret{*s}, "pointers": []*Secret{s}, "map": map[string]Secret{"a": *s},
		"holder": h, "pointer to holder": &h, "holders": []holder{h}, "array": [1]Secret{*s},
		"struct": struct{ S *Secret }{s}, "error": fmt.Errorf("bad %v", s), "any": []any{s, *s, h},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q", "%x", "%X", "% x", "%#x", "%t", "%e", "%c", "%U", "%b", "%o", "%10s", "%.3s", "%w", "%z"} {
			if text := fmt.Sprintf(verb, v); leaks(text) {
				t.Errorf("%s under %s: %s", name, verb, text)
			}
		}
		if text := fmt.Sprint(v) + fmt.Sprintln(v); leaks(text) {
			t.Errorf("%s printed: %s", name, text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q", "%x", "%10s"} {
		if got := fmt.Sprintf(verb+" "+verb, s, *s); got != "<secret> <secret>" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if got := s.String() + s.GoString(); got != "<secret><secret>" {
		t.Errorf("got %s", got)
	}
}

func TestSecretInEncodingsAndLogs(t *testing.T) {
	s, h := Static(canary), newHolder()
	type both struct {
		A Secret  `json:"a" yaml:"a" xml:"a"`
		B *Secret `json:"b" yaml:"b" xml:"b"`
	}
	v := both{*s, s}
	asJSON, err := json.Marshal(v)
	var back struct{ A, B string }
	if err = errors.Join(err, json.Unmarshal(asJSON, &back)); err != nil || back.A != redacted || back.B != redacted {
		t.Errorf("JSON: %s, %v", asJSON, err)
	}
	asYAML, err := yaml.Marshal(v)
	if err != nil || leaks(string(asYAML)) || strings.Count(string(asYAML), redacted) != 2 {
		t.Errorf("YAML: %s, %v", asYAML, err)
	}
	asXML, err := xml.Marshal(v)
	if err != nil || leaks(string(asXML)) || strings.Count(string(asXML), "&lt;secret&gt;") != 2 {
		t.Errorf("XML: %s, %v", asXML, err)
	}
	keys, err := json.Marshal(map[Secret]int{*s: 1})
	if err != nil || leaks(string(keys)) {
		t.Errorf("JSON key: %s, %v", keys, err)
	}

	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("m", "value", *s, "pointer", s, "holder", h, "error", fmt.Errorf("x %v", s), "list", []*Secret{s})
	}
	for _, encoder := range []zapcore.Encoder{
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()),
	} {
		logger := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&out), zap.DebugLevel))
		logger.Info("m", zap.Any("value", *s), zap.Any("pointer", s), zap.Any("holder", h), zap.Reflect("r", v), zap.Stringer("s", s))
		logger.Sugar().Infof("%v %+v %d", s, h, *s)
	}
	if leaks(out.String()) {
		t.Errorf("logged: %s", &out)
	}
	if n := strings.Count(out.String(), "secret"); n < 20 {
		t.Errorf("the secrets are not to be seen at all (%d): %s", n, &out)
	}
}

func TestDecodedSecretPrintsNothing(t *testing.T) {
	var got struct {
		Token *Secret `koanf:"token"`
	}
	if err := decodeText(t, `token: "exec:[/bin/echo, `+canary+`]"`, &got); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", got, &got, got.Token, got.Token.Reference()); leaks(text) || !strings.Contains(text, "exec:[/bin/echo]") {
		t.Error(text)
	}
}

func TestNoSecret(t *testing.T) {
	var none *Secret
	var zero Secret
	for _, s := range []*Secret{none, &zero} {
		if !s.IsZero() || s.Reference() != "" {
			t.Error("not zero")
		}
		if v, err := s.Reveal(t.Context()); v != "" || !errors.Is(err, ErrSecret) || err.Error() != "no secret is set" {
			t.Errorf("got %q, %v", v, err)
		}
	}
	_ = fmt.Sprintf("%v %s %+v", none, none, struct{ S *Secret }{})
	s := Static("x")
	if v, err := s.Reveal(t.Context()); s.IsZero() || v != "x" || err != nil || s.Reference() != "static" {
		t.Errorf("got %q, %v", v, err)
	}
}
