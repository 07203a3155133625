package loopback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/portico-authz/portico/adapters/loopback"
)

func TestRedisKeepsNothingOverARestart(t *testing.T) {
	s := loopback.Redis(t)
	s.Do(t, "SET", "key", "value")
	if got := s.Do(t, "GET", "key"); got != "value" {
		t.Errorf("got %v", got)
	}
	address := s.Address
	s.Restart(t)
	wantKeys(t, s, 0)
	if s.Address != address {
		t.Errorf("restarted at %s, was at %s", s.Address, address)
	}
	s.Do(t, "SET", "key", "value")
	s.FlushAll(t)
	wantKeys(t, s, 0)
}

func TestRedisPauses(t *testing.T) {
	s := loopback.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: s.Address, MaxRetries: -1, ReadTimeout: 50 * time.Millisecond})
	t.Cleanup(func() { _ = client.Close() })
	s.Pause(t)
	if err := client.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers in its pause")
	}
	s.Resume(t)
	s.Do(t, "PING")
	s.Pause(t) // ends with the test nevertheless
}

func TestRedisTakesOptions(t *testing.T) {
	cert, key := loopback.Certificate(t)
	s := loopback.Redis(t, loopback.RedisWithTLS(cert, key), loopback.RedisWithPassword("secret"),
		loopback.RedisWithUser("app", "word", "~app:*", "+get"), loopback.RedisWithMemory("3mb", "noeviction"))
	if got := s.Do(t, "ACL", "USERS"); len(got.([]any)) != 2 {
		t.Errorf("users: %v", got)
	}
	if got := s.Do(t, "CONFIG", "GET", "maxmemory-policy").([]any); got[1] != "noeviction" {
		t.Errorf("policy: %v", got)
	}
	bare := redis.NewClient(&redis.Options{Addr: s.Address, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = bare.Close() })
	if err := bare.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers without TLS and password")
	}
}

// A replica that was cut off from its primary comes back with old values.
func TestRedisReplicaLags(t *testing.T) {
	primary := loopback.Redis(t, loopback.RedisWithPassword("secret"))
	primary.Do(t, "SET", "key", "old")
	replica := loopback.RedisReplica(t, primary, loopback.RedisWithPassword("secret"))
	replica.Cut(t)
	primary.Do(t, "SET", "key", "new")
	primary.Kill(t)
	replica.Promote(t)
	if got := replica.Do(t, "GET", "key"); got != "old" {
		t.Errorf("got %v", got)
	}
	replica.Do(t, "SET", "key", "newest")
}

func TestRedisSentinelPromotes(t *testing.T) {
	primary := loopback.Redis(t, loopback.RedisWithPassword("secret"))
	replica := loopback.RedisReplica(t, primary, loopback.RedisWithPassword("secret"))
	sentinel := loopback.RedisSentinel(t, "main", primary, []*loopback.RedisServer{replica},
		loopback.RedisWithPassword("sentinel"))
	primary.Kill(t)
	replica.AwaitInfo(t, "replication", "role:master")
	sentinel.Do(t, "PING")
}

func TestRedisClusterSharesKeys(t *testing.T) {
	nodes := loopback.RedisCluster(t)
	var addresses []string
	for _, node := range nodes {
		addresses = append(addresses, node.Address)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses[:1]})
	t.Cleanup(func() { _ = client.Close() })
	for _, key := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		if err := client.Set(t.Context(), key, key, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range nodes {
		if n := node.Do(t, "DBSIZE").(int64); n == 0 {
			t.Errorf("%s has no key", node.Address)
		}
	}
}

func wantKeys(t *testing.T, s *loopback.RedisServer, want int64) {
	t.Helper()
	if got := s.Do(t, "DBSIZE"); got != want {
		t.Errorf("it has %v keys, want %d", got, want)
	}
}
