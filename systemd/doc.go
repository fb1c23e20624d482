// Package systemd holds huntd's unit file and speaks the service manager's
// notification protocol (sd_notify(3)): readiness, a line of status, the
// watchdog, reload and stop. Without a service manager every call does nothing.
// It gives log lines the priorities that the journal reads (sd-daemon(3)).
//
// The protocol is a datagram of assignments to the socket that NOTIFY_SOCKET
// names, which is why no library is needed for it.
package systemd
