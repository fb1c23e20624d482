package state

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

const sqliteScheme = "sqlite:"

const (
	maxConns = "pool_max_conns" // a parameter of a postgres:// URL
	// leastConns are one that listens for jobs, one for a migration and its lock
	// each, and one for the reads beside a write.
	leastConns = 4
)

// ErrNoFolder says that the folder of a state is not there. It is not made: a
// name that is written wrong would begin a new state in silence, and with it
// every hunt.
var ErrNoFolder = errors.New("there is no folder")

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Shared reports whether several daemons may use the state at the same time.
func Shared(url string) bool { return isPostgres(url) }

// Validate reports what is wrong with the name of a state. It opens nothing, and
// an error repeats no more of url than its kind: what follows may hold a
// password.
func Validate(url string) error {
	if isPostgres(url) {
		config, err := pgxpool.ParseConfig(url)
		if err == nil && strings.Contains(url, maxConns) && config.MaxConns < leastConns {
			return fmt.Errorf("state: %s is %d: a daemon needs at least %d connections", maxConns, config.MaxConns, leastConns)
		}
		if err != nil {
			return errors.New("state: the postgres:// URL cannot be read: write postgres://USER@HOST/DATABASE, or " +
				"postgres:///DATABASE?host=FOLDER for a socket")
		}
		return nil
	}
	path, ok := strings.CutPrefix(url, sqliteScheme)
	switch {
	case !ok:
		kind, _, _ := strings.Cut(url, ":")
		if strings.ContainsFunc(kind, func(r rune) bool { return r < 'a' || r > 'z' }) {
			return errors.New("state: write sqlite: and the path of a file, or a postgres:// URL")
		}
		return fmt.Errorf("state: %q is no kind of state: write sqlite: and the path of a file, or a postgres:// URL", kind)
	case path == "":
		return errors.New("state: sqlite: wants the path of a file behind it")
	}
	return nil
}

// Redact is the name of a state without its password, to be shown.
func Redact(name string) string {
	u, err := url.Parse(name)
	if !isPostgres(name) {
		return strings.TrimPrefix(name, sqliteScheme)
	}
	if err != nil {
		return "postgres://…"
	}
	q := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		if q.Has(secret) {
			q.Set(secret, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// CheckFolder returns [ErrNoFolder] if a state cannot be opened, or begun, for
// want of its folder.
func CheckFolder(url string) error {
	if err := Validate(url); err != nil || isPostgres(url) {
		return err
	}
	return hasFolder(strings.TrimPrefix(url, sqliteScheme))
}

func hasFolder(path string) error {
	dir := filepath.Dir(path)
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w %s: make it, or name another", ErrNoFolder, dir)
	}
	return err
}
