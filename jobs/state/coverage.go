package state

import (
	"context"
	"time"

	"github.com/huntd/huntd/pipeline"
)

// A Gap is time of a hunt that was given up on.
type Gap struct {
	Window       pipeline.Window
	Reason       string
	At           time.Time
	WaivedAt     time.Time // zero if nobody has said yet that it may stay
	WaivedReason string
}

// Gaps returns the gaps of a hunt, oldest first.
func (l *Ledger) Gaps(ctx context.Context, hunt string) (gaps []Gap, err error) {
	err = l.read(ctx, func(tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var g Gap
			var at int64
			var waived *int64
			err := r.Scan(&g.Window.From, &g.Window.To, &g.Reason, &at, &waived, &g.WaivedReason)
			g.At, g.WaivedAt = fromMilli(at), timeOf(waived)
			gaps = append(gaps, g)
			return err
		}, `SELECT win_from, win_to, reason, at, waived_at, waived_reason FROM gap WHERE hunt_id=? ORDER BY win_from`, hunt)
	})
	return gaps, err
}
