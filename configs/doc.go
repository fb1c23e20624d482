// Package configs reads, checks and documents settings. It knows none of the
// parts whose settings it reads: each part owns a struct, and configs fills it
// from a file and says, with file and line, what is wrong with that file.
//
// # From file to struct
//
// [Parse] turns a YAML file into a tree of [Node], each of which remembers
// where it stood. [Decode] checks such a tree against a struct and fills it.
// What the file does not mention keeps the value the struct already had, so a
// filled-in struct is its own defaults.
//
// JSON is YAML: a file written as JSON loads the same.
//
// # Layers
//
// The file overrides the defaults. The [Environment] overrides the file, and a [Flag]
// overrides both. [Parse] merges them into one tree, by koanf. Each node keeps its
// place, so that a mistake in a variable is reported with the variable's name.
// Values are written as in the file, lists in brackets. Paths begin at the working
// directory. [ListOrigins] lists the settings and their places.
//
// # Files
//
// [ReadFile] and [ReadFileIn] are how every settings file is read: opened without
// waiting, then checked to be a regular file, then read up to a limit, so that a
// FIFO or a device stops no reload. A file that a person names, huntd.yaml say, may
// be a link to anywhere. A file found in a folder must lie in that folder: links
// are followed as far as they stay inside, also those by which Kubernetes mounts a
// ConfigMap (a.yaml, ..data/a.yaml, ..2026_01_01/a.yaml). A pipe is read only where
// the process was started with it (/dev/stdin, /dev/fd/63), which is what people
// mean by huntd check --config <(envsubst <huntd.yaml): paths in it begin at the
// working directory, and a reload, which finds nothing more in it, is refused.
//
// # Field tags
//
//	koanf:"name"       the key; a field without this tag is none of the file's business
//	koanf:",squash"    an embedded struct whose keys stand beside the others
//	doc:"…"            what the setting is for, for people
//	type:"…"           a better word for its type, in the reference
//	required:"true"    the file must have the key
//	enum:"a,b,c"       the texts that are allowed
//	pattern:"…"        a regular expression that the text must match
//	min:"…" max:"…"    bounds: of numbers, durations and sizes, of the length of
//	                   a text, a list or a mapping
//	short:"true"       the one field that a scalar or a list stands for, where
//	                   the struct's mapping is expected
//
// enum and pattern hold for each member of a list or mapping. A struct that is
// a member of a list or a mapping, or stands behind a nil pointer, begins with
// what its SetDefaults method gives it ([Defaulter]).
//
// A struct tag that makes no sense, or a field of a type that cannot be
// decoded, is a mistake in the program, not in a file: it panics, in the first
// test that touches it.
//
// # Secrets
//
// A [Secret] is never written into a file. The file holds a reference to it,
// which [Secret.Reveal] follows afresh each time, so that a rotated token is
// found. It prints as <secret> whatever is tried.
//
// # Decisions
//
//   - koanf merges nodes, not values: values are checked where they are converted,
//     because only a node knows its place.
//   - Every mistake in a file is reported, in the order of its lines. The
//     struct is filled with the rest, so that later checks can use it.
//   - A list or a mapping of names in a file replaces the default one whole.
//   - Anchors, aliases, merge keys, tags and directives are refused: no hunt
//     needs them, and they are how a small file becomes a large one. Depth,
//     number of keys and runs of empty lines are bounded for the same reason.
//   - Only true and false are booleans, only decimal (or 0x, 0o) numbers without
//     leading zeros are numbers, as in YAML 1.2: yes, on, 010 and 1_000 are text.
//   - A plain number or boolean where text is wanted keeps the text it was
//     written as, so that 4688 and 1.10 are what they look like.
//   - A key without a value is refused where a value is wanted: it is more often
//     forgotten than meant.
//   - Messages repeat text of a file to help find a mistake. A file that is text, or
//     none of whose keys is known, is another program's: nothing of it is repeated.
package configs
