// Package daemon builds huntd's parts, runs them, reloads and takes them down.
//
// # A tour of the house
//
// Imports run downward only; cmd/huntd's TestLayers holds the table.
//
//	cmd/huntd            the commands that people and systemd type, a file each
//	daemon               this package: the parts, and the planner on robfig/cron
//	jobs                 hunts, windows, the run loop
//	jobs/control         what people order
//	jobs/views           what people see
//	jobs/state           the ledger
//	jobs/outbox          carries events to a sink until they are safe there
//	pipeline/splunk      client, logins, search source, HEC sink
//	pipeline/splunk/sandbox   a small Splunk that speaks the real protocol
//	pipeline/files       a folder of files as a SIEM
//	pipeline/analyzers   all stages, a file each
//	pipeline/story       the made-up working day behind the demo
//	pipeline/{auditd,commandline,expression,ioc,netname,processes,recall,sessions,unpack}
//	                     engines; they know no hunt and no Splunk
//	pipeline             batch, stage, source, sink, finding
//	configs   systemd    settings · the service manager
//
// # Life of a run
//
// A slot of the schedule falls due; [jobs.Plan] cuts the next window from the
// ledger's watermark and queues a run; when the run may begin it is offered, and
// a worker claims it, which raises its fence;
// [jobs.Runner.Do] searches, draws the records through the pipeline and stages
// the events; one commit closes the run, moves the watermark and makes the
// events sendable; the outbox carries them to HEC and deletes them when they are
// confirmed. Whatever dies on the way, the ledger says where to begin again.
//
// # Cron triggers, the ledger decides
//
// robfig/cron only triggers: it puts a hunt on the planner's agenda. Which slot is
// due is computed from the schedule and the ledger, so that a trigger that came
// late, twice or not at all changes nothing, and so that any number of daemons
// may plan: the ledger takes each window once. A heartbeat looks at every hunt
// each half minute, for a timer does not notice that a host was suspended or
// its clock was set.
//
// # Loops
//
// Three loops turn: the planner, the offers (which sleep until the next run
// becomes due) and the housekeeping (heartbeat, abandoned runs, clocks, pruning).
// The watchdog is fed as long as all of them turn; whether another host answers
// does not matter. While the ledger is unreachable they go on trying; that is
// logged once when it begins and once when it ends, and shown in the status.
// A daemon whose state cannot be opened yet is ready all the same, and waits.
//
// # Clocks
//
// Windows end by the host's clock, less the lag; Splunk stamps what it indexes by
// its own, and the ledger's database judges leases by a third. Each heartbeat
// compares the host's with the database's, and with the newest header Date of
// each Splunk; one that has been idle for five minutes is asked for a reply.
// Beyond limits.clock_skew nothing is planned, and no run that is queued begins,
// for hunts that search that Splunk, or, where it is the database's clock, for
// any. It is logged once when that begins and once when it ends, and shown by the
// daemon's row of the ledger, which huntd list reads, and in its status. The runs
// of run-once begin. Whatever is searched, no window is committed that had not
// ended by Splunk's clock ([jobs.FutureError]).
//
// # Limits
//
// While the outbox holds more than limits.spool, no run is offered, on any lane, and
// nothing is dropped. Each heartbeat forgets some
// of what has been kept for long enough (limits.history, limits.dead_letters).
//
// # Reload
//
// A reload loads everything anew. If anything is wrong, nothing changes. If
// not, cron and the outbox workers are replaced; runs that are under way end as
// they began. Runs that failed for good begin at once, as they do at a start, and
// so do those that wait for another try if their hunt's file or connection has
// changed. A reload waits for nothing but the files: the housekeeping makes the
// new configuration known to the ledger, and the new outbox workers begin when the
// old ones have had their answers. Changing state: or log: takes a restart. SIGTERM
// is heard while files are loaded.
//
// # Stop
//
// No new window begins. Running ones get half a minute and are then given back
// to the ledger; a body on its way to HEC gets as long to be answered. What is in
// the outbox stays there for the next start. A second signal ends the process at
// once, which is as safe as a crash.
package daemon
