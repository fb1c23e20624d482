// Package pipeline holds the nouns of a hunt's inner path and the loop that
// drives records through it: Source → Stage → … → finding → Event → Sink.
//
// # The batch
//
// Records travel in batches. A [Batch] keeps its rows in a few blocks without
// pointers: an arena of bytes, 12-byte cells (interned key, offset, length)
// and row starts. Tens of thousands of retained events therefore cost the
// garbage collector next to nothing, where a map per event would be walked
// key by key in every cycle.
//
// Stages never see that layout. They ask for [Batch.Get], [Batch.Values] or a
// [Column], narrow a batch with [Batch.Select] and add fields with
// [Batch.With]; rows are never copied or moved for either. Fields may hold
// several values, as Splunk's do.
//
// A decoder writes each text where it will stay, as it reads it, eight bytes at a
// time; it guesses each name from the one before, and fetches a key without
// looking it up while the guess holds. Splunk's pages of objects, its rows that
// name their fields once, and the lines of a saved export go the same way.
//
// # What it costs
//
// Measured by go run ./pipeline/internal/benchmark, in processor time, on one of
// two cores of a server (AMD EPYC, 2026, Go 1.26) that were busy with other work;
// beside it, on the same records in turns, others that make a map[string]any.
// Events of Windows out of pipeline/story have 1.4 kB, the real ones, recordings
// of Sysmon and the security log, 3.1 kB:
//
//	                 huntd                              goccy/go-json         encoding/json
//	decode, story   1328 MB/s, 933,000 events/s, 0    444 MB/s,  65 allocs   108 MB/s,  95 allocs
//	decode, real     947 MB/s, 309,000 events/s, 0    398 MB/s, 113 allocs   109 MB/s, 162 allocs
//	decode and find
//	indicators, real 281 MB/s,  92,000 events/s, 1
//	a full collection with 30,000 events held (and with none)
//	  story          0.31 ms (0.30 ms)                                        37 ms
//	  real           0.34 ms (0.33 ms)                                        65 ms
//
// By go test -bench . ./pipeline, whose events have 3.2 kB and JSON within JSON,
// decoding came to 790 to 965 MB/s (encoding/json: 105 to 124), and writing as
// JSON to 494 to 784 MB/s. Splunk's pages, by go test -bench ReadPage
// ./pipeline/splunk, were read at 1052 MB/s as objects and 963 MB/s as rows
// (encoding/json: 96).
//
// # What it refuses
//
// Records come from strangers, so that work and memory grow no faster than the
// text, whatever the text is. A record may nest 200 deep. A batch holds at most
// [MaxBatchBytes] of values. The names of fields that one run meets are bounded
// as well, [MaxNames] of them, each of at most [MaxNameBytes] and 16 MiB in all:
// a program that uses addresses or ids as names would otherwise make the
// dictionary grow with the data. Such a record is refused with [ErrNames]
// rather than read in part, since a stage could not tell a field left out from
// one that is absent; a search heals it by keeping the fields that are wanted.
//
// # Who owns what
//
// A batch belongs to whoever received it last. Strings that a batch hands out
// point into its arena and are valid until [Batch.Release]; whoever keeps one
// longer clones it. A stage is made afresh for each run and is used by one
// goroutine, so it needs no lock.
//
// # Errors
//
// There are three answers everywhere: nil; an error that wraps [ErrPermanent],
// which no repetition will heal and which says what a person must do; any
// other error, which exactly one owner repeats.
//
// The package imports no other package of huntd.
package pipeline
