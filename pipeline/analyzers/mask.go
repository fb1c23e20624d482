package analyzers

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/ioc"
)

var _ = define(Spec[maskConfig]{
	Name:    "mask",
	Summary: "hides personal data, so that the same value stays the same",
	Doc: `
The values of the fields are hidden where they stand, whole or, with find or pattern,
only the pieces of them that are of those types or match the regular expression. With
these, fields may be left out: then every field is looked into, _raw as well.

- how: hash puts a keyed hash (HMAC-SHA-256) in the place of what is hidden, length
  hex digits of it. Under one key the same value always gives the same one, so that it
  can be counted, joined and recognised by whoever has the key. The key is a reference
  to a secret, fetched by each run.
- how: redact puts [email], or whatever type it is, in its place; [masked] where no type
  was asked for.
- how: partial keeps so many characters at the start and the end and puts *** between
  them. What is no longer than both together is hidden altogether.

What other fields say of a value is not hidden by this: an address that extract_iocs
found before stands in ioc_ipv4 too.
`,
	Config: maskConfig{How: "hash", Length: 16, KeepStart: 1, KeepEnd: 1},
	New:    newMask,
	Example: `
-- config.yaml --
mask: { fields: [user, msg], find: [email], how: redact }
-- in.ndjson --
{"_time":1767225600,"user":"ann@example.com","msg":"mail from bob@example.org to ann@example.com"}
-- out.ndjson --
{"_time":"1767225600","user":"[email]","msg":"mail from [email] to [email]"}
`,
})

type maskConfig struct {
	Fields    []string       `koanf:"fields" doc:"The fields to hide. Default, with find or pattern: all."`
	Find      []string       `koanf:"find" enum:"ipv4,ipv6,dns,url,email,md5,sha1,sha256,sha512,windows_path,linux_path,unc,registry_key,cve,mitre_attack,mac,bitcoin,ja3,asn" doc:"The types of what is hidden in the values. Default: the whole value."`
	Pattern   string         `koanf:"pattern" doc:"A regular expression of what is hidden in the values; its first group, if it has one."`
	How       string         `koanf:"how" enum:"hash,redact,partial" doc:"What stands in its place."`
	Key       configs.Secret `koanf:"key" doc:"The key of the hash, a reference such as credential:mask-key. With how: hash it is required."`
	Length    int            `koanf:"length" min:"8" max:"64" doc:"How many hex digits of the hash are shown."`
	KeepStart int            `koanf:"keep_start" min:"0" max:"64" doc:"How many characters at the start how: partial keeps."`
	KeepEnd   int            `koanf:"keep_end" min:"0" max:"64" doc:"How many characters at the end it keeps."`
}

type maskStage struct {
	pipeline.Streaming
	conf    maskConfig
	keys    []pipeline.Key // none: all fields
	time    pipeline.Key
	scanner *ioc.Scanner
	pattern *regexp.Regexp
	mac     hash.Hash // made when the first records come
	out     *pipeline.Builder
	pieces  []maskPiece
}

// A maskPiece is a part of a value that is to be hidden.
type maskPiece struct {
	start, end int
	kind       string
}

func newMask(c maskConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &maskStage{conf: c, time: dict.Key("_time"), out: pipeline.NewBuilder(dict)}
	for _, f := range c.Fields {
		s.keys = append(s.keys, dict.Key(f))
	}
	switch {
	case len(c.Fields) == 0 && len(c.Find) == 0 && c.Pattern == "":
		return nil, errors.New(`mask wants fields, or find or pattern to look for in all of them`)
	case c.How == "hash" && c.Key.IsZero():
		return nil, errors.New(`"key" is missing: a hash without one can be undone by trying names; how: redact and how: partial need none`)
	}
	if len(c.Find) > 0 {
		var want ioc.Set
		for _, name := range c.Find {
			t, err := ioc.ParseType(name)
			if err != nil {
				return nil, err
			}
			want |= ioc.SetOf(t)
		}
		s.scanner = ioc.New(want)
	}
	if c.Pattern != "" {
		re, err := regexp.Compile(c.Pattern)
		if err != nil {
			return nil, fmt.Errorf(`"pattern": %w`, err)
		}
		s.pattern = re
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *maskStage) Process(ctx context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if s.conf.How == "hash" && s.mac == nil {
		key, err := s.conf.Key.Reveal(ctx)
		if err != nil {
			return nil, fmt.Errorf("the key: %w", err)
		}
		s.mac = hmac.New(sha256.New, []byte(key))
	}
	for row := range b.Len() {
		s.out.Row()
		for key, values := range b.Fields(row) {
			if !s.touches(key) {
				setValues(s.out, key, values)
				continue
			}
			hidden := values.Slice()
			for i, text := range hidden {
				hidden[i] = s.hide(text)
			}
			s.out.Set(key, hidden...)
		}
	}
	return s.out.Batch(), nil
}

// touches reports whether a field is one of those to hide. The time is not,
// unless it is named.
func (s *maskStage) touches(key pipeline.Key) bool {
	if len(s.keys) == 0 {
		return key != s.time
	}
	for _, k := range s.keys {
		if k == key {
			return true
		}
	}
	return false
}

func (s *maskStage) hide(text string) string {
	if s.scanner == nil && s.pattern == nil {
		return s.masked(text, "masked")
	}
	s.find(text)
	if len(s.pieces) == 0 {
		return text
	}
	var out strings.Builder
	at := 0
	for _, p := range s.pieces {
		out.WriteString(text[at:p.start])
		out.WriteString(s.masked(text[p.start:p.end], p.kind))
		at = p.end
	}
	out.WriteString(text[at:])
	return out.String()
}

// find gathers the pieces of a value that are to be hidden, in order and apart
// from one another: a piece that reaches into the one before is joined to it.
func (s *maskStage) find(text string) {
	s.pieces = s.pieces[:0]
	if s.scanner != nil {
		s.scanner.Scan(text, func(m ioc.Match) { s.pieces = append(s.pieces, maskPiece{m.Start, m.End, m.Type.String()}) })
	}
	if s.pattern != nil {
		for _, m := range s.pattern.FindAllStringSubmatchIndex(text, -1) {
			if len(m) > 2 && m[2] >= 0 {
				m = m[2:]
			}
			if m[0] < m[1] {
				s.pieces = append(s.pieces, maskPiece{m[0], m[1], "masked"})
			}
		}
	}
	s.pieces = maskApart(s.pieces)
}

// masked returns what stands in the place of a text.
func (s *maskStage) masked(text, kind string) string {
	switch s.conf.How {
	case "redact":
		return "[" + kind + "]"
	case "partial":
		return maskPartial(text, s.conf.KeepStart, s.conf.KeepEnd)
	}
	s.mac.Reset()
	s.mac.Write([]byte(text))
	return hex.EncodeToString(s.mac.Sum(nil))[:s.conf.Length]
}

func maskPartial(text string, start, end int) string {
	if utf8.RuneCountInString(text) <= start+end {
		return "***"
	}
	from, to := 0, len(text)
	for range start {
		_, n := utf8.DecodeRuneInString(text[from:])
		from += n
	}
	for range end {
		_, n := utf8.DecodeLastRuneInString(text[from:to])
		to -= n
	}
	return text[:from] + "***" + text[to:]
}

func maskApart(pieces []maskPiece) []maskPiece {
	slices.SortStableFunc(pieces, func(a, b maskPiece) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	apart := pieces[:0]
	for _, p := range pieces {
		if n := len(apart); n > 0 && p.start < apart[n-1].end {
			apart[n-1].end = max(apart[n-1].end, p.end)
			continue
		}
		apart = append(apart, p)
	}
	return apart
}
