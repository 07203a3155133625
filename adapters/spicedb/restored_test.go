package spicedb_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// TestRestoredFromABackup: a SpiceDB that lost a revoke reads its token as if
// nothing had happened. No answer comes from there.
func TestRestoredFromABackup(t *testing.T) {
	server := loopback.Postgres(t, "track_commit_timestamp=on")
	present := loopback.PostgresDatabase(t, server)
	seat := schema.Relationship{
		Resource: schema.Obj("staff", "acme", "ana"), Relation: "user", Subject: schema.Subject{Object: schema.User("ana")},
	}
	query := []engine.Query{{Resource: seat.Resource, Permission: "user", Subject: seat.Subject}}
	write := func(t *testing.T, g engine.Graph, after, operation string, drop bool) engine.Token {
		t.Helper()
		at, err := g.Write(t.Context(), engine.Write{
			Domain: "acme", After: after, Operation: operation, Updates: []engine.Update{{Relationship: seat, Delete: drop}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	on := func(t *testing.T, dsn string) engine.Graph {
		t.Helper()
		endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(dsn))
		g := dial(t, endpoint, key)
		if err := g.WriteSchema(t.Context(), "definition user {}\ndefinition staff {\nrelation user: user\n}"); err != nil {
			t.Fatal(err)
		}
		return g
	}
	t.Run("granted", func(t *testing.T) { write(t, on(t, present), "", "granted", false) })
	backup := copyDatabase(t, server, present)
	var revoked engine.Token
	t.Run("revoked", func(t *testing.T) {
		g := on(t, present)
		revoked = write(t, g, "granted", "revoked", true)
		if got, err := g.Check(t.Context(), revoked, query); err != nil || got[0] != engine.Deny {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("restored", func(t *testing.T) {
		g := on(t, backup)
		wantLost := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, engine.ErrFence) || engine.CodeOf(err) != engine.Unavailable {
				t.Errorf("%s: want ErrFence (unavailable), got %q %v", what, engine.CodeOf(err), err)
			}
		}
		_, err := g.Check(t.Context(), revoked, query)
		wantLost("check", err)
		_, err = g.Check(t.Context(), revoked, append(query, query...))
		wantLost("bulk check", err)
		_, err = g.LookupResources(t.Context(), revoked, "staff", "user", seat.Subject)
		wantLost("lookup resources", err)
		_, err = g.LookupSubjects(t.Context(), revoked, seat.Resource, "user", schema.TypeUser)
		wantLost("lookup subjects", err)
		if at, err := g.Applied(t.Context(), "acme"); at != "granted" || err != nil {
			t.Errorf("the fence is at %q, %v", at, err)
		}
	})
}

// TestRestoredSchema: a SpiceDB that was restored to an older schema has all that
// was written, and would answer by the older rules.
func TestRestoredSchema(t *testing.T) {
	const (
		before = "definition user {}\ndefinition staff {\nrelation user: user\npermission enter = user\n}"
		after  = "definition user {}\ndefinition staff {\nrelation user: user\npermission enter = nil\n}"
	)
	server := loopback.Postgres(t, "track_commit_timestamp=on")
	present := loopback.PostgresDatabase(t, server)
	seat := schema.Relationship{
		Resource: schema.Obj("staff", "acme", "ana"), Relation: "user", Subject: schema.Subject{Object: schema.User("ana")},
	}
	query := []engine.Query{{Resource: seat.Resource, Permission: "enter", Subject: seat.Subject}}
	on := func(t *testing.T, dsn, source, from string) (engine.Graph, engine.Token) {
		t.Helper()
		endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(dsn))
		g := dial(t, endpoint, key)
		if err := g.WriteSchema(t.Context(), source); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(source))
		at, err := g.Write(t.Context(), engine.Write{
			Domain: "acme", After: from, Operation: "seated", Schema: hex.EncodeToString(sum[:]), Updates: []engine.Update{{Relationship: seat}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return g, at
	}
	t.Run("before", func(t *testing.T) { on(t, present, before, "") })
	backup := copyDatabase(t, server, present)
	var at engine.Token
	t.Run("after", func(t *testing.T) {
		var g engine.Graph
		g, at = on(t, present, after, "seated")
		if got, err := g.Check(t.Context(), at, query); err != nil || got[0] != engine.Deny {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("restored", func(t *testing.T) {
		endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(backup))
		if got, err := dial(t, endpoint, key).Check(t.Context(), at, query); !errors.Is(err, engine.ErrExpired) {
			t.Errorf("want ErrExpired, got %v, %v", got, err)
		}
	})
}

// copyDatabase returns a copy of a database that nobody is connected to.
func copyDatabase(t *testing.T, server, database string) string {
	t.Helper()
	source, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	name := source.Path[1:]
	if _, err := conn.Exec(t.Context(), `CREATE DATABASE "`+name+`_copy" TEMPLATE "`+name+`"`); err != nil {
		t.Fatal(err)
	}
	source.Path += "_copy"
	return source.String()
}
