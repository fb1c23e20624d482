package configs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// helperTime is how long a helper program may take.
const helperTime = 10 * time.Second

// killTime is how long a killed helper's descendants may hold its output.
const killTime = time.Second

// runHelper runs a program that prints a secret: without a shell, without an
// environment, without input. It and its children are killed when the time is
// up. What it writes to standard error is not repeated, as it may hold the
// secret.
func runHelper(ctx context.Context, argv []string, limit time.Duration) (string, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out := capped{max: maxSecret}
	cmd := exec.CommandContext(timed, argv[0], argv[1:]...)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdout = &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killTime
	err := cmd.Run()
	switch {
	case out.over:
		return "", fmt.Errorf("printed more than %d KiB", maxSecret>>10)
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && timed.Err() != nil:
		return "", fmt.Errorf("took longer than %s: %w", limit, timed.Err())
	case err != nil:
		return "", reason(err)
	}
	return tokenOf(out.kept.String())
}

// tokenOf reads what a helper printed: a JSON object's token, or all of it.
func tokenOf(printed string) (string, error) {
	if !strings.HasPrefix(strings.TrimSpace(printed), "{") {
		return printed, nil
	}
	var answer struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(printed), &answer); err != nil || answer.Token == "" {
		return "", errors.New(`printed JSON that is not an object with a text "token"`)
	}
	return answer.Token, nil
}

// capped keeps what is written to it and refuses to keep too much.
type capped struct {
	kept bytes.Buffer // not embedded: its ReadFrom would pass Write by
	max  int
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.kept.Len()+len(p) > c.max {
		c.over = true
		return 0, errSecretSize
	}
	return c.kept.Write(p)
}
