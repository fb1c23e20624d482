package systemd

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manager listens as the service manager does.
func manager(t *testing.T) *net.UnixConn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return conn
}

func received(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func TestMessages(t *testing.T) {
	conn := manager(t)
	n := FromEnv()
	for _, c := range []struct {
		send func() error
		want string
	}{
		{func() error { return n.Ready("3 hunts") }, "READY=1\nSTATUS=3 hunts"},
		{func() error { return n.Ready("a\nSTOPPING=1") }, "READY=1\nSTATUS=a STOPPING=1"},
		{n.Alive, "WATCHDOG=1"},
		{func() error { return n.Status("4 hunts") }, "STATUS=4 hunts"},
		{func() error { return n.Stopping("bye") }, "STOPPING=1\nSTATUS=bye"},
	} {
		if err := c.send(); err != nil {
			t.Fatal(err)
		}
		if got := received(t, conn); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestReloadingBearsTheMonotonicClock(t *testing.T) {
	conn := manager(t)
	if err := FromEnv().Reloading(); err != nil {
		t.Fatal(err)
	}
	head, usec, _ := strings.Cut(received(t, conn), "\nMONOTONIC_USEC=")
	if n, err := strconv.ParseInt(usec, 10, 64); head != "RELOADING=1" || err != nil || n <= 0 {
		t.Errorf("got %q and %q", head, usec)
	}
}

func TestWithoutManager(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := FromEnv().Ready("x"); err != nil {
		t.Error(err)
	}
}

func TestManagerThatIsGone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := FromEnv().Ready("x"); err == nil {
		t.Error("a socket that is not there went unnoticed")
	}
}

func TestWatchdog(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"60000000", "", 20 * time.Second},
		{"60000000", strconv.Itoa(os.Getpid()), 20 * time.Second},
		{"60000000", "1", 0},
		{"", "", 0},
		{"soon", "", 0},
	} {
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		if got := FromEnv().Watchdog(); got != c.want {
			t.Errorf("WATCHDOG_USEC=%q WATCHDOG_PID=%q: %v, want %v", c.usec, c.pid, got, c.want)
		}
	}
}
