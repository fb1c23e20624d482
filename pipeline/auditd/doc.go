// Package auditd reads what Linux's audit system writes: lines such as
//
//	type=EXECVE msg=audit(1521757638.392:262332): argc=3 a0="sh" a1="-c" a2=6C73202D6C
//
// Several lines tell of one event: the system call, the program's arguments, the
// working directory, the files. [ParseLine] takes a line apart as far as that
// is needed to know which event it belongs to; [Event.Assemble] makes the fields
// of an event out of its lines; a [Merger] gathers the lines of many events that
// come apart and in any order.
//
// # Which lines belong together
//
// Those with the same time and serial number, from the same node. The time alone
// is not enough: a busy machine has several events in a millisecond, which
// MSTICPy mixes.
//
// # The format
//
// There is no specification; what is read here is what the kernel's
// kernel/audit.c and auditsc.c, auditd, its plugins, the kernel's own log and
// Microsoft's AUOMS write. In front of type= may stand a syslog header and node=;
// type may be a number; msg= may be missing. The rest is name=value: the value in
// double quotes, or as it is up to a blank (words that are no name=value belong to
// the value before them, or are text), or in hex where it holds anything that
// could be mistaken, or a list of such pairs in single quotes, which are fields
// like the others. Enriched logs add names in capitals behind a group separator,
// 0x1d; they become fields under these names.
//
// # Hex
//
// Only fields that auditd encodes are decoded, only without quotes, and only if
// they are hex throughout: the arguments of EXECVE, acct, cmd, comm, cwd, data,
// device, dir, exe, file, grp, key, name, new_group, ocomm, path, proctitle,
// root_dir, sw, vm and watch. Bytes that are no UTF-8 are written as \xff, so that
// one of them does not hide the rest. The numbers in a socket address (saddr) are
// taken out as saddr_family, saddr_ip, saddr_port and saddr_path.
//
// # Long arguments
//
// The kernel cuts long arguments into a1[0], a1[1] … and long lists of arguments
// into several lines; both are put together again, by number and not by order. What
// is missing in between is noted.
//
// # Fields
//
// Names are auditd's own. A field that several lines of one type have (PATH, one
// for each file) has several values, in the order of item. If a line of another
// type has it as well, that one's is called name_TYPE. The registers a0 … a3 of a
// system call are syscall_a0 … where the event also has the arguments of a
// program. Names that records use themselves (host, source, _time …) begin with
// audit_.
//
// # Work and memory
//
// Every byte is looked at a fixed number of times. An event has at most
// [MaxFields] different names and [MaxEventBytes] of lines, what a Merger holds is
// bounded by its caller; what is left out is counted or noted.
//
// # Figures
//
// One core of a shared AMD EPYC that was busy, go test -bench . -cpu 1, starts of
// programs of six lines each, gathered and assembled: 399,000 to 529,000 lines/s
// (65 to 86 MB/s) and 6 allocations a line; regular expressions and maps, which
// decode less, in the same runs: 84,000 to 103,000 lines/s and 52 allocations.
package auditd
