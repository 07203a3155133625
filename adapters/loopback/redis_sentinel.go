package loopback

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// RedisSentinel runs one Sentinel that knows primary by the name and returns
// when it knows all the given replicas. It finds a primary down after half a
// second and needs nobody's consent to promote a replica. Of the options,
// RedisWithPassword counts: it is the Sentinel's own; it asks the primary with
// the primary's.
func RedisSentinel(t testing.TB, name string, primary *RedisServer, replicas []*RedisServer, opts ...RedisOption) *RedisServer {
	t.Helper()
	s := newRedis(t, opts)
	host, port, _ := strings.Cut(primary.Address, ":")
	lines := []string{
		fmt.Sprintf("sentinel monitor %s %s %s 1", name, host, port),
		"sentinel down-after-milliseconds " + name + " 500",
		"sentinel failover-timeout " + name + " 2000",
	}
	if primary.password != "" {
		lines = append(lines, fmt.Sprintf("sentinel auth-pass %s %q", name, primary.password))
	}
	if s.password != "" {
		lines = append(lines, fmt.Sprintf("requirepass %q", s.password))
	}
	s.config = filepath.Join(s.dir, "sentinel.conf") // it writes there what it finds
	if err := os.WriteFile(s.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t)
	known := fmt.Sprintf("slaves=%d,", len(replicas))
	s.await(t, "knowing the replicas", func() (bool, error) {
		info, err := s.client.Info(t.Context(), "sentinel").Result()
		return strings.Contains(info, "status=ok") && strings.Contains(info, known), err
	})
	return s
}
