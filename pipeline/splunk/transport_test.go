package splunk

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func writePEM(t *testing.T, der []byte) configs.Path {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return configs.Path(path)
}

func TestTLS(t *testing.T) {
	srv := httptest.NewTLSServer(newFake(0))
	defer srv.Close()
	srv.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
	ca := writePEM(t, srv.Certificate().Raw)
	other, err := os.ReadFile("testdata/other-ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(other)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		tls   TLS
		words string
		warns int
	}{
		{"right CA", TLS{CAFile: ca}, "", 0},
		{"right CA, another name of the server's", TLS{CAFile: ca, ServerName: "example.com"}, "", 0},
		{"right CA, a name that is not the server's", TLS{CAFile: ca, ServerName: "splunk.example"}, "tls.server_name", 0},
		{"wrong CA", TLS{CAFile: writePEM(t, block.Bytes)}, "tls.ca_file", 0},
		{"the system's CAs", TLS{}, "tls.ca_file", 0},
		{"not verified", TLS{InsecureSkipVerify: true}, "", 1},
		{"no file", TLS{CAFile: "/nowhere/ca.pem"}, "tls.ca_file: open /nowhere/ca.pem", 0},
		{"no certificate in it", TLS{CAFile: configs.Path(empty)}, "holds no certificate", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			core, logs := observer.New(zapcore.WarnLevel)
			client, err := New(Config{API: API{URL: srv.URL, Token: configs.Static(canaryToken)}, TLS: c.tls}, zap.New(core))
			if err == nil {
				defer client.Close()
				_, err = client.Check(t.Context())
				if c.words != "" {
					wantError(t, err, []error{pipeline.ErrUnreachable, pipeline.ErrPermanent}, c.words)
				}
			}
			switch {
			case c.words == "" && err != nil:
				t.Fatal(err)
			case c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)):
				t.Fatal(err)
			}
			if logs.Len() != c.warns {
				t.Errorf("%d warnings: %v", logs.Len(), logs.All())
			}
		})
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	srv := httptest.NewUnstartedServer(newFake(0))
	srv.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
	srv.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
	srv.StartTLS()
	defer srv.Close()
	client, err := New(Config{API: API{URL: srv.URL, Token: configs.Static(canaryToken)}, TLS: TLS{CAFile: writePEM(t, srv.Certificate().Raw)}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err = client.Check(t.Context()); err == nil {
		t.Error("TLS 1.1 was taken")
	}
}

func TestTLSToAPlainPort(t *testing.T) {
	srv := httptest.NewServer(newFake(0))
	defer srv.Close()
	client, err := New(Config{API: API{URL: strings.Replace(srv.URL, "http:", "https:", 1), Token: configs.Static(canaryToken)}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Check(t.Context())
	wantError(t, err, []error{pipeline.ErrUnreachable}, "speaks no TLS")
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: newFake(3)}
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	defer func() {
		srv.Close()
		<-served
	}()
	cfg := tokenConfig()
	cfg.API.URL = "unix://" + path
	client, err := New(cfg, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if got, err := fetch(t.Context(), searchOf(client)); err != nil || len(got) != 3 {
		t.Error(got, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed++ }))
	defer elsewhere.Close()
	h := http.RedirectHandler(elsewhere.URL, http.StatusSeeOther)
	_, err := newClient(t, tokenConfig(), h).Check(t.Context())
	wantError(t, err, []error{pipeline.ErrPermanent}, "status 303", "management port (8089)")
	_, err = fetch(t.Context(), searchOf(newClient(t, tokenConfig(), h)))
	wantError(t, err, []error{pipeline.ErrPermanent}, "status 303")
	if kind, _, _ := meaning(newCollector(t, hecConfig(), h.ServeHTTP).Send(t.Context(), aBody)); kind != isParked {
		t.Error(kind)
	}
	if followed > 0 {
		t.Error("a redirect was followed")
	}
}

func TestRepliesOfStrangers(t *testing.T) {
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<!doctype html><title>Welcome</title>"))
		}
	}
	for status, marks := range map[int][]error{
		200: {pipeline.ErrPermanent}, 404: {pipeline.ErrPermanent}, 405: {pipeline.ErrPermanent},
	} {
		_, err := newClient(t, tokenConfig(), html(status)).Check(t.Context())
		wantError(t, err, marks, "not Splunk's answer")
	}
	// JSON is not Splunk's either if it has none of its messages: the job is not
	// gone only because someone else knows nothing of it.
	f := newFake(3)
	f.bend[callStatus] = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		reply(w, 404, map[string]string{"error": "no such route"})
		return true
	}
	_, err := fetch(t.Context(), searchOf(newClient(t, tokenConfig(), f)))
	wantError(t, err, []error{pipeline.ErrPermanent}, "status 404", "not Splunk's answer")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := newClient(t, tokenConfig(), html(502)).Check(t.Context())
		wantError(t, err, nil, "status 502")
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("repeated for %s", d)
		}
	})
}

func TestALongPauseIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(0)
		f.bend[callContext] = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "3600")
			refuse(w, 503, "FATAL", "Splunk is starting")
			return true
		}
		start := time.Now()
		_, err := newClient(t, tokenConfig(), f).Check(t.Context())
		wantError(t, err, nil, "Splunk is starting")
		var failed *Error
		if !errors.As(err, &failed) || failed.After != time.Hour {
			t.Error(err)
		}
		if f.count(callContext) != 1 || time.Since(start) > 0 {
			t.Error("it was waited for")
		}
	})
}

func TestASilentServerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		f := newFake(0)
		f.bend[callContext] = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
			return true
		}
		cfg := tokenConfig()
		cfg.Timeout = 20 * time.Second
		start := time.Now()
		_, err := newClient(t, cfg, f).Check(t.Context())
		wantError(t, err, []error{pipeline.ErrUnreachable}, "check the credentials")
		if d := time.Since(start); d < 100*time.Second || d > 110*time.Second {
			t.Errorf("five tries of 20s took %s", d)
		}
		// A caller whose own time is over learns nothing about the server.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = newClient(t, cfg, f).Check(ctx)
		wantError(t, err, nil, "check the credentials", "deadline exceeded")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		close(stop)
	})
}
