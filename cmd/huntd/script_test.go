package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"huntd":           func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"huntd-witnessed": func() { os.Exit(witnessed()) },
	})
}

// TestScripts tells what people type, from end to end, against the sandbox.
// Besides testscript's own there are these commands:
//
//	sandbox FLAG…        starts huntd sandbox and waits until it is ready; the
//	                     members of its line become $API, $HEC, $USER, $PASSWORD,
//	                     $TOKEN, $HEC_TOKEN and $CA_FILE; without --received it
//	                     writes received.ndjson
//	stop                 ends the sandbox
//	terminate STATE      sends SIGTERM to the daemon that holds a state
//	config               writes huntd.yaml, password and hec-token for it
//	code N CMD ARG…      runs a command and wants its exit code
//	lines N FILE         waits until a file has N lines
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": scriptSandbox, "stop": scriptStop, "terminate": scriptTerminate, "config": scriptConfig, "code": scriptCode, "lines": scriptLines,
		},
	})
}

func scriptSandbox(ts *testscript.TestScript, neg bool, args []string) {
	received := false
	for _, a := range args {
		received = received || strings.HasPrefix(a, "--received")
	}
	if !received {
		args = append([]string{"--received", "received.ndjson"}, args...)
	}
	cmd := exec.Command("huntd", append([]string{"sandbox"}, args...)...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), []string{"PATH=" + ts.Getenv("PATH"), "TMPDIR=" + ts.MkAbs(".tmp"), "HOME=" + ts.MkAbs(".")}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		_ = cmd.Wait() // for its standard error
		ts.Fatalf("the sandbox did not get ready: %v\n%s", err, stderr.String())
	}
	ready := map[string]string{}
	ts.Check(json.Unmarshal(line, &ready))
	for name, value := range ready {
		ts.Setenv(strings.ToUpper(name), value)
	}
	ts.Setenv("API_ADDR", ready["api"][strings.Index(ready["api"], "//")+2:])
	ts.Setenv("SANDBOX_PID", strconv.Itoa(cmd.Process.Pid))
}

func scriptStop(ts *testscript.TestScript, _ bool, _ []string) {
	scriptSignal(ts, ts.Getenv("SANDBOX_PID"))
}

func scriptTerminate(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: terminate STATE")
	}
	scriptSignal(ts, strings.TrimSpace(ts.ReadFile(args[0]+".lock")))
}

func scriptSignal(ts *testscript.TestScript, pid string) {
	n, err := strconv.Atoi(pid)
	ts.Check(err)
	ts.Check(syscall.Kill(n, syscall.SIGTERM))
}

func scriptConfig(ts *testscript.TestScript, _ bool, _ []string) {
	tls := ""
	if ca := ts.Getenv("CA_FILE"); ca != "" {
		tls = "    tls: { ca_file: " + strconv.Quote(ca) + " }\n"
	}
	for name, text := range map[string]string{
		"password": ts.Getenv("PASSWORD"), "hec-token": ts.Getenv("HEC_TOKEN"), "token": ts.Getenv("TOKEN"),
		"huntd.yaml": fmt.Sprintf(`connections:
  main:
    api: { url: %q, user: %q, password: "file:password" }
    hec: { url: %q, token: "file:hec-token" }
%shunts: hunts.d
state: sqlite:huntd.db
`, ts.Getenv("API"), ts.Getenv("USER"), ts.Getenv("HEC"), tls),
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

func scriptCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N CMD ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	switch {
	case err == nil:
	case asExit(err, &exit):
		got = exit.ExitCode()
	default:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func asExit(err error, into **exec.ExitError) bool {
	exit, ok := err.(*exec.ExitError) //nolint:errorlint // testscript returns it bare
	*into = exit
	return ok
}

// scriptPatience is how long a script waits for what must come about.
const scriptPatience = 30 * time.Second

func scriptLines(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines N FILE")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := -1
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); {
		text, err := os.ReadFile(ts.MkAbs(args[1]))
		if got = bytes.Count(text, []byte("\n")); err == nil && got >= want {
			break
		}
		<-time.After(20 * time.Millisecond) // another process writes it
	}
	if got != want {
		ts.Fatalf("%s has %d lines, want %d", args[1], got, want)
	}
}
