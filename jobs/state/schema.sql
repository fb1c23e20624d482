-- The tables of the ledger as the migrations make them, written by go generate. The
-- comments are written here by hand, one for each column.
--
-- On PostgreSQL, BYTEA stands for BLOB, an identity for AUTOINCREMENT, and the table
-- huntd_schema counts the migrations. River's tables (river_*) are left out.
--
-- s is Unix seconds, of windows and evidence. ms is Unix milliseconds, by the clock of
-- the host that writes unless it is said otherwise.

CREATE TABLE backfill(
  backfill_id TEXT PRIMARY KEY,                        -- names it in its lane, backfill:<id>; an order makes the row
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  win_from BIGINT NOT NULL,                            -- s; from here on findings are reported
  win_to BIGINT NOT NULL,                              -- s; where it ends
  warm_from BIGINT NOT NULL,                           -- s; where its lane begins, to warm up
  state TEXT NOT NULL CHECK(state IN('active','paused','done','cancelled','failed')), -- set by orders, and by the planner: failed with a run, done at the end
  reason TEXT NOT NULL DEFAULT '',                     -- why it is paused, cancelled or failed
  created_at BIGINT NOT NULL,                          -- ms
  ended_at BIGINT);                                    -- ms; NULL unless done or cancelled
CREATE INDEX backfill_active ON backfill(backfill_id) WHERE state='active';
CREATE INDEX backfill_hunt ON backfill(hunt_id, created_at);

CREATE TABLE checkpoint(
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  lane TEXT NOT NULL,                                  -- one that tiles time
  watermark BIGINT NOT NULL,                           -- s; covered up to here; moved by commits, and by skips on the live lane
  began BIGINT NOT NULL DEFAULT 0,                     -- s; where its first window began
  report_from BIGINT NOT NULL DEFAULT 0,               -- s; windows before it only warm up
  pace BIGINT NOT NULL DEFAULT 0,                      -- s; the longest next window, 0 for no bound; set when a window is halved and by commits
  carry BLOB,                                          -- what the stages saved at the watermark, JSON by stage; NULL for nothing
  PRIMARY KEY(hunt_id, lane));

CREATE TABLE connection(
  connection TEXT PRIMARY KEY,                         -- its name in the configuration
  max_searches BIGINT,                                 -- how many runs search it at a time, of all daemons; NULL is no limit; set at starts and reloads
  paused_at BIGINT,                                    -- ms; when a person paused it; NULL if it is not paused
  pause_until BIGINT,                                  -- ms; NULL for until it is resumed
  pause_reason TEXT NOT NULL DEFAULT '');              -- what the person said

CREATE TABLE daemon(
  daemon_id TEXT PRIMARY KEY,                          -- names the process; a daemon writes its own row
  version TEXT NOT NULL,                               -- of huntd
  config_hash TEXT NOT NULL,                           -- of its huntd.yaml and hunts; those of all daemons should agree
  hunts BIGINT NOT NULL,                               -- how many hunts it has
  started_at BIGINT NOT NULL,                          -- ms, by the database's clock
  seen_at BIGINT NOT NULL,                             -- ms, by the database's clock; its newest heartbeat
  clock_skew TEXT NOT NULL DEFAULT '');                -- clocks that differ from its host's, JSON; '' for none

CREATE TABLE dead_letter(
  id INTEGER PRIMARY KEY AUTOINCREMENT,                -- numbered by the database
  run_id TEXT NOT NULL,                                -- the run whose event was refused; written by the outbox
  dest TEXT NOT NULL,                                  -- the connection that refused it
  event BLOB NOT NULL,                                 -- as it was sent
  status BIGINT NOT NULL,                              -- of the HTTP answer
  reason TEXT NOT NULL,                                -- what the receiver said
  at BIGINT NOT NULL);                                 -- ms; when it was refused
CREATE INDEX dead_letter_at ON dead_letter(at);

CREATE TABLE finding(
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  win_from BIGINT NOT NULL,                            -- s; the window that is to be looked at for late events; written by its commit
  id TEXT NOT NULL,                                    -- the huntd_id of an event that was sent or withheld
  digest TEXT NOT NULL,                                -- tells versions of the event apart; '' for a record, withheld:<s> until when it was withheld
  at BIGINT NOT NULL,                                  -- ms; when the window was committed
  PRIMARY KEY(hunt_id, win_from, id));
CREATE INDEX finding_at ON finding(at);

CREATE TABLE gap(
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  win_from BIGINT NOT NULL,                            -- s; time of the live lane that was given up on, by the planner or a person
  win_to BIGINT NOT NULL,                              -- s; where it ends
  reason TEXT NOT NULL,                                -- why it was given up on
  at BIGINT NOT NULL,                                  -- ms; when it was given up on
  waived_at BIGINT,                                    -- ms; when a person said that it may stay; NULL if nobody has
  waived_reason TEXT NOT NULL DEFAULT '',              -- what the person said
  PRIMARY KEY(hunt_id, win_from));

CREATE TABLE hunt(
  hunt_id TEXT PRIMARY KEY,                            -- its name; the planner makes the row with the first plan
  last_slot BIGINT NOT NULL,                           -- ms; the newest slot that the planner has dealt with
  seen_at BIGINT NOT NULL,                             -- ms; when a daemon last had the hunt, to the hour
  paused_at BIGINT,                                    -- ms; when a person paused it; NULL if it is not paused
  pause_until BIGINT,                                  -- ms; NULL for until it is resumed
  pause_reason TEXT NOT NULL DEFAULT '');              -- what the person said
CREATE INDEX hunt_pause ON hunt(pause_until) WHERE pause_until IS NOT NULL;

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,                -- numbered by the database
  run_id TEXT NOT NULL,                                -- the run that staged the body
  fence BIGINT NOT NULL,                               -- of the run when it staged the body
  seq BIGINT NOT NULL,                                 -- numbers the bodies of a run
  dest TEXT NOT NULL,                                  -- the connection that it is for
  nbytes BIGINT NOT NULL,                              -- length of the body
  nevents BIGINT NOT NULL,                             -- events in the body
  ready INT NOT NULL DEFAULT 0,                        -- 1 once the run was committed, 0 before: only then it may be sent
  attempts BIGINT NOT NULL DEFAULT 0,                  -- how often the outbox tried to send it
  not_before BIGINT NOT NULL DEFAULT 0,                -- ms; when it may be tried again, 0 for at once
  reason TEXT NOT NULL DEFAULT '',                     -- why the newest try failed
  created_at BIGINT NOT NULL,                          -- ms; when it was staged
  body BLOB NOT NULL,                                  -- as it is posted; behind what is read without it
  lease_owner TEXT,                                    -- the process that is sending it; NULL if none is
  lease_until BIGINT,                                  -- ms, by the database's clock; others leave it alone until then
  hunt_id TEXT NOT NULL DEFAULT '',                    -- the hunt of the run
  UNIQUE(run_id, fence, seq));
CREATE INDEX outbox_bytes ON outbox(nbytes);
CREATE INDEX outbox_hunt ON outbox(hunt_id, run_id, nevents) WHERE ready=1;
CREATE INDEX outbox_ready ON outbox(dest, not_before, created_at) WHERE ready=1;
CREATE INDEX outbox_staged ON outbox(run_id) WHERE ready=0;

CREATE TABLE run(
  run_id TEXT PRIMARY KEY,                             -- a UUID of version 7; whoever plans or orders a run inserts it
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  lane TEXT NOT NULL,                                  -- see jobs.LaneKinds
  connection TEXT NOT NULL,                            -- the connection that it searches
  priority BIGINT NOT NULL,                            -- of the lane; 1 begins first
  slot_at BIGINT NOT NULL,                             -- ms; the slot that the run belongs to
  win_from BIGINT NOT NULL,                            -- s; where its window begins
  win_to BIGINT NOT NULL,                              -- s; where it ends; earlier after the window was halved
  spec_hash TEXT NOT NULL,                             -- version of the hunt's file that it was planned or, in the end, examined by
  state TEXT NOT NULL CHECK(state IN('queued','running','retry','succeeded','failed','cancelled')), -- see jobs.RunStates
  fence BIGINT NOT NULL DEFAULT 1,                     -- grows whenever the run changes hands
  due_at BIGINT NOT NULL DEFAULT 0,                    -- ms; when it may begin or be tried again, 0 for at once
  offered_at BIGINT,                                   -- ms; when the queue got a job for it; NULL if it has none
  lease_until BIGINT,                                  -- ms, by the database's clock; when its worker counts as dead; NULL if it has none
  attempts BIGINT NOT NULL DEFAULT 0,                  -- how often it was claimed, less what was given back
  splunk_sid TEXT NOT NULL DEFAULT '',                 -- the search job that works for it, '' while none is known
  rows_in BIGINT NOT NULL DEFAULT 0,                   -- records that were read; this and what follows is set by the commit
  rows_out BIGINT NOT NULL DEFAULT 0,                  -- records that left the pipeline
  findings BIGINT NOT NULL DEFAULT 0,                  -- findings that were reported
  suppressed BIGINT NOT NULL DEFAULT 0,                -- findings that were withheld
  notes TEXT NOT NULL DEFAULT '{}',                    -- what stages left out or cut short: counts by stage.what, JSON
  delivered BIGINT NOT NULL DEFAULT 0,                 -- events that the receiver confirmed; counted by the outbox
  dead BIGINT NOT NULL DEFAULT 0,                      -- events that were put aside; counted by the outbox
  error TEXT NOT NULL DEFAULT '',                      -- why the newest attempt failed, or why it was cancelled
  created_at BIGINT NOT NULL,                          -- ms
  started_at BIGINT,                                   -- ms; when the first of the attempts began
  finished_at BIGINT);                                 -- ms; NULL while it is open
CREATE INDEX run_ended ON run(hunt_id, finished_at, run_id) WHERE state IN('succeeded','failed');
CREATE INDEX run_finished ON run(finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX run_hunt ON run(hunt_id, win_from);
CREATE INDEX run_late_failed ON run(hunt_id, win_from) WHERE lane='late' AND state='failed';
CREATE INDEX run_offered ON run(connection, offered_at) WHERE offered_at IS NOT NULL;
CREATE UNIQUE INDEX run_one_open ON run(hunt_id, lane) WHERE lane <> 'manual' AND state IN('queued','running','retry');
CREATE INDEX run_open ON run(hunt_id, lane, created_at) WHERE state IN('queued','running','retry');
CREATE INDEX run_running ON run(connection, lease_until) WHERE state='running';
CREATE UNIQUE INDEX run_slot ON run(hunt_id, lane, slot_at, win_from) WHERE lane <> 'manual';
CREATE INDEX run_waiting ON run(connection, priority, due_at, run_id) WHERE state IN('queued','retry') AND offered_at IS NULL;

CREATE TABLE settled(
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  win_from BIGINT NOT NULL,                            -- s; a window to be looked at for late events; written by its commit on the live lane
  win_to BIGINT NOT NULL,                              -- s; where it ends
  counted BIGINT NOT NULL,                             -- events that came late; -1 if it was not looked at yet
  at BIGINT NOT NULL,                                  -- ms; when it was searched, and later when it was looked at
  PRIMARY KEY(hunt_id, win_from));
CREATE INDEX settled_at ON settled(at);
CREATE INDEX settled_grown ON settled(hunt_id) WHERE counted>0;
CREATE INDEX settled_open ON settled(hunt_id, win_to) WHERE counted<0;

CREATE TABLE suppression(
  hunt_id TEXT NOT NULL,                               -- the hunt's name
  lane TEXT NOT NULL,                                  -- see LaneKind.SuppressesOn
  key TEXT NOT NULL,                                   -- of a finding that was reported; written by its run's commit
  shown BIGINT NOT NULL,                               -- s, by the evidence; from here on the finding is withheld
  until BIGINT NOT NULL,                               -- s, by the evidence; up to here
  PRIMARY KEY(hunt_id, lane, key));
CREATE INDEX suppression_until ON suppression(hunt_id, lane, until);
