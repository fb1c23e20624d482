// Package analyzers holds every stage of a pipeline, keep and drop included:
// one file for each. To see what there is, list the folder; to add a stage, add
// a file.
//
// # A stage is one file
//
// A file makes one call of define with a [Spec]: the stage's name, what it is
// for, the prototype of its settings (whose values are the defaults and whose
// type is the schema), a constructor, and a worked example. The example is its
// test, and is printed in the reference; testdata/NAME/*.txtar hold further
// ones. What is missing from a Spec is refused when the program starts, hence
// in any test. Apart from the Spec, names in a file begin with the stage's own
// name, so that forty stages can live side by side; what several stages share
// stands in files without a stage: the fields that a stage reads and the notes that it
// leaves (fields.go, patterns.go), what stages of one kind have in common (groups.go,
// pervalue.go, rows.go, sieve.go), records held until the end of a window and their
// order (hold.go, order.go), names of records (hash.go), the figures of group
// (statistics.go, figures.go, percentile.go) and the tables of join (tables.go,
// tableindex.go, glob.go).
//
// # Rules for stages
//
// A stage is pure: no clock, no network, no goroutine. It is made afresh for
// each run and sees its records through [pipeline.Batch] alone. What it leaves
// out or cuts short it counts (see [pipeline.Counter]), and where that concerns
// one record it says so on it, in the field huntd_note.
//
// Two stages ask for more than records. join reads its table when it is made, so
// that a hunt whose table is bad is a mistake like any other, and a run sees one
// state of it; mask fetches its key when the first records come.
//
// first_seen and rare remember between windows (see [pipeline.Stateful]); how,
// stands in package recall. Their time is that of the records.
//
// A stage that finds several things in a record has the setting as: fields
// adds fields of several values, rows makes a record of each thing, beside the
// fields of the record that it was found in.
package analyzers
