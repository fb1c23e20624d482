package state

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/huntd/huntd/jobs"
)

// ErrUnreachable says that the database of a state does not answer, or does not
// let huntd in. The same call may succeed later.
var ErrUnreachable = jobs.ErrLedgerUnreachable

// unreachable marks errors of a server that cannot be reached, hangs, starts or
// shuts down. What failed is not named by the URL, which may hold a password.
func unreachable(err error) error {
	var connect *pgconn.ConnectError
	var server *pgconn.PgError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, ErrUnreachable):
		return err
	case errors.As(err, &connect) && connect.Unwrap() != nil:
		// A line for each address and way that was tried, often the same.
		tried := slices.Compact(strings.Split(connect.Unwrap().Error(), "\n"))
		return fmt.Errorf("%w: no connection to PostgreSQL: %s", ErrUnreachable, strings.Join(tried, "; "))
	case errors.As(err, &server) && isOutage(server.Code),
		errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		err != nil && strings.Contains(err.Error(), "conn closed"): // pgx has no error of its own for it
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// isOutage reports whether an error code of PostgreSQL says that the server, and
// not the statement, is at fault.
func isOutage(code string) bool {
	switch code[:min(len(code), 2)] {
	case "08", "53", "58": // connection, insufficient resources, system error
		return true
	}
	switch code {
	case "25P03", // idle in transaction for too long
		"55P03",                   // a lock was not available
		"57014",                   // a statement took too long
		"57P01", "57P02", "57P03", // shutdown, crash, starting up
		"57P05": // idle session
		return true
	}
	return false
}
