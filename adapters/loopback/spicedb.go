package loopback

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"os"
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

// SpiceDBOption changes how [SpiceDB] runs.
type SpiceDBOption func(*spicedb)

type spicedb struct {
	storage []string // flags that say where the data is
	flags   []string
	onDisk  bool
	creds   credentials.TransportCredentials
}

// SpiceDBOnPostgres keeps the data in the empty database at dsn, which is
// migrated first, instead of in memory.
func SpiceDBOnPostgres(dsn string) SpiceDBOption {
	return func(s *spicedb) {
		s.onDisk = true
		s.storage = []string{"--datastore-engine=postgres", "--datastore-conn-uri=" + dsn}
	}
}

// SpiceDBWithTLS serves with a certificate and its key, two PEM files.
func SpiceDBWithTLS(certFile, keyFile string) SpiceDBOption {
	return func(s *spicedb) {
		s.flags = append(s.flags, "--grpc-tls-cert-path="+certFile, "--grpc-tls-key-path="+keyFile)
		s.creds = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})
	}
}

// SpiceDBWithFlags adds flags to spicedb serve.
func SpiceDBWithFlags(flags ...string) SpiceDBOption {
	return func(s *spicedb) { s.flags = append(s.flags, flags...) }
}

// SpiceDB runs SpiceDB as a process of its own until the test ends, and returns
// its gRPC endpoint and the key that it asks for. The program is built the
// first time, which takes a minute or more.
func SpiceDB(t testing.TB, opts ...SpiceDBOption) (endpoint, token string) {
	t.Helper()
	s := spicedb{storage: []string{"--datastore-engine=memory"}, creds: insecure.NewCredentials()}
	for _, opt := range opts {
		opt(&s)
	}
	program, err := buildSpiceDB(t.Context())
	if err != nil {
		t.Fatalf("build SpiceDB: %v", err)
	}
	if s.onDisk {
		args := append([]string{"datastore", "migrate", "head", "--skip-release-check"}, s.storage...)
		if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
			t.Fatalf("migrate SpiceDB's database: %v\n%s", err, out)
		}
	}
	endpoint, token = freeAddress(t), rand.Text()
	s.start(t, program, endpoint, token)
	s.awaitHealth(t, endpoint)
	return endpoint, token
}

func (s *spicedb) start(t testing.TB, program, endpoint, token string) {
	t.Helper()
	args := append([]string{
		"serve", "--grpc-addr=" + endpoint, "--grpc-preshared-key=" + token,
		"--http-enabled=false", "--metrics-enabled=false", "--dispatch-cluster-enabled=false",
		"--telemetry-endpoint=", "--skip-release-check", "--log-level=warn", "--log-format=json",
	}, s.storage...)
	logFile, err := os.Create(filepath.Join(t.TempDir(), "spicedb.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append(args, s.flags...)...) //nolint:noctx // ends in the cleanup
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	dieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start SpiceDB: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed, as it will say
		_ = logFile.Close()
		if !t.Failed() {
			return
		}
		if text, err := os.ReadFile(logFile.Name()); err == nil {
			t.Logf("SpiceDB's log:\n%s", text)
		}
	})
}

// freeAddress returns an address that nobody listens on. SpiceDB can't choose
// one itself and tell.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (s *spicedb) awaitHealth(t testing.TB, endpoint string) {
	t.Helper()
	conn, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(s.creds))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	health := healthpb.NewHealthClient(conn)
	for {
		answer, err := health.Check(ctx, &healthpb.HealthCheckRequest{Service: "authzed.api.v1.PermissionsService"})
		if answer.GetStatus() == healthpb.HealthCheckResponse_SERVING {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("SpiceDB isn't healthy: %v, %v", answer, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
