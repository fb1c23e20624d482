package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/jobs/views"
)

func (c *cli) waiveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "waive HUNT --from T --to T --reason WHY",
		Short: "Say of a hunt's gaps that they may stay",
		Long: `Say of the gaps of a hunt that touch the window [--from, --to) that they may stay,
and why. They stay in the ledger, and huntd coverage shows them as waived.`,
		Args: oneArg("the name of a hunt"),
	}
	config, reason := configFlag(cmd), because(cmd)
	from := cmd.Flags().String("from", "0", "begin of the window: RFC 3339 or epoch seconds; without it, all time")
	to := cmd.Flags().String("to", fmt.Sprint(int64(1)<<40), "end of the window; without it, all time")
	cmd.Flags().Lookup("to").DefValue = ""
	cmd.Flags().Lookup("from").DefValue = ""
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := control.ParseWindow(*from, *to)
		if err != nil {
			return err
		}
		return atLedger(cmd, *config, func(ctx context.Context, setup *daemon.Setup, l *state.Ledger) error {
			h, err := findHunt(setup, args[0])
			if err != nil {
				return err
			}
			n, err := l.Waive(ctx, h.Name, w, *reason, time.Now())
			if err == nil {
				fmt.Fprintf(c.out, "%s waived\n", views.FormatCount(int(n), "gap"))
			}
			return err
		})
	}
	return cmd
}
