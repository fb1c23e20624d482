package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/huntd/huntd/daemon"
)

// A cli is what all commands share.
type cli struct {
	in       io.Reader
	out, err io.Writer
}

// run carries out one command line and returns the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &cli{in, out, errOut}
	root := c.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var silent silentError
	if err != nil && !errors.As(err, &silent) {
		fmt.Fprintf(errOut, "huntd: %v\n", err)
	}
	return exitCode(err)
}

// command is the tree of all commands.
func (c *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "huntd",
		Short: "Unattended, recurring threat hunts on Splunk",
		Long: `huntd pulls one exact window of events out of Splunk on a schedule, runs an
analyzer pipeline over it, and pushes what it found back through the HTTP Event
Collector. Begin with: huntd demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef("%v\nsee: %s --help", err, cmd.CommandPath()) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		c.runCommand(), c.runOnceCommand(), c.pipeCommand(), c.checkCommand(), c.listCommand(),
		c.demoCommand(), c.sandboxCommand(), c.docsCommand(), c.schemaCommand(), c.versionCommand(),
	)
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	return root
}

// noArgs, oneArg refuse other numbers of arguments as wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.HasSubCommands() {
		return usagef("no command %q\nsee: %s --help", args[0], cmd.CommandPath())
	}
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s wants one argument, %s, got %d", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

// configFlag adds --config.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "huntd.yaml", "the configuration file")
}

// outputFlag adds -o.
func outputFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("output", "o", "text", "text for people, json for programs")
}

func checkOutput(o string) error {
	if o != "text" && o != "json" {
		return usagef("-o is text or json, got %q", o)
	}
	return nil
}

// counted writes a number and what is counted, as in "1 hunt" and "2 hunts".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// logger logs to standard error.
func (c *cli) logger(cfg daemon.LogConfig) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(cfg.Level)
	if err != nil {
		return nil, err
	}
	enc := zap.NewProductionEncoderConfig()
	enc.EncodeTime = zapcore.RFC3339TimeEncoder
	enc.EncodeDuration = zapcore.StringDurationEncoder
	encoder := zapcore.NewJSONEncoder(enc)
	if cfg.Format == "text" {
		encoder = zapcore.NewConsoleEncoder(enc)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(c.err)), level)), nil
}
