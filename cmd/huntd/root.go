package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/systemd"
)

// A cli is what all commands share.
type cli struct {
	in       io.Reader
	out, err io.Writer
	options  []daemon.Option // of huntd run

	drainTime atomic.Int64 // see drains
}

// run carries out one command line and returns the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return (&cli{in: in, out: out, err: errOut}).run(args)
}

func (c *cli) run(args []string) int {
	err := c.interruptible(func(ctx context.Context) error { return c.execute(ctx, args) })
	tell(c.err, err)
	return exitCode(err)
}

func (c *cli) execute(ctx context.Context, args []string) error {
	checked := &checkedWriter{Writer: c.out}
	c.out = checked
	root := c.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && checked.err != nil {
		err = fmt.Errorf("standard output: %w", checked.err)
	}
	return err
}

// tell says what is wrong, each thing on a line of its own.
func tell(w io.Writer, err error) {
	var silent silentError
	switch {
	case err == nil, errors.As(err, &silent):
		return
	case exitCode(err) == exitInterrupted:
		fmt.Fprintln(w, "huntd: interrupted")
		return
	}
	said, prefix := "", ""
	if onJournal(w) {
		prefix = systemd.Prefix(zapcore.ErrorLevel)
	}
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSuffix(line, "\n"); line != said {
			fmt.Fprintf(w, "%shuntd: %s\n", prefix, line)
		}
		said = line
	}
}

// A checkedWriter remembers that something could not be written, so that no
// command ends well whose output is not whole.
type checkedWriter struct {
	io.Writer
	err error
}

// Write implements [io.Writer].
func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// command is the tree of all commands.
func (c *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "huntd",
		Short: "Unattended, recurring threat hunts on Splunk",
		Long: `huntd pulls one exact window of events out of Splunk on a schedule, runs an
analyzer pipeline over it, and pushes what it found back through the HTTP Event
Collector. Begin with: huntd demo

The configuration is the file that --config names, else HUNTD_CONFIG, else
./huntd.yaml, else /etc/huntd/huntd.yaml. Environment variables override it:
HUNTD_CFG_LOG__LEVEL=debug sets level in log. Two underscores separate levels.
huntd check --settings prints each setting, its value and where it came from.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s\nsee: %s --help", parserWords().ReplaceAllString(err.Error(), ""), cmd.CommandPath())
	})
	root.Version = daemon.Version()
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		c.runCommand(), c.runOnceCommand(), c.runNowCommand(), c.backfillCommand(), c.pipeCommand(), c.checkCommand(), c.explainCommand(),
		c.listCommand(), c.runsCommand(), c.backfillsCommand(), c.coverageCommand(), c.pauseCommand(), c.resumeCommand(),
		c.cancelCommand(), c.retryCommand(), c.skipCommand(), c.waiveCommand(), c.stateCommand(),
		c.demoCommand(), c.sandboxCommand(), c.docsCommand(), c.schemaCommand(), c.versionCommand(),
	)
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	return root
}

// parserWords are what Go's number parsers put before the fault.
func parserWords() *regexp.Regexp {
	return regexp.MustCompile(`strconv\.\w+: parsing "[^"]*": |time: `)
}

// noArgs, oneArg and oneArgAtMost refuse other numbers of arguments as wrong usage.
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

func oneArgAtMost(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("%s wants one argument at most, %s, got %d", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
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

// onJournal reports whether what is written goes to the journal.
func onJournal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && systemd.OnJournal(f)
}

// logger logs to standard error. The journal gets priorities, and has times of
// its own.
func (c *cli) logger(cfg daemon.LogConfig) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(cfg.Level)
	if err != nil {
		return nil, err
	}
	enc := zap.NewProductionEncoderConfig()
	enc.EncodeTime = zapcore.RFC3339TimeEncoder
	enc.EncodeDuration = zapcore.StringDurationEncoder
	journal := onJournal(c.err)
	if journal {
		enc.TimeKey = zapcore.OmitKey
	}
	encoder := zapcore.NewJSONEncoder(enc)
	if cfg.Format == "text" {
		encoder = zapcore.NewConsoleEncoder(enc)
	}
	if journal {
		encoder = systemd.NewJournalEncoder(encoder)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(c.err)), level)), nil
}
