package splunk

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxSmallReply = 4 << 20 // all replies but pages of results
	maxErrorReply = 64 << 10
	maxMessages   = 1000
	maxMessage    = 1000 // runes of one message
)

var errTooLarge = errors.New("the reply is too large")

// readBounded reads a reply of at most limit bytes. Whatever ends it early is
// errCut, so that the call can be repeated.
func readBounded(r io.Reader, limit int) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errCut, err)
	case n > int64(limit):
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	return b.Bytes(), nil
}

// messageList reads the messages that Splunk adds to nearly everything, in the
// forms that they come in: [{"type":…,"text":…}] or {"fatal":["…"]}.
type messageList []Message

// UnmarshalJSON implements json.Unmarshaler. Of two lists in one reply none is
// left out.
func (l *messageList) UnmarshalJSON(data []byte) error {
	g := gatherer{list: append(messageList{}, *l...)}
	g.weigh()
	defer func() { *l = g.list }()
	var list []struct{ Type, Text string }
	if err := json.Unmarshal(data, &list); err == nil {
		for _, m := range list {
			g.add(m.Type, m.Text)
		}
		return nil
	}
	var byType map[string][]string
	if err := json.Unmarshal(data, &byType); err != nil {
		return err
	}
	for kind, texts := range byType {
		for _, text := range texts {
			g.add(kind, text)
		}
	}
	slices.SortFunc(g.list, func(a, b Message) int { return strings.Compare(a.Type, b.Type) })
	return nil
}

// A gatherer makes a list of at most maxMessages, the weightiest.
type gatherer struct {
	list    messageList
	mildest int // where the one of least weight stands, once the list is full
}

func (g *gatherer) add(kind, text string) {
	text = tame(text)
	if text == "" {
		return
	}
	m := Message{strings.ToUpper(strings.TrimSpace(kind)), text}
	if m.weight() < 0 { // no word of Splunk's: it could be anything
		m.Type = ""
	}
	switch {
	case len(g.list) < maxMessages:
		g.list = append(g.list, m)
	case m.weight() > g.list[g.mildest].weight(): // what speaks against the results is never left out
		g.list[g.mildest] = m
	default:
		return
	}
	g.weigh()
}

func (g *gatherer) weigh() {
	if len(g.list) == maxMessages {
		least := slices.MinFunc(g.list, func(a, b Message) int { return a.weight() - b.weight() })
		g.mildest = slices.Index(g.list, least)
	}
}

// tame makes text of a stranger fit for a line of a log. What it cuts off is
// marked by "…".
func tame(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return shorten(strings.Join(strings.Fields(s), " "), maxMessage)
}

// shorten cuts a text to some number of runes.
func shorten(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// brief shows a word of a stranger. What is longer than a word is not shown in
// part, for the part could be half of a secret.
func brief(s string) string {
	if s = tame(s); len(s) > 40 {
		return "…"
	}
	return s
}

var xmlMessages = regexp.MustCompile(`(?s)<msg type=['"]([A-Z]+)['"]>(.*?)</msg>`)

// parseMessages returns the messages of an error reply, JSON or XML, and
// whether it looks like a reply of Splunk's at all.
func parseMessages(body []byte) (list messageList, splunk bool) {
	var reply struct {
		Messages messageList `json:"messages"`
	}
	if json.Unmarshal(body, &reply) == nil {
		return reply.Messages, reply.Messages != nil
	}
	if !bytes.Contains(body, []byte("<response")) {
		return nil, false
	}
	var g gatherer
	for _, m := range xmlMessages.FindAllSubmatch(body, -1) {
		var text string
		if xml.Unmarshal(append(append([]byte("<a>"), m[2]...), "</a>"...), &text) != nil {
			text = string(m[2])
		}
		g.add(string(m[1]), text)
	}
	return g.list, true
}

// scalar reads what Splunk writes as a number, a bool or a text, as it likes,
// and keeps its text.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = scalar(text)
		return nil
	}
	if len(data) > 0 && (data[0] == '{' || data[0] == '[') {
		return fmt.Errorf("neither a text nor a number nor a boolean: %s", brief(string(data)))
	}
	if string(data) != "null" {
		*s = scalar(data)
	}
	return nil
}

func (s scalar) bool() bool {
	switch strings.ToLower(string(s)) {
	case "1", "true", "t", "yes":
		return true
	}
	return false
}

// decodeReply reads a reply of JSON. One that is none is a cut one, or a page
// that someone else wrote.
func decodeReply(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '<' {
			return errForeign
		}
		return fmt.Errorf("%w: %w", errCut, err)
	}
	return nil
}

var errForeign = errors.New(wrongURL)
