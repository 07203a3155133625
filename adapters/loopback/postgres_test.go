package loopback_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/portico-authz/portico/adapters/loopback"
)

func TestPostgresDatabasesAreSeparate(t *testing.T) {
	server := loopback.Postgres(t)
	for range 2 {
		conn := connect(t, loopback.PostgresDatabase(t, server))
		if _, err := conn.Exec(t.Context(), `CREATE TABLE mine ()`); err != nil {
			t.Error(err)
		}
	}
}

func TestPostgresTakesSettings(t *testing.T) {
	conn := connect(t, loopback.Postgres(t, "fsync=off"))
	var fsync string
	if err := conn.QueryRow(t.Context(), `SHOW fsync`).Scan(&fsync); err != nil || fsync != "off" {
		t.Errorf("fsync is %q, %v", fsync, err)
	}
}

func TestPostgresStandbyIsInRecovery(t *testing.T) {
	conn := connect(t, loopback.PostgresStandby(t))
	var standby bool
	if err := conn.QueryRow(t.Context(), `SELECT pg_is_in_recovery()`).Scan(&standby); err != nil || !standby {
		t.Errorf("in recovery: %t, %v", standby, err)
	}
}

// A server that was killed is there again, at its URL, with its settings and
// what was committed.
func TestPostgresRestarts(t *testing.T) {
	s := loopback.StartPostgres(t, "work_mem=1MB")
	if _, err := connect(t, s.URL).Exec(t.Context(), `CREATE TABLE mine ()`); err != nil {
		t.Fatal(err)
	}
	address := addressOf(t, s.URL)
	wantSteady(t, address)
	s.Kill(t)
	if !refuses(t, address) {
		t.Error("it takes connections after its Kill")
	}
	s.Restart(t)
	s.Restart(t) // of one that runs
	var memory string
	if err := connect(t, s.URL).QueryRow(t.Context(), `SELECT current_setting('work_mem') FROM mine RIGHT JOIN (VALUES (1)) one ON true`).Scan(&memory); err != nil || memory != "1MB" {
		t.Errorf("work_mem is %q, %v", memory, err)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}
