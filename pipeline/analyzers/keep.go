package analyzers

import "github.com/huntd/huntd/pipeline"

var _ = define(Spec[keepConfig]{
	Name:    "keep",
	Summary: "keeps the records for which a condition holds",
	Doc: `
The condition is an expression over the record's fields. A plain name is a
field; a name with parentheses behind it is a function, such as len(user).

- An absent field is "": user == "" asks whether there is one, or len(user) == 0.
- Text that is a number compares as a number: bytes > 1000. Where bytes is absent
  or no number, neither bytes > 1000 nor bytes < 1000 holds.
- On a field of several values an operator holds if it holds for any of them. The
  one exception is !=, which is the opposite of ==: user != "ann" holds if no
  value is ann.
- Operators for text are contains, startsWith, endsWith, matches (a regular
  expression) and in (a list), all minding capitals; lower(user) makes small
  letters of them. Functions, such as cidr(ip, "10.0.0.0/8"), glob, extract, json,
  entropy and hour, are explained under Expressions.

Arithmetic on what is no number gives nothing, and is counted as not_numbers.
`,
	New: func(c keepConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
		return newSieve(c.Where, true, dict)
	},
	Example: `
-- config.yaml --
keep: EventCode == 4625 and user != "guest"
-- in.ndjson --
{"_time":1767225600,"EventCode":"4625","user":"ann"}
{"_time":1767225601,"EventCode":"4624","user":"bob"}
{"_time":1767225602,"EventCode":"4625","user":"guest"}
-- out.ndjson --
{"_time":"1767225600","EventCode":"4625","user":"ann"}
`,
})

type keepConfig struct {
	Where string `koanf:"where" short:"true" required:"true" doc:"The condition."`
}
