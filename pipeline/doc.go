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
// # What it costs
//
// Measured on two cores of a server (AMD EPYC, 2026, Go 1.26) that were busy
// with other work at the time, by go test -bench . ./pipeline; encoding/json
// into a map[string]any stands beside, from the same run. Made-up events of
// Windows have 3.2 kB and 31 fields, the real ones are recordings of 1.9 kB:
//
//	                  huntd                                   encoding/json
//	decode, made up   677 MB/s, 209,000 events/s, 0 allocs    107 MB/s, 159 allocs
//	decode, real      713 MB/s, 374,000 events/s, 0 allocs    119 MB/s,  97 allocs
//	write as JSON     494 MB/s, 0 allocs
//	a full collection with 30,000 events held, processor time
//	                  0.23 ms (0.23 with none held)           165 ms
//
// The best of all runs were 740 and 827 MB/s for decoding and 784 for writing;
// when the machine was busiest, decoding fell to half and encoding/json with it.
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
