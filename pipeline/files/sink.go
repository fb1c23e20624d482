package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/huntd/huntd/pipeline"
)

// delivered is the name of the file that events are appended to.
const delivered = "delivered.ndjson"

// lockPause is how long a sink waits between two tries to lock its file.
const lockPause = 20 * time.Millisecond

// A sink appends events to a file. Several processes may append to the same one.
type sink struct{ file string }

var _ pipeline.Sink = (*sink)(nil)

// newSink returns a sink of the file of events in a folder.
func newSink(folder string) *sink { return &sink{filepath.Join(folder, delivered)} }

// Send appends a body and has it reach the disk. A body that could not be written
// to its end leaves nothing behind, unless the process is killed meanwhile: then
// the next body begins on a line of its own.
func (s *sink) Send(ctx context.Context, body []byte) (err error) {
	if !bytes.HasPrefix(body, []byte("{")) {
		return &pipeline.ParkedError{ThisBody: true, Reason: "the body is no lines of JSON: its connection was of another kind when it was made; " +
			"give the connection its old kind until these events have left"}
	}
	f, err := s.open(os.O_CREATE)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // frees the lock
	if err := lock(ctx, f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			body = append([]byte{'\n'}, body...)
		}
	}
	if _, err = f.Write(body); err == nil {
		err = f.Sync()
	}
	if err == nil && size == 0 { // the file may be new
		err = syncFolder(filepath.Dir(s.file))
	}
	if err != nil {
		return errors.Join(err, f.Truncate(size))
	}
	return nil
}

// open opens the file to append to it.
func (s *sink) open(create int) (*os.File, error) {
	f, err := os.OpenFile(s.file, os.O_RDWR|create|os.O_APPEND|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrPermission) {
		return nil, &pipeline.ParkedError{Reason: fmt.Sprintf("%v: huntd must be able to write the file, which may be no link: move it away, or give huntd the right", err)}
	}
	if err != nil {
		return nil, errors.Join(pipeline.ErrUnreachable, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &pipeline.ParkedError{Reason: s.file + " is no regular file: move it away"}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// CheckOnline reports whether events can be appended. It creates no file.
func (s *sink) CheckOnline(context.Context) (string, error) {
	f, err := s.open(0)
	if errors.Is(err, fs.ErrNotExist) {
		folder := filepath.Dir(s.file)
		if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
			return "", fmt.Errorf("no file can be created in %s: %w", folder, err)
		}
		return s.file + " will be created", nil
	}
	if err != nil {
		return "", err
	}
	return s.file + " can be written", f.Close()
}

// syncFolder has a new file's name reach the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil // files may be created in a folder that may not be read
	}
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// lockTimeout is how long a sink waits for another process to free its file.
const lockTimeout = 10 * time.Second

// lock keeps other processes from appending to a file until that is closed.
func lock(ctx context.Context, f *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout, fmt.Errorf("%w: another process has %s locked", pipeline.ErrUnreachable, f.Name()))
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lockPause):
		}
	}
}
