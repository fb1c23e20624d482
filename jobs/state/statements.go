package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite" // the database driver, pure Go
)

// keptStatements is how many prepared statements a connection keeps: about
// twice as many as there are kinds of them.
const keptStatements = 128

// openPool opens a file. Its connections keep what they have prepared, River's
// statements too: to read one anew takes SQLite longer than to carry it out.
func openPool(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keepingConnector{c}), nil
}

// A keepingConnector makes connections that keep their statements.
type keepingConnector struct{ driver.Connector }

// Connect implements [driver.Connector].
func (c keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := made.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks a method"), made.Close())
	}
	return &keepingConn{sqliteConn: conn, kept: map[string]*keptStmt{}}, nil
}

// A sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A keepingConn is used by one goroutine at a time, as database/sql sees to.
type keepingConn struct {
	sqliteConn
	kept map[string]*keptStmt
	uses int
}

// A keptStmt is a prepared statement. While its rows are read, it is in use.
type keptStmt struct {
	driver.Stmt
	inUse bool
	last  int // the number of its last use
}

// Unwrap returns the driver's own connection, which it asks for.
func (c *keepingConn) Unwrap() driver.Conn { return c.sqliteConn }

// take returns the statement, prepared; ok is false if it is in use already. SQLite
// prepares a statement anew whenever a bare parameter of LIMIT is bound; a plus sign
// prevents it.
func (c *keepingConn) take(ctx context.Context, query string) (s *keptStmt, ok bool, err error) {
	c.uses++
	if s = c.kept[query]; s == nil {
		if len(c.kept) >= keptStatements {
			if err := c.drop(); err != nil {
				return nil, false, err
			}
		}
		made, err := c.PrepareContext(ctx, strings.ReplaceAll(query, "LIMIT ?", "LIMIT +?"))
		if err != nil {
			return nil, false, err
		}
		s = &keptStmt{Stmt: made}
		c.kept[query] = s
	}
	s.last = c.uses
	return s, !s.inUse, nil
}

// drop closes the statement that has not been used for longest.
func (c *keepingConn) drop() error {
	oldest := ""
	for query, s := range c.kept {
		if !s.inUse && (oldest == "" || s.last < c.kept[oldest].last) {
			oldest = query
		}
	}
	if oldest == "" {
		return nil
	}
	s := c.kept[oldest]
	delete(c.kept, oldest)
	return s.Close()
}

// ExecContext implements [driver.ExecerContext].
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, ok, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if !ok {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, ok, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if !ok {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.inUse = true
	return &keptRows{Rows: rows, of: s}, nil
}

// Close implements [driver.Conn].
func (c *keepingConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	clear(c.kept)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// keptRows free their statement when they have been read.
type keptRows struct {
	driver.Rows
	of *keptStmt
}

// Close implements [driver.Rows].
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.inUse = false
	return err
}
