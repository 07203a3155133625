package loopback_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

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

// TestPostgresDiesWithTheTest runs itself again, kills that process and looks
// for the server.
func TestPostgresDiesWithTheTest(t *testing.T) {
	const child = "PORTICO_TEST_CHILD"
	if os.Getenv(child) != "" {
		_, _ = os.Stdout.WriteString("dsn " + loopback.Postgres(t) + "\n")
		time.Sleep(time.Minute) // until killed
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPostgresDiesWithTheTest$")
	cmd.Env = append(os.Environ(), child+"=1", "TMPDIR="+openTempDir(t))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dsn := readDSN(t, out)
	connect(t, dsn)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for deadline := time.Now().Add(20 * time.Second); ; {
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			return
		}
		_ = conn.Close(t.Context())
		if time.Now().After(deadline) {
			t.Fatal("the server outlives the test that started it")
		}
	}
}

// openTempDir returns a temporary folder that the server's account may enter.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(dir, 0o711), os.Chmod(filepath.Dir(dir), 0o711)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readDSN(t *testing.T, out interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	var said strings.Builder
	buffer := make([]byte, 256)
	for {
		n, err := out.Read(buffer)
		said.Write(buffer[:n])
		_, rest, found := strings.Cut(said.String(), "dsn ")
		if dsn, _, whole := strings.Cut(rest, "\n"); found && whole {
			return dsn
		}
		if err != nil {
			t.Fatalf("the child said %q: %v", said.String(), err)
		}
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
