package sandbox

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newest is when the newest event of the table tests is: 2026-01-01T00:10:00Z.
const newest = 1767226200

// splEvents are the events of the table tests, oldest first, named by n.
const splEvents = `
{"_time":1767225600,"n":"1","index":"win","host":"PC1","sourcetype":"sec","EventCode":"4688","CommandLine":"C:\\Windows\\System32\\cmd.exe /c \"echo hi\"","user":["alice","bob"],"_raw":"Process cmd.exe started by alice on foo_bar"}
{"_time":1767225660,"n":"2","index":"win","host":"pc2","sourcetype":"sec","EventCode":"4625","user":"alice","src_ip":"10.1.2.3","bytes":"90","_raw":"Logon failed for ALICE from 10.1.2.3 error=5"}
{"_time":1767225720,"n":"3","index":"win","host":"pc2","sourcetype":"sys","EventCode":"1","user":"carol","src_ip":"192.0.2.9","bytes":"1000","_raw":"terror is no term: errors, Error"}
{"_time":1767225780,"n":"4","index":"net","host":"fw","sourcetype":"zeek:conn","src_ip":"10.9.9.9","bytes":"9","uri":"/a?b=c","_raw":"10.9.9.9 -> 203.0.113.5 bytes=9"}
{"_time":1767225840,"n":"5","index":"net","host":"fw","sourcetype":"zeek:dns","query":"ÄRGER.example","bytes":"7.5","_raw":"query ÄRGER.example"}
{"_time":1767225900,"n":"6","index":"net","host":"fw","sourcetype":"zeek:dns","query":"","Field":"UP","field":"down","_raw":"nothing"}
{"_time":1767226200,"_indextime":1767226260,"n":"7","index":"_internal","host":"fw","sourcetype":"splunkd","_raw":"splunkd started"}
`

func loaded(t *testing.T, events string) *Sandbox {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(Config{})
	t.Cleanup(s.Close)
	if err := s.LoadFile(path); err != nil {
		t.Fatal(err)
	}
	return s
}

// rowsOf runs a search and returns its rows: each the values of the columns.
func rowsOf(s *Sandbox, spl string) (columns, rows []string, err error) {
	q, err := parseQuery(spl, time.Unix(newest, 0))
	if err != nil {
		return nil, nil, err
	}
	rs, _, err := q.source.rows(context.Background(), s.store.snapshot(), span{})
	if err == nil {
		err = run(context.Background(), rs, q.steps)
	}
	if err != nil {
		return nil, nil, err
	}
	p := resultPage{shape: rs.shape(), rows: rs.rows}
	p.columns = p.shape.columns(rs.rows)
	for i := range p.rows {
		var cells []string
		for _, vals := range p.line(i) {
			cells = append(cells, strings.Join(vals, "+"))
		}
		rows = append(rows, strings.Join(cells, ","))
	}
	return p.columns, rows, nil
}

func TestSearchExpressions(t *testing.T) {
	s := loaded(t, splEvents)
	for _, test := range []struct{ spl, want string }{
		{`search`, "654321"},
		{`search *`, "654321"},
		{`| search index=win`, "321"},
		{`search index=*`, "654321"},
		{`search index=_*`, "7"},
		{`search index=_internal OR index=net`, "7654"},
		{`search index=nowhere`, ""},
		{`search INDEX=win`, ""}, // names of fields have a case
		{`search index=WIN`, "321"},
		{`search host=pc1`, "1"}, // values have none
		{`search host="PC*" EventCode=4688`, "1"},
		{`search sourcetype=zeek:*`, "654"},
		{`search sourcetype="*:conn"`, "4"},
		{`search query="*rger*"`, "5"},
		{`search query=ärger.example`, "5"},
		{`search field=DOWN Field=up`, "6"},

		{`search user=bob`, "1"}, // any of several values
		{`search user!=alice`, "31"},
		{`search NOT user=alice`, "6543"},
		{`search user=* NOT user=alice`, "3"},
		{`search query=""`, "6"},
		{`search query=*`, "65"},
		{`search NOT query=*`, "4321"},
		{`search NOT (index=win OR index=net)`, ""},
		{`search NOT NOT index=win`, "321"},

		{`search bytes>90`, "3"},
		{`search bytes>=90`, "32"},
		{`search bytes < 9`, "5"},
		{`search bytes<=9`, "54"},
		{`search EventCode IN (4688, "4625")`, "21"},
		{`search EventCode IN (46*)`, "21"},
		{`search NOT EventCode IN (1,4625)`, "6541"},
		{`search src_ip=10.0.0.0/8`, "42"},
		{`search src_ip="10.1.0.0/16"`, "2"},
		{`search uri=/a?b=c`, "4"},
		{`search _time>1767225780`, "65"},

		{`search CommandLine="C:\\Windows\\System32\\cmd.exe /c \"echo hi\""`, "1"},
		{`search CommandLine="*\cmd.exe*"`, "1"},
		{`search CommandLine="*\\cmd.exe*"`, "1"},
		{`search CommandLine=*\\system32\\*`, "1"},

		{`search alice`, "21"},
		{`search error`, "32"}, // terror and errors are other terms
		{`search err*`, "32"},
		{`search *rror`, "32"},
		{`search terr`, ""},
		{`search foo`, "1"}, // _ ends a term too
		{`search "is no term"`, "3"},
		{`search "s no term"`, ""},
		{`search "failed for alice"`, "2"},
		{`search 10.9.9.9`, "4"},
		{`search fail*from`, ""}, // * ends where a term does
		{`search ärger.example`, "5"},
		{`search TERM(error) CASE(Error)`, "3"},
		{`search CASE(alice)`, "1"},

		{`search alice OR errors index=net`, ""}, // OR binds more tightly
		{`search (index=win alice) OR index=net`, "65421"},
		{`search index=win AND NOT alice`, "3"},
		{`search index=win and alice`, ""}, // a word

		{`search earliest=1767225720 latest=1767225840`, "43"},
		{`search earliest=-6m@m index=net`, "65"},
		{`search earliest="01/01/2026:00:04:00"`, "65"},
		{`search index=_internal _index_earliest=1767226260 _index_latest=1767226261`, "7"},
		{`search index=_internal _index_latest=1767226260`, ""},
		{"search index=win ```only one``` host=pc1", "1"},
		{`search splunk_server=sandbox linecount=1 host=PC1`, "1"},
	} {
		_, rows, err := rowsOf(s, test.spl+" | table n")
		if err != nil {
			t.Errorf("%s: %v", test.spl, err)
			continue
		}
		if got := strings.Join(rows, ""); got != test.want {
			t.Errorf("%s: events %s, want %s", test.spl, got, test.want)
		}
	}
}

func TestCommands(t *testing.T) {
	s := loaded(t, splEvents)
	for _, test := range []struct {
		spl     string
		columns string
		rows    []string
	}{
		{`search index=win | fields n`, "n _time _raw", []string{
			"3,2026-01-01T00:02:00.000+00:00,terror is no term: errors, Error",
			"2,2026-01-01T00:01:00.000+00:00,Logon failed for ALICE from 10.1.2.3 error=5",
			"1,2026-01-01T00:00:00.000+00:00,Process cmd.exe started by alice on foo_bar",
		}},
		{`search index=win | fields + u*, host | fields - _* | head 1`, "host user", []string{"pc2,carol"}},
		{`search index=win | fields n | search host=pc2`, "", nil},
		{`search index=win | table n, user | head 2`, "n user", []string{"3,carol", "2,alice"}},
		{`search index=win | fields _cd _bkt _indextime _si | fields - _raw _time | head 1`, "_cd _bkt _indextime _si", []string{
			"0:89,win~0~" + guid + ",1767225720,sandbox+win",
		}},
		{`search index=net | head | table n`, "n", []string{"6", "5", "4"}},
		{`search index=net | head limit=1 | table n`, "n", []string{"6"}},
		{`search index=net | reverse | table n`, "n", []string{"4", "5", "6"}},
		{`search bytes=* | sort bytes | table bytes`, "bytes", []string{"7.5", "9", "90", "1000"}},
		{`search bytes=* | sort 2 -bytes | table bytes`, "bytes", []string{"1000", "90"}},
		{`search | sort - host, n | table host n`, "host n", []string{"pc2,2", "pc2,3", "fw,4", "fw,5", "fw,6", "PC1,1"}},
		{`search | dedup host | table n`, "n", []string{"6", "3", "1"}},
		{`search | dedup 2 host | table n`, "n", []string{"6", "5", "3", "2", "1"}},
		{`search | stats count`, "count", []string{"6"}},
		{`search index=nowhere | stats count`, "count", []string{"0"}},
		{`search index=nowhere | stats count by host`, "", nil},
		{`search | stats count as n by index, host`, "index host n", []string{"net,fw,3", "win,PC1,1", "win,pc2,2"}},
		{`search | stats count by user`, "user count", []string{"alice,2", "bob,1", "carol,1"}},
		{
			`search | stats dc(host) values(user) AS who, min(bytes) max(bytes) sum(bytes) avg(bytes)`,
			"dc(host) who min(bytes) max(bytes) sum(bytes) avg(bytes)",
			[]string{"3,alice+bob+carol,7.5,1000,1106.5,276.625"},
		},
		{`search | stats latest(n) earliest(n) first(n) last(n)`, "latest(n) earliest(n) first(n) last(n)", []string{"6,1,6,1"}},
		{`search index=win | stats count(user) by _time | head 1`, "_time count(user)", []string{"2026-01-01T00:00:00.000+00:00,2"}},
		{`search | stats count by index | search count>2 OR index=win`, "index count", []string{"net,3", "win,3"}},
		{`| makeresults count=2`, "_time", []string{"2026-01-01T00:10:00.000+00:00", "2026-01-01T00:10:00.000+00:00"}},
	} {
		columns, rows, err := rowsOf(s, test.spl)
		if err != nil {
			t.Errorf("%s: %v", test.spl, err)
			continue
		}
		if got := strings.Join(columns, " "); got != test.columns {
			t.Errorf("%s: columns %q, want %q", test.spl, got, test.columns)
		}
		if diff := cmp.Diff(test.rows, rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", test.spl, diff)
		}
	}
}

func TestWrongSearches(t *testing.T) {
	for _, test := range []struct{ spl, want string }{
		{`search index=a | foo`, "Unknown search command 'foo'."},
		{`index=a`, "Unknown search command 'index'."},
		{`search a | eval b=1`, "Unknown search command 'eval'."},
		{`search "a`, "Mismatched quotes"},
		{`search (a`, "unbalanced parentheses"},
		{`search a)`, "unbalanced parentheses"},
		{`search ()`, "nothing between the parentheses"},
		{`search a=`, "Comparator '=' is missing a term on the right hand side."},
		{`search a>=)`, "Comparator '>=' is missing a term on the right hand side."},
		{`search =a`, "Comparator '=' is missing a term on the left hand side."},
		{`search a OR`, "an operand of AND, OR or NOT is missing"},
		{`search OR a`, "an operand of AND, OR or NOT is missing"},
		{`search NOT`, "an operand of AND, OR or NOT is missing"},
		{`search a IN ()`, "the list behind 'a IN' is empty"},
		{`search a [search b]`, "no subsearches"},
		{"search `macro(1)`", "The search specifies a macro 'macro(1)' that cannot be found."},
		{"search ```a", "Missing a closing tick mark"},
		{`search a || head 1`, "Missing a search command before '|'."},
		{`search a | | head 1`, "Missing a search command before '|'."},
		{`search a |`, "Missing a search command before '|'."},
		{`search earliest=yesterday`, `Invalid value "yesterday" for time term 'earliest'`},
		{`head 5`, "This command cannot be the first of a search."},
		{`search a | makeresults`, "This command must be the first command of a search."},
		{`search ` + strings.Repeat("(", 5000) + "a" + strings.Repeat(")", 5000), "nested more than"},
		{`search ` + strings.Repeat("a ", maxSearch), "longer than"},
	} {
		_, err := parseQuery(test.spl, time.Unix(newest, 0))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s: %v, want %q", test.spl, err, test.want)
		}
	}
	// Wrong arguments are found out when the job runs.
	s := loaded(t, splEvents)
	for _, spl := range []string{
		`search * | head bogusarg`, `search * | fields`, `search * | stats`, `search * | stats foo(a)`, `search * | stats sum`,
		`search * | stats count by`, `search * | sort`, `search * | dedup`, `search * | table (`,
	} {
		if _, err := parseQuery(spl, time.Unix(newest, 0)); err != nil {
			t.Errorf("%s: %v before there is a job", spl, err)
		}
		if _, _, err := rowsOf(s, spl); err == nil || !strings.HasPrefix(err.Error(), "Error in '") {
			t.Errorf("%s: %v, want an error in a command", spl, err)
		}
	}
}

// FuzzParseQuery: no search makes the parser fail otherwise than by an error,
// and what it reads can be run.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		`search index=a b="c\"d" NOT (e OR f!=g*) h IN (1,"2") | stats count by a | sort - count`,
		`| makeresults count=3 | head 2`, "search ```x``` a<=5 | fields - _*", `search "`, `search a\`, "search `m`", `search TERM(a) | dedup 2 b`,
		`search earliest=-1d@d _index_latest=now`,
	} {
		f.Add(seed)
	}
	s := New(Config{})
	defer s.Close()
	f.Fuzz(func(t *testing.T, spl string) {
		if _, _, err := rowsOf(s, spl); err != nil && err.Error() == "" {
			t.Error("an error without a word")
		}
	})
}
