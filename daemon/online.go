package daemon

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"
)

// CheckOnline asks every Splunk of a setup whether it lets huntd in, and tells
// what is well, a line each. The error joins all that is not.
func CheckOnline(ctx context.Context, s *Setup, log *zap.Logger, tell func(string)) error {
	c, err := connect(s, log)
	if err != nil {
		return err
	}
	defer c.close()
	var errs []error
	for _, name := range s.ConnectionNames() {
		errs = append(errs, c.checkAPI(ctx, name, tell), c.checkHEC(ctx, name, tell))
	}
	return errors.Join(errs...)
}

func (c *connections) checkAPI(ctx context.Context, name string, tell func(string)) error {
	client, ok := c.clients[name]
	if !ok {
		return nil
	}
	who, err := client.Check(ctx)
	if err != nil {
		return fmt.Errorf("connection %s: api: %w", name, err)
	}
	tell(fmt.Sprintf("connection %s: api: logged in as %s", name, who.User))
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
