package splunk

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// bomb is some kilobytes of gzip that become mega of blanks.
func bomb(t *testing.T, mega int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range mega {
		if _, err := z.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// raw answers with bytes of its own, and then with silence.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
	}
}

// endless answers with a beginning and then the same text for ever, with a
// pause between.
func endless(status int, begin, more string, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, err := io.WriteString(w, begin)
		for err == nil {
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
			if _, err = io.WriteString(w, more); err == nil {
				err = http.NewResponseController(w).Flush()
			}
		}
	}
}

// TestRepliesWithoutEnd: whatever a server sends, a call ends in time, on both
// sides, and its memory is bounded.
func TestRepliesWithoutEnd(t *testing.T) {
	big := strings.Repeat("x", 64<<10)
	packed := bomb(t, 200)
	for name, h := range map[string]http.HandlerFunc{
		"a drip":                  endless(200, `{"entry":[`, " ", 10*time.Second),
		"a drip of an error":      endless(503, `{"messages":[`, " ", 10*time.Second),
		"a text without end":      endless(200, `{"text":"`, big, 0),
		"an error without end":    endless(400, `{"text":"`, big, 0),
		"another protocol":        raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
		"a status that is none":   raw("HTTP/1.1 \x1b[31m" + strings.Repeat("9", 5000) + "\r\n\r\n"),
		"a place that cannot be":  raw("HTTP/1.1 302 Found\r\nLocation: http://%zz\x1b/" + strings.Repeat("y", 5000) + "\r\nContent-Length: 0\r\n\r\n"),
		"headers without end":     raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat(big, 20)),
		"a header and silence":    raw("HTTP/1.1 200 OK\r\n"),
		"silence behind the head": raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
		"silence":                 raw(""),
		"a bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := newClient(t, tokenConfig(), h).Check(t.Context())
				if d := time.Since(start); err == nil || d > 5*DefaultTimeout+20*time.Second {
					t.Errorf("%v after %s", err, d)
				}
				fits(t, err)
				start = time.Now()
				err = newCollector(t, hecConfig(), h).Send(t.Context(), aBody)
				if d := time.Since(start); err == nil || d > DefaultTimeout {
					t.Errorf("%v after %s", err, d)
				}
				fits(t, err)
				if kind, _, _ := meaning(err); kind == isRejected {
					t.Errorf("%v: the events have no part in it", err)
				}
			})
		})
	}
}

// fits demands of an error that it is a line for a log.
func fits(t *testing.T, err error) {
	t.Helper()
	if err != nil && (len(err.Error()) > 30_000 || strings.ContainsAny(err.Error(), "\n\r\x00\x1b\u009b\u202e")) {
		t.Errorf("%.200q (%d bytes) does not fit a line", err, len(err.Error()))
	}
}

// TestWordsOfAHostileServer: what a server says wherever it may say something
// neither drives a terminal, nor fills a log, nor shows a secret.
func TestWordsOfAHostileServer(t *testing.T) {
	for _, word := range []string{
		"\x1b[2J\x1b]0;owned\a\u009b31m\n\r\u202e", strings.Repeat("x", 1<<20), canaryToken, strings.Repeat("y", 25) + canaryToken,
		strings.Repeat("z", maxMessage-10) + canaryToken,
	} {
		quoted, err := json.Marshal(word)
		if err != nil {
			t.Fatal(err)
		}
		for call, texts := range map[string][]string{
			callCreate: {
				`{"sid":W}`, `{"sid":[W]}`, `{"messages":[{"type":"FATAL","text":W}]}`, `{"messages":[{"type":W,"text":W}]}`,
			},
			callStatus: {
				`{"entry":[{"content":{"dispatchState":"DONE","isDone":1,"resultCount":W}}]}`,
				`{"entry":[{"content":{"dispatchState":"DONE","isDone":1,"resultCount":[W]}}]}`,
				`{"entry":[{"content":{"dispatchState":"QUIT CANCEL","isDone":W}}]}`,
				`{"entry":[{"content":{"dispatchState":"FAILED","messages":[{"type":"FATAL","text":W},{"type":W,"text":W}]}}]}`,
				`{"entry":[{"content":{"dispatchState":"FAILED","messages":{W:[W]}}}]}`,
			},
			callResults: {`{"init_offset":W,"results":[]}`, `{"messages":[{"type":"ERROR","text":W}],"results":[]}`, `{"results":[{}],W:1}`, `{"preview":W}`},
		} {
			for _, text := range texts {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(3)
					f.bend[call] = says(strings.ReplaceAll(text, "W", string(quoted)))
					client := newClient(t, tokenConfig(), f)
					var sids []string
					src := client.Search(pipeline.Search{Query: "search index=a", OnJob: func(sid string) { sids = append(sids, sid) }})
					_, err := fetch(t.Context(), src)
					if err == nil {
						t.Fatalf("%.80s: no error", text)
					}
					fits(t, err)
					if says := err.Error() + strings.Join(sids, ""); strings.Contains(strings.ToLower(says), canaryToken[:12]) {
						t.Errorf("%s: %s shows a secret", text, says)
					}
				})
			}
		}
	}
}

// TestIDsOfAHostileServer: the id that a server gives a job stands in paths and
// in the ledger.
func TestIDsOfAHostileServer(t *testing.T) {
	for sid, ok := range map[string]bool{
		"1403964060.2": true, "scheduler__a_b__search__RMD5_at_1_2_GUID-1": true, "rt_1@x~y:z": true,
		"../../x": false, "..": false, ".": false, "a/b": false, `a\b`: false, "a?b": false, "a#b": false, "%2e%2e": false, "a b": false,
		"a\nb": false, "\x1b[2J": false, "\u00e9": false, strings.Repeat("a", maxSID+1): false, canaryToken: false,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(3)
			f.bend[callCreate] = func(_ int, w http.ResponseWriter, r *http.Request) bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.jobs[sid], f.jobs[r.PostFormValue("id")] = true, true
				reply(w, 201, map[string]string{"sid": sid})
				return true
			}
			client := newClient(t, tokenConfig(), f)
			got, err := fetch(t.Context(), searchOf(client))
			if ok && (err != nil || len(got) != 3 || f.gone[0] != sid) {
				t.Errorf("%q: %v", sid, err)
			}
			if !ok {
				wantError(t, err, nil, "no job has the id")
				if len(f.gone) != 1 || !strings.HasPrefix(f.gone[0], "huntd_") {
					t.Errorf("%q: cancelled %q, want the job as it was asked for", sid, f.gone)
				}
			}
		})
	}
}

func TestSessionKeysOfAHostileServer(t *testing.T) {
	for _, key := range []string{"", " ", "a\r\nX-Evil: 1", "a\x00b", "a\x1bb", "k\u00e9y", strings.Repeat("k", maxCredential+1), strings.Repeat("k", 3<<20)} {
		f := newFake(0)
		f.bend[callLogin] = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			reply(w, 200, map[string]string{"sessionKey": key})
			return true
		}
		_, err := newClient(t, loginConfig(), f).Check(t.Context())
		wantError(t, err, []error{pipeline.ErrPermanent}, "no session key")
		fits(t, err)
		if f.count(callContext) != 0 || f.count(callLogin) != 1 {
			t.Errorf("%.20q: %d logins, %d calls", key, f.count(callLogin), f.count(callContext))
		}
	}
}

// TestPagesThatOnlyCost: what cannot be read is given up without much work. A
// list that is searched anew for each entry would keep this test for minutes.
func TestPagesThatOnlyCost(t *testing.T) {
	for text, words := range map[string]string{
		`{` + strings.Repeat(`"a":1,`, 1<<17):                                           "twice",
		`{"messages":[` + strings.Repeat(`{"type":"ERROR","text":"x"},`, 1<<17) + `{}]`: "is missing",
		`<response>` + strings.Repeat(`<msg type="ERROR">x</msg>`, 1<<17):               "ERROR x",
		`<response>` + strings.Repeat(`<msg type="ERROR">`, 1<<17):                      "cut short or garbled",
	} {
		_, err := (&pager{rows: pipeline.NewDecoder(pipeline.NewDict())}).decode(whole(text), 0)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%.40s: %v, want %q", text, err, words)
		}
	}
}
