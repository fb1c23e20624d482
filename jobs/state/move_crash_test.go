package state

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestMoveIsKilled: whenever the process dies, the new place holds nothing or
// all, and the old one is not marked before all is in the new one.
func TestMoveIsKilled(t *testing.T) {
	if from := os.Getenv("HUNTD_TEST_MOVE_FROM"); from != "" { // this is the process to kill
		fmt.Println("begin")
		if _, err := Move(t.Context(), from, os.Getenv("HUNTD_TEST_MOVE_TO"), false, time.Now()); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Parallel()
	rows, kills := 3000, 6
	if long() {
		rows, kills = 30000, 100
	}
	dir := t.TempDir()
	whole := filepath.Join(dir, "huntd.db")
	l := openFile(t, whole)
	fill(t, l)
	change(t, l, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i+1 FROM n WHERE i<%d)
		INSERT INTO finding(hunt_id, win_from, id, digest, at) SELECT 'h', i, 'id', 'digest', 5 FROM n`, 999+rows))
	l.Close()
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	// move lets a process move a copy, kills it after a time if that is not zero,
	// and returns how long it took and whether it died.
	move := func(from, to string, after time.Duration) (time.Duration, bool) {
		t.Helper()
		if err := os.WriteFile(from, data, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestMoveIsKilled$")
		cmd.Env = append(os.Environ(), "HUNTD_TEST_MOVE_FROM=sqlite:"+from, "HUNTD_TEST_MOVE_TO=sqlite:"+to)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "begin" {
		}
		start := time.Now()
		if after > 0 {
			defer time.AfterFunc(after, func() { _ = cmd.Process.Kill() }).Stop() // it may have ended
		}
		for lines.Scan() { // until it has ended
		}
		return time.Since(start), cmd.Wait() != nil
	}
	moved := func(to string) (n int) {
		t.Helper()
		target := openFile(t, to)
		defer target.Close()
		if err := target.read(t.Context(), func(ctx context.Context, tx *tx) error {
			return tx.one(t.Context(), `SELECT count(*) FROM finding WHERE win_from>=1000`).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	at := func(name string, i int) string { return filepath.Join(dir, fmt.Sprint(name, i, ".db")) }
	took, died := move(at("from", 0), at("to", 0), 0)
	if n := moved(at("to", 0)); died || n != rows {
		t.Fatalf("a move that nobody kills: died %v, %d of %d rows", died, n, rows)
	}
	killed := 0
	for i := 1; i <= kills; i++ {
		from, to, after := at("from", i), at("to", i), took*time.Duration(i)/time.Duration(kills)
		if _, died := move(from, to, after); died {
			killed++
		}
		n := moved(to)
		if n != 0 && n != rows {
			t.Fatalf("killed after %s of %s, the new place has %d of %d rows", after, took, n, rows)
		}
		if n == 0 {
			openFile(t, from).Close() // fails if it is marked
		}
	}
	if killed < kills/2 {
		t.Errorf("%d of %d moves were killed", killed, kills)
	}
}
