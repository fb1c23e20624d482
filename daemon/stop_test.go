package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

// TestStopWaitsForAnAnswer: a daemon that stops records the answer to the body on its
// way, so that the next daemon does not send it again.
func TestStopWaitsForAnAnswer(t *testing.T) {
	began, answer := make(chan struct{}, 1), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "collector") || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		began <- struct{}{}
		<-answer
		fmt.Fprint(w, `{"text":"Success","code":0}`)
	}))
	defer server.Close()
	d, err := Open(context.Background(), load(t, deploy(t, &refusal{Server: server}, "a")), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	run := staged(t, d, d.engine.Load().setup.Hunts[0])
	stop := launch(t, d)
	select {
	case <-began:
	case <-time.After(30 * time.Second):
		t.Fatal("the body was not sent")
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	select {
	case err := <-ended:
		t.Errorf("the daemon ended while a body was on its way: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	close(answer)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if n, err := d.ledger.Pending(context.Background(), run); err != nil || n != 0 {
		t.Errorf("%d events wait, %v", n, err)
	}
}
