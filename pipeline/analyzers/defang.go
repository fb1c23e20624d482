package analyzers

import (
	"context"
	"regexp"
	"strings"

	"github.com/huntd/huntd/pipeline"
)

var _ = define(Spec[defangConfig]{
	Name:    "defang",
	Summary: "makes addresses harmless for reading, or live again",
	Adds:    []string{"defanged", "or refanged"},
	Doc: `
So that nobody follows them by mistake, http becomes hXXp, ftp becomes fXp, and every
dot [.]; in a mail address @ becomes [AT]. With how: refang it is undone. The values of
the fields, in their order, are in defanged or refanged; with replace: true they take
the place of the values themselves.

type says what the values are; auto takes what holds :// for a URL, and what holds @
and no white space for a mail address. Else only dots are changed.

With profile: strict what is harmless already stays as it is, only the scheme of a URL
is changed, and refang also takes the other spellings in use: hxxp and fxp in any
capitals, (.), {.}, [dot], (dot), [at], (at), [@], [:], [://], [/]. With profile:
msticpy it is what MSTICPy's defang_ioc and refang_ioc do: each dot, http and ftp wherever
it stands, and back only from hXXp, fXp, [.] and [AT].
`,
	Config: defangConfig{How: "defang", Type: "auto", Profile: "strict"},
	New:    newDefang,
	Example: `
-- config.yaml --
defang: { fields: [url, sender] }
-- in.ndjson --
{"_time":1767225600,"url":"https://www.example.com/a.php","sender":"ann@example.com"}
{"_time":1767225601,"url":"hXXp://example[.]com/"}
-- out.ndjson --
{"_time":"1767225600","url":"https://www.example.com/a.php","sender":"ann@example.com","defanged":["hXXps://www[.]example[.]com/a[.]php","ann[AT]example[.]com"]}
{"_time":"1767225601","url":"hXXp://example[.]com/","defanged":"hXXp://example[.]com/"}
`,
})

type defangConfig struct {
	Fields  []string `koanf:"fields" required:"true" min:"1" doc:"The fields whose values are changed."`
	How     string   `koanf:"how" enum:"defang,refang" doc:"Whether they are made harmless or live."`
	Type    string   `koanf:"type" enum:"auto,url,email,dns,ip" doc:"What the values are."`
	Replace bool     `koanf:"replace" doc:"Whether the values are changed in their fields, instead of being added in a field of their own."`
	Profile string   `koanf:"profile" enum:"strict,msticpy" doc:"Which spellings are written and read."`
}

type defangStage struct {
	pipeline.Streaming
	conf   defangConfig
	fields fieldSet
	to     pipeline.Key
	change func(text, kind string) string
}

func newDefang(c defangConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &defangStage{conf: c, fields: newFieldSet(c.Fields, dict), to: dict.Key(c.How + "ed")}
	live := newDefangLive()
	switch strict := c.Profile == "strict"; {
	case c.How == "defang" && strict:
		s.change = func(text, kind string) string { return defangStrict(live.text(text, kind), kind) }
	case c.How == "defang":
		s.change = defangMSTICPy
	case strict:
		s.change = live.text
	default:
		s.change = defangBackMSTICPy
	}
	return s, nil
}

// Process implements [pipeline.Stage].
func (s *defangStage) Process(_ context.Context, b *pipeline.Batch) (*pipeline.Batch, error) {
	if !s.conf.Replace {
		column := b.NewColumn(s.to)
		for row := range b.Len() {
			var changed []string
			for _, text := range s.fields.of(b, row) {
				changed = append(changed, s.change(text, s.kind(text)))
			}
			if len(changed) > 0 {
				column.Set(row, changed...)
			}
		}
		return b.With(column), nil
	}
	columns := make([]*pipeline.NewColumn, len(s.fields.keys))
	for i, key := range s.fields.keys {
		columns[i] = b.NewColumn(key)
		for row := range b.Len() {
			values := b.Values(row, key).Slice()
			for i, text := range values {
				values[i] = s.change(text, s.kind(text))
			}
			if len(values) > 0 {
				columns[i].Set(row, values...)
			}
		}
	}
	return b.With(columns...), nil
}

// kind returns what a value is.
func (s *defangStage) kind(text string) string {
	if s.conf.Type != "auto" {
		return s.conf.Type
	}
	switch {
	case strings.Contains(text, "://"), strings.Contains(text, "[:"):
		return "url"
	case strings.ContainsAny(text, " \t\r\n"):
	case strings.Contains(text, "@"), defangAt.MatchString(text):
		return "email"
	}
	return "dns"
}

var defangAt = regexp.MustCompile(`(?i)[\[({](?:at|@)[\])}]`)

func defangStrict(text, kind string) string {
	switch kind {
	case "email":
		text = strings.ReplaceAll(text, "@", "[AT]")
	case "url":
		scheme, rest, found := strings.Cut(text, "://")
		lower := strings.ToLower(scheme)
		if changed := defangSchemes.Replace(lower); found && changed != lower {
			text = changed + "://" + rest
		}
	}
	return strings.ReplaceAll(text, ".", "[.]")
}

// defangSchemes are those that are changed, within others too: sftp, https.
var defangSchemes = strings.NewReplacer("http", "hXXp", "ftp", "fXp")

func defangMSTICPy(text, kind string) string {
	switch kind {
	case "email":
		text = strings.ReplaceAll(text, "@", "[AT]")
	case "url":
		text = defangSchemes.Replace(text)
	}
	return strings.ReplaceAll(text, ".", "[.]")
}

func defangBackMSTICPy(text, kind string) string {
	switch kind {
	case "email":
		text = strings.ReplaceAll(text, "[AT]", "@")
	case "url":
		text = strings.NewReplacer("hXXp", "http", "fXp", "ftp").Replace(text)
	}
	return strings.ReplaceAll(text, "[.]", ".")
}

// A defangLive makes what is harmless live again, in all spellings.
type defangLive struct{ dot, at, colon, slash, http, ftp *regexp.Regexp }

func newDefangLive() *defangLive {
	return &defangLive{
		dot:   regexp.MustCompile(`(?i)\[(?:\.|dot)\]|\((?:\.|dot)\)|\{(?:\.|dot)\}`),
		at:    defangAt,
		colon: regexp.MustCompile(`\[(:(?://)?)\]`),
		slash: regexp.MustCompile(`\[(/+)\]`),
		http:  regexp.MustCompile(`(?i)^(\s*)h(?:xx|\*\*)p(s?://)`),
		ftp:   regexp.MustCompile(`(?i)^(\s*s?)fxp(s?://)`),
	}
}

func (l *defangLive) text(text, kind string) string {
	text = l.dot.ReplaceAllString(text, ".")
	switch kind {
	case "email":
		text = l.at.ReplaceAllString(text, "@")
	case "url":
		text = l.colon.ReplaceAllString(text, "$1")
		text = l.slash.ReplaceAllString(text, "$1")
		text = l.http.ReplaceAllString(text, "${1}http$2")
		text = l.ftp.ReplaceAllString(text, "${1}ftp$2")
	}
	return text
}
