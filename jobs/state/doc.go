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
// # What is kept
//
// [Ledger.Prune] forgets runs that have ended, by age and in small transactions,
// but those that something still needs. What a hunt has covered is read from its
// checkpoints, gaps and backfills, which are no history. What a window has come to
// (table finding) is kept from the live run's commit until the window was looked
// at for late events (table settled), and no longer. Suppressions go by their own
// times. [Ledger.Tidy] has SQLite give back what that has freed.
//
// # Shape
//
// Each statement is written once, against the small tx type. Only sqlite.go
// knows the driver. Times of the process are passed in as values, in Unix
// milliseconds inside the tables; windows, watermarks and suppressions are in
// epoch seconds.
package state
