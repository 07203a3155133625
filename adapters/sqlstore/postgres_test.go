package sqlstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestPostgres(t *testing.T) {
	server := loopback.Postgres(t)
	t.Run("suite", func(t *testing.T) {
		enginetest.Store(t, func(t *testing.T) engine.Store {
			return openPostgres(t, loopback.PostgresDatabase(t, server))
		})
	})
	t.Run("replicas", func(t *testing.T) { replicas(t, loopback.PostgresDatabase(t, server)) })
	t.Run("gone", func(t *testing.T) { gone(t, loopback.PostgresDatabase(t, server)) })
	t.Run("refuses synchronous_commit=off", func(t *testing.T) {
		refused(t, loopback.PostgresDatabase(t, server)+"&synchronous_commit=off", "synchronous_commit=off")
	})
}

func TestPostgresRefuses(t *testing.T) {
	t.Run("fsync=off", func(t *testing.T) { refused(t, loopback.Postgres(t, "fsync=off"), "fsync=off") })
	t.Run("a standby", func(t *testing.T) { refused(t, loopback.PostgresStandby(t), "is a standby") })
	t.Run("nobody there", func(t *testing.T) { refused(t, "postgres://portico:hidden@127.0.0.1:1/x", "127.0.0.1:1") })
	t.Run("no URL", func(t *testing.T) { refused(t, "postgres://portico:hidden@127.0.0.1:x/x", "parse") })
}

func refused(t *testing.T, dsn, want string) {
	t.Helper()
	_, err := sqlstore.OpenPostgres(t.Context(), dsn, nil)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error that says %q", err, want)
	}
	if err != nil && strings.Contains(err.Error(), "hidden") {
		t.Errorf("%v shows the password", err)
	}
}

// replicas migrates one database from four stores at once, and has them count
// together: each sees at once what any has committed.
func replicas(t *testing.T, dsn string) {
	const stores, times = 4, 25
	var wg sync.WaitGroup
	for range stores {
		wg.Go(func() {
			s, err := sqlstore.OpenPostgres(t.Context(), dsn, nil)
			if err != nil {
				t.Error(err)
				return
			}
			closeAtEnd(t, s)
			count(t, s, times)
		})
	}
	wg.Wait()
	state, err := openPostgres(t, dsn).Domain(t.Context(), "acme")
	if err != nil || state.Epoch != stores*times {
		t.Errorf("epoch %d, %v; want %d", state.Epoch, err, stores*times)
	}
}

func count(t *testing.T, s engine.Store, times int) {
	t.Helper()
	for done := 0; done < times; {
		err := s.Update(t.Context(), "acme", func(tx engine.Tx) error { return raise(t.Context(), tx) })
		switch engine.CodeOf(err) {
		case "":
			done++
		case engine.Conflict: // another created the domain meanwhile
		default:
			t.Error(err)
			return
		}
	}
}

// gone ends the connections of a store under its feet.
func gone(t *testing.T, dsn string) {
	s := openPostgres(t, dsn)
	err := s.Update(t.Context(), "acme", func(tx engine.Tx) error {
		if err := raise(t.Context(), tx); err != nil {
			return err
		}
		return disconnect(t.Context(), dsn)
	})
	if engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("a lost commit is %v, want unavailable", err)
	}
	for range 16 { // each dead connection of the pool may fail once
		if err = s.Ready(t.Context()); err == nil {
			break
		}
		if engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("a dead connection is %v, want unavailable", err)
		}
	}
	if _, err := s.Domain(t.Context(), "acme"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("afterwards: %v, want not found", err)
	}
}

// disconnect ends all other connections to a database.
func disconnect(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	return errors.Join(err, conn.Close(ctx))
}

func openPostgres(t testing.TB, dsn string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenPostgres(t.Context(), dsn, nil)
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, s)
	return s
}
