package spicedb_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

func TestGraphInMemory(t *testing.T) {
	enginetest.Graph(t, func(t *testing.T) engine.Graph {
		endpoint, key := loopback.SpiceDB(t)
		return dial(t, endpoint, key)
	})
}

func TestGraphOnPostgres(t *testing.T) {
	server := loopback.Postgres(t, "track_commit_timestamp=on")
	enginetest.Graph(t, func(t *testing.T) engine.Graph {
		dsn := loopback.PostgresDatabase(t, server)
		endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(dsn))
		return dial(t, endpoint, key)
	})
}

// A snapshot that has left the window of the garbage collection has expired.
func TestExpiredOnPostgres(t *testing.T) {
	endpoint, key := loopback.SpiceDB(t,
		loopback.SpiceDBOnPostgres(loopback.Postgres(t, "track_commit_timestamp=on")),
		loopback.SpiceDBWithFlags("--datastore-gc-window=1s", "--datastore-revision-quantization-interval=0s"))
	g := dial(t, endpoint, key)
	if err := g.WriteSchema(t.Context(), "definition user {}\ndefinition staff {\nrelation user: user\n}"); err != nil {
		t.Fatal(err)
	}
	var tokens [2]engine.Token
	after := ""
	for i, operation := range []string{"op1", "op2"} {
		var err error
		tokens[i], err = g.Write(t.Context(), engine.Write{Domain: "acme", After: after, Operation: operation})
		if err != nil {
			t.Fatal(err)
		}
		after = operation
	}
	query := []engine.Query{{
		Resource: schema.Obj("staff", "acme", "ana"), Permission: "user", Subject: schema.Subject{Object: schema.User("ana")},
	}}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		_, err := g.Check(t.Context(), tokens[0], query)
		if errors.Is(err, engine.ErrExpired) && engine.CodeOf(err) == engine.Stale {
			return
		}
		if err != nil {
			t.Fatalf("want ErrExpired (stale), got %v", err)
		}
		if time.Now().After(deadline) {
			t.Fatal("still kept")
		}
	}
}

func TestDialTLS(t *testing.T) {
	certFile, keyFile, ca := certificate(t)
	_, _, otherCA := certificate(t)
	endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBWithTLS(certFile, keyFile))
	g, err := spicedb.Dial(t.Context(), endpoint, key, &spicedb.RemoteOptions{CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	for name, test := range map[string]struct {
		key  string
		opts spicedb.RemoteOptions
		want engine.Code
	}{
		"authority unknown": {key, spicedb.RemoteOptions{}, engine.Unavailable},
		"another authority": {key, spicedb.RemoteOptions{CA: otherCA}, engine.Unavailable},
		"plaintext":         {key, spicedb.RemoteOptions{Transport: spicedb.PlaintextLoopback}, engine.Unavailable},
		"wrong key":         {"wrong", spicedb.RemoteOptions{CA: ca}, engine.Unavailable},
		"no key":            {"", spicedb.RemoteOptions{CA: ca}, engine.Invalid},
		"no certificate":    {key, spicedb.RemoteOptions{CA: []byte("nonsense")}, engine.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := spicedb.Dial(t.Context(), endpoint, test.key, &test.opts)
			if got := engine.CodeOf(err); got != test.want {
				t.Errorf("got %q, want %q: %v", got, test.want, err)
			}
		})
	}
}

func TestDialPlaintext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for name, test := range map[string]struct {
		endpoint  string
		transport spicedb.Transport
		want      engine.Code
	}{
		"elsewhere":            {"spicedb.example.com:50051", spicedb.PlaintextLoopback, engine.Invalid},
		"no port":              {"127.0.0.1", spicedb.PlaintextLoopback, engine.Invalid},
		"unknown transport":    {"127.0.0.1:1", 99, engine.Invalid},
		"nobody there":         {"127.0.0.1:1", spicedb.PlaintextLoopback, engine.Unavailable},
		"nobody there, anyway": {"127.0.0.1:1", spicedb.PlaintextAnywhere, engine.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := spicedb.Dial(ctx, test.endpoint, "key", &spicedb.RemoteOptions{Transport: test.transport})
			if got := engine.CodeOf(err); got != test.want {
				t.Errorf("got %q, want %q: %v", got, test.want, err)
			}
		})
	}
}

func dial(t testing.TB, endpoint, key string) *spicedb.Graph {
	t.Helper()
	g, err := spicedb.Dial(t.Context(), endpoint, key, &spicedb.RemoteOptions{Transport: spicedb.PlaintextLoopback})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return g
}

// certificate makes one for loopback that vouches for itself.
func certificate(t *testing.T) (certFile, keyFile string, ca []byte) {
	t.Helper()
	certFile, keyFile = loopback.Certificate(t)
	ca, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile, ca
}
