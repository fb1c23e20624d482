package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
)

// A Config describes one connection. Either side may be left out.
type Config struct {
	API     API           `koanf:"api" doc:"The management port, over which searches run."`
	HEC     HEC           `koanf:"hec" doc:"The HTTP Event Collector, which takes events."`
	TLS     TLS           `koanf:"tls" doc:"How the servers are verified."`
	Timeout time.Duration `koanf:"timeout" min:"1s" doc:"The longest that one request may take, its reply included."`
	// MaxSearches is kept by whoever runs hunts: a client sees one search.
	MaxSearches int `koanf:"max_searches" min:"0" max:"1000" doc:"How many hunts may search at a time, of all daemons that share the state. Default: no bound but each daemon's workers."`
}

// API is the search side of a connection.
type API struct {
	URL           string          `koanf:"url" doc:"The address of the management port, such as https://splunk.example:8089, or unix:///path/to.sock."`
	Token         *configs.Secret `koanf:"token" doc:"An authentication token. Either this, or user and password."`
	User          string          `koanf:"user" doc:"The user to log in as."`
	Password      *configs.Secret `koanf:"password" doc:"The user's password."`
	App           string          `koanf:"app" pattern:"^[A-Za-z0-9_.-]*$" doc:"The app in whose context searches run, with its lookups and macros. Default: the user's own context."`
	Page          int             `koanf:"page" min:"1" max:"50000" doc:"How many rows of results are fetched at a time."`
	MaxRows       int             `koanf:"max_rows" min:"1" doc:"The most rows that one window may give; with more it counts as incomplete."`
	SearchTimeout time.Duration   `koanf:"search_timeout" min:"1s" doc:"The longest that a search may run."`
	QueueTimeout  time.Duration   `koanf:"queue_timeout" min:"1s" doc:"The longest that a search may wait in Splunk's queue."`
}

// HEC is the delivering side of a connection.
type HEC struct {
	URL   string          `koanf:"url" doc:"The address of the HTTP Event Collector, such as https://splunk.example:8088, or unix:///path/to.sock."`
	Token *configs.Secret `koanf:"token" doc:"The HEC token."`
}

// TLS says how the servers of a connection are verified.
type TLS struct {
	CAFile             configs.Path `koanf:"ca_file" doc:"Certificates, in PEM form, of the authorities to trust instead of the system's."`
	ServerName         string       `koanf:"server_name" doc:"The name that the server's certificate must bear, if it is not the one in the URL."`
	InsecureSkipVerify bool         `koanf:"insecure_skip_verify" doc:"Do not verify the server at all: whoever stands in between can read the token."`
}

// The values of settings that are not given.
const (
	DefaultTimeout       = time.Minute
	DefaultPage          = 5000
	DefaultMaxRows       = 500_000
	DefaultSearchTimeout = 30 * time.Minute
	DefaultQueueTimeout  = 5 * time.Minute

	// MaxPage is what Splunk gives at once as it is shipped: maxresultrows.
	MaxPage = 50_000
)

// DefaultConfig returns the settings of a connection that says nothing.
func DefaultConfig() *Config {
	c := &Config{}
	c.SetDefaults()
	return c
}

// SetDefaults gives settings that are not given their values.
func (c *Config) SetDefaults() {
	fill(&c.Timeout, DefaultTimeout)
	fill(&c.API.Page, DefaultPage)
	fill(&c.API.MaxRows, DefaultMaxRows)
	fill(&c.API.SearchTimeout, DefaultSearchTimeout)
	fill(&c.API.QueueTimeout, DefaultQueueTimeout)
}

func fill[T int | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// Validate joins the [Config.Faults] of a connection.
func (c Config) Validate() error {
	var errs []error
	for _, f := range c.Faults() {
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

// Faults returns what is wrong with a connection, one sentence each. It reads
// the authorities' certificates, but opens no connection and reads no secret.
func (c Config) Faults() (faults []*configs.SettingError) {
	fault := func(key, format string, args ...any) {
		faults = append(faults, &configs.SettingError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	if c.API.URL == "" && c.HEC.URL == "" {
		fault("api", "the connection has neither an api.url to search nor a hec.url to deliver to")
	}
	if c.API.URL != "" {
		c.API.validate(fault)
	} else if !c.API.Token.IsZero() || c.API.User != "" || !c.API.Password.IsZero() {
		fault("api", "there are credentials but no url")
	}
	if c.HEC.URL != "" {
		if _, err := parseEndpoint(c.HEC.URL); err != nil {
			fault("hec.url", "%w", err)
		}
		if c.HEC.Token.IsZero() {
			fault("hec", `the token is missing, such as token: "credential:hec-token"`)
		}
	} else if !c.HEC.Token.IsZero() {
		fault("hec", "there is a token but no url")
	}
	if c.TLS.InsecureSkipVerify && (c.TLS.CAFile != "" || c.TLS.ServerName != "") {
		fault("tls", "insecure_skip_verify makes ca_file and server_name meaningless: leave it out")
	} else if _, err := readRoots(c.TLS.CAFile); err != nil {
		fault("tls.ca_file", "%w", err)
	}
	if c.Timeout < 0 {
		fault("timeout", "%s is no time to wait", c.Timeout)
	}
	return faults
}

// Unusable tries the secrets of a connection that are at hand
// ([configs.Secret.AtHand]), and returns which cannot be used by now. They are
// no faults of the settings: a secret may appear later, and is read when it is
// needed.
func (c Config) Unusable(ctx context.Context) (faults []*configs.SettingError) {
	for _, s := range []struct {
		key  string
		from *configs.Secret
		read func(context.Context, *configs.Secret) (string, error)
	}{
		{"api.token", c.API.Token, revealToken},
		{"api.password", c.API.Password, func(ctx context.Context, s *configs.Secret) (string, error) { return s.Reveal(ctx) }},
		{"hec.token", c.HEC.Token, revealToken},
	} {
		if !s.from.AtHand() {
			continue
		}
		if _, err := s.read(ctx, s.from); err != nil {
			faults = append(faults, &configs.SettingError{Key: s.key, Err: err})
		}
	}
	return faults
}

func (a API) validate(fault func(key, format string, args ...any)) {
	if _, err := parseEndpoint(a.URL); err != nil {
		fault("api.url", "%w", err)
	}
	byPassword := a.User != "" || !a.Password.IsZero()
	switch {
	case !a.Token.IsZero() && byPassword:
		fault("api", "give either a token or a user and a password, not both")
	case a.Token.IsZero() && !byPassword:
		fault("api", `the credentials are missing: give a token, such as token: "credential:splunk-token", or a user and a password`)
	case byPassword && a.User == "":
		fault("api", "there is a password but no user")
	case byPassword && a.Password.IsZero():
		fault("api", "there is a user but no password")
	}
	switch {
	case a.Page < 0 || a.Page > MaxPage:
		fault("api.page", "%d is not between 1 and %d, the most that Splunk gives at once", a.Page, MaxPage)
	case a.MaxRows < 0:
		fault("api.max_rows", "%d is less than one row", a.MaxRows)
	case a.SearchTimeout < 0 || a.QueueTimeout < 0:
		fault("api", "search_timeout and queue_timeout must be longer than nothing")
	case strings.ContainsAny(a.App, "/?#% "):
		fault("api.app", "%q is no name of an app", a.App)
	}
}

// connect returns an HTTP client for one of the connection's endpoints, and
// what its paths are appended to.
func (c Config) connect(raw string, log *zap.Logger, opts []Option) (*http.Client, string, error) {
	e, err := parseEndpoint(raw)
	if err != nil {
		return nil, "", err
	}
	conf, err := newTLS(c.TLS)
	if err != nil {
		return nil, "", err
	}
	if c.TLS.InsecureSkipVerify {
		log.Warn("TLS IS NOT VERIFIED (insecure_skip_verify): whoever stands in between reads the token and the data", zap.String("url", e.base))
	}
	return newHTTPClient(newTransport(e, conf, c.Timeout, opts), c.Timeout), e.base, nil
}
