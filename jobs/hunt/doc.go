// Package hunt is what a hunt file says: its settings, each with its place in the
// file, its schedule in words and in instants, and the lengths of its windows.
//
// A slot is an instant at which the schedule fires. A hunt starts later than its
// slots by its jitter, which is fixed by its name; its windows are those of the
// slots. Where the clocks of the schedule's zone are set, robfig/cron passes over
// a time of day that does not exist, and fires twice at one that exists twice:
// [Schedule.ClockChanges] computes what that does, from the same schedule under
// clocks that are not set.
package hunt
