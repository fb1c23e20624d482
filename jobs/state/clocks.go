package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A ClockSkew is a clock that differs from that of a daemon's host by more than
// it may.
type ClockSkew struct {
	// Connection is the Splunk whose clock it is, "" for the state's database.
	Connection string `json:"connection"`
	// Offset is by how much the clock is ahead of the host's; negative is behind.
	Offset time.Duration `json:"offset"`
	Since  time.Time     `json:"since"` // when the daemon found it
}

// String writes whose clock it is and by how much it differs.
func (s ClockSkew) String() string {
	clock := "the clock of the database"
	if s.Connection != "" {
		clock = "the clock of connection " + s.Connection
	}
	if s.Offset < 0 {
		return fmt.Sprintf("%s is %s behind", clock, (-s.Offset).Round(time.Second))
	}
	return fmt.Sprintf("%s is %s ahead", clock, s.Offset.Round(time.Second))
}

// ClockOffset returns by how much the clock of the database is ahead of this
// host's, give or take bound. Both are zero where the two are one.
func (l *Ledger) ClockOffset(ctx context.Context) (offset, bound time.Duration, err error) {
	err = l.read(ctx, func(ctx context.Context, tx *tx) error {
		sent := time.Now()
		present, err := l.db.present(ctx, tx, sent)
		if err != nil || present.Equal(sent) {
			return err
		}
		bound = time.Since(sent) / 2
		offset = present.Sub(sent.Add(bound))
		return nil
	})
	return offset, bound, err
}

// skewsText is how the table daemon holds clocks.
func skewsText(skews []ClockSkew) (string, error) {
	if len(skews) == 0 {
		return "", nil
	}
	text, err := json.Marshal(skews)
	return string(text), err
}

func parseSkews(text string) (skews []ClockSkew, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &skews); err != nil {
		return nil, fmt.Errorf("column daemon.clock_skew: %w", err)
	}
	return skews, nil
}
