package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/huntd/huntd/configs"
	"github.com/huntd/huntd/daemon"
	"github.com/huntd/huntd/jobs"
	"github.com/huntd/huntd/jobs/control"
	"github.com/huntd/huntd/jobs/state"
	"github.com/huntd/huntd/pipeline"
)

// The exit codes, from sysexits(3) where it has one.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitFindings    = 3
	exitIncomplete  = 4
	exitUnreachable = 69
	exitLater       = 75
	exitRefused     = 77
	exitConfig      = 78
	exitInterrupted = 130
)

// exitTable is printed by docs and stands in the README.
var exitTable = [...]struct {
	code    int
	meaning string
}{
	{0, "well"},
	{exitFailed, "failed"},
	{exitUsage, "wrong usage"},
	{exitFindings, "there are findings (only with `--exit-findings`)"},
	{exitIncomplete, "incomplete or truncated: some of the input could not be read"},
	{exitUnreachable, "unreachable: Splunk, or the PostgreSQL of the state"},
	{exitLater, "try later: Splunk is busy, the state is in use, no daemon is left to do what was ordered, or events still wait in the outbox"},
	{exitRefused, "refused: login or rights"},
	{exitConfig, "wrong configuration"},
	{exitInterrupted, "interrupted"},
}

// A usageError is a wrong command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// A configError is a wrong configuration or hunt file.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// asConfig marks an error as one of configuration.
func asConfig(err error) error {
	if err == nil {
		return nil
	}
	return configError{err}
}

// A silentError sets the exit code; what there is to say has been said.
type silentError struct{ code int }

func (e silentError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func exitCode(err error) int {
	var silent silentError
	var usage usageError
	var input control.InputError
	var config configError
	var parked *pipeline.ParkedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &silent):
		return silent.code
	case errors.As(err, &usage), errors.As(err, &input):
		return exitUsage
	case errors.As(err, &config):
		return exitConfig
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, configs.ErrSecret), errors.Is(err, state.ErrNoFolder), errors.Is(err, state.ErrMoved),
		errors.Is(err, state.ErrFile):
		return exitConfig
	case errors.Is(err, pipeline.ErrIncomplete):
		return exitIncomplete
	case errors.Is(err, pipeline.ErrRefused), errors.As(err, &parked):
		return exitRefused
	case errors.Is(err, pipeline.ErrUnreachable), errors.Is(err, state.ErrUnreachable):
		return exitUnreachable
	case errors.Is(err, jobs.ErrUndelivered), errors.Is(err, daemon.ErrSpoolFull), errors.Is(err, state.ErrInUse),
		errors.Is(err, control.ErrNobody), isBusy(err):
		return exitLater
	}
	return exitFailed
}

// isBusy reports whether Splunk wants to be left alone for a while.
func isBusy(err error) bool {
	var busy *pipeline.BusyError
	return errors.As(err, &busy)
}
