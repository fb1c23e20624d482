package sandbox

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	// maxBody bounds a request, unpacked. Splunk Enterprise takes 800 MB.
	maxBody      = 64 << 20
	maxEvent     = 5 << 20 // bytes of one event, as with Splunk
	defaultIndex = "main"
)

// A hecCode is how HEC says what it did.
type hecCode int

// The codes, Splunk's names for which stand in hecCodes.
const (
	hecSuccess        hecCode = 0
	hecTokenDisabled  hecCode = 1
	hecTokenRequired  hecCode = 2
	hecBadAuth        hecCode = 3
	hecBadToken       hecCode = 4
	hecNoData         hecCode = 5
	hecBadFormat      hecCode = 6
	hecBadIndex       hecCode = 7
	hecServerError    hecCode = 8
	hecNoChannel      hecCode = 10
	hecBadChannel     hecCode = 11
	hecNoEvent        hecCode = 12
	hecBlankEvent     hecCode = 13
	hecAckOff         hecCode = 14
	hecBadFields      hecCode = 15
	hecNoQueryAuth    hecCode = 16
	hecHealthy        hecCode = 17
	hecHealthBadToken hecCode = 21
	hecHealthDisabled hecCode = 22
)

var hecCodes = map[hecCode]struct {
	status int
	text   string
}{
	hecSuccess:        {http.StatusOK, "Success"},
	hecTokenDisabled:  {http.StatusForbidden, "Token disabled"},
	hecTokenRequired:  {http.StatusUnauthorized, "Token is required"},
	hecBadAuth:        {http.StatusUnauthorized, "Invalid authorization"},
	hecBadToken:       {http.StatusForbidden, "Invalid token"},
	hecNoData:         {http.StatusBadRequest, "No data"},
	hecBadFormat:      {http.StatusBadRequest, "Invalid data format"},
	hecBadIndex:       {http.StatusBadRequest, "Incorrect index"},
	hecServerError:    {http.StatusInternalServerError, "Internal server error"},
	hecNoChannel:      {http.StatusBadRequest, "Data channel is missing"},
	hecBadChannel:     {http.StatusBadRequest, "Invalid data channel"},
	hecNoEvent:        {http.StatusBadRequest, "Event field is required"},
	hecBlankEvent:     {http.StatusBadRequest, "Event field cannot be blank"},
	hecAckOff:         {http.StatusBadRequest, "ACK is disabled"},
	hecBadFields:      {http.StatusBadRequest, "Error in handling indexed fields"},
	hecNoQueryAuth:    {http.StatusBadRequest, "Query string authorization is not enabled"},
	hecHealthy:        {http.StatusOK, "HEC is healthy"},
	hecHealthBadToken: {http.StatusBadRequest, "Invalid token"},
	hecHealthDisabled: {http.StatusBadRequest, "Token disabled"},
}

// A collector answers the HTTP Event Collector.
type collector struct {
	store *store
	clock func() time.Time
	inbox inbox
	token string
	acks  *acks // nil: the token does not use them

	mu        sync.Mutex
	disabled  bool
	poison    string
	forbidden map[string]bool
}

func newCollector(cfg Config, st *store) *collector {
	c := &collector{store: st, clock: cfg.Clock, inbox: inbox{to: cfg.Received}, token: newGUID(), forbidden: map[string]bool{}}
	if cfg.Ack {
		c.acks = &acks{channels: map[string]*channel{}}
	}
	return c
}

func newGUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func (h *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	path, ok := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/services/collector")
	path = strings.TrimSuffix(path, "/1.0")
	if !ok {
		path = "?"
	}
	var methods []string
	var answer func(http.ResponseWriter, *http.Request)
	switch path {
	case "", "/event":
		methods, answer = []string{http.MethodPost}, h.events
	case "/raw":
		methods, answer = []string{http.MethodPost}, h.raw
	case "/ack":
		methods, answer = []string{http.MethodPost}, h.queryAcks
	case "/health":
		methods, answer = []string{http.MethodGet, http.MethodHead}, h.health
	default:
		writeHEC(w, http.StatusNotFound, notThere)
		return
	}
	switch {
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", strings.Join(append(methods, http.MethodOptions), ","))
	case r.Method != methods[0] && r.Method != methods[len(methods)-1]:
		writeHEC(w, http.StatusMethodNotAllowed, notThere)
	default:
		answer(w, r)
	}
}

var notThere = dict{{"text", "The requested URL was not found on this server."}, {"code", http.StatusNotFound}}

func writeHEC(w http.ResponseWriter, status int, body dict) {
	text, err := json.Marshal(body)
	if err != nil { // all of it is ours
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (code hecCode) write(w http.ResponseWriter, more ...pair) {
	c := hecCodes[code]
	writeHEC(w, c.status, append(dict{{"text", c.text}, {"code", int(code)}}, more...))
}

// auth returns what is wrong with the token of a request, or hecSuccess. A
// token in the URL is looked at first, and never taken.
func (h *collector) auth(r *http.Request) hecCode {
	if token := r.URL.Query().Get("token"); token != "" {
		if same(token, h.token) {
			return hecNoQueryAuth
		}
		return hecBadToken
	}
	header := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	_, password, basic := r.BasicAuth()
	switch {
	case header == "":
		return hecTokenRequired
	case basic:
		token = password
	case !strings.EqualFold(scheme, "Splunk") || strings.TrimSpace(token) == "":
		return hecBadAuth
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !same(strings.TrimSpace(token), h.token):
		return hecBadToken
	case h.disabled:
		return hecTokenDisabled
	}
	return hecSuccess
}

// admit looks at the token, then the channel, then the body of a request, or
// answers what is wrong with the first of them that is.
func (h *collector) admit(w http.ResponseWriter, r *http.Request) (c *channel, body []byte, ok bool) {
	code := h.auth(r)
	if code == hecSuccess {
		c, code = h.acks.channel(r)
	}
	if code != hecSuccess {
		code.write(w)
		return nil, nil, false
	}
	body, ok = h.body(w, r)
	return c, body, ok
}

func (h *collector) health(w http.ResponseWriter, r *http.Request) {
	code := hecHealthy
	if token := r.URL.Query().Get("token"); token != "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		switch {
		case !same(token, h.token):
			code = hecHealthBadToken
		case h.disabled:
			code = hecHealthDisabled
		}
	}
	code.write(w)
}

var errTooLarge = errors.New("the body is too large")

// body reads a request, or answers what is wrong with it.
func (h *collector) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	in := io.Reader(http.MaxBytesReader(w, r.Body, maxBody))
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(in)
		if errors.Is(err, io.EOF) {
			return nil, true // a body of nothing
		}
		if err != nil {
			hecBadFormat.write(w, pair{"invalid-event-number", 0})
			return nil, false
		}
		in = z
	default:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(http.StatusUnsupportedMediaType)
		_, _ = io.WriteString(w, "<!doctype html><html><head><title>415 Unsupported Media Type</title></head><body><h1>Unsupported Media Type</h1></body></html>\r\n")
		return nil, false
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(in, maxBody+1))
	var large *http.MaxBytesError
	if n > maxBody || errors.As(err, &large) {
		err = errTooLarge
	}
	switch {
	case errors.Is(err, errTooLarge):
		writeHEC(w, http.StatusRequestEntityTooLarge, dict{
			{"text", fmt.Sprintf("The content is too large (maximum is %d)", maxBody)}, {"code", http.StatusRequestEntityTooLarge},
		})
		return nil, false
	case err != nil:
		hecBadFormat.write(w, pair{"invalid-event-number", 0})
		return nil, false
	}
	return b.Bytes(), true
}

// DisableHECToken makes HEC answer that its token is disabled, or take it
// again.
func (s *Sandbox) DisableHECToken(disabled bool) {
	s.hec.mu.Lock()
	defer s.hec.mu.Unlock()
	s.hec.disabled = disabled
}

// Poison makes HEC refuse each event in which a text stands, as if it were no
// JSON: with code 6 and its number, the events before it being taken. An empty
// text ends that.
func (s *Sandbox) Poison(text string) {
	s.hec.mu.Lock()
	defer s.hec.mu.Unlock()
	s.hec.poison = text
}

// ForbidIndex takes from the HEC token the right to write to an index.
func (s *Sandbox) ForbidIndex(name string) {
	s.hec.mu.Lock()
	defer s.hec.mu.Unlock()
	s.hec.forbidden[name] = true
}
