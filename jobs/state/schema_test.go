package state

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huntd/huntd/jobs/state/statetest"
)

//go:generate go test -run TestSchemaFile . -update

var update = flag.Bool("update", false, "write schema.sql; comments stay")

const (
	schemaFile = "schema.sql"
	schemaHead = `-- The tables of the ledger as the migrations make them, written by go generate. The
-- comments are written here by hand, one for each column.
--
-- On PostgreSQL, BYTEA stands for BLOB, an identity for AUTOINCREMENT, and the table
-- huntd_schema counts the migrations. River's tables (river_*) are left out.
--
-- s is Unix seconds, of windows and evidence. ms is Unix milliseconds, by the clock of
-- the host that writes unless it is said otherwise.
`
)

// TestSchemaFile: schema.sql shows the present schema, with a comment for each
// column.
func TestSchemaFile(t *testing.T) {
	old, err := os.ReadFile(schemaFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	l := openFile(t, filepath.Join(t.TempDir(), "huntd.db"))
	var text strings.Builder
	text.WriteString(schemaHead)
	comments := commentsOf(string(old))
	if err := l.read(t.Context(), func(ctx context.Context, tx *tx) error {
		return tx.each(ctx, func(r row) error {
			var kind, name, stmt string
			err := r.Scan(&kind, &name, &stmt)
			if kind == "index" {
				fmt.Fprintf(&text, "%s;\n", stmt)
				return err
			}
			fmt.Fprintf(&text, "\nCREATE TABLE %s(\n", name)
			parts := partsOf(stmt)
			for i, part := range parts {
				column, _, _ := strings.Cut(part, " ")
				comment := comments[name+"."+column]
				if isColumn := strings.ToLower(column) == column; isColumn && comment == "" {
					t.Errorf("%s: column %s.%s has no comment", schemaFile, name, column)
				}
				end := ","
				if i == len(parts)-1 {
					end = ");"
				}
				fmt.Fprintln(&text, strings.TrimRight(fmt.Sprintf("  %-52s %s", part+end, comment), " "))
			}
			return err
		}, `SELECT type, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE 'river_%'
			ORDER BY tbl_name, type DESC, name`)
	}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(string(old), text.String()); diff != "" {
		t.Errorf("%s is stale: go generate ./jobs/state (-have +want):\n%s", schemaFile, diff)
	}
}

// commentsOf returns the comments of a schema file by table.column.
func commentsOf(text string) map[string]string {
	comments, table := map[string]string{}, ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "CREATE TABLE "); ok {
			table, _, _ = strings.Cut(name, "(")
		}
		def, comment, ok := strings.Cut(line, "-- ")
		if fields := strings.Fields(def); ok && len(fields) > 0 {
			comments[table+"."+fields[0]] = "-- " + strings.TrimSpace(comment)
		}
	}
	return comments
}

// partsOf returns the columns and constraints of a CREATE TABLE.
func partsOf(stmt string) (parts []string) {
	stmt = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(stmt, "")
	stmt = strings.Join(strings.Fields(stmt), " ")
	depth, from := 0, 0
	for i, c := range stmt {
		switch c {
		case '(':
			if depth++; depth == 1 {
				from = i + 1
			}
		case ')':
			depth--
		}
		if c == ',' && depth == 1 || c == ')' && depth == 0 {
			parts = append(parts, strings.TrimSpace(stmt[from:i]))
			from = i + 1
		}
	}
	return parts
}

// TestSchemaOfPostgres: the migrations make the same columns and indexes of both
// databases.
func TestSchemaOfPostgres(t *testing.T) {
	schema := func(l *Ledger, query string) (rows []string) {
		if err := l.read(t.Context(), func(ctx context.Context, tx *tx) error {
			return tx.each(ctx, func(r row) error {
				var table, name, detail string
				err := r.Scan(&table, &name, &detail)
				rows = append(rows, table+"."+name+" "+detail)
				return err
			}, query)
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows)
		return rows
	}
	file := schema(openFile(t, filepath.Join(t.TempDir(), "huntd.db")), `
		SELECT m.name, c.name, lower(replace(replace(c.type,'INTEGER','BIGINT'),'BLOB','BYTEA'))||CASE WHEN c."notnull"=1 OR c.pk>0 THEN ' not null' ELSE '' END
			FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type='table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'river_%'
		UNION ALL SELECT tbl_name, name, 'index' FROM sqlite_schema WHERE type='index' AND sql IS NOT NULL AND tbl_name NOT LIKE 'river_%'`)
	server := schema(openPostgres(t, statetest.NewDatabase(t)), `
		SELECT table_name::text, column_name::text, CASE data_type WHEN 'integer' THEN 'int' ELSE data_type END||
				CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
			FROM information_schema.columns WHERE table_schema=current_schema() AND table_name NOT LIKE 'river_%' AND table_name<>'huntd_schema'
		UNION ALL SELECT tablename::text, indexname::text, 'index' FROM pg_indexes
			WHERE schemaname=current_schema() AND tablename NOT LIKE 'river_%' AND indexname !~ '_p*key[0-9]*$'`)
	if diff := cmp.Diff(file, server); diff != "" {
		t.Errorf("SQLite and PostgreSQL (-SQLite +PostgreSQL):\n%s", diff)
	}
}
