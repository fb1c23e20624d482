package systemd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestOnJournal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "stream"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	for stream, want := range map[string]bool{
		fmt.Sprintf("%d:%d", stat.Dev, stat.Ino):   true,
		fmt.Sprintf("%d:%d", stat.Dev, stat.Ino+1): false,
		fmt.Sprintf("%d:%d", stat.Dev+1, stat.Ino): false,
		fmt.Sprintf("%d", stat.Dev):                false,
		"":                                         false,
	} {
		t.Setenv("JOURNAL_STREAM", stream)
		if got := OnJournal(f); got != want {
			t.Errorf("JOURNAL_STREAM=%s: %v", stream, got)
		}
	}
	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", stat.Dev, stat.Ino))
	if f.Close(); OnJournal(f) {
		t.Error("a closed file is a stream")
	}
}

// TestJournalEncoder: every line has the priority of its entry, whatever is
// inside.
func TestJournalEncoder(t *testing.T) {
	config := zap.NewProductionEncoderConfig()
	for format, enc := range map[string]zapcore.Encoder{"json": zapcore.NewJSONEncoder(config), "text": zapcore.NewConsoleEncoder(config)} {
		var out strings.Builder
		log := zap.New(zapcore.NewCore(NewJournalEncoder(enc), zapcore.AddSync(&out), zap.DebugLevel), zap.AddStacktrace(zap.ErrorLevel)).
			With(zap.String("with", "two\nlines"))
		for level, prefix := range map[zapcore.Level]string{
			zap.DebugLevel: "<7>", zap.InfoLevel: "<6>", zap.WarnLevel: "<4>", zap.ErrorLevel: "<3>", zap.DPanicLevel: "<2>",
		} {
			out.Reset()
			log.Log(level, "first\n<0>second", zap.Error(errors.New("one\n<0>two")), zap.String("s", "a\nb"))
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			for _, line := range lines {
				if !strings.HasPrefix(line, prefix) || strings.HasPrefix(line, prefix+prefix) {
					t.Errorf("%s: a line of level %s is %q", format, level, line)
				}
			}
			if !strings.Contains(out.String(), `two\nlines`) || format == "json" && len(lines) != 1 {
				t.Errorf("%s: level %s has %d lines:\n%s", format, level, len(lines), out.String())
			}
		}
	}
}
