package analyzers

import "github.com/huntd/huntd/pipeline"

var _ = define(Spec[dropConfig]{
	Name:    "drop",
	Summary: "leaves out the records for which a condition holds",
	Doc: `
The opposite of keep: for what is known to be harmless. The condition is an
expression over the record's fields, as for keep.
`,
	New: func(c dropConfig, dict *pipeline.Dict) (pipeline.Stage, error) {
		return newSieve(c.Where, false, dict)
	},
	Example: `
-- config.yaml --
drop: cidr(dest_ip, "10.0.0.0/8") or user endsWith "$"
-- in.ndjson --
{"_time":1767225600,"dest_ip":"10.1.2.3","user":"ann"}
{"_time":1767225601,"dest_ip":"203.0.113.7","user":"bob"}
{"_time":1767225602,"dest_ip":"203.0.113.7","user":"PC7$"}
-- out.ndjson --
{"_time":"1767225601","dest_ip":"203.0.113.7","user":"bob"}
`,
})

type dropConfig struct {
	Where string `koanf:"where" short:"true" required:"true" doc:"The condition."`
}
