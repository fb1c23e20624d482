package main

import "github.com/huntd/huntd/pipeline/ioc"

// filterSource is the filter that rows compare, filterByHand the same in Go.
const filterSource = `(Image endsWith "\\powershell.exe" or Image endsWith "\\cmd.exe") and CommandLine contains "-" ` +
	`and not (ParentImage startsWith "C:\\Program Files\\")`

// machineSource is one that has to go through expr's machine.
const machineSource = `not (ParentImage startsWith "C:\\Program Files\\") and reduce(CommandLine, #acc + len(#), 0) > 10`

// loopSource is one over several values.
const loopSource = `any([Image, ParentImage], lower(#) endsWith "\\cmd.exe" or # endsWith "\\mshta.exe")`

// lowerSource is one with functions.
const lowerSource = `lower(Image) endsWith "\\powershell.exe" and lower(CommandLine) contains "-enc" and len(CommandLine) * 2 > 100`

// tables lists everything that is measured.
func tables(size int) ([]table, error) {
	made, err := toldStory(size)
	if err != nil {
		return nil, err
	}
	corpora := []corpus{made}
	real, err := recordedEvents(size)
	if err != nil {
		return nil, err
	}
	if len(real.lines) > 0 {
		corpora = append(corpora, real)
	}
	decode, find, both, filter, held := table{title: "decode JSON lines into records"}, table{title: "find indicators, validated"},
		table{title: "decode and find indicators"}, table{title: "filter records, decoded before"},
		table{title: "a full collection while 30,000 records are held (here a record is a collection)", alone: true}
	for _, c := range corpora {
		decode.rows = append(decode.rows,
			row{"huntd", c, decodeBatches(nil)},
			row{"goccy/go-json into a map", c, decodeMaps(goccy)},
			row{"encoding/json into a map", c, decodeMaps(standard)})
		find.rows = append(find.rows,
			row{"huntd", c, scan(ioc.All)},
			row{"regexp, a pattern for each type, not validated", c.part(1 << 17), scanNaively})
		both.rows = append(both.rows,
			row{"huntd", c, decodeBatches(scanBatch)},
			row{"encoding/json and regexp", c.part(1 << 17), decodeAndScanNaively})
		filter.rows = append(filter.rows,
			row{"huntd: two endsWith, contains, startsWith", c, evaluate(filterSource)},
			row{"huntd: lower, arithmetic", c, evaluate(lowerSource)},
			row{"huntd: any of two fields", c, evaluate(loopSource)},
			row{"huntd: reduce, in expr's machine", c, evaluate(machineSource)},
			row{"the first by hand, over maps", c, filterMaps})
		held.rows = append(held.rows,
			row{"nothing held", c, holdNothing},
			row{"huntd", c, holdBatches},
			row{"encoding/json's maps", c, holdMaps})
	}
	unpacked := table{title: "unpack -enc command lines", rows: []row{
		{"huntd", encodedCommands(), unpackAll},
		{"regexp, encoding/base64, recursion", encodedCommands(), unpackNaively},
	}}
	return []table{decode, find, both, filter, unpacked, held}, nil
}
