package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A caller makes calls to a sandbox's REST API.
type caller struct {
	t    *testing.T
	s    *Sandbox
	auth string
}

func bearer(t *testing.T, s *Sandbox) caller { return caller{t, s, "Bearer " + s.Ready().Token} }

// do makes a call: "GET /path", with a form in the body for POST.
func (c caller) do(line, form string) *httptest.ResponseRecorder {
	c.t.Helper()
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(form))
	r.Host = "h:8089"
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.auth != "" {
		r.Header.Set("Authorization", c.auth)
	}
	w := httptest.NewRecorder()
	c.s.API().ServeHTTP(w, r)
	return w
}

// create starts a job that is done when create returns.
func (c caller) create(form string) string {
	c.t.Helper()
	w := c.do("POST /services/search/v2/jobs?output_mode=json", form+"&exec_mode=blocking")
	var reply struct{ SID string }
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code != 201 || reply.SID == "" {
		c.t.Fatalf("create: %d %s", w.Code, w.Body)
	}
	return reply.SID
}

func (c caller) content(sid string) map[string]any {
	c.t.Helper()
	w := c.do("GET /services/search/v2/jobs/"+sid+"?output_mode=json", "")
	var reply struct {
		Entry []struct{ Content map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || len(reply.Entry) != 1 {
		c.t.Fatalf("status: %d %v %s", w.Code, err, w.Body)
	}
	return reply.Entry[0].Content
}

func TestReplies(t *testing.T) {
	s := loaded(t, splEvents)
	good := bearer(t, s)
	none, wrong := caller{t, s, ""}, caller{t, s, "Splunk nonsense"}
	user, password := s.Ready().User, s.Ready().Password
	sid := good.create("search=search+index%3Dwin&id=mine")
	if sid != "mine" {
		t.Fatalf("sid %q", sid)
	}
	const xmlError = `<\?xml version="1.0" encoding="UTF-8"\?>\n<response>\n  <messages>\n    <msg type="%s">%s</msg>\n  </messages>\n</response>\n`
	for _, test := range []struct {
		who        caller
		line, form string
		status     int
		body       string // a regular expression
	}{
		{none, "GET /services/server/info", "", 401, fmt.Sprintf(xmlError, "ERROR", "Unauthorized")},
		{none, "GET /services/server/info?output_mode=json", "", 401, `{"messages":\[{"type":"ERROR","text":"Unauthorized","help":""}\]}`},
		{wrong, "GET /services/server/info?output_mode=json", "", 401, `{"messages":\[{"type":"WARN","text":"call not properly authenticated","help":""}\]}`},
		{caller{t, s, "Negotiate x"}, "GET /services/server/info", "", 401, fmt.Sprintf(xmlError, "ERROR", "Unauthorized")},
		{none, "POST /services/auth/login", url.Values{"username": {user}, "password": {password}}.Encode(), 200, `<\?xml version="1.0" encoding="UTF-8"\?>\n<response>\n  <sessionKey>\w+</sessionKey>\n</response>\n`},
		{none, "POST /services/auth/login?output_mode=json", url.Values{"username": {user}, "password": {password}}.Encode(), 200, `{"sessionKey":"\w+","message":"","code":""}`},
		{none, "POST /services/auth/login", "username=admin&password=x", 401, fmt.Sprintf(xmlError, "WARN", "Login failed")},
		{none, "POST /services/auth/login?output_mode=json", "username=admin&password=x", 401, `{"messages":\[{"type":"WARN","text":"Login failed","help":"","code":"incorrect_username_or_password"}\]}`},
		{none, "POST /services/auth/login?output_mode=json", "username=admin", 400, `{"messages":\[{"type":"WARN","text":"Login failed","help":""}\]}`},
		{none, "GET /services/auth/login", "", 405, `(?s).*`},
		{good, "GET /services/authentication/current-context?output_mode=json", "", 200, `.*"username":"admin"}}\],"paging":{"total":1,"perPage":30,"offset":0},"messages":\[\]}`},
		{good, "GET /servicesNS/nobody/search/server/info?output_mode=json", "", 200, `.*"version":"10\.2\.3"}.*`},
		{good, "GET /services?output_mode=json", "", 200, `{"links":{},"origin":"http://h:8089/services/",.*"entry":\[\].*`},
		{good, "GET /services/nothing", "", 404, fmt.Sprintf(xmlError, "ERROR", "Not Found")},
		{good, "GET /nothing", "", 404, fmt.Sprintf(xmlError, "ERROR", "Not Found")},
		{good, "GET /services/search/nothing?output_mode=json", "", 404, `{"messages":\[{"type":"FATAL","text":"Unknown endpoint.","help":""}\]}`},
		{good, "GET /services/search/v2/jobs/nosuch?output_mode=json", "", 404, `{"messages":\[{"type":"FATAL","text":"Unknown sid.","help":""}\]}`},
		{good, "POST /services/search/v2/jobs/nosuch/control?output_mode=json", "action=cancel", 404, `.*"Unknown sid\.".*`},
		{good, "POST /services/search/v2/jobs/?output_mode=json", "", 400, `.*"FATAL","text":"The required 'search' parameter for the Splunk platform REST API search/jobs endpoint is not specified\..*`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=foo+bar", 400, `.*"FATAL","text":"Unknown search command 'foo'\.".*`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=search+a&earliest_time=soon", 400, `.*"Invalid earliest_time\.".*`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=search+a&earliest_time=5&latest_time=5", 400, `.*latest_time must be after earliest_time\.".*`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=search+a&id=mine", 400, `.*There is a search job with the sid 'mine' already.*`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=search+a&id=..%2Fx", 400, `.*Invalid sid.*`},
		{good, "POST /services/search/jobs", "search=search+a", 201, `<\?xml version="1.0" encoding="UTF-8"\?>\n<response>\n  <sid>\d+\.\d+</sid>\n</response>\n`},
		{good, "POST /services/search/v2/jobs?output_mode=json", "search=search+index%3Dwin&exec_mode=oneshot", 200, `{"preview":false,"init_offset":0,"messages":\[\],"fields":\[{"name":"_bkt"},.*`},
		{
			good, "GET /services/search/jobs/mine/results?output_mode=json&f=n&f=user", "", 200,
			`{"preview":false,"init_offset":0,"messages":\[\],"fields":\[{"name":"n"},{"name":"user"}\],"results":\[{"n":"3","user":"carol"},{"n":"2","user":"alice"},{"n":"1","user":\["alice","bob"\]}\],"highlighted":{}}`,
		},
		{
			good, "POST /services/search/v2/jobs/mine/results", "output_mode=json_rows&f=n&f=src_ip&offset=1&count=2", 200,
			`{"preview":false,"init_offset":1,"post_process_count":0,"messages":\[\],"fields":\["n","src_ip"\],"rows":\[\["2","10\.1\.2\.3"\],\["1",null\]\]}`,
		},
		{good, "GET /services/search/v2/jobs/mine/results?output_mode=json_cols&f=n&f=user", "", 200, `.*"columns":\[\["3","2","1"\],\["carol","alice",\["alice","bob"\]\]\]}`},
		{good, "GET /services/search/v2/jobs/mine/results?output_mode=csv&f=n&f=user", "", 200, "n,user\n3,carol\n2,alice\n1,\"alice\nbob\"\n"},
		{good, "GET /services/search/v2/jobs/mine/events?output_mode=raw&count=1", "", 200, "terror is no term: errors, Error\n"},
		{good, "GET /services/search/v2/jobs/mine/results?output_mode=json&offset=-1&f=n", "", 200, `.*"init_offset":2,.*"results":\[{"n":"1"}\].*`},
		{good, "GET /services/search/v2/jobs/mine/results?output_mode=json&offset=9", "", 200, `.*"fields":\[\],"results":\[\].*`},
		{good, "POST /services/search/v2/jobs/mine/results?output_mode=json", "search=stats+count", 200, `.*"post_process_count":1,.*"results":\[{"count":"3"}\].*`},
		{good, "GET /services/search/v2/jobs/mine/results?output_mode=yaml", "", 400, fmt.Sprintf(xmlError, "FATAL", "Invalid output_mode: yaml")},
		{good, "POST /services/search/v2/jobs/mine/control", "action=touch", 200, fmt.Sprintf(xmlError, "INFO", "Search job touched.")},
		{good, "POST /services/search/v2/jobs/mine/control", "action=dance", 400, `(?s).*msg type="FATAL".*`},
		{good, "PUT /services/search/v2/jobs/mine", "", 405, `(?s).*`},
		{good, "POST /services/search/v2/parser?output_mode=json", "q=search+a+%7C+head+1", 200, `{"commands":\["search","head"\].*`},
		{good, "POST /services/search/v2/parser?output_mode=json", "q=x+a", 400, `.*Unknown search command 'x'\..*`},
		{
			good, "POST /services/search/v2/jobs/export?output_mode=json", "search=search+index%3Dwin+%7C+table+n+%7C+head+2", 200,
			`{"preview":false,"offset":0,"result":{"n":"3"}}\n{"preview":false,"offset":1,"lastrow":true,"result":{"n":"2"}}\n`,
		},
		{good, "POST /services/search/v2/jobs/export?output_mode=json", "search=search+index%3Dnowhere", 200, `{"preview":false,"lastrow":true}\n`},
		{good, "POST /services/search/v2/jobs/export", "search=search+a+%7C+head+x", 200, fmt.Sprintf(xmlError, "FATAL", "Error in &#39;head&#39; command: Invalid argument: &#39;x&#39;")},
		{good, "POST /services/search/v2/jobs/export", "search=bogus", 400, `(?s).*Unknown search command.*`},
	} {
		w := test.who.do(test.line, test.form)
		if w.Code != test.status || !regexp.MustCompile(`^`+test.body+`$`).MatchString(w.Body.String()) {
			t.Errorf("%s %s\n%d %s\nwant %d %s", test.line, test.form, w.Code, w.Body, test.status, test.body)
		}
		if got := w.Header().Get("WWW-Authenticate"); (got != "") != strings.Contains(w.Body.String(), "Unauthorized") {
			t.Errorf("%s: challenge %q", test.line, got)
		}
	}
	if w := good.do("DELETE /services/search/v2/jobs/mine", ""); w.Code != 200 {
		t.Errorf("delete: %d", w.Code)
	}
	if w := good.do("GET /services/search/v2/jobs/mine", ""); w.Code != 404 {
		t.Errorf("a deleted job: %d", w.Code)
	}
}

func TestWaysToAuthenticate(t *testing.T) {
	s := New(Config{})
	defer s.Close()
	key, ok := s.logins.login(s.Ready().User, s.Ready().Password)
	if !ok {
		t.Fatal("no login")
	}
	const line = "GET /services/authentication/current-context"
	basic := func(user, password string) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	for auth, want := range map[string]int{
		"Splunk " + key: 200, "Bearer " + key: 200, "Bearer " + s.Ready().Token: 200, "Splunk " + s.Ready().Token: 200,
		basic("admin", s.Ready().Password): 200, basic("admin", "x"): 401, "Splunk ": 401, key: 401,
	} {
		if w := (caller{t, s, auth}).do(line, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", auth, w.Code, want)
		}
	}
	w := caller{t, s, ""}.do("POST /services/auth/login", url.Values{"username": {"admin"}, "password": {s.Ready().Password}, "cookie": {"1"}}.Encode())
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != "splunkd_8089" {
		t.Fatalf("cookies %v", cookies)
	}
	r := httptest.NewRequest(http.MethodGet, "/services/server/info", nil)
	r.Host = "h:8089"
	r.AddCookie(cookies[0])
	w = httptest.NewRecorder()
	s.API().ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("by cookie: %d", w.Code)
	}
	if w := (caller{t, s, "Splunk " + key}).do("DELETE /services/authentication/httpauth-tokens/"+key, ""); w.Code != 200 {
		t.Errorf("logout: %d", w.Code)
	}
	if w := (caller{t, s, "Splunk " + key}).do(line, ""); w.Code != 401 {
		t.Errorf("after logout: %d", w.Code)
	}
	s.RevokeToken()
	if w := bearer(t, s).do(line, ""); w.Code != 401 {
		t.Errorf("a revoked token: %d", w.Code)
	}
}

func TestJobEntry(t *testing.T) {
	s := loaded(t, splEvents)
	c := bearer(t, s)
	sid := c.create("search=search+index%3Dwin+host%3Dpc2&earliest_time=1767225600&latest_time=1767229200&index_latest=1767225720")
	got := c.content(sid)
	want := map[string]any{
		"dispatchState": "DONE", "isDone": true, "isFailed": false, "isFinalized": false, "doneProgress": 1.0, "eventIsTruncated": false,
		"eventCount": 1.0, "resultCount": 1.0, "scanCount": 2.0, "ttl": 600.0, "defaultTTL": "600", "messages": []any{},
		"search": "search index=win host=pc2", "sid": sid, "earliestTime": "2026-01-01T00:00:00.000+00:00",
	}
	for key, value := range want {
		if diff := cmp.Diff(value, got[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	// In XML a job alone is a bare entry, and booleans are digits.
	w := c.do("GET /services/search/jobs/"+sid, "")
	var entry struct {
		XMLName xml.Name
		Title   string `xml:"title"`
		Keys    []struct {
			Name string `xml:"name,attr"`
			Text string `xml:",chardata"`
		} `xml:"content>dict>key"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &entry); err != nil || entry.XMLName.Local != "entry" || entry.Title != "search index=win host=pc2" {
		t.Fatalf("%v %+v", err, entry)
	}
	keys := map[string]string{}
	for _, k := range entry.Keys {
		keys[k.Name] = k.Text
	}
	if keys["isDone"] != "1" || keys["isFailed"] != "0" || keys["doneProgress"] != "1.00000" || keys["dispatchState"] != "DONE" {
		t.Errorf("keys %v", keys)
	}
	w = c.do("GET /services/search/jobs?output_mode=json", "")
	if !strings.Contains(w.Body.String(), `"paging":{"total":1,"perPage":30,"offset":0}}`) {
		t.Errorf("list: %s", w.Body)
	}
	// What a search leaves out is told.
	sid = c.create("search=search+index%3Dwin&max_count=2")
	got = c.content(sid)
	if got["eventIsTruncated"] != true || got["eventCount"] != 3.0 || got["resultCount"] != 2.0 || len(got["messages"].([]any)) != 1 {
		t.Errorf("truncated: %v", got)
	}
	sid = c.create("search=search+index%3Dwin+%7C+head+bogusarg")
	got = c.content(sid)
	if got["dispatchState"] != "FAILED" || got["isDone"] != true || got["isFailed"] != true {
		t.Errorf("failed: %v", got)
	}
}

func TestResultsXML(t *testing.T) {
	s := loaded(t, splEvents)
	c := bearer(t, s)
	sid := c.create("search=search+n%3D1+%7C+fields+user")
	body, err := io.ReadAll(c.do("GET /services/search/jobs/"+sid+"/results", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	want := `<?xml version='1.0' encoding='UTF-8'?>
<results preview='0'>
<meta>
<fieldOrder>
<field>user</field>
<field>_time</field>
<field>_raw</field>
</fieldOrder>
</meta>
	<result offset='0'>
		<field k='_time'>
			<value><text>2026-01-01T00:00:00.000+00:00</text></value>
		</field>
		<field k='user'>
			<value><text>alice</text></value>
			<value><text>bob</text></value>
		</field>
		<field k='_raw'>
<v xml:space='preserve' trunc='0'>Process cmd.exe started by alice on foo_bar</v>
		</field>
	</result>
</results>
`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
