// Package jobs is a hunt at work: what a hunt file says, which windows are due,
// the run loop that examines one, and what a commit holds.
//
// There is one run loop, [Runner.Do]. The daemon, a run by hand and the demo
// differ only in the [Run] row that they insert: its lane and its window.
//
// # Windows
//
// A lane is a line of windows of one hunt. On the live lane windows tile time:
// the next one begins where the watermark stands and ends at the slot's instant
// less the hunt's lag, so that no second is examined twice and none is passed
// over, whatever the schedule, the clock or a crash did. Windows are of whole
// seconds and at most window.max long; a longer span is cut into several, each
// its own run. The manual lane has no watermark: such a run examines the
// window that was asked for, in one piece, and moves nothing.
//
// # Slots
//
// A slot is an instant at which the schedule fires. A hunt that the ledger does
// not know is due at once: its first slot is the newest that is past. Of
// several slots that went by, while the daemon was down say, only the newest
// is kept: one pass from the watermark covers them all.
//
// No window ends beyond the clock's present, less the lag, whatever slot the
// ledger remembers. Where a clock is set back behind the watermark, the hunt
// waits until it has caught up, and says so.
//
// # Limits
//
// A run may read so many rows, hold so many bytes and take so long (limits).
// Where a window of a lane that tiles time holds too much, the run's window is
// halved: the ledger moves its end, under the run's fence, and drops what was
// staged; the same worker goes on with the first half, as whoever takes the run
// over would. The commit moves the watermark to the shorter end, and planning
// begins there as it always does. A window that fits is remembered as the lane's
// pace: the next is no longer than that, the one after twice as long, until they
// are as long as before. Down to a second, the run fails: a person must act. What
// a hunt makes of a window as a whole, such as a count against a threshold, it
// makes of each part.
//
// # Hunts that change
//
// The ledger knows a hunt by its name. Under another name it is another hunt,
// which begins window.first ago. A hunt whose file is taken away keeps its
// watermark and its open run, and goes on from there when it comes back. An
// open run keeps its window and is examined by the file as it is by then.
//
// # Suppression
//
// A finding is withheld when one with the same key was reported on the same
// lane less than suppress.for earlier, by the times of the evidence and not by
// the clock, so that a run over old windows behaves as it did live. One whose
// evidence is older than what was reported, because it was indexed late, is
// reported, once. Manual runs neither withhold nor remember: they show what the
// window holds.
//
// # Failure
//
// An error that may pass is tried again with growing pauses. When the attempts
// are spent, or a person must act, the run fails and the watermark stays; the
// next slot begins at the same second. Within its slot a run that failed is not
// tried again, unless the daemon is started or reloaded: what stopped it may
// have been mended. A window is never skipped. A panic in a stage fails the run
// and nothing else.
package jobs
