package loopback

import (
	"context"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresServer is one server. Its methods are for one goroutine; they fail
// the test that they are given.
type PostgresServer struct {
	URL string // of its database; it stays

	cluster  *cluster
	port     int
	settings []string
	process
}

// StartPostgres is [Postgres] for tests that kill the server and start it again.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	s := newPostgres(t, settings)
	s.run(t)
	return s
}

func newPostgres(t testing.TB, settings []string) *PostgresServer {
	t.Helper()
	s := &PostgresServer{cluster: newCluster(t), port: steadyPort(t), settings: settings}
	s.URL = databaseURL(s.port, "postgres")
	s.process = process{
		name: "PostgreSQL at port " + strconv.Itoa(s.port),
		log:  filepath.Join(s.cluster.dir, "log"),
		last: syscall.SIGQUIT, // after a SIGKILL its shared memory stays
	}
	return s
}

// Kill ends the server at once (SIGQUIT, an immediate shutdown): connections
// break, new ones are refused.
func (s *PostgresServer) Kill(t testing.TB) {
	t.Helper()
	s.end(t)
}

// Restart starts the server again at the same URL, with the same settings, after
// a [PostgresServer.Kill], or after one that it makes, and returns when it
// answers. What was committed is there.
func (s *PostgresServer) Restart(t testing.TB) {
	t.Helper()
	if s.cmd != nil {
		s.Kill(t)
	}
	s.start(t)
}

// run starts the server for the first time and ends what runs when the test
// does.
func (s *PostgresServer) run(t testing.TB) {
	t.Helper()
	s.endWith(t, s.Kill)
	s.start(t)
}

// start starts the server and waits until it answers.
func (s *PostgresServer) start(t testing.TB) {
	t.Helper()
	args := []string{
		"-D", s.cluster.data(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "shared_buffers=16MB", "-c", "max_connections=100",
	}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	// t.Context ends before the clean-ups, and with a kill that leaves children.
	s.process.start(t, s.cluster.command(context.WithoutCancel(t.Context()), "postgres", args...))
	s.await(t, "answering", func() (bool, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, s.URL)
		if err != nil {
			return false, err
		}
		return true, conn.Close(ctx)
	})
}
