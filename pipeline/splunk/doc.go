// Package splunk is huntd's side of the conversation with Splunk: it runs
// searches over the REST API, hands events to the HTTP Event Collector (HEC)
// and knows the credentials for both. Nothing else in huntd does any of this.
//
// A [Config] describes one connection, a named Splunk. [New] makes its search
// side, a [Client], whose [Client.Search] is a pipeline.Source; [NewCollector]
// makes its HEC side, a [Collector], which is a pipeline.Sink. [Render] and
// [Lint] turn a hunt's search into SPL that is safe to run unattended.
//
// # Searches
//
// A window is read by one ordinary search job, created, waited for, paged and
// cancelled. Streaming exports and one-shot searches are not used: neither can
// be resumed, and both report failures that happen after the start inside a
// reply of status 200. A job's order is fixed once it is done, so that paging
// neither loses nor repeats a row.
//
// The job's id (sid) is chosen here. That makes creating a job repeatable:
// when a reply is lost, the job is looked up under its id before it is created
// again, and a daemon that crashed finds the jobs that it left behind.
//
// A window counts as read only if nothing speaks against it: the job ended by
// itself, no message tells of an error, a lost peer or a limit that cut the
// results, every page began at the row that was asked for, and exactly as many
// rows arrived as the job says it has, though one more was asked for. Anything less is pipeline.ErrIncomplete,
// and so are exactly as many rows as Splunk keeps of one search. The server is told not to give partial
// results in the first place, so that a lost peer fails the job.
//
// While a page is worked on, the next one is already being fetched, never more
// than one, and the job is kept alive however long the work takes. Its text
// comes in, and is inflated, on a goroutine of its own, which ends with the
// page, while its rows are decoded. They are handed over when the page has come
// whole and nothing speaks against it, so that a page that was cut can be read
// again. That costs memory: the text of one page, at most 64 MiB (and 48 MiB
// more while its room grows), its rows, and those of the page before. The page
// size shrinks when rows are large.
//
// Of 40,000 events of 750 bytes, packed as Splunk packs them, each took 2.05 µs
// on two processors and 3.1 µs of processor time, where it took 2.85 µs and
// 2.9 µs as long as a page was inflated first and decoded then (AMD EPYC, best
// of 120 searches: go test -run '^$' -bench Fetch ./pipeline/splunk/sandbox).
// Inflating is the longer of the two, so that decoding is hidden behind it.
//
// Version 2 of the search API is used throughout, which Splunk has had since
// 9.0.2.
//
// # Repetition
//
// Calls to the REST API are repeated within seconds, by this package; hours are
// the run loop's. Only what is safe is repeated: reading always, creating a job
// only when the server cannot have seen the request. A server that asks for a
// longer pause than that gets it: the call ends. A body for HEC is posted once
// and never repeated here, the outbox does that, and it knows from the kind of
// error what to do with the body.
//
// # Clocks
//
// The header Date of each reply to the search side is compared with the host's
// clock ([Client.Clock]). It has whole seconds and was made at some moment between
// request and reply, so that the offset is known within bounds. Replies with the
// header Age, which come from a cache, of gateways, and without a readable Date
// say nothing. The clock of HEC is not looked at: windows are not cut by it.
//
// # Credentials
//
// A bearer token is read when it is first needed and again when Splunk refuses
// it. With a user and a password one login serves all callers until the session
// ends, then one of them logs in for all. After a 401 a call is repeated once
// with what was got anew; a second 401 is permanent and says what to do.
//
// No secret stands in a URL. Errors are made of Splunk's own messages, the path
// and the cause beneath a *url.Error, never of a query, a form or a header, and
// should a server repeat a secret that it was sent, it is masked.
//
// # Connections
//
// TLS is verified against the system's roots or against ca_file alone. Plain
// http is for loopback addresses and unix sockets (unix:///run/splunk.sock):
// anywhere else it would show the token to the network, and is refused.
// Redirects are not followed, for Splunk's API has none, and a redirect would
// take the credentials elsewhere. Proxies in the environment are ignored.
package splunk
