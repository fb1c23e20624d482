package state

import (
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
		if _, err := Move(t.Context(), from, os.Getenv("HUNTD_TEST_MOVE_TO"), false, time.Now()); err != nil {
			t.Fatal(err)
		}
		return
	}
	const rows = 30000
	dir := t.TempDir()
	from := filepath.Join(dir, "huntd.db")
	l := openFile(t, from)
	fill(t, l)
	change(t, l, `WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i+1 FROM n WHERE i<30999)
		INSERT INTO finding(hunt_id, win_from, id, digest, at) SELECT 'h', i, 'id', 'digest', 5 FROM n`)
	l.Close()
	full, killed := false, 0
	for delay := 20 * time.Millisecond; !full; delay = delay * 3 / 2 {
		to := filepath.Join(dir, delay.String()+".db")
		cmd := exec.Command(os.Args[0], "-test.run=^TestMoveIsKilled$")
		cmd.Env = append(os.Environ(), "HUNTD_TEST_MOVE_FROM=sqlite:"+from, "HUNTD_TEST_MOVE_TO=sqlite:"+to)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }) // it may have ended
		if err := cmd.Wait(); err != nil {
			killed++
		}
		kill.Stop()
		target := openFile(t, to)
		n := 0
		err := target.read(t.Context(), func(tx *tx) error {
			return tx.one(t.Context(), `SELECT count(*) FROM finding WHERE win_from>=1000`).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		target.Close()
		if n != 0 && n != rows {
			t.Fatalf("killed after %s, the new place has %d of %d rows", delay, n, rows)
		}
		if full = n == rows; full {
			break
		}
		old := openFile(t, from) // fails if it is marked
		old.Close()
	}
	if killed == 0 {
		t.Error("no move was killed: begin earlier")
	}
}
