// Package processes links records of process creations into trees, host by
// host. It knows neither records nor hunts: a [Process] goes in, a [Node] of the
// same number comes out, and behind those a node for each parent that was only
// ever named.
//
// # Who is whose parent
//
// A creation names its parent by a process id, often by a name too, seldom by a
// GUID. The parent is
//
//   - with GUIDs (Sysmon) the process that has the parent's GUID;
//   - else the last process of the group that was created under the parent's id,
//     and its name where the record gives one, at the time of the child or
//     before. Process ids are used again; the last creation is the one that is
//     still alive, and the name guards against an id whose new owner was not
//     recorded;
//   - with [Limits.Slack], else the first that was created within so much time
//     after the child, for records whose clocks or writers disagree;
//   - else inferred: one node for each id and name that has children but no
//     record.
//
// Names are compared without regard to case. Ids are compared as numbers, be
// they written in hex or not, and as text if they are none. A process never is
// its own parent. Records with the same time can make one another's parent; such
// a ring is opened at the process that comes first, whose parent is then
// inferred.
//
// Two records of one group with the same name, id and time are one process that
// was recorded twice: the second gets the first's place in the tree and is no
// child of its own.
//
// # What is MSTICPy's
//
// These are the rules of its build_process_tree for Windows and Linux, so that
// keys, paths and flags agree with it, and the numbering ([Node.Index]) as well:
// records in the order of time, then the inferred parents in the order in which
// children first named them. Records of one time even come in the order in which
// NumPy's unstable sort leaves them: nothing else depends on it, and numbers agree. What differs, and why:
//
//   - groups are kept apart, where MSTICPy mixes the hosts that it is given;
//   - a process whose record names no parent is a root; MSTICPy infers a parent
//     without an id for it;
//   - a process is never its own parent and rings are opened; MSTICPy leaves both
//     without a path and outside of every tree;
//   - a record that is there twice takes one number; MSTICPy gives two if they
//     differ in any column.
//
// # Work and memory
//
// Sorting by time is the most expensive step; the last creation before a time is
// a binary search in the creations of one id, so that a million processes of one
// id cost no more than a million of different ids. Nothing recurses. Paths are
// written from at most [MaxPathLevels] levels and [MaxPathBytes] bytes, the
// nearest to the process, keys from 512 bytes of name and 64 of id, the rest of
// which becomes a hash: otherwise the output could grow with the square of a
// hostile input.
//
// # Figures
//
// One core of a shared AMD EPYC that was busy, go test -bench . -cpu 1, 100,000
// processes of a host in deep trees, with keys and both paths: 110,000 to 268,000
// processes/s and 119 MB; sorting, a map of strings and paths hung on paths, in the
// same runs: 30,000 to 67,000 processes/s and 991 MB.
package processes
