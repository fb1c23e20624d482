package splunk

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestNumbersOfEventsThatAreNone: the code says what the answer means; a number
// that is none leaves open which event it was, and no more.
func TestNumbersOfEventsThatAreNone(t *testing.T) {
	for number, event := range map[string]int{
		`3`: 3, `"3"`: 3, `-1`: -1, `1.5`: -1, `"three"`: -1, `null`: -1, `[3]`: -1, `{}`: -1, `true`: -1, `1e400`: -1, `99999999999999999999`: -1, `"\u001b[2J"`: -1,
	} {
		for code, kind := range map[string]string{`6`: isRejected, `15`: isRejected, `7`: isParkedBody} {
			answer := parseHEC(400, http.Header{}, []byte(`{"text":["no text"],"code":`+code+`,"invalid-event-number":`+number+`}`), strings.Clone)
			want := event
			if code == "7" {
				want = 0 // it names an index, and no event to take out
			}
			if got, at, _ := meaning(answer.error()); got != kind || at != want {
				t.Errorf("code %s, number %s: %s, event %d; want %s, event %d", code, number, got, at, kind, want)
			}
		}
	}
}

// TestConnectionsThatBreak: nobody knows what became of the events, so that
// they are neither taken, nor rejected, nor parked; each is posted once.
func TestConnectionsThatBreak(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n"
	body := []byte("\x1f\x8b" + strings.Repeat("b", 1<<20))
	for name, c := range map[string]struct{ reads, says string }{
		"at once":                     {"", ""},
		"half of the request is read": {"half", ""},
		"behind the request":          {"all", ""},
		"behind the head":             {"all", head},
		"within the body":             {"all", head + `{"text":"Success","code":0`},
		"within a chunk":              {"all", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n" + `{"text":"Success","code":0}`},
		"no HTTP":                     {"all", "SSH-2.0-x\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				posts := 0
				col := newCollector(t, hecConfig(), func(w http.ResponseWriter, r *http.Request) {
					posts++
					switch c.reads {
					case "half":
						_, _ = io.CopyN(io.Discard, r.Body, int64(len(body)/2))
					case "all":
						_, _ = io.Copy(io.Discard, r.Body)
					}
					conn, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						panic(err)
					}
					_, _ = io.WriteString(conn, c.says)
					conn.Close()
				})
				start := time.Now()
				err := col.Send(t.Context(), body)
				if kind, _, _ := meaning(err); kind != isUnclear || posts != 1 || time.Since(start) > time.Second {
					t.Errorf("%s after %d posts in %s: %v", kind, posts, time.Since(start), err)
				}
				fits(t, err)
			})
		})
	}
}
