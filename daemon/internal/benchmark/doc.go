// Command benchmark measures huntd's engine, from the slot of a schedule to the
// commit, and prints a table in Markdown:
//
//	go run ./daemon/internal/benchmark > table.md
//
// Every measurement is a new state and one daemon, or three, each a process of
// its own. They are real in all but their ends: a search yields nothing and a
// run stages one body of random bytes all the same, where the table says how
// large.
//
//   - runs/s: hunts with a long past examine it window after window. Nothing is
//     delivered, so that the outbox grows.
//   - lateness: every hunt is due once a minute, at a second of its own or all
//     at the full minute. Measured is from when a hunt is due, which is its slot
//     and its jitter, to when it is planned and to when it searches. Bodies go to
//     a sink that confirms at once.
//   - idle: nothing is due, or all hunts wait: for a paused connection, for the one
//     search that max_searches lets through, for room in the outbox. Written is what
//     the system wrote to disk for the daemon.
//
// Processor time is that of the daemons, by getrusage, and in percent of one
// processor; a PostgreSQL server's own is not in it. Machines that measure are
// seldom alone, so that the table tells the load before each measurement.
//
// A new database knows nothing of its tables yet, and plans accordingly: before
// it is measured, PostgreSQL is made to ANALYZE them, which else its autovacuum
// does within a minute.
//
// PostgreSQL is measured where -postgres, or HUNTD_TEST_POSTGRES, names a server
// on which databases may be made; they are dropped in the end. -short does all
// of it within a minute, with few hunts that are due every few seconds: its
// figures mean nothing but that everything works.
package main
