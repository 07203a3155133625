package replicas_test

import (
	"cmp"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/loopback"
)

// world is a PostgreSQL, a SpiceDB on it, a Redis, and what is between them and
// the replicas.
type world struct {
	program  string
	replicas []*replica

	postgres, spicedb, redis *link
	postgresServer           *loopback.PostgresServer
	spicedbServer            *loopback.SpiceDBServer
	redisServer              *loopback.RedisServer
	portal                   string // with which commands start; "" for the agency portal

	store, token string // secrets of the configuration
	key          string // an API key, for everything
	outbox       string

	maintenance  time.Duration
	redisTimeout time.Duration
}

// newWorld starts everything but the replicas.
func newWorld(t *testing.T, program string) *world {
	t.Helper()
	server := loopback.StartPostgres(t, "track_commit_timestamp=on", "max_connections=200")
	dsn := loopback.PostgresDatabase(t, server.URL)
	graph := loopback.StartSpiceDB(t, loopback.SpiceDBOnPostgres(loopback.PostgresDatabase(t, server.URL)),
		loopback.SpiceDBWithFlags("--log-level=error")) // it warns of each write that its fence refuses
	w := &world{
		program: program, token: graph.Token,
		postgresServer: server, spicedbServer: graph, redisServer: loopback.Redis(t), outbox: filepath.Join(t.TempDir(), "outbox"),
		maintenance: time.Second, redisTimeout: 50 * time.Millisecond,
	}
	at, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	w.postgres, w.spicedb, w.redis = newLink(t, at.Host), newLink(t, graph.Endpoint), newLink(t, w.redisServer.Address)
	at.Host = w.postgres.address
	w.store = at.String()
	w.key, _, _ = strings.Cut(w.portico(t, "keys", "create", "--name", "history", "--scope", "check,act,operate"), "\n")
	return w
}

// portico runs a command of the program on the world's store and SpiceDB, which
// must succeed, and returns what it says.
func (w *world) portico(t *testing.T, args ...string) string {
	t.Helper()
	out, err := w.command(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verify returns what the program says when it has compared everything.
func (w *world) verify(t *testing.T) string {
	t.Helper()
	out, err := w.command(t, "verify")
	if out == "" {
		t.Fatal(err) // it ends with 1 if there are problems
	}
	return out
}

func (w *world) command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.program, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = w.environment("PORTICO_PORTAL="+cmp.Or(w.portal, "agency"), "PORTICO_SPICEDB_ENDPOINT="+w.spicedb.address, "PORTICO_SPICEDB_INSECURE=true")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("portico %s: %w\n%s%s", strings.Join(args, " "), err, out, complaints.String())
	}
	return string(out), err
}

// serve starts n replicas of the program.
func (w *world) serve(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		w.replicas = append(w.replicas, w.replica(t, made{name: fmt.Sprint(i + 1), program: w.program}))
	}
}
