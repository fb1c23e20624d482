// Package state is the ledger: what each hunt has covered, which runs there
// are, and the events that Splunk has not confirmed yet. Its own tables hold
// the truth of a deployment.
//
// # One transaction
//
// [Ledger.Commit] closes a run, moves its lane's watermark and makes the run's
// staged bodies sendable in one transaction. The three stand or fall together,
// so that findings leave if, and only if, their window counts as covered.
//
// Two guards keep a second worker out. The fence, a number that grows with
// every claim, makes the commit of a worker that lost its run fail. The
// watermark is moved by compare-and-set: it must still stand where the run's
// window begins. And of any number of planners only one can insert a run for
// the same hunt, lane, slot and window, and only one run of a lane can be open.
//
// # Crash
//
// The database is SQLite in WAL mode with synchronous=FULL: what was committed
// survives a power cut. A lock on a file beside it keeps a second daemon out;
// whoever holds the lock may conclude that every run marked as running died
// with its process, and [Open] gives those back to the queue. Within a process
// the lease does the same for a run whose end could not be written down, on a
// full disk say: when it has run out, [Ledger.Claim] hands the run out anew.
//
// # Moving and backups
//
// [Move] carries a state into another database in one transaction there, from a
// source that nobody else has open, and marks the source, so that no daemon goes
// on with it by mistake: the same windows would be examined twice. The mark is
// committed behind the copy; whoever is killed between the two finds the copy
// whole and the source unmarked, and is told so by the copy not being empty. What
// belongs to a process or a queue is not carried over, and open runs are queued
// anew. [Ledger.Backup] copies a file at one moment while others write to it. It
// is published under its name only when it is whole and on disk.
//
// # Points
//
// A process that dies, or stands still, may do so anywhere. [WithWitness] tells
// of the points between which something becomes durable, so that a test can
// stop a process at each: planned, claimed, searching (the search job is
// noted), staged, examined (the commit is about to begin), within the commit
// after each statement run closed, watermark moved, memory kept, bodies
// released, slot freed and ticket completed, then committed, taken (bodies out
// of the outbox), confirmed (HEC has answered, the row is still there) and done.
//
// # Shape
//
// Each statement is written once, against the small tx type. Only sqlite.go
// knows the driver. Times of the process are passed in as values, in Unix
// milliseconds inside the tables; windows, watermarks and suppressions are in
// epoch seconds.
package state
