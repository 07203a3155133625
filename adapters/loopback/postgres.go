package loopback

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres starts a PostgreSQL server of the test's own and returns the URL of
// its database. The settings, such as "fsync=off", go on top of the server's
// defaults. It takes about two seconds; tests that need many databases share a
// server by [PostgresDatabase].
func Postgres(t testing.TB, settings ...string) (dsn string) {
	t.Helper()
	return StartPostgres(t, settings...).URL
}

// PostgresStandby starts a server that only follows another one, which never
// comes: it can be read and says that it isn't the primary.
func PostgresStandby(t testing.TB) (dsn string) {
	t.Helper()
	s := newPostgres(t, nil)
	signal := filepath.Join(s.cluster.data(), "standby.signal")
	if err := os.WriteFile(signal, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t)
	return s.URL
}

// PostgresDatabase makes an empty database on the server at dsn, which
// [Postgres] returned, and returns its URL. The server's end is its end.
//
// Its collation is not the byte order, so that nothing relies on it.
func PostgresDatabase(t testing.TB, dsn string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("connect to %s: %v", dsn, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	name := "test_" + strings.ToLower(rand.Text())
	_, err = conn.Exec(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`)
	if err != nil {
		t.Fatalf("create a database: %v (PostgreSQL 15 or newer, with ICU, is needed)", err)
	}
	return databaseURL(int(conn.Config().Port), name)
}

func databaseURL(port int, name string) string {
	return fmt.Sprintf("postgres://portico@127.0.0.1:%d/%s?sslmode=disable", port, name)
}

// postgresBin returns the folder that has PostgreSQL's server programs, which
// Debian keeps out of the PATH.
func postgresBin(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb",         // Debian
		"/opt/homebrew/opt/postgresql*/bin/initdb", // Homebrew on Apple silicon
		"/usr/local/opt/postgresql*/bin/initdb",    // Homebrew on Intel
		"/usr/pgsql-*/bin/initdb",                  // Red Hat
	} {
		found, err := filepath.Glob(pattern)
		if err == nil && len(found) > 0 {
			return filepath.Dir(found[len(found)-1])
		}
	}
	t.Fatal("PostgreSQL is not installed; run deploy/test, which installs it")
	return ""
}
