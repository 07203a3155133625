package loopback

import (
	"strings"
	"testing"
)

// RedisReplica runs a replica of primary and returns when it has all that the
// primary has. A test of a replica that lags: Cut it, write to the primary,
// Kill that, and Promote the replica.
func RedisReplica(t testing.TB, primary *RedisServer, opts ...RedisOption) *RedisServer {
	t.Helper()
	s := Redis(t, opts...)
	s.follow(t, primary.Address)
	s.AwaitInfo(t, "replication", "master_link_status:up")
	return s
}

// Cut ends replication. The replica keeps what it has, and still takes no
// writes.
func (s *RedisServer) Cut(t testing.TB) {
	t.Helper()
	s.follow(t, "127.0.0.1:1") // nobody listens there
	s.AwaitInfo(t, "replication", "master_link_status:down")
}

// Promote makes a replica a primary.
func (s *RedisServer) Promote(t testing.TB) {
	t.Helper()
	s.Do(t, "REPLICAOF", "NO", "ONE")
}

func (s *RedisServer) follow(t testing.TB, address string) {
	t.Helper()
	host, port, _ := strings.Cut(address, ":")
	s.Do(t, "REPLICAOF", host, port)
}

// AwaitInfo waits until a section of INFO has a line, such as "role:master" in
// "replication".
func (s *RedisServer) AwaitInfo(t testing.TB, section, line string) {
	t.Helper()
	s.await(t, line, func() (bool, error) {
		info, err := s.client.Info(t.Context(), section).Result()
		return strings.Contains(info, line+"\r\n"), err
	})
}
