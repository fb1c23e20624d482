package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// maxChannels and maxAcks bound what is remembered; beyond, the oldest of a
// channel's acknowledgements are forgotten.
const (
	maxChannels = 1000
	maxAcks     = 100_000
)

// acks are the acknowledgements of a token that uses them. Here everything is
// indexed at once; an acknowledgement is told once and then forgotten.
type acks struct {
	mu       sync.Mutex
	channels map[string]*channel
	// never makes all queries answer false.
	never bool
}

type channel struct {
	next int
	open map[int]bool
}

// channel returns the channel of a request. Without acknowledgement there is
// none.
func (a *acks) channel(r *http.Request) (*channel, hecCode) {
	if a == nil {
		return nil, hecSuccess
	}
	name := r.Header.Get("X-Splunk-Request-Channel")
	if name == "" {
		name = r.URL.Query().Get("channel")
	}
	if name == "" {
		return nil, hecNoChannel
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.channels[name]
	switch {
	case c == nil && (len(a.channels) >= maxChannels || !isGUID(name)):
		return nil, hecBadChannel
	case c == nil:
		c = &channel{open: map[int]bool{}}
		a.channels[name] = c
	}
	return c, hecSuccess
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hexDigit := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash != (c == '-') || !dash && !hexDigit {
			return false
		}
	}
	return true
}

// add returns the id under which a request will be acknowledged.
func (a *acks) add(c *channel) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := c.next
	c.next++
	c.open[id] = true
	delete(c.open, id-maxAcks)
	return id
}

// queryAcks answers which requests are acknowledged.
func (h *collector) queryAcks(w http.ResponseWriter, r *http.Request) {
	c, body, ok := h.admit(w, r)
	switch {
	case !ok:
		return
	case h.acks == nil:
		hecAckOff.write(w)
		return
	}
	var query struct {
		Acks []int `json:"acks"`
	}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		hecNoData.write(w)
		return
	case json.Unmarshal(body, &query) != nil:
		hecBadFormat.write(w)
		return
	}
	h.acks.mu.Lock()
	defer h.acks.mu.Unlock()
	answer := dict{}
	for _, id := range query.Acks {
		answer = append(answer, pair{strconv.Itoa(id), c.open[id] && !h.acks.never})
		if !h.acks.never {
			delete(c.open, id)
		}
	}
	writeHEC(w, http.StatusOK, dict{{"acks", answer}})
}

// NeverAck makes a sandbox whose token uses acknowledgement tell of none.
func (s *Sandbox) NeverAck(never bool) {
	if s.hec.acks == nil {
		return
	}
	s.hec.acks.mu.Lock()
	defer s.hec.acks.mu.Unlock()
	s.hec.acks.never = never
}
