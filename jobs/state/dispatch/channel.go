package dispatch

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"go.uber.org/zap"
)

// A channelDriver is River's driver for SQLite, woken by a channel.
type channelDriver struct {
	*riversqlite.Driver
	wake chan struct{}
}

// SupportsListenNotify keeps River from writing notifications to a table.
func (*channelDriver) SupportsListenNotify() bool { return false }

// GetListener returns a listener to the channel.
func (d *channelDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &channelListener{wake: d.wake}
}

// A channelListener turns what the channel receives into River's notification
// of new jobs.
type channelListener struct{ wake chan struct{} }

// WaitForNotification waits for the channel, or for ctx to end.
func (l *channelListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.wake:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + river.QueueDefault + `"}`}, nil
	}
}

// The channel needs no connection: the other methods of
// [riverdriver.Listener] have nothing to do.

// Close implements [riverdriver.Listener].
func (*channelListener) Close(context.Context) error { return nil }

// Connect implements [riverdriver.Listener].
func (*channelListener) Connect(context.Context) error { return nil }

// Listen implements [riverdriver.Listener].
func (*channelListener) Listen(context.Context, string) error { return nil }

// Ping implements [riverdriver.Listener].
func (*channelListener) Ping(context.Context) error { return nil }

// Schema implements [riverdriver.Listener].
func (*channelListener) Schema() string { return "" }

// SetAfterConnectExec implements [riverdriver.Listener].
func (*channelListener) SetAfterConnectExec(string) {}

// Unlisten implements [riverdriver.Listener].
func (*channelListener) Unlisten(context.Context, string) error { return nil }

// A debugLog passes what River logs on at the debug level: the ledger's own
// calls report an outage once, River repeats it with each poll.
type debugLog struct{ log *zap.Logger }

// Enabled implements [slog.Handler].
func (h debugLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements [slog.Handler].
func (h debugLog) Handle(_ context.Context, r slog.Record) error {
	fields := make([]zap.Field, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		fields = append(fields, zap.String(a.Key, a.Value.String()))
		return true
	})
	h.log.Debug(r.Message, fields...)
	return nil
}

// WithAttrs implements [slog.Handler].
func (h debugLog) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements [slog.Handler].
func (h debugLog) WithGroup(string) slog.Handler { return h }
