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
// # Two databases
//
// The state is a file of SQLite, which one daemon holds, or a database of
// PostgreSQL, which several share. SQLite runs in WAL mode with
// synchronous=FULL, one connection that writes and a few that read; a lock on the
// file keeps a second daemon out, whatever names the file has. Commands that give
// orders write beside the daemon, in short transactions of their own ([Join]).
//
// SQLite deletes the write-ahead log of an empty file, and passes over one that it
// cannot read. Both would begin a state anew in silence, so that the files are
// inspected before SQLite opens them. [ErrFile] is the answer where a state was
// lost, or would be: an empty file beside a log, one that a daemon has run with
// before, a log that cannot be read and held all of the state, two hard links of one
// file, each of which would get a log. An empty file that was never used, as touch
// or a package makes it, is begun, with a warning. A file that holds an older state
// beside a log that cannot be read is opened, with a warning: a power cut during the
// first write of a log leaves that, and then nothing is lost.
//
// Opening a file reads its header, its schema and the runs that are open, not all
// of it: that takes seconds for each gigabyte. Damage elsewhere ends what meets it,
// with an error that says what to do. [Ledger.Backup] checks the whole file. An
// unclean end needs no check, since SQLite replays only what its WAL holds whole;
// what a disk damages is damaged at any time.
//
// # The queue
//
// A run waits in its row until it may begin: it is due, its hunt, backfill and
// connection are not paused, the connection has a free search, the outbox has
// room and the clocks agree. Then it is offered: the row notes when, and package
// dispatch puts a job for it into River's queue. Both happen in the transaction
// that makes the run eligible, be it a plan, a commit, a failure, an order, or
// [Ledger.Offer], which each daemon calls when the next run becomes due. Nothing
// that may not begin waits in the queue, and what waits costs nothing.
//
// A job names its run and the run's fence. A worker claims the run by both, so
// that a job that is lost, late or handed out twice changes nothing. The queue
// could be thrown away and made anew from the run rows; [Open] does so for a
// file, whose lock proves that all workers are dead.
//
// Offers go by priority: live, manual, late, then all others. A daemon that does
// not have a run's hunt puts it off for 15 seconds. One that is stopping leaves
// the job to others.
//
// # Waiting
//
// Every call of the database has a bound of half a minute. One that was not
// answered, or that failed because of the server, wraps [ErrUnreachable]; the
// function of [WithHealth] is called with the outcome of each. A server gives up
// statements that nobody waits for any more.
//
// # Crash
//
// What was committed survives a power cut. A run belongs to its worker for as
// long as its lease, which a heartbeat prolongs. [Ledger.Rescue], which every
// daemon calls at each heartbeat, queues runs again whose lease has run out, and
// those whose job the queue has lost. The lock on a file of SQLite proves more: whoever
// takes it may conclude that all workers are dead, and [Open] queues all open
// runs anew. Leases are judged by the clock of PostgreSQL, for those of its
// hosts may differ. [Ledger.ClockOffset] says by how much, and a row of the table
// daemon names the clocks from which its host's differs too much.
//
// # Lanes
//
// The live lane of a hunt and each of its backfills have a row in checkpoint,
// with a watermark of their own, what their stages carry from window to window,
// and where reporting begins: windows before it only warm up. A manual run has
// none. Time that was given up on is a row in gap. [Ledger.Coverage] is worked out
// from these rows alone, and so does not depend on how much history is kept.
//
// Whatever is ordered of a backfill locks its row first, then its runs: of orders
// at the same moment, each sees what the one before has left. Runs are planned and
// claimed of an active backfill only.
//
// # Moving and backups
//
// [Move] carries a state into another database in one transaction there, from a
// source that nobody else has open, and marks the source, so that no daemon goes
// on with it by mistake: the same windows would be examined twice. The mark is
// committed behind the copy; whoever is killed between the two finds the copy
// whole and the source unmarked: the copy is not empty, which the next try reports. What
// belongs to a process or a queue is not carried over, and open runs are queued
// anew. [Ledger.Backup] copies a file at one moment while others write to it. It
// is published under its name only when it is whole and on disk.
//
// # Points
//
// A process that dies, or stands still, may do so anywhere. The methods of
// [jobs.Observer] are the points between which something becomes durable, so that
// a test can stop a process in each. One of them, Committing, is called while the
// transaction of a commit is open.
//
// # What is kept
//
// [Ledger.Prune] forgets runs that have ended, by age and in small transactions,
// but those that something still needs. What a hunt has covered is read from its
// checkpoints, gaps and backfills, which are no history. What a window has come to
// (table finding) is kept from the live run's commit until the window was looked
// at for late events (table settled), and no longer. Suppressions go by their own
// times, and with lanes that have no next window. [Ledger.Tidy] has SQLite give back
// what that has freed.
//
// # Speed
//
// Connections to SQLite keep their prepared statements, since reading one takes
// longer than carrying it out. To PostgreSQL, what is only written goes in one
// trip, for a trip costs more than most statements.
//
// Measured by daemon/internal/benchmark in December 2026, Go 1.26.8, PostgreSQL 15.18
// on the same machine, two processors (AMD EPYC) and a disk that syncs 4 KiB in
// 0.15 to 0.3 ms; a run stages 50 KiB that do not compress:
//
//	state                  daemons × workers  runs/s   CPU a run
//	SQLite                 1 × 8              270-330  2.7 to 3.5 ms
//	SQLite, file in memory 1 × 8              560      2.3 ms
//	PostgreSQL             1 × 8              285      1.9 ms, and the server
//	PostgreSQL             3 × 4              205-270  2.5 to 3.2 ms, and the server
//
//	SQLite, hunts a minute  planned p50 / p99  searching p50 / p99  CPU
//	 1,000 spread           1 / 4 ms           6 / 17 ms            13 %
//	10,000 spread           7 / 71 ms          27 / 230 ms          109 %
//	 1,000 at once          71 / 281 ms        2.2 / 3.6 s          7 %
//
// Writes to SQLite that wait share a transaction, and its sync: the disk bounds the
// rate, not the processor. A run on PostgreSQL waits for the disk twice, and shares
// the wait with others.
//
// # Shape
//
// Each statement is written once, against the small tx type. Only sqlite.go and
// postgres.go know a driver, and package dispatch River. Times of the process are
// passed in as values, in Unix milliseconds inside the tables; windows, watermarks
// and suppressions are in epoch seconds. The file schema.sql shows the tables, with
// a comment for each column. Conditions that several statements have stand in
// conditions.go.
package state
