package loopback

import (
	"crypto/tls"
	"testing"

	"google.golang.org/grpc/credentials"
)

// SpiceDBOption changes how [SpiceDB] runs.
type SpiceDBOption func(*SpiceDBServer)

// SpiceDBOnPostgres keeps the data in the empty database at dsn, which is
// migrated first, instead of in memory.
func SpiceDBOnPostgres(dsn string) SpiceDBOption {
	return func(s *SpiceDBServer) {
		s.onDisk = true
		s.storage = []string{"--datastore-engine=postgres", "--datastore-conn-uri=" + dsn}
	}
}

// SpiceDBWithTLS serves with a certificate and its key, two PEM files.
func SpiceDBWithTLS(certFile, keyFile string) SpiceDBOption {
	return func(s *SpiceDBServer) {
		s.flags = append(s.flags, "--grpc-tls-cert-path="+certFile, "--grpc-tls-key-path="+keyFile)
		s.creds = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})
	}
}

// SpiceDBWithFlags adds flags to spicedb serve.
func SpiceDBWithFlags(flags ...string) SpiceDBOption {
	return func(s *SpiceDBServer) { s.flags = append(s.flags, flags...) }
}

// SpiceDB runs SpiceDB as a process of its own until the test ends, and returns
// its gRPC endpoint and the key that it asks for. The program is built the
// first time, which takes a minute or more.
func SpiceDB(t testing.TB, opts ...SpiceDBOption) (endpoint, token string) {
	t.Helper()
	s := StartSpiceDB(t, opts...)
	return s.Endpoint, s.Token
}
