package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample has a field of every kind that settings may have.
type sample struct {
	Name     string               `koanf:"name" doc:"What it is called." required:"true" pattern:"^[a-z][a-z0-9-]*$" max:"20"`
	Schedule sampleSchedule       `koanf:"schedule" doc:"When it runs."`
	Index    string               `koanf:"index" doc:"Where it looks."`
	On       bool                 `koanf:"on" doc:"Whether it runs."`
	Limit    int                  `koanf:"limit" doc:"How many." min:"1" max:"100"`
	Small    uint8                `koanf:"small"`
	Ratio    float64              `koanf:"ratio" min:"0" max:"1"`
	Lag      time.Duration        `koanf:"lag" doc:"How far behind." min:"0s" max:"1h"`
	Severity string               `koanf:"severity" enum:"informational,low,medium,high,critical"`
	Fields   []string             `koanf:"fields" min:"1"`
	Levels   []string             `koanf:"levels" enum:"low,high"`
	Ports    []int                `koanf:"ports"`
	Entities map[string]string    `koanf:"entities"`
	Stages   []sampleStage        `koanf:"stages"`
	Servers  map[string]server    `koanf:"servers"`
	Admin    *sampleAdmin         `koanf:"admin"`
	Strict   *bool                `koanf:"strict"`
	Pipeline *Node                `koanf:"pipeline" type:"list of stages"`
	Value    any                  `koanf:"value"`
	Addr     netip.Addr           `koanf:"addr"`
	Rules    []Path               `koanf:"rules"`
	Data     Path                 `koanf:"data"`
	Token    *Secret              `koanf:"token"`
	Window   window               `koanf:"window"`
	Windows  []window             `koanf:"windows"`
	Times    map[string][]float32 `koanf:"times"`
	Room     Size                 `koanf:"room" doc:"How much it may hold." min:"16MiB" max:"2GiB"`
	common   `koanf:",squash"`
	Internal chan int // not a setting
	Skipped  string   `koanf:"-"`
}

type sampleSchedule struct {
	Cron     string `koanf:"cron" doc:"A cron line." required:"true"`
	Timezone string `koanf:"timezone"`
	Jitter   struct {
		Max time.Duration `koanf:"max"`
	} `koanf:"jitter"`
}

type sampleStage struct {
	When  string `koanf:"when" short:"true" required:"true"`
	Count int    `koanf:"count"`
}

func (s *sampleStage) SetDefaults() { s.Count = 7 }

type server struct {
	URL     string        `koanf:"url" required:"true"`
	Timeout time.Duration `koanf:"timeout"`
	Secret  Secret        `koanf:"secret"`
}

func (s *server) SetDefaults() { s.Timeout = 30 * time.Second }

type sampleAdmin struct {
	Listen string `koanf:"listen"`
}

type common struct {
	Disabled bool `koanf:"disabled"`
}

// window is "FROM..TO" or a mapping.
type window struct {
	From string `koanf:"from"`
	To   string `koanf:"to"`
}

func (w *window) UnmarshalNode(n *Node) error {
	if n.Kind() != Scalar {
		return DecodeAs("window", n, w)
	}
	from, to, ok := strings.Cut(n.Text(), "..")
	if !ok {
		return errors.New("a window is FROM..TO")
	}
	w.From, w.To = from, to
	return nil
}

func decodeText(t *testing.T, text string, into any) error {
	t.Helper()
	n, err := ParseBytes("hunts.d/x.yaml", []byte(text))
	if err != nil {
		return err
	}
	return Decode(n, into)
}

func TestDecodeFillsEveryKind(t *testing.T) {
	got := sample{
		Index: "main", Limit: 5, Fields: []string{"a", "b"}, Internal: make(chan int),
		Schedule: sampleSchedule{Timezone: "UTC"},
		Servers:  map[string]server{"old": {URL: "gone"}},
	}
	text := `
name: encoded-powershell
schedule:
  cron: "*/5 * * * *"
  jitter: { max: 1h30m }
on: true
small: 0xff
ratio: 1
lag: 90s
severity: high
fields: CommandLine
levels: [low, high]
ports: [80, 443]
entities: { host: host, code: 4688, ok: true }
stages:
  - len(ioc_url) > 0
  - { when: x, count: 3 }
servers:
  a.b: { url: "https://x" }
  c: { url: y, timeout: 2d, secret: "env:PASS" }
admin: {}
strict: false
pipeline:
  - keep: a
value: [1, 1.5, "1", x, true, null, {a: 010}]
addr: 192.0.2.1
rules: [r/one.yml, /abs/two.yml]
data: ../data
token: credential:hec
window: a..b
windows:
  - c..d
  - from: e
times: { x: 1, y: [2.5, 3] }
disabled: true
`
	if err := decodeText(t, text, &got); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if k := got.Pipeline.Items()[0].Keys(); len(k) != 1 || k[0] != "keep" || got.Pipeline.Line() != 24 {
		t.Errorf("pipeline: keys %v, line %d", k, got.Pipeline.Line())
	}
	if ref := got.Token.Reference(); ref != "credential:hec" {
		t.Errorf("token: %s", ref)
	}
	if s := got.Servers["c"]; s.Secret.Reference() != "env:PASS" {
		t.Errorf("secret: %s", s.Secret.Reference())
	}
	no := false
	want := sample{
		Name: "encoded-powershell", Index: "main", On: true, Limit: 5, Small: 255, Ratio: 1, Lag: 90 * time.Second,
		Severity: "high", Fields: []string{"CommandLine"}, Levels: []string{"low", "high"}, Ports: []int{80, 443},
		Schedule: sampleSchedule{Cron: "*/5 * * * *", Timezone: "UTC"},
		Entities: map[string]string{"host": "host", "code": "4688", "ok": "true"},
		Stages:   []sampleStage{{"len(ioc_url) > 0", 7}, {"x", 3}},
		Servers: map[string]server{
			"a.b": {URL: "https://x", Timeout: 30 * time.Second},
			"c":   {URL: "y", Timeout: 48 * time.Hour},
		},
		Admin: &sampleAdmin{}, Strict: &no,
		Value: []any{int64(1), 1.5, "1", "x", true, nil, map[string]any{"a": "010"}},
		Addr:  netip.MustParseAddr("192.0.2.1"),
		Rules: []Path{Path(here + "/hunts.d/r/one.yml"), "/abs/two.yml"}, Data: Path(here + "/data"),
		Window: window{"a", "b"}, Windows: []window{{"c", "d"}, {From: "e"}},
		Times: map[string][]float32{"x": {1}, "y": {2.5, 3}}, common: common{Disabled: true},
	}
	want.Schedule.Jitter.Max = 90 * time.Minute
	ignore := cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().String() {
		case ".Token", ".Secret", ".Pipeline", ".Internal":
			return true
		}
		return false
	}, cmp.Ignore())
	if diff := cmp.Diff(want, got, ignore, cmp.AllowUnexported(sample{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeKeepsDefaultsApart(t *testing.T) {
	prototype := sample{Name: "x", Admin: &sampleAdmin{Listen: "a"}, Entities: map[string]string{"k": "v"}, Ports: []int{1, 2, 3}}
	changed := prototype
	text := "name: y\nadmin: { listen: b }\nentities: { l: w }\nports: [9]\n"
	if err := decodeText(t, text, &changed); err != nil {
		t.Fatal(err)
	}
	if prototype.Admin.Listen != "a" || prototype.Entities["k"] != "v" || len(prototype.Entities) != 1 || prototype.Ports[0] != 1 {
		t.Errorf("the prototype changed: %+v", prototype)
	}
	if changed.Admin.Listen != "b" || len(changed.Entities) != 1 || len(changed.Ports) != 1 {
		t.Errorf("not replaced whole: %+v", changed)
	}
}

func TestDecodeFillsWhatIsRight(t *testing.T) {
	got := sample{Name: "before", Limit: 5, Lag: time.Second, Ports: []int{1}, Admin: &sampleAdmin{Listen: "a"}}
	err := decodeText(t, `name: after
limit: 600
lag: 3
ports: [80, x]
admin: { listen: [b] }
schedule: { cron: [], timezone: CET, zone: x }
servers: { good: { url: a }, bad: { url: b, timeout: 3 }, worse: 3 }
entities: [host]
disabled: true
`, &got)
	if n := len(Mistakes(err)); n != 9 {
		t.Errorf("%d mistakes, want 9: %v", n, err)
	}
	want := sample{
		Name: "after", Limit: 5, Lag: time.Second, Ports: []int{1}, Admin: &sampleAdmin{Listen: "a"}, Schedule: sampleSchedule{Timezone: "CET"},
		Servers: map[string]server{"good": {URL: "a", Timeout: 30 * time.Second}}, common: common{Disabled: true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sample{}), cmpopts.IgnoreTypes(Secret{}), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeOfNothing(t *testing.T) {
	type options struct {
		Limit int `koanf:"limit"`
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "~", "{}"} {
		o := options{Limit: 3}
		if err := decodeText(t, text, &o); err != nil || o.Limit != 3 {
			t.Errorf("%q: %+v, %v", text, o, err)
		}
	}
	o := options{Limit: 3}
	if err := Decode(nil, &o); err != nil || o.Limit != 3 {
		t.Errorf("nil: %+v, %v", o, err)
	}
	if err := Decode(nil, &sample{}); err == nil || err.Error() != `"name" is missing in sample` {
		t.Errorf("nil: %v", err)
	}
}

func TestShortFormOfTheWhole(t *testing.T) {
	for text, want := range map[string]sampleStage{
		"len(x) > 0":        {When: "len(x) > 0"},
		"{ when: a }":       {When: "a"},
		"100":               {When: "100"},
		"count: 2\nwhen: b": {When: "b", Count: 2},
	} {
		var got sampleStage
		if err := decodeText(t, text, &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	var got sampleStage
	err := DecodeAs("keep", mustParse(t, "[a, b]"), &got)
	if want := `x.yaml:1: keep wants text, got a list`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func mustParse(t *testing.T, text string) *Node {
	t.Helper()
	n, err := ParseBytes("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDecodePanicsOnMistakesInTheProgram(t *testing.T) {
	var s sample
	for name, into := range map[string]any{
		"no pointer": s,
		"nil":        (*sample)(nil),
		"no struct":  new(int),
		"channel": &struct {
			A chan int `koanf:"a"`
		}{},
		"key type": &struct {
			A map[int]string `koanf:"a"`
		}{},
		"bad pattern": &struct {
			A string `koanf:"a" pattern:"("`
		}{},
		"bad bound": &struct {
			A int `koanf:"a" min:"x"`
		}{},
		"bad span": &struct {
			A time.Duration `koanf:"a" min:"3"`
		}{},
		"bad size": &struct {
			A Size `koanf:"a" min:"3"`
		}{},
		"bad flag": &struct {
			A int `koanf:"a" required:"yes"`
		}{},
		"no name": &struct {
			A int `koanf:",omitempty"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "configs: ") {
					t.Errorf("got %v", p)
				}
			}()
			_ = Decode(mustParse(t, "a: 1"), into)
		})
	}
}
