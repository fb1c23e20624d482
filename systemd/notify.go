package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Notifier tells the service manager how the daemon is doing. The zero value
// tells nobody.
type Notifier struct {
	socket   string
	watchdog time.Duration
}

// FromEnv returns the notifier that the service manager asked for by
// NOTIFY_SOCKET and WATCHDOG_USEC.
func FromEnv() Notifier {
	n := Notifier{socket: os.Getenv("NOTIFY_SOCKET")}
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return n // the watchdog is meant for another process
	}
	if usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		n.watchdog = time.Duration(usec) * time.Microsecond
	}
	return n
}

// Watchdog returns how often [Notifier.Alive] must be called, 0 if never. It is
// a third of what the service manager waits.
func (n Notifier) Watchdog() time.Duration { return n.watchdog / 3 }

// Ready says that start or reload is done, with a line of status.
func (n Notifier) Ready(status string) error { return n.send("READY=1", "STATUS="+status) }

// Status sets the line of status.
func (n Notifier) Status(status string) error { return n.send("STATUS=" + status) }

// Alive feeds the watchdog.
func (n Notifier) Alive() error { return n.send("WATCHDOG=1") }

// Reloading says that a reload begins; [Notifier.Ready] ends it.
func (n Notifier) Reloading() error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return err
	}
	return n.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000))
}

// Stopping says that the daemon is on its way out.
func (n Notifier) Stopping(status string) error { return n.send("STOPPING=1", "STATUS="+status) }

func (n Notifier) send(lines ...string) error {
	if n.socket == "" {
		return nil
	}
	addr := n.socket
	if strings.HasPrefix(addr, "@") { // an abstract socket
		addr = "\x00" + addr[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(l, "\n", " ") // a value is one line
	}
	_, err = conn.Write([]byte(strings.Join(lines, "\n")))
	return errors.Join(err, conn.Close())
}
