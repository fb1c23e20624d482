package analyzers

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/huntd/huntd/pipeline"
	"github.com/huntd/huntd/pipeline/netname"
)

var _ = define(Spec[urlConfig]{
	Name:    "url",
	Summary: "takes URLs apart",
	Adds: []string{
		"url_scheme", "url_auth", "url_host", "url_port", "url_path", "url_query", "url_fragment", "url_param", "url_file",
		"url_extension", "url_flags",
		"and as rows url_field, url_value",
	},
	Doc: `
url_scheme, url_auth (user and password), url_host, url_port, url_path, url_query and
url_fragment are the columns of MSTICPy's url_components, in the form that it gives
them; one that is absent there is absent here. Of http and https the host is in small
letters and punycode, and . and .. are out of the path.

url_param are the parameters of the query, decoded, as name=value; url_file is the last
part of the path, decoded, if it does not end in a slash; url_extension what stands
behind the last dot of it, in small letters. url_flags are those of user_info,
password, address_host (the host is an address), punycode, bad_port, bad_host and
no_scheme that apply.

With profile: strict the password is shown as ***, and what is broken is taken apart as
far as it can be. With profile: msticpy url_auth is all that stands there, and of a URL
with a bad host or port nothing is said. Without fields only values that begin with a
scheme and :// are looked at.

The first 100 parameters are given; of how many URLs that are not all is counted as
url.params_over.
`,
	Config: urlConfig{perValueConfig: perValueConfig{As: asFields}, Profile: "strict"},
	New:    newURL,
	Example: `
-- config.yaml --
url: { fields: [url] }
-- in.ndjson --
{"_time":1767225600,"url":"https://Example.com:8443/a/../dl/My%20Report.PDF?id=7&to=a%40b.example#top"}
{"_time":1767225601,"url":"ftp://ann:secret@203.0.113.7/"}
{"_time":1767225602,"url":"http://example.com:http/x"}
-- out.ndjson --
{"_time":"1767225600","url":"https://Example.com:8443/a/../dl/My%20Report.PDF?id=7&to=a%40b.example#top","url_scheme":"https","url_host":"example.com","url_port":"8443","url_path":"/dl/My%20Report.PDF","url_query":"id=7&to=a%40b.example","url_fragment":"top","url_param":["id=7","to=a@b.example"],"url_file":"My Report.PDF","url_extension":"pdf"}
{"_time":"1767225601","url":"ftp://ann:secret@203.0.113.7/","url_scheme":"ftp","url_auth":"ann:***","url_host":"203.0.113.7","url_path":"/","url_flags":["user_info","password","address_host"]}
{"_time":"1767225602","url":"http://example.com:http/x","url_scheme":"http","url_host":"example.com","url_path":"/x","url_file":"x","url_flags":"bad_port"}
`,
})

type urlConfig struct {
	perValueConfig `koanf:",squash"`
	Profile        string `koanf:"profile" enum:"strict,msticpy" doc:"Whether passwords are hidden and broken URLs taken apart, or all is as MSTICPy has it."`
}

// The places of the fields.
const (
	urlScheme = iota
	urlAuth
	urlHost
	urlPort
	urlPath
	urlQuery
	urlFragment
	urlParam
	urlFile
	urlExtension
	urlFlags
)

// urlParams is how many parameters are given.
const urlParams = 100

type urlStage struct {
	*perValue
	strict bool
	over   int
}

func newURL(c urlConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
	s := &urlStage{strict: c.Profile == "strict", perValue: newPerValue("url", "url", c.perValueConfig, []string{
		"url_scheme", "url_auth", "url_host", "url_port", "url_path", "url_query", "url_fragment", "url_param", "url_file",
		"url_extension", "url_flags",
	}, dict)}
	s.about = s.takeApart
	return s, nil
}

func (s *urlStage) takeApart(text string, put func(int, string)) bool {
	if text = strings.TrimSpace(text); text == "" || s.picky() && !urlLike(text) {
		return false
	}
	u := netname.ParseURL(text)
	if !s.strict && (u.BadHost || u.BadPort) {
		return false
	}
	s.parts(u, put)
	s.path(u, put)
	urlFlag(u, put)
	return true
}

// urlLike reports whether a text begins with a scheme and ://.
func urlLike(text string) bool {
	u, _, found := strings.Cut(text, "://")
	return found && len(u) < 32 && netname.ParseURL(u+"://").Scheme != ""
}

func (s *urlStage) parts(u netname.URL, put func(int, string)) {
	name, password, has := strings.Cut(u.User, ":")
	if has && password != "" && s.strict {
		u.User = name + ":***"
	}
	for i, part := range []string{urlScheme: u.Scheme, urlAuth: u.User, urlHost: u.Host} {
		if part != "" {
			put(i, part)
		}
	}
	if u.Port >= 0 {
		put(urlPort, strconv.Itoa(u.Port))
	}
	if u.Path != "" || u.HasQuery || u.HasFragment {
		put(urlPath, u.Path)
	}
	if u.HasQuery {
		put(urlQuery, u.Query)
	}
	if u.HasFragment {
		put(urlFragment, u.Fragment)
	}
}

// path puts what is to be said of the path and the query.
func (s *urlStage) path(u netname.URL, put func(int, string)) {
	if file := urlDecoded(u.Path[strings.LastIndexByte(u.Path, '/')+1:]); file != "" {
		put(urlFile, file)
		if dot := strings.LastIndexByte(file, '.'); dot >= 0 && dot < len(file)-1 {
			put(urlExtension, strings.ToLower(file[dot+1:]))
		}
	}
	n := 0
	for param := range strings.SplitSeq(u.Query, "&") {
		if param == "" {
			continue
		}
		if n++; n > urlParams {
			s.over++
			return
		}
		put(urlParam, urlDecoded(strings.ReplaceAll(param, "+", " ")))
	}
}

// urlDecoded takes percent signs out, if all of them are good.
func urlDecoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return strings.ToValidUTF8(plain, "\uFFFD")
	}
	return text
}

func urlFlag(u netname.URL, put func(int, string)) {
	_, password, _ := strings.Cut(u.User, ":")
	_, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	for _, f := range []struct {
		name  string
		holds bool
	}{
		{"user_info", u.HasUser},
		{"password", password != ""},
		{"address_host", err == nil},
		{"punycode", netname.Unicode(u.Host) != u.Host},
		{"bad_port", u.BadPort},
		{"bad_host", u.BadHost},
		{"no_scheme", u.Scheme == ""},
	} {
		if f.holds {
			put(urlFlags, f.name)
		}
	}
}

// Counts implements [pipeline.Counter].
func (s *urlStage) Counts() map[string]int {
	return map[string]int{"params_over": s.over, "rows_over": s.room.over}
}
