package loopback

import (
	"context"
	"crypto/rand"
	"errors"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// SpiceDBServer is one process. Its methods are for one goroutine; they fail
// the test that they are given.
type SpiceDBServer struct {
	Endpoint string // host:port, for gRPC; it stays
	Token    string // the key that it asks for

	program string
	storage []string // flags that say where the data is
	flags   []string
	onDisk  bool
	creds   credentials.TransportCredentials
	process
}

// StartSpiceDB is [SpiceDB] for tests that kill the server and start it again.
func StartSpiceDB(t testing.TB, opts ...SpiceDBOption) *SpiceDBServer {
	t.Helper()
	program, err := buildSpiceDB(t.Context())
	if err != nil {
		t.Fatalf("build SpiceDB: %v", err)
	}
	s := &SpiceDBServer{
		Endpoint: SteadyAddress(t), Token: rand.Text(),
		program: program, storage: []string{"--datastore-engine=memory"}, creds: insecure.NewCredentials(),
	}
	s.process = process{name: "SpiceDB at " + s.Endpoint, log: filepath.Join(t.TempDir(), "log"), last: syscall.SIGKILL}
	for _, opt := range opts {
		opt(s)
	}
	if s.onDisk {
		args := append([]string{"datastore", "migrate", "head", "--skip-release-check"}, s.storage...)
		if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
			t.Fatalf("migrate SpiceDB's database: %v\n%s", err, out)
		}
	}
	s.endWith(t, s.Kill)
	s.start(t)
	return s
}

// Kill ends the process at once (SIGKILL): connections break, new ones are
// refused.
func (s *SpiceDBServer) Kill(t testing.TB) {
	t.Helper()
	s.end(t)
}

// Restart starts the process again at the same endpoint, with the same token and
// options, after a [SpiceDBServer.Kill], or after one that it makes, and returns
// when it answers. It has what it keeps [SpiceDBOnPostgres], nothing otherwise.
func (s *SpiceDBServer) Restart(t testing.TB) {
	t.Helper()
	if s.cmd != nil {
		s.Kill(t)
	}
	s.start(t)
}

// start starts the process and waits until it answers.
func (s *SpiceDBServer) start(t testing.TB) {
	t.Helper()
	args := append([]string{
		"serve", "--grpc-addr=" + s.Endpoint, "--grpc-preshared-key=" + s.Token,
		"--http-enabled=false", "--metrics-enabled=false", "--dispatch-cluster-enabled=false",
		"--telemetry-endpoint=", "--skip-release-check", "--log-level=warn", "--log-format=json",
	}, s.storage...)
	// t.Context ends before the clean-ups, and with a kill that isn't awaited.
	s.process.start(t, exec.CommandContext(context.WithoutCancel(t.Context()), s.program, append(args, s.flags...)...))
	s.await(t, "healthy", func() (bool, error) {
		err := s.healthy(t.Context())
		return err == nil, err
	})
}

// healthy asks by a connection of its own: one that was refused waits before it
// tries again.
func (s *SpiceDBServer) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := grpc.NewClient(s.Endpoint, grpc.WithTransportCredentials(s.creds))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: "authzed.api.v1.PermissionsService"})
	if err == nil && answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		return errors.New(answer.GetStatus().String())
	}
	return err
}
