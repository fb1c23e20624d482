package analyzers

import "github.com/huntd/huntd/pipeline"

var _ = define(Spec[keepConfig]{
	Name:    "keep",
	Summary: "keeps the records for which a condition holds",
	Doc: `
The condition is an expression over the record's fields. A plain name is a
field, an absent field is "", text that is a number compares as a number, and an
operator on a field of several values holds if it holds for any of them.
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
