package configs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secretAt decodes a reference that stands in a file of the folder.
func secretAt(t *testing.T, dir, reference string) *Secret {
	t.Helper()
	n, err := ParseBytes(filepath.Join(dir, "huntd.yaml"), fmt.Appendf(nil, "token: %q\n", reference))
	if err != nil {
		t.Fatal(err)
	}
	var into struct {
		Token *Secret `koanf:"token"`
	}
	if err := Decode(n, &into); err != nil {
		t.Fatal(err)
	}
	return into.Token
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func wantSecret(t *testing.T, s *Secret, want string) {
	t.Helper()
	if got, err := s.Reveal(t.Context()); err != nil || got != want {
		t.Errorf("%s: got %q, %v, want %q", s.Reference(), got, err, want)
	}
}

func wantRefusal(t *testing.T, s *Secret, want string) {
	t.Helper()
	got, err := s.Reveal(t.Context())
	if !errors.Is(err, ErrSecret) || got != "" || err.Error() != want {
		t.Errorf("got  %q, %v\nwant %s", got, err, want)
	} else if leaks(err.Error()) {
		t.Errorf("the error holds the secret: %v", err)
	}
}

func TestSecretFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	s := secretAt(t, dir, "file:token")
	if s.Reference() != "file:"+path {
		t.Errorf("got %s", s.Reference())
	}
	for _, mode := range []os.FileMode{0o600, 0o400, 0o640, 0o440} {
		write(t, path, canary+"\n", mode)
		wantSecret(t, s, canary)
		os.Remove(path)
	}
	for _, mode := range []os.FileMode{0o644, 0o604, 0o660, 0o620, 0o666, 0o602, 0o601} {
		write(t, path, canary, mode)
		wantRefusal(t, s, fmt.Sprintf("file:%s: has mode %#o, so that others can read or change it: chmod 640 or less", path, mode))
		os.Remove(path)
	}
	wantRefusal(t, s, "file:"+path+": no such file or directory")
	wantRefusal(t, secretAt(t, dir, "file:/"), "file:/: is no regular file")
	wantSecret(t, secretAt(t, "/elsewhere", "file:"+linkTo(t, dir, canary)), canary)

	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, secretAt(t, dir, "file:fifo"), "file:"+fifo+": is no regular file")
}

// linkTo makes a secret file behind a symbolic link, as Kubernetes mounts them.
func linkTo(t *testing.T, dir, text string) string {
	t.Helper()
	write(t, filepath.Join(dir, "real"), text, 0o600)
	link := filepath.Join(dir, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestSecretOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatal("needs root, to give a file away")
		}
		t.Skip("needs root, to give a file away")
	}
	path := filepath.Join(t.TempDir(), "token")
	write(t, path, canary, 0o600)
	if err := os.Chown(path, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, secretAt(t, "/", "file:"+path), "file:"+path+": belongs to user 4711, who could change it: it should belong to root or to huntd's own user")
}

func TestSecretIsReadAfresh(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	s := secretAt(t, dir, "file:"+path)
	for text, want := range map[string]string{
		"one": "one", "two\n": "two", "three\r\n": "three", "four\n\n": "four\n", " five ": " five ",
	} {
		write(t, path, text, 0o600)
		wantSecret(t, s, want)
	}
	write(t, path, "\n", 0o600)
	wantRefusal(t, s, "file:"+path+": is empty")
	write(t, path, strings.Repeat("x", maxSecret+1), 0o600)
	wantRefusal(t, s, "file:"+path+": is larger than 64 KiB")
}

func TestSecretCredential(t *testing.T) {
	dir := t.TempDir()
	s := secretAt(t, "/", "credential:hec-token")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	wantRefusal(t, s, "credential:hec-token: $CREDENTIALS_DIRECTORY is not set: have systemd load it (LoadCredential=), or name a file: or env: instead")
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	wantRefusal(t, s, "credential:hec-token: no such file or directory")
	write(t, filepath.Join(dir, "hec-token"), canary+"\n", 0o444)
	wantSecret(t, s, canary)
	wantSecret(t, secretAt(t, "/", "file:"+dir+"/hec-token"), canary)
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Join(dir, "other"))
	wantRefusal(t, secretAt(t, "/", "file:"+dir+"/hec-token"), "file:"+dir+"/hec-token: has mode 0444, so that others can read or change it: chmod 640 or less")
}

func TestSecretAtHand(t *testing.T) {
	for _, c := range []struct {
		credentials, ref string
		want             bool
	}{
		{"", "file:/x", true},
		{"", "env:X", true},
		{"", "credential:x", false},
		{"/run/credentials/huntd", "credential:x", true},
		{"", "exec:[/bin/echo, x]", false},
	} {
		t.Setenv("CREDENTIALS_DIRECTORY", c.credentials)
		if got := secretAt(t, "/", c.ref).AtHand(); got != c.want {
			t.Errorf("%s with %q: %v", c.ref, c.credentials, got)
		}
	}
	var none *Secret
	if none.AtHand() || !Static("x").AtHand() {
		t.Errorf("none %v, static %v", none.AtHand(), Static("x").AtHand())
	}
}

func TestSecretEnv(t *testing.T) {
	t.Setenv("HUNTD_TEST_TOKEN", canary)
	wantSecret(t, secretAt(t, "/", "env:HUNTD_TEST_TOKEN"), canary)
	t.Setenv("HUNTD_TEST_TOKEN", "")
	wantRefusal(t, secretAt(t, "/", "env:HUNTD_TEST_TOKEN"), "env:HUNTD_TEST_TOKEN: is empty")
	wantRefusal(t, secretAt(t, "/", "env:HUNTD_TEST_NONE"), "env:HUNTD_TEST_NONE: the variable is not set")
}

func TestSecretExec(t *testing.T) {
	t.Setenv("HUNTD_TEST_TOKEN", canary)
	run := func(script string, args ...string) *Secret {
		argv := append([]string{"/bin/sh", "-c", script}, args...)
		return secretAt(t, "/", "exec:"+strings.ReplaceAll(fmt.Sprintf("%q", argv), `" "`, `", "`))
	}
	wantSecret(t, run("echo "+canary), canary)
	wantSecret(t, run(`echo "$0 $1"`, "a b", "c"), "a b c")
	wantSecret(t, run(`echo '{"token": "`+canary+`", "expires_at": "soon"}'`), canary)
	wantSecret(t, run(`echo "[$HUNTD_TEST_TOKEN]"`), "[]")
	wantSecret(t, run(`pwd; read x || echo "no input"`), "/\nno input")
	wantSecret(t, secretAt(t, "/", "exec: [/bin/echo, '"+canary+"']"), canary)
	wantRefusal(t, run(`echo '{"password": "`+canary+`"}'`), `exec:[/bin/sh]: printed JSON that is not an object with a text "token"`)
	wantRefusal(t, run(`echo '{"token": '`), `exec:[/bin/sh]: printed JSON that is not an object with a text "token"`)
	wantRefusal(t, run(`echo `+canary+`; echo `+canary+` >&2; exit 3`), "exec:[/bin/sh]: exit status 3")
	wantRefusal(t, run(`true`), "exec:[/bin/sh]: is empty")
	wantRefusal(t, run(`head -c 70000 /dev/zero`), "exec:[/bin/sh]: printed more than 64 KiB")
	wantRefusal(t, secretAt(t, "/", "exec:[/no/such/program]"), "exec:[/no/such/program]: no such file or directory")
}

func TestHelperIsKilledWithItsChildren(t *testing.T) {
	begun := time.Now()
	_, err := runHelper(t.Context(), []string{"/bin/sh", "-c", "sleep 60 & sleep 60"}, 50*time.Millisecond)
	if err == nil || err.Error() != "took longer than 50ms: context deadline exceeded" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := runHelper(ctx, []string{"/bin/sleep", "60"}, helperTime); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}
