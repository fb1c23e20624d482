// Package jobs is a hunt at work: which windows are due, the run loop that examines
// one, and what a commit holds. What a hunt file says is package hunt's.
//
// There is one run loop, [Runner.Do]. The daemon, a run by hand, a backfill and
// the demo differ only in the [Run] row that they insert: its lane and its
// window.
//
// # Windows
//
// A lane is a line of windows of one hunt; [LaneKinds] says how lanes differ. On
// the live lane windows tile time: the next one begins where the watermark stands
// and ends at the slot's instant less the hunt's lag, so that no second is
// examined twice and none is passed over, whatever the schedule, the clock or a
// crash did. Windows are of whole seconds and at most window.max long; a longer
// span is cut into several, each its own run. The lane of a backfill tiles the
// time that it was asked for, cut where the live lane would cut it, so that its
// findings get the same ids. The manual lane has no watermark: such a run
// examines the window that was asked for, in one piece, and moves nothing.
//
// # Slots
//
// A slot is an instant at which the schedule fires. A hunt that the ledger does
// not know is due at once: its first slot is the newest that is past. From then
// on slots are counted from the ledger's last one. Of several that went by,
// while the daemon was down say, only the newest is kept, and one pass from the
// watermark covers them all (catch_up: coalesce); or each has a window of its own,
// up to a number (each); or their time is given up on and becomes a gap (skip).
//
// No window ends beyond the clock's present, less the lag, whatever slot the
// ledger remembers. Where a clock is set back behind the watermark, the hunt
// waits until it has caught up, and says so.
//
// Splunk's clock may differ from the host's. A window that had not ended by Splunk's
// clock when it was searched is not committed, for events of it may be indexed
// later: the run is tried again when it has ended ([FutureError]).
//
// [hunt.Hunt.Forecast] foretells the windows by asking the planner what it would do at
// each of the next slots, so that it cannot disagree with it. What becomes of the
// schedule where clocks are set is computed too, by the same schedule under clocks
// that are not set: robfig/cron passes over what does not exist, and fires twice
// at what comes twice.
//
// # Memory
//
// Stages that remember between windows ([pipeline.Stateful]) are given what they
// saved at the end of the lane's window before, which is committed with that
// window. A lane that begins with nothing warms up first: its windows begin as
// long before the first one that is reported as the stages look back, and those
// are examined without reporting. A backfill warms up its suppression as well,
// for it is to find what a live run would have found. A manual run draws the
// time before its window through the pipeline first, in pieces; so does the next
// window of a lane to whose pipeline a stage that remembers was added.
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
// # Late events
//
// By index time an event that comes late lies in a later window, and is found
// there. By event time it lies in a window that has been examined, and is missed,
// unless the hunt says when its windows have settled (window.settle). Then the
// commit of a live run keeps what the window has come to: the ids of its events,
// with a digest of each finding, and until when those were withheld that were.
// Once the window has settled, a run on the late lane asks Splunk how many of its
// events were indexed after the live run began to search, less the hunt's lag or
// half a minute, for what Splunk had stamped but did not show yet. If there are
// none, the run leaves nothing behind. If there are, the window is examined again,
// as by hand: it moves no watermark. Findings that were sent and have not changed
// are left out, and so are records that were sent; what has changed is sent under
// the id that it had. What is new is withheld by what the live lane remembers, in event time:
// within a span it is withheld, and one that lies before a span is old news,
// which is reported once. A window is looked at once. The run is repeated, count
// and all, until it has committed.
//
// The count heeds the search's first command alone: more than the hunt uses may
// have come late, and the window is run again for nothing. It wants a search that
// begins with the search command, and a clock that agrees with Splunk's to within
// the lag.
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
// A run that fails is tried again, after seconds at first and then every fifteen
// minutes at most, for as long as it takes: what cannot be reached never fails a
// run for good, however long the outage. The run's error says since when it has
// been failing, and how often. A server may ask for a longer pause (Retry-After)
// within that bound.
//
// Only an error that wraps [pipeline.ErrPermanent], which a person must mend, fails
// the run for good, and any error fails a manual run. The watermark stays; the next
// slot begins at the same second. Within its slot a run that failed is not tried
// again, unless the daemon is started or reloaded. A window is never skipped. A
// panic in a stage fails the run and nothing else.
//
// A window that took longer than limits.timeout, or than Splunk's search may
// (api.search_timeout), is tried again whole once: Splunk may have been slow. From
// the second attempt on it is halved, down to a sixteenth of window.max, one half
// an attempt, so that no attempt takes longer than the limit.
//
// A database that is lost during a call may have carried it out. The runner then
// asks for the run's state before it reports anything: a commit whose answer was
// lost is a success like any other.
package jobs
