package configs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// readOnly opens files without waiting for a FIFO's writer.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

// pipeTime is how long an inherited pipe may take to end.
const pipeTime = 30 * time.Second

// ReadFile reads a settings file of at most 1 MiB that a person has named,
// following any links. It refuses what is no regular file: a FIFO, a device, a
// folder. The exception is a pipe that the process was started with, such as
// /dev/stdin or /dev/fd/63, which must end within 30 s.
func ReadFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, readOnly, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSettings(f, path)
}

// ReadFileIn is [ReadFile] for a file below a folder, whose name people did not
// type: no link may lead out of the folder.
func ReadFileIn(folder *os.Root, name string) ([]byte, error) {
	path := filepath.Join(folder.Name(), name)
	f, err := folder.OpenFile(name, readOnly, 0)
	if err != nil {
		f, err = openLinked(folder, path, err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSettings(f, path)
}

// openLinked opens a file that a folder did not open by its name, if the cause
// is an absolute link into the same folder. Otherwise it returns the cause.
func openLinked(folder *os.Root, path string, cause error) (*os.File, error) {
	cause = &fs.PathError{Op: "open", Path: path, Err: reason(cause)}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, cause
	}
	base, err := filepath.EvalSymlinks(folder.Name())
	if err != nil {
		return nil, cause
	}
	name, err := filepath.Rel(base, target)
	if err != nil || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%s links to %s, which is outside of the folder %s: put the file itself there", path, target, folder.Name())
	}
	if f, err := folder.OpenFile(name, readOnly, 0); err == nil {
		return f, nil
	}
	return nil, cause
}

// readSettings reads an open file after checking what was opened.
func readSettings(f *os.File, path string) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
	case mode&fs.ModeNamedPipe != 0 && isInherited(path):
		if err := f.SetReadDeadline(time.Now().Add(pipeTime)); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%s is %s: a settings file must be a regular file", path, kindOf(mode))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("%s: the pipe did not end within %s", path, pipeTime)
	}
	if err == nil && len(data) > maxSize {
		err = tooLarge(path)
	}
	return data, err
}

func tooLarge(path string) error {
	return &Error{File: path, Msg: "is larger than 1 MiB, the most a settings file may have"}
}

// isInherited reports whether a path names a descriptor that the process was
// started with.
func isInherited(path string) bool {
	return path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// kindOf names what is no regular file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no file"
}

// Beside makes a path absolute that stands in a file: a relative one begins at
// the file's folder, or at the working directory if the file is an inherited
// descriptor. The empty path stays empty.
func Beside(file, path string) (string, error) {
	switch {
	case path == "":
		return "", nil
	case filepath.IsAbs(path):
		return filepath.Clean(path), nil
	case isInherited(file):
		return filepath.Abs(path)
	}
	return filepath.Abs(filepath.Join(filepath.Dir(file), path))
}
