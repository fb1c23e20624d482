package configs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// A reference says where a secret is kept.
type reference struct {
	scheme string
	target string   // name, absolute path, or the value of a static secret
	argv   []string // of exec
}

const (
	schemeCredential = "credential"
	schemeFile       = "file"
	schemeEnv        = "env"
	schemeExec       = "exec"
	schemeStatic     = "static"
)

// referencePattern is what a reference looks like, for the JSON Schema.
const referencePattern = `^(credential:[A-Za-z0-9._@-]+|file:.+|env:[A-Za-z_][A-Za-z0-9_]*|exec:\s*\[.+\])$`

var (
	credentialName = regexp.MustCompile(`^[A-Za-z0-9._@-]+$`)
	envName        = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// The ends of sentences that begin with the key.
var (
	errPlainSecret = errors.New(`holds a secret in plain text: put it into a file of mode 0640 and write "file:PATH", ` +
		`or write "credential:NAME", "env:NAME" or "exec:[PROGRAM, ARG]"`)
	errCredentialName = errors.New(`wants "credential:NAME", with the name systemd knows it by: letters, digits and . _ @ - alone`)
	errEnvName        = errors.New(`wants "env:NAME", with a name of letters, digits and _ alone`)
	errFileName       = errors.New(`wants "file:PATH"`)
	errExecForm       = errors.New(`wants "exec:[PROGRAM, ARG, …]", with the program's absolute path first`)
)

// parseReference reads a secret's reference. Its errors repeat nothing of the
// text.
func parseReference(n *Node) (*reference, error) {
	scheme, target, found := strings.Cut(n.text, ":")
	if !found {
		return nil, errPlainSecret
	}
	ref := &reference{scheme: scheme, target: target}
	switch scheme {
	case schemeCredential:
		if !credentialName.MatchString(target) || target == "." || target == ".." {
			return nil, errCredentialName
		}
	case schemeEnv:
		if !envName.MatchString(target) {
			return nil, errEnvName
		}
	case schemeFile:
		path, err := n.Resolve(target)
		if err != nil || path == "" {
			return nil, errFileName
		}
		ref.target = path
	case schemeExec:
		ref.argv = parseArgv(target)
		if len(ref.argv) == 0 || !filepath.IsAbs(ref.argv[0]) {
			return nil, errExecForm
		}
		ref.target = ref.argv[0]
	default:
		return nil, errPlainSecret
	}
	return ref, nil
}

// parseArgv reads a list of texts in brackets, as YAML or JSON writes it.
func parseArgv(text string) []string {
	list, err := ParseBytes("", []byte(text))
	if err != nil || list.kind != Sequence {
		return nil
	}
	var argv []string
	for _, item := range list.items {
		if item.kind != Scalar {
			return nil
		}
		argv = append(argv, item.text)
	}
	return argv
}

// String names the place, without what is secret or may be.
func (r *reference) String() string {
	switch r.scheme {
	case schemeStatic:
		return schemeStatic
	case schemeExec:
		return schemeExec + ":[" + r.target + "]"
	}
	return r.scheme + ":" + r.target
}

// ErrSecret marks every error of [Secret.Reveal]: a person must put the secret
// in its place, or name another.
var ErrSecret = errors.New("the secret cannot be had")

// A secretError is an [ErrSecret] in words of its own.
type secretError struct{ error }

// Unwrap returns why.
func (e secretError) Unwrap() error { return e.error }

// Is reports true for ErrSecret.
func (secretError) Is(target error) bool { return target == ErrSecret }

// Reveal fetches the secret, anew on each call. A line break at its end is
// taken off. An error is an [ErrSecret]; it says where it looked and what a
// person can do, and never holds what was found there.
func (s *Secret) Reveal(ctx context.Context) (string, error) {
	if s.IsZero() {
		return "", secretError{errors.New("no secret is set")}
	}
	from := *s.from
	if from.scheme == schemeStatic {
		return from.target, nil
	}
	value, err := from.fetch(ctx)
	if err != nil {
		return "", secretError{fmt.Errorf("%s: %w", from, err)}
	}
	if value = trimLine(value); value == "" {
		return "", secretError{fmt.Errorf("%s: is empty", from)}
	}
	return value, nil
}

// AtHand reports whether Reveal would only look, in a file or the environment:
// it runs no program, and a credential counts only where a service manager has
// passed some.
func (s *Secret) AtHand() bool {
	if s.IsZero() {
		return false
	}
	switch (*s.from).scheme {
	case schemeExec:
		return false
	case schemeCredential:
		return credentialsDir() != ""
	}
	return true
}

func (r *reference) fetch(ctx context.Context) (string, error) {
	switch r.scheme {
	case schemeCredential:
		dir := credentialsDir()
		if dir == "" {
			return "", errors.New("$CREDENTIALS_DIRECTORY is not set: have systemd load it (LoadCredential=), or name a file: or env: instead")
		}
		return readSecret(filepath.Join(dir, r.target))
	case schemeFile:
		return readSecret(r.target)
	case schemeEnv:
		value, ok := os.LookupEnv(r.target)
		if !ok {
			return "", errors.New("the variable is not set")
		}
		return value, nil
	}
	return runHelper(ctx, r.argv, helperTime)
}

func credentialsDir() string { return os.Getenv("CREDENTIALS_DIRECTORY") }

// trimLine takes one line break off the end.
func trimLine(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

// maxSecret is how many bytes a secret may have.
const maxSecret = 64 << 10

var errSecretSize = fmt.Errorf("is larger than %d KiB", maxSecret>>10)

// readSecret reads a secret's file once it is known that it is one, and that
// nobody else can. Nothing is waited for: a FIFO is refused.
func readSecret(path string) (string, error) {
	f, err := os.OpenFile(path, readOnly, 0)
	if err != nil {
		return "", reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", reason(err)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("is no regular file")
	}
	if !inCredentials(path) {
		if err := checkMode(info); err != nil {
			return "", err
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", reason(err)
	}
	if len(data) > maxSecret {
		return "", errSecretSize
	}
	return string(data), nil
}

// inCredentials reports whether a path stands in the folder that systemd made
// for this service, and whose modes are its own affair.
func inCredentials(path string) bool {
	dir := credentialsDir()
	if dir == "" {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// checkMode refuses a file that others can read, that its group can change, or
// that belongs to another user.
func checkMode(info os.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o037 != 0 {
		return fmt.Errorf("has mode %#o, so that others can read or change it: chmod 640 or less", mode)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d, who could change it: it should belong to root or to huntd's own user", stat.Uid)
	}
	return nil
}

// reason strips the path, which the reference has given already.
func reason(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
