package splunk

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/pipeline"
)

func TestCheckTellsWhoItIs(t *testing.T) {
	for name, cfg := range map[string]Config{"token": tokenConfig(), "password": loginConfig()} {
		id, err := newClient(t, cfg, newFake(0)).Check(t.Context())
		want := Identity{User: "hunter", Roles: []string{"user"}, Capabilities: []string{"search"}}
		if d := cmp.Diff(want, id); err != nil || d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

func TestTokenEnds(t *testing.T) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for token, want := range map[string]int64{
		part(`{"alg":"HS512"}`) + "." + part(`{"exp":1770000000}`) + ".x": 1770000000,
		part(`{}`) + "." + part(`{"exp":0}`) + ".x":                       0,
		part(`{}`) + "." + part(`{}`) + ".x":                              0,
		"a.b.c":                                                           0, "opaque": 0,
	} {
		got := tokenEnds(token)
		if want == 0 && !got.IsZero() || want != 0 && got.Unix() != want {
			t.Errorf("%s: %s", token, got)
		}
	}
}

// many makes n calls at once and returns their errors.
func many(n int, call func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errs
}

func TestOneLoginForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(0)
		f.bend[callLogin] = func(int, http.ResponseWriter, *http.Request) bool {
			<-time.After(time.Second) // so that all come while it is under way
			return false
		}
		c := newClient(t, loginConfig(), f)
		check := func() error {
			_, err := c.Check(t.Context())
			return err
		}
		for round := 1; round <= 3; round++ {
			if err := errors.Join(many(50, check)...); err != nil {
				t.Fatal(err)
			}
			if n := f.count(callLogin); n != round {
				t.Fatalf("%d logins after %d sessions", n, round)
			}
			f.mu.Lock()
			f.key = "" // the session ends
			f.mu.Unlock()
		}
	})
}

func TestALoginOutlivesTheCallerThatBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(0)
		f.bend[callLogin] = func(int, http.ResponseWriter, *http.Request) bool {
			<-time.After(time.Second)
			return false
		}
		c := newClient(t, loginConfig(), f)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := c.Check(ctx); first <- err }()
		synctest.Wait()
		go func() { _, err := c.Check(t.Context()); second <- err }()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := <-second; err != nil {
			t.Error(err)
		}
		if n := f.count(callLogin); n != 1 {
			t.Errorf("%d logins", n)
		}
	})
}

func TestARunSurvivesTheEndOfItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(30)
		f.content = slowly(30, 5, "RUNNING")
		expire := func(at int) bendFunc {
			return func(n int, _ http.ResponseWriter, _ *http.Request) bool {
				if n == at {
					f.mu.Lock()
					f.key = ""
					f.mu.Unlock()
				}
				return false
			}
		}
		f.bend[callStatus], f.bend[callResults] = expire(3), expire(2)
		cfg := loginConfig()
		cfg.API.Page = 10
		got, err := fetch(t.Context(), searchOf(newClient(t, cfg, f)))
		if err != nil || len(got) != 30 {
			t.Fatal(len(got), err)
		}
		if f.logins != 3 {
			t.Errorf("%d logins, want one and two renewals", f.logins)
		}
	})
}

func TestRefusals(t *testing.T) {
	both := []error{pipeline.ErrRefused, pipeline.ErrPermanent}
	for _, c := range []struct {
		name   string
		cfg    Config
		bend   map[string]bendFunc
		words  string
		logins int
		calls  int
	}{
		{"wrong password", Config{API: API{URL: "http://localhost:8089", User: "hunter", Password: configs.Static("canary-password-wrong")}}, nil, "the user or the password is wrong", 1, 0},
		{"session refused for good", loginConfig(), map[string]bendFunc{callContext: always(401)}, "more than one Splunk", 2, 2},
		{"token refused", Config{API: API{URL: "http://localhost:8089", Token: configs.Static("canary-token-old")}}, nil, "Splunk refuses api.token", 0, 2},
		{"no right", tokenConfig(), map[string]bendFunc{callContext: always(403)}, "lacks the right", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(0)
			if c.bend != nil {
				f.bend = c.bend
			}
			_, err := newClient(t, c.cfg, f).Check(t.Context())
			wantError(t, err, both, c.words)
			if l, n := f.count(callLogin), f.count(callContext); l != c.logins || n != c.calls {
				t.Errorf("%d logins, %d calls", l, n)
			}
		})
	}
}

func TestATokenFileIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("canary-token-old\n")
	node, err := configs.ParseBytes("huntd.yaml", []byte(`api: { url: "http://127.0.0.1:8089", token: "file:`+path+`" }`))
	if err != nil {
		t.Fatal(err)
	}
	var cfg Config
	if err := configs.Decode(node, &cfg); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, cfg, newFake(0))
	_, err = c.Check(t.Context())
	wantError(t, err, []error{pipeline.ErrRefused, pipeline.ErrPermanent})
	write(canaryToken + "\n")
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	write("two\nlines")
	c.creds.now = nil
	if _, err = c.Check(t.Context()); err == nil || strings.Contains(err.Error(), "two") {
		t.Fatal(err)
	}
}

// TestASecretThatIsGone: it is said that a secret is the trouble, and what has
// to wait for it is tried again.
func TestASecretThatIsGone(t *testing.T) {
	gone := func() *configs.Secret {
		node, err := configs.ParseBytes("huntd.yaml", []byte(`token: "file:/nowhere/secret"`))
		if err != nil {
			t.Fatal(err)
		}
		var from struct {
			Secret *configs.Secret `koanf:"token"`
		}
		if err := configs.Decode(node, &from); err != nil {
			t.Fatal(err)
		}
		return from.Secret
	}()
	const says = "file:/nowhere/secret: no such file or directory"
	for key, api := range map[string]API{
		"api.token":    {URL: "http://127.0.0.1:8089", Token: gone},
		"api.password": {URL: "http://127.0.0.1:8089", User: "hunter", Password: gone},
	} {
		_, err := newClient(t, Config{API: api}, newFake(0)).Check(t.Context())
		if !errors.Is(err, configs.ErrSecret) || errors.Is(err, pipeline.ErrPermanent) || !strings.Contains(err.Error(), key+": "+says) {
			t.Errorf("%s: %v", key, err)
		}
	}
	cfg := hecConfig()
	cfg.HEC.Token = gone
	err := newCollector(t, cfg, newFake(0).ServeHTTP).Send(t.Context(), aBody)
	var parked *pipeline.ParkedError
	if !errors.Is(err, configs.ErrSecret) || !errors.As(err, &parked) || err.Error() != parked.Error() || !strings.Contains(err.Error(), "hec.token: "+says) {
		t.Errorf("hec.token: %v", err)
	}
}

// TestNoSecretIsEverShown runs well and badly, with a server that repeats what
// it was sent, at debug level.
func TestNoSecretIsEverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown bytes.Buffer
		log := zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()), zapcore.Lock(zapcore.AddSync(&shown)), zap.DebugLevel))
		for _, cfg := range []Config{loginConfig(), tokenConfig()} {
			cfg.HEC = HEC{URL: "http://127.0.0.1:8088", Token: configs.Static(canaryToken)}
			for _, call := range []string{"", callLogin, callContext, callCreate, callStatus, callResults} {
				for _, status := range []int{200, 302, 400, 401, 403, 404, 500, 503} {
					f := newFake(3)
					f.bend[call] = func(_ int, w http.ResponseWriter, r *http.Request) bool {
						_ = r.ParseForm()
						refuse(w, status, "WARN", fmt.Sprintf("you sent %v %v", r.Header, r.Form))
						return true
					}
					m := serve(t, f)
					c, err := New(cfg, log, m)
					if err != nil {
						t.Fatal(err)
					}
					_, err = c.Check(t.Context())
					fmt.Fprintf(&shown, "%v %+v %#v\n", err, err, errors.Unwrap(err))
					_, err = fetch(t.Context(), searchOf(c))
					fmt.Fprintf(&shown, "%v %+v\n", err, err)
					c.Close()
					col, err := NewCollector(cfg, log, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						w.WriteHeader(status)
						fmt.Fprintf(w, `{"text":"you sent %s","code":6}`, r.Header.Get("Authorization"))
					})))
					if err != nil {
						t.Fatal(err)
					}
					fmt.Fprintf(&shown, "%v\n", col.Send(t.Context(), aBody))
					col.Close()
				}
			}
			c, err := New(cfg, log, Dial(func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
			}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Check(t.Context())
			wantError(t, err, []error{pipeline.ErrUnreachable})
			fmt.Fprintf(&shown, "%v %+v %v\n", err, err, cfg)
		}
		for _, secret := range []string{canaryPassword, canaryToken, canaryKey} {
			if i := strings.Index(shown.String(), secret); i >= 0 {
				t.Errorf("%s is shown: …%s", secret, shown.String()[max(0, i-300):i+50])
			}
		}
		if !strings.Contains(shown.String(), "<secret>") {
			t.Error("the server's echo never came: this test shows nothing")
		}
	})
}
