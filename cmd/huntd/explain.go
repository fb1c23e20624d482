package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// maxFires bounds how far explain looks ahead.
const maxFires = 1000

func (c *cli) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain HUNT",
		Short: "Explain when a hunt fires and which windows it will examine",
		Long: `Explain a hunt: its schedule in words, the next times at which it fires, in its own
time zone and in UTC, and the windows that it will examine then if every run succeeds.
Where the clocks are set within a year, it tells which times of the schedule do not
exist, or come twice.

It goes by what the ledger knows of the hunt, which may be at work meanwhile; a hunt
that has not run yet, or any with --first, is explained from its first run on.`,
		Args: oneArg("the name of a hunt"),
	}
	config, output := configFlag(cmd), outputFlag(cmd)
	fires := cmd.Flags().Int("fires", 5, "how many of the next fires to show")
	at := cmd.Flags().String("at", "", "explain as of another time than now: RFC 3339 or epoch seconds")
	first := cmd.Flags().Bool("first", false, "as a hunt that has not run yet, whatever the ledger knows")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(*output); err != nil {
			return err
		}
		if *fires < 1 || *fires > maxFires {
			return usagef("--fires lies between 1 and %d, got %d", maxFires, *fires)
		}
		now := time.Now()
		if *at != "" {
			sec, err := pipeline.ParseInstant(*at)
			if err != nil {
				return usagef("--at: %v", err)
			}
			now = time.Unix(sec, 0)
		}
		setup, err := loadDespiteMistakes(cmd, *config)
		if err != nil {
			return err
		}
		h, err := setup.Hunt(args[0])
		if err != nil {
			return usageError{err}
		}
		var known knownHunt
		if !*first {
			if known, err = lookUp(cmd.Context(), setup, h.Name, now); err != nil {
				return err
			}
		}
		e, err := explain(h, known, now, *fires)
		if err != nil {
			return err
		}
		if *output == "json" {
			return json.NewEncoder(c.out).Encode(e)
		}
		return c.tellExplained(h, e)
	}
	return cmd
}

// A knownHunt is what the ledger has to say of a hunt.
type knownHunt struct {
	lane jobs.LaneState
	open jobs.Run // the live lane's, without a state if there is none
}

// lookUp asks the ledger, if there is one, beside the daemon.
func lookUp(ctx context.Context, setup *daemon.Setup, hunt string, now time.Time) (k knownHunt, err error) {
	ledger, err := state.View(setup.State)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	views, err := ledger.Overview(ctx, hunt)
	if err != nil || !views[hunt].Planned {
		return k, err
	}
	lanes, err := ledger.Lanes(ctx, []string{hunt}, now)
	k.lane = lanes[hunt]
	if open := views[hunt].Open; open.Lane == jobs.Live {
		k.open = open
	}
	return k, err
}
