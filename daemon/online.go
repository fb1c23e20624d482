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
		errs = append(errs, c.checkAPI(ctx, name, s.Limits.ClockSkew, tell), c.checkHEC(ctx, name, tell))
	}
	return errors.Join(errs...)
}

func (c *connections) checkAPI(ctx context.Context, name string, skew time.Duration, tell func(string)) error {
	client, ok := c.clients[name]
	if !ok {
		return nil
	}
	who, err := client.Check(ctx)
	if err != nil {
		return fmt.Errorf("connection %s: api: %w", name, err)
	}
	tell(fmt.Sprintf("connection %s: api: logged in as %s", name, who.User))
	if r, known := client.Clock(time.Now()); known && r.Offset.Abs()-r.Bound > skew {
		return fmt.Errorf("%s, and limits.clock_skew is %s: no hunt that searches it would run: set its clock and this host's by NTP",
			state.ClockSkew{Connection: name, Offset: r.Offset}, configs.FormatDuration(skew))
	}
	return nil
}

func (c *connections) checkHEC(ctx context.Context, name string, tell func(string)) error {
	sink, ok := c.sinks[name]
	if !ok {
		return nil
	}
	for _, check := range []func(context.Context) error{sink.Health, sink.Check} {
		if err := check(ctx); err != nil {
			return fmt.Errorf("connection %s: hec: %w", name, err)
		}
	}
	tell(fmt.Sprintf("connection %s: hec: healthy, the token is accepted", name))
	return nil
}
