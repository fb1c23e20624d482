package control

import (
	"time"

	"github.com/huntd/huntd/jobs/hunt"
	"github.com/huntd/huntd/pipeline"
)

// ParseInstant reads an instant, in epoch seconds, that was given as input.
func ParseInstant(input, text string) (int64, error) {
	sec, err := pipeline.ParseInstant(text)
	if err != nil {
		return 0, inputErrorf("%s: %w", input, err)
	}
	return sec, nil
}

// ParseWindow reads the ends of a window.
func ParseWindow(from, to string) (w pipeline.Window, err error) {
	if w.From, err = ParseInstant("--from", from); err != nil {
		return w, err
	}
	if w.To, err = ParseInstant("--to", to); err != nil {
		return w, err
	}
	return w, checkWindow(w)
}

func checkWindow(w pipeline.Window) error {
	if w.Empty() {
		return inputErrorf("the window %s is empty: --from must lie before --to", w)
	}
	return nil
}

// ParseManualWindow reads the ends of the window of a run by hand, either of which
// may be "". Without to, the window ends now, less the hunt's lag; without from, it
// is as long as a first run looks back.
func ParseManualWindow(h *hunt.Hunt, from, to string, now time.Time) (w pipeline.Window, err error) {
	w = h.ManualWindow(now)
	if to != "" {
		if w.To, err = ParseInstant("--to", to); err != nil {
			return w, err
		}
		w.From = w.To - int64(h.Window.First/time.Second)
	}
	if from != "" {
		if w.From, err = ParseInstant("--from", from); err != nil {
			return w, err
		}
	}
	if w.From > now.Unix() {
		return w, inputErrorf("the window %s lies in the future: there is nothing to hunt in yet", w)
	}
	return w, checkWindow(w)
}
