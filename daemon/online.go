package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/jobs/state"
)

// CheckOnline asks every Splunk of a setup whether it lets huntd in and has the
// same time, and tells what is well, a line each. The error joins all that is
// not.
func CheckOnline(ctx context.Context, s *Setup, log *zap.Logger, tell func(string)) error {
	c, err := connect(s, log)
	if err != nil {
		return err
	}
	defer c.close()
	var errs []error
	for _, name := range s.ConnectionNames() {
		errs = append(errs, c.checkSearcher(ctx, name, s.Limits.ClockSkew, tell), checkEnd(ctx, name, c.sinks[name], tell))
	}
	return errors.Join(errs...)
}

func (c *connections) checkSearcher(ctx context.Context, name string, skew time.Duration, tell func(string)) error {
	if err := checkEnd(ctx, name, c.searchers[name], tell); err != nil {
		return err
	}
	server, ok := c.searchers[name].(clocked)
	if !ok {
		return nil
	}
	if r, known := server.Clock(time.Now()); known && r.Offset.Abs()-r.Bound > skew {
		return fmt.Errorf("%s, and limits.clock_skew is %s: no hunt that searches it would run: set its clock and this host's by NTP",
			state.ClockSkew{Connection: name, Offset: r.Offset}, configs.FormatDuration(skew))
	}
	return nil
}

// checkEnd asks one end of a connection, if it can be asked.
func checkEnd(ctx context.Context, name string, end any, tell func(string)) error {
	e, ok := end.(interface {
		CheckOnline(ctx context.Context) (string, error)
	})
	if !ok {
		return nil
	}
	line, err := e.CheckOnline(ctx)
	if err != nil {
		return fmt.Errorf("connection %s: %w", name, err)
	}
	tell(fmt.Sprintf("connection %s: %s", name, line))
	return nil
}
