// Package story tells an ordinary working day of a small company, with three
// things in it that do not belong there. The demo hunts through it, benchmarks
// are fed from it, and because it knows where it put everything, what a hunt
// reports can be held against the truth.
//
// # Vocabulary
//
// The cast are the hosts, people, sites and addresses. The plan is the list of
// what happens when: items, each a moment and the function that tells it.
// Items that belong together (a page visit: its lookup, connections and
// requests) form a scene. Planted are the three things to find. A look-alike
// is something harmless that resembles one of them.
//
// # The same bytes everywhere
//
// A story is decided by its seed and options alone: same input, same bytes, on
// every platform. Therefore all arithmetic is of integers (a compiler may fuse
// a floating multiply and add, and the results differ between processors), the
// random numbers are PCG (math/rand/v2, whose sequence is fixed), and nothing
// ranges over a map.
//
// # Small in memory
//
// The plan holds 24 bytes an item and is sorted once. What an item says is
// drawn only when it is told, from random numbers of its scene, so a story of
// millions of events can be written without holding them.
//
// # Addresses and names
//
// The outside world lives in the ranges kept for documentation (RFC 5737, RFC
// 3849) and under names kept for it (RFC 2606), so that no event ever points at
// somebody. Harmless and planted addresses are dealt from one shuffled deck:
// no range gives a culprit away. The hours of the day are UTC's.
package story
