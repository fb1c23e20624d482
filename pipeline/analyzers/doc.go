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
// stands in fields.go, groups.go, rows.go and sieve.go.
//
// # Rules for stages
//
// A stage is pure: no clock, no network, no goroutine. It is made afresh for
// each run and sees its records through [pipeline.Batch] alone. What it leaves
// out or cuts short it counts (see [pipeline.Counter]), and where that concerns
// one record it says so on it, in the field huntd_note.
//
// A stage that finds several things in a record has the setting as: fields
// adds fields of several values, rows makes a record of each thing, beside the
// fields of the record that it was found in.
package analyzers
