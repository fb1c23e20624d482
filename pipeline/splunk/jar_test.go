package splunk

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestCookiesAreBounded has a server that sets new cookies with each reply: the
// requests would grow until nobody takes them.
func TestCookiesAreBounded(t *testing.T) {
	n, bytes, got := 0, 0, ""
	col := newCollector(t, hecConfig(), func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Cookie")
		bytes = max(bytes, len(got))
		for range 20 {
			n++
			w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s; Path=/; Domain=elsewhere.example", n, strings.Repeat("x", n%3000)))
		}
		w.Header().Add("Set-Cookie", "AWSELB=one; Path=/services")
		w.Header().Add("Set-Cookie", "huge="+strings.Repeat("x", maxCookieBytes))
		_, _ = io.WriteString(w, `{"text":"Success","code":0}`)
	})
	for range 200 {
		if err := col.Send(t.Context(), aBody); err != nil {
			t.Fatal(err)
		}
	}
	if bytes > 2*maxCookieBytes || !strings.HasSuffix(got, "AWSELB=one") {
		t.Errorf("%d bytes of cookies, the last %q", bytes, got)
	}
}

func TestCookiesAreTakenBack(t *testing.T) {
	var sent []string
	sets := []string{"lb=one", "lb=two; Max-Age=3600", "lb=gone; Max-Age=0", "lb=three", "lb=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "x=y"}
	col := newCollector(t, hecConfig(), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", sets[len(sent)])
		sent = append(sent, r.Header.Get("Cookie"))
		_, _ = io.WriteString(w, `{"text":"Success","code":0}`)
	})
	for range sets {
		if err := col.Send(t.Context(), aBody); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(sent, "|"); got != "|lb=one|lb=two||lb=three|" {
		t.Error(got)
	}
}
