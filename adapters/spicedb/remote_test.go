package spicedb_test

import (
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestGraphInMemory(t *testing.T) {
	enginetest.Graph(t, func(t *testing.T) engine.Graph {
		endpoint, token := loopback.SpiceDB(t)
		return dial(t, endpoint, token)
	})
}

func TestGraphOnPostgres(t *testing.T) {
	server := loopback.Postgres(t, "track_commit_timestamp=on")
	enginetest.Graph(t, func(t *testing.T) engine.Graph {
		dsn := loopback.PostgresDatabase(t, server)
		endpoint, token := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(dsn))
		return dial(t, endpoint, token)
	})
}

func dial(t testing.TB, endpoint, token string) *spicedb.Graph {
	t.Helper()
	g, err := spicedb.Dial(t.Context(), endpoint, token, &spicedb.RemoteOptions{Transport: spicedb.PlaintextLoopback})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}
