// Package sandbox is a small Splunk, for demos and tests: the part of the
// REST API that runs searches, and the HTTP Event Collector (HEC), over real
// sockets or as handlers.
//
// It is written after what Splunk does, not after what huntd wants: to the
// byte where that is known, and strict where clients have been known to err. A
// call that huntd never makes is answered as well, so that other people's
// clients and test suites can be run against it.
//
// # Events
//
// Events are loaded from files or accepted by HEC, and kept in memory in
// pipeline's batches, without limit: a million of them is some gigabytes.
// Indexes come into being when they are first named. An event is at one place
// of one bucket of its index (_cd, _bkt), which no other event shares and no
// search changes. Of an object given to HEC the fields are extracted as Splunk
// names them, a.b and a{}.
//
// # Searches
//
// A search is a job, evaluated by a goroutine as soon as there is a place for
// it, on the events that there are at that moment. Its creation is answered
// when it is done or a few milliseconds have passed. It knows these commands:
//
//	search   terms, "phrases", field=value with < <= > >= != IN (…), * in values,
//	         networks, AND OR NOT and parentheses, TERM, CASE, earliest latest
//	         _index_earliest _index_latest
//	fields table head reverse sort dedup stats makeresults
//
// Whatever else stands in a search is refused as Splunk refuses an unknown
// command; nothing is passed over. OR binds more tightly than AND, as it does
// in Splunk's search command. A value is compared without regard to case, a
// name with. field!=x holds only where there is the field, NOT field=x also
// where there is not; of several values any may hold. A search that names no
// index looks into all but those whose names begin with _.
//
// Results show the fields of the event and _bkt, _cd, _indextime, _serial, _si,
// _time; splunk_server, linecount and _sourcetype are there for those who name
// them.
//
// # HEC
//
// The token may write to any index. A line for each accepted event goes to
// [Config.Received] before HEC answers: what a client was told is safe is
// written down. A body is read object by object, and one that is wrong ends it:
// those before it are kept, the reply says which it was.
//
// # Faults
//
// [Sandbox.Inject] makes chosen calls go wrong: refused, cut short, answered
// with an error of status 200, or done without an answer. Other methods let
// sessions expire, jobs fail, tokens be disabled and events be poisonous.
//
// # Limits
//
// Bodies, searches, jobs, sessions and what one search may make are bounded by
// constants. Nothing is on disk but the certificate of the authority that TLS
// needs. There is one account, one indexer, and UTC.
package sandbox
