// Package dispatch hands runs that may begin to workers. It wraps River, and
// no type of River's leaves it.
//
// The ledger decides which runs may begin and offers those, in the transaction
// that made them eligible. A [Job] names a run and its fence. A worker claims
// the run by both, so that a job that is lost, late or handed out twice
// changes nothing.
//
// There is one queue. River orders it by priority, then by age, and hands a
// daemon no more jobs than it has free workers. Retries, timeouts, uniqueness
// and leader election of River are off: the ledger has fences, leases and
// retries of its own. What River would delete as the leader, [Queue.Prune]
// deletes.
//
// River's listener for SQLite polls a table every 50 ms on the connection that
// writes. A driver that embeds River's wakes the workers by a channel instead.
// Jobs of other processes are found by River's poll, within a second.
package dispatch
