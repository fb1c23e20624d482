package splunk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/configs"

	"github.com/huntd/huntd/pipeline"
)

func TestValidate(t *testing.T) {
	secret := configs.Static("canary-secret")
	api := func(url string) Config { return Config{API: API{URL: url, Token: secret}} }
	good := []Config{
		api("https://splunk.example:8089"),
		api("https://splunk.example:8089/"),
		api("https://proxy.example/splunk"),
		api("https://[2001:db8::1]:8089"),
		api("http://127.0.0.1:8089"),
		api("http://127.1.2.3"),
		api("http://[::1]:8089"),
		api("http://localhost:8089"),
		api("unix:///run/splunk.sock"),
		{API: API{URL: "https://a:8089", User: "u", Password: secret}},
		{HEC: HEC{URL: "https://a:8088", Token: secret}},
		{HEC: HEC{URL: "unix:///run/hec.sock", Token: secret}},
	}
	for _, c := range good {
		if err := c.Validate(); err != nil {
			t.Errorf("%s%s: %v", c.API.URL, c.HEC.URL, err)
		}
	}
	with := func(change func(*Config)) Config {
		c := api("https://a:8089")
		change(&c)
		return c
	}
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "neither an api.url"},
		{api("http://splunk.example:8089"), "plain http would show the token to everyone on the way to splunk.example:8089"},
		{api("http://10.0.0.1:8089"), "plain http"},
		{api("http://localhost.example:8089"), "plain http"},
		{api("https://user:canary-secret@a:8089"), "may not hold a user"},
		{api("https://a:8089?token=canary-secret"), "may not hold a query"},
		{api("https://a:8089/#canary-secret"), "may not hold a query or a fragment"},
		{api("https://a:8089/services/search"), "leave the path away"},
		{api("ftp://a"), `the scheme is "ftp"`},
		{api("splunk.example:8089"), "the scheme is"},
		{api("https:///x"), "names no host"},
		{api("https://a:b:c\x00canary-secret"), "this is no URL"},
		{api("unix://run/x.sock"), "three slashes"},
		{with(func(c *Config) { c.API.User = "u" }), "not both"},
		{with(func(c *Config) { c.API.Token = nil }), "the credentials are missing"},
		{with(func(c *Config) { c.API.Token, c.API.User = nil, "u" }), "no password"},
		{with(func(c *Config) { c.API.Token, c.API.Password = nil, secret }), "no user"},
		{with(func(c *Config) { c.API.URL = ""; c.HEC = HEC{URL: "https://a", Token: secret} }), "credentials but no url"},
		{with(func(c *Config) { c.HEC.Token = secret }), "a token but no url"},
		{with(func(c *Config) { c.HEC.URL = "https://a" }), "hec: the token is missing"},
		{with(func(c *Config) { c.HEC = HEC{URL: "http://a", Token: secret} }), "hec.url: plain http"},
		{with(func(c *Config) { c.API.Page = 50_001 }), "api.page"},
		{with(func(c *Config) { c.API.MaxRows = -1 }), "api.max_rows"},
		{with(func(c *Config) { c.API.App = "a/b" }), "no name of an app"},
		{with(func(c *Config) { c.API.QueueTimeout = -1 }), "longer than nothing"},
		{with(func(c *Config) { c.Timeout = -1 }), "timeout"},
		{with(func(c *Config) { c.TLS = TLS{InsecureSkipVerify: true, CAFile: "x"} }), "tls: insecure_skip_verify makes ca_file and server_name meaningless"},
		{with(func(c *Config) { c.TLS.CAFile = "/nowhere/ca.pem" }), "tls.ca_file: open /nowhere/ca.pem: no such file"},
		{with(func(c *Config) { c.TLS.CAFile = "config_test.go" }), "tls.ca_file: config_test.go holds no certificate"},
	} {
		err := c.cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.cfg.API.URL, err, c.want)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: shows a secret", err)
		}
	}
}

func TestFaultsNameTheirKeys(t *testing.T) {
	c := Config{
		API: API{URL: "http://a:8089", User: "u", Page: -1}, HEC: HEC{URL: "ftp://a"},
		TLS: TLS{CAFile: "/nowhere/ca.pem"}, Timeout: -1,
	}
	var keys []string
	for _, f := range c.Faults() {
		keys = append(keys, f.Key)
		if all := c.Validate().Error(); !strings.Contains(all, f.Error()) {
			t.Errorf("%q is not among what Validate joins: %s", f, all)
		}
	}
	if d := cmp.Diff([]string{"api.url", "api", "api.page", "hec.url", "hec", "tls.ca_file", "timeout"}, keys); d != "" {
		t.Error(d)
	}
}

func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	for name, text := range map[string]string{"good": "canary-good\n", "empty": "\n", "junk": "canary\njunk\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "open"), []byte("canary-open"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ credentials, token, want string }{
		{"", "file:good", ""},
		{"", "file:gone", "file:" + dir + "/gone: no such file or directory"},
		{"", "file:open", "has mode 0644"},
		{"", "file:empty", "is empty"},
		{"", "file:junk", "characters that no token has"},
		{"", "env:HUNTD_TEST_UNSET", "env:HUNTD_TEST_UNSET: the variable is not set"},
		{"", "credential:gone", ""},
		{dir, "credential:gone", "credential:gone: no such file or directory"},
		{dir, "credential:good", ""},
		{"", "exec:[/bin/touch, " + ran + "]", ""},
	} {
		t.Setenv("CREDENTIALS_DIRECTORY", c.credentials)
		node, err := configs.ParseBytes(filepath.Join(dir, "huntd.yaml"), []byte(`hec: { token: "`+c.token+`" }`))
		if err != nil {
			t.Fatal(err)
		}
		var cfg Config
		if err := configs.Decode(node, &cfg); err != nil {
			t.Fatal(err)
		}
		faults := cfg.Unusable(t.Context())
		if c.want == "" {
			if len(faults) != 0 {
				t.Errorf("%s: %v", c.token, faults[0])
			}
			continue
		}
		if len(faults) != 1 || faults[0].Key != "hec.token" || !errors.Is(faults[0], configs.ErrSecret) || !strings.Contains(faults[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.token, faults, c.want)
		} else if strings.Contains(faults[0].Error(), "canary") {
			t.Errorf("%s: shows a secret: %v", c.token, faults[0])
		}
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program was run")
	}
	both := Config{API: API{User: "u", Password: configs.Static("")}, HEC: HEC{Token: configs.Static("")}}
	if got := both.Unusable(t.Context()); len(got) != 1 || got[0].Key != "hec.token" {
		t.Errorf("an empty static token: %v", got)
	}
}

func TestConfigFromAFile(t *testing.T) {
	ca, err := os.ReadFile("testdata/other-ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	node, err := configs.ParseBytes(filepath.Join(dir, "huntd.yaml"), []byte(`
connections:
  main:
    api: { url: "https://splunk.example:8089", token: "credential:splunk-token", page: 100 }
    hec: { url: "https://splunk.example:8088", token: "credential:hec-token" }
    tls: { ca_file: ca.pem }
`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Connections map[string]Config `koanf:"connections"`
	}
	if err := configs.Decode(node, &got); err != nil {
		t.Fatal(err)
	}
	main := got.Connections["main"]
	if err := main.Validate(); err != nil {
		t.Fatal(err)
	}
	main.API.Token, main.HEC.Token = nil, nil
	want := Config{
		API: API{
			URL: "https://splunk.example:8089", Page: 100, MaxRows: DefaultMaxRows,
			SearchTimeout: DefaultSearchTimeout, QueueTimeout: DefaultQueueTimeout,
		},
		HEC:     HEC{URL: "https://splunk.example:8088"},
		TLS:     TLS{CAFile: configs.Path(filepath.Join(dir, "ca.pem"))},
		Timeout: time.Minute,
	}
	if d := cmp.Diff(want, main); d != "" {
		t.Error(d)
	}
}

func TestParamFromAFile(t *testing.T) {
	node, err := configs.ParseBytes("hunt.yaml", []byte(`
params:
  index: { type: index, value: windows }
  ids: { type: list, of: int, value: [4688, 4689] }
  n: { type: int, value: 5 }
  level: { type: enum, value: low, values: [low, high] }
`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Params map[string]pipeline.Param `koanf:"params"`
	}
	if err := configs.Decode(node, &got); err != nil {
		t.Fatal(err)
	}
	spl, err := SIEM{}.Render(`search index=$index$ EventCode IN $ids$ level=$level$ | head $n$`, got.Params)
	if want := `search index=windows EventCode IN (4688,4689) level="low" | head 5`; err != nil || spl != want {
		t.Errorf("%q, %v", spl, err)
	}
}
