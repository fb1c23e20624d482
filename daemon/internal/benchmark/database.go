package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// serverVersion asks a PostgreSQL server what it is, "" if none is named.
func serverVersion(ctx context.Context, server string) (version string, err error) {
	if server == "" {
		return "", nil
	}
	err = ask(ctx, server, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT current_setting('server_version') || ', synchronous_commit=' || current_setting('synchronous_commit')`).
			Scan(&version)
	})
	return version, err
}

// newDatabase makes a database on a server and returns its URL.
func newDatabase(ctx context.Context, server string) (db string, drop func() error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("huntd_benchmark_%d", time.Now().UnixNano())
	if err := statement(ctx, server, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error {
		return statement(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)")
	}, nil
}

func statement(ctx context.Context, server, stmt string) error {
	return ask(ctx, server, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, stmt)
		return err
	})
}

func ask(ctx context.Context, server string, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close(context.WithoutCancel(ctx)))
}
