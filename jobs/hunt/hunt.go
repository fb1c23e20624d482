package hunt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/analyzers"
)

// A Hunt is a hunt file, checked and made ready to run.
type Hunt struct {
	Spec
	Schedule Schedule
	// Query is the search with its parameters in place.
	Query string
	// SpecHash tells versions of the file apart.
	SpecHash string

	jitter, lookBack time.Duration

	from  pipeline.Language // of the connection that is searched
	to    pipeline.Format   // of the connection that events go to
	node  *configs.Node
	title *template.Template // nil without findings
}

// Parse reads a hunt file's text and checks all of it. Every mistake is reported,
// each with its place in the file. siem returns the kind of a connection, nil if that
// is not known: what depends on it is not checked then.
func Parse(path string, data []byte, siem func(connection string) pipeline.SIEM) (*Hunt, error) {
	h, err := parse(path, data)
	if err != nil {
		return nil, err
	}
	h.from, h.to = siem(h.Source.Connection), siem(h.Deliver.Connection)
	if err := h.check(); err != nil {
		return nil, err
	}
	return h, nil
}

// LoadPipeline reads of a hunt file what running its pipeline alone needs: the
// name, the pipeline and, if they are there, the findings.
func LoadPipeline(path string) (*Hunt, error) {
	data, err := configs.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h, err := parse(path, data)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(h.checkPipeline(), h.checkFindings()); err != nil {
		return nil, err
	}
	return h, nil
}

func parse(path string, data []byte) (*Hunt, error) {
	node, err := configs.ParseBytes(path, data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	h := &Hunt{Spec: DefaultSpec(), SpecHash: hex.EncodeToString(sum[:8]), node: node}
	if err := configs.DecodeAs("the hunt", node, &h.Spec); err != nil {
		return nil, err
	}
	if h.Deliver.Connection == "" {
		h.Deliver.Connection = h.Source.Connection
	}
	if h.Deliver.Source == "" {
		h.Deliver.Source = "huntd:" + h.Name
	}
	return h, nil
}

func (h *Hunt) check() error {
	return errors.Join(h.checkSchedule(), h.checkSource(), h.checkWindow(), h.checkPipeline(), h.checkFindings(), h.checkDeliver())
}

// Errorf reports a mistake in the hunt's file, at the place of a key such as
// "source.connection", or of the nearest thing above it that is there.
func (h *Hunt) Errorf(key, format string, args ...any) error {
	return configs.Errorf(h.node.At(strings.Split(key, ".")...), format, args...)
}

func (h *Hunt) checkSchedule() (err error) {
	if h.Spec.Schedule.Cron == "" {
		return h.Errorf("schedule", `"schedule" wants a cron line, such as schedule: { cron: "*/5 * * * *" }`)
	}
	if h.Schedule, err = ParseSchedule(h.Spec.Schedule.Cron, h.Spec.Schedule.Timezone); err != nil {
		return h.Errorf("schedule.cron", "%w", err)
	}
	h.jitter = h.fixedJitter()
	return nil
}

func (h *Hunt) checkWindow() error {
	var errs []error
	for _, span := range []struct {
		name string
		is   time.Duration
	}{{"lag", h.Window.Lag}, {"max", h.Window.Max}, {"first", h.Window.First}, {"settle", h.Window.Settle}, {"max_event_age", h.Window.MaxEventAge}} {
		if span.is%time.Second != 0 {
			errs = append(errs, h.Errorf("window."+span.name, "%q is %s: windows are of whole seconds", span.name, span.is))
		}
	}
	return errors.Join(append(errs, h.checkSettle())...)
}

func (h *Hunt) checkSettle() error {
	if h.Window.Settle == 0 {
		return nil
	}
	if h.Window.By != ByEventTime {
		return h.Errorf("window.settle", `"settle" wants by: event_time: a window by index time cannot grow, and an event that comes late is found in the window of the time at which it is indexed`)
	}
	if h.Query == "" {
		return nil // which has been reported
	}
	if err := h.from.CheckCount(h.Query); err != nil {
		return h.Errorf("window.settle", `"settle" cannot be used with this search: %w`, err)
	}
	return nil
}

func (h *Hunt) checkSource() (err error) {
	if h.Source.Connection == "" {
		err = h.Errorf("source", `"source" wants a connection, the name of one in huntd.yaml`)
	}
	return errors.Join(err, h.checkSearch())
}

func (h *Hunt) checkSearch() (err error) {
	if h.Source.Search == "" {
		return h.Errorf("source", `"source" wants a search`)
	}
	if h.from == nil {
		return nil
	}
	if h.Query, err = h.from.Render(h.Source.Search, h.Source.Params); err != nil {
		return h.Errorf("source.search", "%w", err)
	}
	if err := h.from.CheckSearch(h.Query, h.Window.By == ByEventTime); err != nil {
		return h.Errorf("source.search", "%w", err)
	}
	return nil
}

func (h *Hunt) checkPipeline() error {
	if h.Pipeline == nil {
		return nil // a hunt may live by its search alone
	}
	steps, err := h.Steps(pipeline.NewDict())
	h.lookBack = lookBack(steps)
	return err
}

var attackID = regexp.MustCompile(`^TA?\d{4}(\.\d{3})?$`)

func (h *Hunt) checkFindings() (err error) {
	f := h.Findings
	if f == nil {
		return nil
	}
	if f.Severity == "" {
		f.Severity = "medium"
	}
	var errs []error
	if h.title, err = parseTitle(f.Title); err != nil {
		errs = append(errs, h.Errorf("findings.title", "the title is no template: %w", err))
	}
	if n, ok := pipeline.ParseNumber(f.Score); ok && (n < 0 || n > 100) {
		errs = append(errs, h.Errorf("findings.score", "a score lies between 0 and 100, got %s", f.Score))
	}
	for _, id := range f.Attack {
		if !attackID.MatchString(id) {
			errs = append(errs, h.Errorf("findings.attack", "%q is no ATT&CK technique: write T1059 or T1059.001", id))
		}
	}
	if s := f.Suppress; s != nil && len(s.By) == 0 {
		errs = append(errs, h.Errorf("findings.suppress.by", `"by" wants the fields that make two findings the same`))
	}
	if s := f.Suppress; s != nil && s.For < time.Second {
		errs = append(errs, h.Errorf("findings.suppress", `"suppress" wants for, a duration such as 24h`))
	}
	return errors.Join(errs...)
}

func (h *Hunt) checkDeliver() error {
	var errs []error
	if h.Findings == nil && h.Deliver.Records != DeliverAll {
		errs = append(errs, h.Errorf("", `a hunt wants "findings", or "deliver" with records: all`))
	}
	if h.Deliver.Index != "" && h.to != nil {
		if err := h.to.CheckIndex(h.Deliver.Index); err != nil {
			errs = append(errs, h.Errorf("deliver.index", "%w", err))
		}
	}
	return errors.Join(errs...)
}

// parseTitle compiles a title template and tries it on a record without
// fields. A field that a record lacks is "".
func parseTitle(text string) (*template.Template, error) {
	t, err := template.New("title").Option("missingkey=zero").Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: title:1: "))
	}
	return t, t.Execute(io.Discard, map[string]string{})
}

// Warnings are what is allowed but worth a second look.
func (h *Hunt) Warnings() []string {
	var warn []string
	if h.Window.Lag == 0 {
		warn = append(warn, h.where("window", "lag")+": a lag of 0 s misses what Splunk indexes a moment later")
	}
	if h.Window.By == ByEventTime && h.Window.Settle == 0 {
		warn = append(warn, h.where("window", "by")+": windows by event time miss events that arrive later than the lag, unless settle says to look for them")
	}
	if h.Findings != nil && h.Deliver.Records == DeliverAll {
		warn = append(warn, h.where("deliver", "records")+`: records: all sends the records; "findings" is not used`)
	}
	return warn
}

func (h *Hunt) where(path ...string) string {
	n := h.node.At(path...)
	return fmt.Sprintf("%s:%d", filepath.Base(n.File()), n.Line())
}

// Steps makes the hunt's stages afresh for a run.
func (h *Hunt) Steps(dict *pipeline.Dict) ([]pipeline.Step, error) {
	if h.Pipeline == nil {
		return nil, nil
	}
	return analyzers.Build(h.Pipeline, dict)
}

// Title makes the title of a finding of a record's fields.
func (h *Hunt) Title(fields map[string]string) (string, error) {
	var s strings.Builder
	if err := h.title.Execute(&s, fields); err != nil {
		return "", fmt.Errorf("findings.title: %w", err)
	}
	return s.String(), nil
}

// Format returns how the hunt's events are written for their connection.
func (h *Hunt) Format() pipeline.Format { return h.to }

// Search is what the hunt asks of its connection.
func (h *Hunt) Search() pipeline.Search {
	return pipeline.Search{
		Query: h.Query, EventTime: h.Window.By == ByEventTime, MaxEventAge: h.Window.MaxEventAge, MaxRows: h.Limits.Rows,
	}
}

// Bounds returns the parameters that bind the hunt's search to a window.
func (h *Hunt) Bounds(w pipeline.Window) map[string]string { return h.from.Bounds(h.Search(), w) }

// AppendEvent appends an event as the hunt's deliveries have it.
func (h *Hunt) AppendEvent(dst []byte, e pipeline.Event) []byte {
	d := h.Deliver
	return h.to.AppendEvent(dst, pipeline.Envelope{Hunt: h.Name, Index: d.Index, Sourcetype: d.Sourcetype, Source: d.Source, Host: d.Host}, e)
}
