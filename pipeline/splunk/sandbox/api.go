package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxForm bounds the body of a call to the REST API.
const maxForm = 8 << 20

// An api answers the REST API.
type api struct{ *Sandbox }

// A call is one request, taken apart.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	form url.Values // of the query and the body
	root string     // /services or /servicesNS/owner/app
	app  string
	path []string // what stands behind it, unescaped
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Server", "Splunkd")
	h.Set("Expires", "Thu, 26 Oct 1978 00:00:00 GMT")
	h.Set("Cache-Control", "no-store, no-cache, must-revalidate, max-age=0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	c := &call{w: w, r: r}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	c.form = r.Form
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		c.fail(http.StatusRequestEntityTooLarge, "ERROR", "The body of the request is too large.")
		return
	case err != nil:
		c.fail(http.StatusBadRequest, "ERROR", "The parameters of the request cannot be read.")
		return
	}
	if !c.split() {
		c.notFound()
		return
	}
	a.route(c)
}

// split takes the path apart.
func (c *call) split() bool {
	parts := strings.Split(strings.Trim(c.r.URL.EscapedPath(), "/"), "/")
	for i, p := range parts {
		var err error
		if parts[i], err = url.PathUnescape(p); err != nil {
			return false
		}
	}
	c.app = "search"
	switch {
	case parts[0] == "services":
		c.root, c.path = "/services", parts[1:]
	case parts[0] == "servicesNS" && len(parts) >= 3:
		c.root = "/servicesNS/" + url.PathEscape(parts[1]) + "/" + url.PathEscape(parts[2])
		if parts[2] != "-" {
			c.app = parts[2]
		}
		c.path = parts[3:]
	default:
		return false
	}
	return true
}

func (a *api) route(c *call) {
	path := strings.Join(c.path, "/")
	if path == "auth/login" {
		if c.allow(http.MethodPost) {
			a.login(c)
		}
		return
	}
	if ok, bad := a.logins.check(c.r); !ok {
		a.unauthorized(c, bad)
		return
	}
	c.w.Header().Set("Vary", "Cookie, Authorization")
	if len(c.path) > 0 && c.path[0] == "search" {
		a.search(c)
		return
	}
	switch path {
	case "":
		c.get(feed{title: "services"})
	case "messages":
		c.get(feed{title: "messages"})
	case "server/info":
		c.get(feed{title: "server-info", entries: []entry{serverInfo()}})
	case "authentication/current-context":
		c.get(feed{title: "current-context", entries: []entry{a.context()}})
	case "authorization/capabilities":
		c.get(feed{title: "capabilities", entries: []entry{{name: "capabilities", content: dict{{"capabilities", capabilities}}}}})
	default:
		if len(c.path) == 3 && c.path[0] == "authentication" && c.path[1] == "httpauth-tokens" {
			a.logout(c)
			return
		}
		c.notFound()
	}
}

// get answers GET with a feed.
func (c *call) get(f feed) {
	if c.allow(http.MethodGet) {
		c.feed(f)
	}
}

// allow reports whether the method is one of those, or answers 405.
func (c *call) allow(methods ...string) bool {
	for _, m := range methods {
		if c.r.Method == m || m == http.MethodGet && c.r.Method == http.MethodHead {
			return true
		}
	}
	c.w.Header().Set("Allow", strings.Join(methods, ", "))
	c.fail(http.StatusMethodNotAllowed, "ERROR", "Method Not Allowed")
	return false
}

func (c *call) notFound() { c.fail(http.StatusNotFound, "ERROR", "Not Found") }

func (a *api) unauthorized(c *call, bad bool) {
	if bad {
		c.fail(http.StatusUnauthorized, "WARN", "call not properly authenticated")
		return
	}
	c.w.Header().Set("WWW-Authenticate", `Basic realm="/splunk"`)
	c.fail(http.StatusUnauthorized, "ERROR", "Unauthorized")
}

// login trades a password for a session key.
func (a *api) login(c *call) {
	user, password := c.form.Get("username"), c.form.Get("password")
	if user == "" || password == "" {
		c.fail(http.StatusBadRequest, "WARN", "Login failed")
		return
	}
	key, ok := a.logins.login(user, password)
	if !ok {
		c.reply(http.StatusUnauthorized, message{Type: "WARN", Text: "Login failed", Code: "incorrect_username_or_password"})
		return
	}
	if c.form.Get("cookie") == "1" {
		http.SetCookie(c.w, &http.Cookie{
			Name: cookieName(c.r), Value: key, Path: "/", Secure: c.r.TLS != nil, HttpOnly: true, MaxAge: int(time.Hour / time.Second),
		})
	}
	if c.json() {
		c.writeJSON(http.StatusOK, dict{{"sessionKey", key}, {"message", ""}, {"code", ""}})
		return
	}
	c.writeXML(http.StatusOK, "<response>\n  <sessionKey>"+key+"</sessionKey>\n</response>\n")
}

// logout ends a session.
func (a *api) logout(c *call) {
	if !c.allow(http.MethodDelete) {
		return
	}
	if !a.logins.logout(c.path[2]) {
		c.fail(http.StatusNotFound, "ERROR", "Could not find object id="+c.path[2])
		return
	}
	c.feed(feed{title: "httpauth-tokens"})
}

var capabilities = []string{"edit_tokens_own", "get_metadata", "get_typeahead", "list_tokens_own", "rest_properties_get", "schedule_search", "search"}

func (a *api) context() entry {
	return entry{name: "context", content: dict{
		{"capabilities", capabilities},
		{"defaultApp", "launcher"},
		{"defaultAppIsUserOverride", false},
		{"defaultAppSourceRole", "system"},
		{"email", ""},
		{"locked-out", false},
		{"password", "********"},
		{"realname", "The account of the sandbox"},
		{"restart_background_jobs", true},
		{"roles", []string{"admin", "user"}},
		{"type", "Splunk"},
		{"tz", ""},
		{"username", a.cfg.User},
	}}
}

// The version that the sandbox says it is: one of which the contract is known.
const (
	version = "10.2.3"
	build   = "sandbox"
)

func serverInfo() entry {
	return entry{name: "server-info", content: dict{
		{"build", build},
		{"cpu_arch", "x86_64"},
		{"guid", guid},
		{"health_info", "green"},
		{"host", serverName},
		{"isFree", false},
		{"isTrial", false},
		{"kvStoreStatus", "ready"},
		{"licenseState", "OK"},
		{"mode", "normal"},
		{"numberOfCores", 1},
		{"os_name", "Linux"},
		{"product_type", "enterprise"},
		{"serverName", serverName},
		{"server_roles", []string{"indexer", "search_head"}},
		{"version", version},
	}}
}
