package state

// A table is one of the ledger's own, as [Move] carries it over.
type table struct {
	name    string
	columns []string
	where   string // which rows, "" for all
	// numbered says that the database itself numbers the rows, in a column id.
	numbered bool
}

// tables are those that hold the truth, with the columns that mean something
// in another place. What ties a row to a process or to the queue stays behind:
// offers, owners and leases, the table daemon, and River's.
// Staged bodies are of runs that begin anew.
func tables() []table {
	return []table{
		{name: "hunt", columns: []string{"hunt_id", "last_slot", "seen_at", "paused_at", "pause_until", "pause_reason"}},
		{name: "checkpoint", columns: []string{"hunt_id", "lane", "watermark", "began", "report_from", "pace", "carry"}},
		{name: "run", columns: []string{
			"run_id", "hunt_id", "lane", "slot_at", "win_from", "win_to", "spec_hash", "state", "fence", "attempts", "due_at", "priority",
			"splunk_sid", "rows_in", "rows_out", "findings", "suppressed", "notes", "delivered", "dead", "error",
			"created_at", "started_at", "finished_at", "connection",
		}},
		{name: "outbox", columns: []string{
			"id", "run_id", "hunt_id", "fence", "seq", "dest", "nbytes", "nevents", "ready", "attempts", "not_before", "reason",
			"created_at", "body",
		}, where: "ready=1", numbered: true},
		{name: "dead_letter", columns: []string{"id", "run_id", "dest", "event", "status", "reason", "at"}, numbered: true},
		{name: "suppression", columns: []string{"hunt_id", "lane", "key", "shown", "until"}},
		{name: "gap", columns: []string{"hunt_id", "win_from", "win_to", "reason", "at", "waived_at", "waived_reason"}},
		{name: "backfill", columns: []string{
			"backfill_id", "hunt_id", "win_from", "win_to", "warm_from", "state", "reason", "created_at", "ended_at",
		}},
		{name: "connection", columns: []string{"connection", "max_searches", "paused_at", "pause_until", "pause_reason"}},
		{name: "finding", columns: []string{"hunt_id", "win_from", "id", "digest", "at"}},
		{name: "settled", columns: []string{"hunt_id", "win_from", "win_to", "counted", "at"}},
	}
}
