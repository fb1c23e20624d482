package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrFile says that a file of SQLite cannot be used as it is. A person must look
// at it: SQLite would damage it, or begin anew in silence.
var ErrFile = errors.New("the file cannot be used")

// onePage is the size of a file that has nothing but SQLite's header: if it holds
// a state, all of that is in the write-ahead log.
const onePage = 4096

// maxLinks is how many links lead from a path to a file at most, as in the kernel.
const maxLinks = 40

// realPath follows links, as SQLite does: it keeps the write-ahead log beside the
// file itself, which need not be there yet.
func realPath(path string) string {
	for range maxLinks {
		if file, err := filepath.EvalSymlinks(path); err == nil {
			return file
		}
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// inspect looks at a file, and at the log beside it, before SQLite opens them.
// The size is -1 if there is no file. It reports whether the log was lost while
// the file holds an older state.
func inspect(path string) (size int64, lostLog bool, err error) {
	size = -1
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return size, false, err
	case !info.Mode().IsRegular():
		return size, false, fmt.Errorf("%w: %s is no regular file", ErrFile, path)
	case hasOtherNames(info):
		return size, false, fmt.Errorf("%w: %s has another name (hard link), and SQLite would keep a second log for that: "+
			"remove the other name (find / -xdev -samefile %s), or copy the file", ErrFile, path, path)
	default:
		size = info.Size()
	}
	bytes, readable, err := readLog(path + "-wal")
	switch {
	case err != nil || bytes == 0:
		return size, false, err
	case size <= 0:
		return size, false, fmt.Errorf("%w: %s is empty or missing, and SQLite would delete the log %s-wal (%d bytes): "+
			"restore a backup, or remove the log to begin a new state", ErrFile, path, path, bytes)
	case readable:
		return size, false, nil
	case size <= onePage:
		return size, false, fmt.Errorf("%w: the log %s-wal, which holds all of the state, cannot be read: "+
			"restore a backup, or remove the log and the file to begin a new state", ErrFile, path)
	}
	return size, true, nil
}

// startTime is how long an existing file may be empty: a daemon that has just made
// it writes its header next.
const startTime = time.Second

// existing inspects a file for a command that does not begin a state.
func existing(path string) error {
	size, lostLog, err := inspect(path)
	for wait := startTime; size == 0 && err == nil && wait > 0; wait -= startTime / 20 {
		time.Sleep(startTime / 20)
		size, lostLog, err = inspect(path)
	}
	switch {
	case err != nil:
		return err
	case size < 0:
		return &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	case size == 0:
		return fmt.Errorf("%w: %s is empty: start the daemon to begin a new state, or restore a backup if there was one", ErrFile, path)
	case lostLog:
		return fmt.Errorf("%w: the log %s-wal cannot be read: restore a backup, or start the daemon to go on with what is in the file alone", ErrFile, path)
	}
	return nil
}

func hasOtherNames(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

// The header of a write-ahead log (https://www.sqlite.org/fileformat.html#walformat).
const (
	logHeader  = 32
	logMagic   = 0x377f0682 // its last bit says that checksums are big-endian
	logVersion = 3007000
)

// readLog returns the size of a write-ahead log, zero if nothing is in it, and
// whether SQLite would read it.
func readLog(path string) (size int64, readable bool, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= logHeader {
		return 0, true, err
	}
	header := make([]byte, logHeader)
	for range 2 { // a daemon may have been writing it
		if _, err := f.ReadAt(header, 0); err != nil && !errors.Is(err, io.EOF) {
			return 0, false, err
		}
		if readable = validLogHeader(header); readable {
			break
		}
	}
	return info.Size(), readable, nil
}

func validLogHeader(header []byte) bool {
	magic := binary.BigEndian.Uint32(header)
	if magic&^1 != logMagic || binary.BigEndian.Uint32(header[4:]) != logVersion {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 != 0 {
		order = binary.BigEndian
	}
	var a, b uint32
	for i := 0; i < 24; i += 8 {
		a += order.Uint32(header[i:]) + b
		b += order.Uint32(header[i+4:]) + a
	}
	return a == binary.BigEndian.Uint32(header[24:]) && b == binary.BigEndian.Uint32(header[28:])
}
