package splunk

import (
	"regexp"

	"github.com/huntd/huntd/pipeline"
)

// Splunk tells in words that it left something out. Words about limits count
// in any message that is not DEBUG: "[subsearch]: Subsearch produced 221180
// results, truncating to maxout 10000." comes as INFO. Words about peers count
// from WARN on.
var (
	cutWords  = regexp.MustCompile(`(?i)\b(incomplete|truncat\w*|partial results?|auto-?finali[sz]ed|maxout|time limit|limit (for .* )?(was |has been )?(reached|exceeded)|terminated|prematurely)\b`)
	peerWords = regexp.MustCompile(`(?i)\b(peers?|indexers?|timed out|timeout|unreachable|unable to distribute|connection|skipp(ed|ing) (bucket|index)\w*)\b`)
	passWords = regexp.MustCompile(`(?i)\b(exit cleanly|crash\w*|memory|quota|maximum number of concurrent|not enough|disk)\b`)
)

// judge makes an error of messages that speak against the results of a search.
func judge(op, sid string, messages []Message) error {
	for _, m := range messages {
		switch m.Type {
		case "ERROR", "FATAL":
			e := &Error{Op: op, SID: sid, Messages: []Message{m}}
			if passing(messages) {
				return e.with(pipeline.ErrIncomplete)
			}
			return e.with(pipeline.ErrPermanent)
		case "WARN", "INFO":
			if cutWords.MatchString(m.Text) || m.Type == "WARN" && peerWords.MatchString(m.Text) {
				return (&Error{Op: op, SID: sid, Messages: []Message{m}, Advice: "the results are not whole"}).with(pipeline.ErrIncomplete)
			}
		}
	}
	return nil
}

// passing reports whether messages tell of a trouble that may be over the next
// time, rather than of a search that is wrong.
func passing(messages []Message) bool {
	for _, m := range messages {
		if m.Type != "DEBUG" && (cutWords.MatchString(m.Text) || peerWords.MatchString(m.Text) || passWords.MatchString(m.Text)) {
			return true
		}
	}
	return false
}
