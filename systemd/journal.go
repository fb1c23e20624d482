package systemd

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"

	"go.uber.org/zap/buffer"
	"go.uber.org/zap/zapcore"
)

// OnJournal reports whether a file is the stream to the journal that the service
// manager names in JOURNAL_STREAM (systemd.exec(5)).
func OnJournal(f *os.File) bool {
	device, inode, ok := strings.Cut(os.Getenv("JOURNAL_STREAM"), ":")
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && strconv.FormatUint(stat.Dev, 10) == device && strconv.FormatUint(stat.Ino, 10) == inode
}

// Prefix is what the journal reads the priority of a line from (sd-daemon(3)).
func Prefix(level zapcore.Level) string {
	switch {
	case level >= zapcore.DPanicLevel:
		return "<2>"
	case level == zapcore.ErrorLevel:
		return "<3>"
	case level == zapcore.WarnLevel:
		return "<4>"
	case level == zapcore.InfoLevel:
		return "<6>"
	}
	return "<7>"
}

// NewJournalEncoder returns an encoder whose lines begin with their priority. An
// entry of several lines, such as one with a stack, has it on each, for the
// journal keeps every line as an entry.
func NewJournalEncoder(enc zapcore.Encoder) zapcore.Encoder {
	return journalEncoder{enc, buffer.NewPool()}
}

type journalEncoder struct {
	zapcore.Encoder
	pool buffer.Pool
}

// Clone implements [zapcore.Encoder].
func (e journalEncoder) Clone() zapcore.Encoder { return journalEncoder{e.Encoder.Clone(), e.pool} }

// EncodeEntry implements [zapcore.Encoder].
func (e journalEncoder) EncodeEntry(entry zapcore.Entry, fields []zapcore.Field) (*buffer.Buffer, error) {
	plain, err := e.Encoder.EncodeEntry(entry, fields)
	if err != nil {
		return nil, err
	}
	defer plain.Free()
	out := e.pool.Get()
	for line := range bytes.Lines(plain.Bytes()) {
		out.AppendString(Prefix(entry.Level))
		out.AppendBytes(line)
	}
	return out, nil
}
