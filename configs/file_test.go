package configs

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// huntFolder makes a hunts folder with a file of each kind in it, and a secret
// beside it.
func huntFolder(t *testing.T) *os.Root {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "hunts.d")
	for path, text := range map[string]string{
		"secret": "canary: 1", "hunts.d/good.yaml": "name: good", "hunts.d/below/in.yaml": "name: in",
		"hunts.d/..2026/mounted.yaml": "name: mounted", "hunts.d/large.yaml": strings.Repeat("#", maxSize+1),
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"..data": "..2026", "mounted.yaml": "..data/mounted.yaml", // as Kubernetes mounts a ConfigMap
		"relative.yaml": "below/in.yaml", "absolute.yaml": filepath.Join(folder, "below", "in.yaml"),
		"out.yaml": "../secret", "out-absolute.yaml": filepath.Join(dir, "secret"), "out-folder": dir, "out-below.yaml": "out-folder/secret",
		"zero.yaml": "/dev/zero", "stdin.yaml": "/dev/stdin", "loop.yaml": "loop.yaml", "gone.yaml": "nowhere.yaml", "folder.yaml": "below",
	} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "fifo.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder) // the path of a socket is short
	l, err := net.Listen("unix", "socket.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func TestReadFileIn(t *testing.T) {
	folder := huntFolder(t)
	for name, want := range map[string]string{
		"good.yaml": "name: good", "mounted.yaml": "name: mounted", "relative.yaml": "name: in", "absolute.yaml": "name: in",
	} {
		if got, err := ReadFileIn(folder, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	base := filepath.Dir(folder.Name())
	for name, want := range map[string]string{
		"out.yaml":          "out.yaml links to " + base + "/secret, which is outside of the folder " + folder.Name() + ": put the file itself there",
		"out-absolute.yaml": "which is outside of the folder", "out-below.yaml": "which is outside of the folder",
		"zero.yaml": "zero.yaml links to /dev/zero, which is outside of the folder", "stdin.yaml": "stdin.yaml", // what it leads to depends on how the tests are run
		"fifo.yaml":   "fifo.yaml is a FIFO: a settings file must be a regular file",
		"folder.yaml": "folder.yaml is a folder: a settings file must be a regular file",
		"large.yaml":  "large.yaml: is larger than 1 MiB, the most a settings file may have",
		"gone.yaml":   "gone.yaml: no such file or directory", "loop.yaml": "loop.yaml: ", "socket.yaml": "socket.yaml: no such device or address",
	} {
		data, err := ReadFileIn(folder, name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if len(data) > maxSize+1 || strings.Contains(string(data), "canary") {
			t.Errorf("%s: %d bytes were returned", name, len(data))
		}
	}
}

// TestReadFile: links of a file that a person names may lead anywhere.
func TestReadFile(t *testing.T) {
	folder := huntFolder(t).Name()
	if got, err := ReadFile(filepath.Join(folder, "out.yaml")); err != nil || string(got) != "canary: 1" {
		t.Errorf("through a link: %q, %v", got, err)
	}
	for name, want := range map[string]string{
		"fifo.yaml": "is a FIFO", "zero.yaml": "is a device", "below": "is a folder", "large.yaml": "is larger than 1 MiB", "gone.yaml": "no such file",
	} {
		path := filepath.Join(folder, name)
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestBeside(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"/etc/huntd/huntd.yaml", "hunts.d", "/etc/huntd/hunts.d"},
		{"/etc/huntd/huntd.yaml", "/srv/../hunts", "/hunts"},
		{"/etc/huntd/huntd.yaml", "", ""},
		{"huntd.yaml", "hunts.d", here + "/hunts.d"},
		{"/dev/stdin", "hunts.d", here + "/hunts.d"},
		{"/dev/fd/63", "../hunts.d", filepath.Dir(here) + "/hunts.d"},
	} {
		if got, err := Beside(c[0], c[1]); err != nil || got != c[2] {
			t.Errorf("Beside(%q, %q): %q, %v, want %q", c[0], c[1], got, err, c[2])
		}
	}
}
