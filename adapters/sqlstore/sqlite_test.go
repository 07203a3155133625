package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestSQLite(t *testing.T) {
	enginetest.Store(t, func(t *testing.T) engine.Store { return openSQLite(t, newFile(t)) })
}

func TestSQLiteKeepsAllAcrossReopening(t *testing.T) {
	path := newFile(t)
	want := commit(t, openSQLite(t, path), 3)
	s := openSQLite(t, path) // the first is closed by commit
	for name, domain := range map[string]func() (engine.DomainState, error){
		"known":  func() (engine.DomainState, error) { return s.Domain(t.Context(), "acme") },
		"stored": func() (engine.DomainState, error) { return viewDomain(t, s) },
	} {
		got, err := domain()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestSQLiteSecondProcess runs itself again as the process that has the file.
func TestSQLiteSecondProcess(t *testing.T) {
	const child = "PORTICO_TEST_FILE"
	if path := os.Getenv(child); path != "" {
		s := openSQLite(t, path)
		raiseTimes(t, s, 3)
		fmt.Println("open")
		select {} // until killed
	}
	path := newFile(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSQLiteSecondProcess$")
	cmd.Env = append(os.Environ(), child+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	_, err = sqlstore.OpenSQLite(t.Context(), path, nil)
	if want := fmt.Sprintf("is in use by process %d; stop it, or use --server", cmd.Process.Pid); engine.CodeOf(err) != engine.Conflict ||
		!strings.Contains(engine.MessageOf(err), want) {
		t.Errorf("got %v, want a conflict that says %q", err, want)
	}
	_ = cmd.Process.Kill() // as kill -9 does
	_ = cmd.Wait()
	if state, err := openSQLite(t, path).Domain(t.Context(), "acme"); err != nil || state.Epoch != 3 {
		t.Errorf("epoch %d, %v, of the killed process; want 3", state.Epoch, err)
	}
}

func TestSQLiteSecondOpenByAnotherName(t *testing.T) {
	path := newFile(t)
	openSQLite(t, path)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.OpenSQLite(t.Context(), link, nil); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
}

func TestSQLiteRefusesNewerTables(t *testing.T) {
	path := newFile(t)
	commit(t, openSQLite(t, path), 1)
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO portico_migrations (version_id, is_applied) VALUES (999, 1)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = sqlstore.OpenSQLite(t.Context(), path, nil)
	if engine.CodeOf(err) != engine.Conflict || !strings.Contains(err.Error(), "run the newer one") {
		t.Errorf("got %v, want a conflict", err)
	}
}

func TestSQLiteFilesAreTheOwnersOnly(t *testing.T) {
	path := newFile(t)
	openSQLite(t, path)
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %v, want 0600", info.Name(), mode)
		}
	}
}

func TestSQLiteRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a folder that isn't there": filepath.Join(t.TempDir(), "none", "x.db"),
		"a folder":                  t.TempDir(),
		"another kind of file":      text,
	} {
		if _, err := sqlstore.OpenSQLite(t.Context(), path, nil); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	s := openSQLite(t, newFile(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := s.Update(t.Context(), "acme", func(engine.Tx) error { return nil }); err == nil {
		t.Error("a closed store can be updated")
	}
}

// newFile returns a path with all that a URL would take for something else.
func newFile(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "a file?mode=memory#1 100%.db")
}

func openSQLite(t testing.TB, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenSQLite(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, s)
	return s
}

func closeAtEnd(t testing.TB, s *sqlstore.Store) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// commit raises acme's epoch n times, closes the store and returns the state.
func commit(t *testing.T, s *sqlstore.Store, n int) engine.DomainState {
	t.Helper()
	raiseTimes(t, s, n)
	state, err := s.Domain(t.Context(), "acme")
	if err != nil || state.Epoch != int64(n) {
		t.Fatalf("epoch %d, %v; want %d", state.Epoch, err, n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return state
}

func raiseTimes(t *testing.T, s engine.Store, n int) {
	t.Helper()
	for range n {
		if err := s.Update(t.Context(), "acme", func(tx engine.Tx) error { return raise(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
}

// raise raises acme's epoch, and creates acme first.
func raise(ctx context.Context, tx engine.Tx) error {
	state, err := tx.Domain(ctx, "acme")
	if engine.CodeOf(err) == engine.NotFound {
		state, err = engine.DomainState{Domain: "acme"}, nil
	}
	if err != nil {
		return err
	}
	state.Epoch++
	return tx.PutDomain(ctx, state)
}

func viewDomain(t *testing.T, s engine.Store) (state engine.DomainState, err error) {
	t.Helper()
	err = s.View(t.Context(), func(tx engine.Tx) (err error) {
		state, err = tx.Domain(t.Context(), "acme")
		return err
	})
	return state, err
}
