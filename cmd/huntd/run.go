package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/huntd/huntd/daemon"
)

func (c *cli) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Hunt as a daemon until SIGTERM",
		Long: `Hunt as a daemon: plan, examine and deliver until SIGTERM or SIGINT.

On SIGTERM no new window begins; running ones get 30 seconds and are then given
back to the ledger; what waits in the outbox stays for the next start. SIGHUP
loads the configuration and the hunts anew: if anything in them is wrong,
nothing changes and the log says why. A run that failed for good begins again
then, as it does after a start; one that waits for its next try waits on, unless
its hunt's file or its connection has changed. A second SIGTERM or SIGINT ends the
process at once.

Where the PostgreSQL of the state cannot be reached, at the start or later, huntd
goes on trying, says so once in the log, and catches up when it answers.`,
		Args: noArgs,
	}
	config := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		reload := make(chan os.Signal, 1)
		signal.Notify(reload, syscall.SIGHUP) // first of all: SIGHUP ends a process that does not listen
		defer signal.Stop(reload)
		setup, err := loadSetup(*config)
		if err != nil {
			return err
		}
		c.drains()
		log, err := c.logger(setup.Log)
		if err != nil {
			return asConfig(err)
		}
		d, err := daemon.New(setup, log, c.options...)
		if err != nil {
			return err
		}
		err = d.Run(cmd.Context(), reload)
		if failed := d.Close(); failed != nil { // the daemon has stopped all the same
			log.Warn("state close failed", zap.Error(failed))
		}
		return err
	}
	return cmd
}
