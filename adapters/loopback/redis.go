package loopback

import (
	"context"
	"crypto/tls"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisOption changes how [Redis] and its kin run.
type RedisOption func(*RedisServer)

// RedisWithFlags adds flags to redis-server, such as "--appendonly", "yes".
func RedisWithFlags(flags ...string) RedisOption {
	return func(s *RedisServer) { s.flags = append(s.flags, flags...) }
}

// RedisWithMemory bounds what it keeps, such as "3mb"; policy says what goes
// when it is full: "allkeys-lru", or "noeviction" to refuse writes.
func RedisWithMemory(limit, policy string) RedisOption {
	return RedisWithFlags("--maxmemory", limit, "--maxmemory-policy", policy)
}

// RedisWithPassword asks everybody for a password, replicas and Sentinels too.
func RedisWithPassword(password string) RedisOption {
	return func(s *RedisServer) {
		s.password = password
		s.flags = append(s.flags, "--requirepass", password, "--masterauth", password)
	}
}

// RedisWithUser adds a user with a password and rules, such as "~portico:*",
// "+get", "+set".
func RedisWithUser(name, password string, rules ...string) RedisOption {
	return RedisWithFlags(append([]string{"--user", name, "on", ">" + password}, rules...)...)
}

// RedisWithTLS serves TLS only, with a certificate and its key, two PEM files.
func RedisWithTLS(certFile, keyFile string) RedisOption {
	return func(s *RedisServer) {
		s.tls = true
		s.flags = append(s.flags, "--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no")
	}
}

// RedisServer is one process, be it a server or a Sentinel. Its methods are for
// one goroutine; they fail the test that they are given.
type RedisServer struct {
	Address string // host:port

	flags    []string
	config   string // of a Sentinel
	password string
	tls      bool
	dir      string
	client   *redis.Client // for Do
	process
}

// Redis runs redis-server until the test ends, and returns when it answers. It
// keeps nothing on disk.
func Redis(t testing.TB, opts ...RedisOption) *RedisServer {
	t.Helper()
	s := newRedis(t, opts)
	s.run(t)
	return s
}

func newRedis(t testing.TB, opts []RedisOption) *RedisServer {
	t.Helper()
	s := &RedisServer{Address: SteadyAddress(t), dir: t.TempDir()}
	s.process = process{name: "Redis at " + s.Address, log: filepath.Join(s.dir, "log"), last: syscall.SIGKILL}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// Do sends a command, as the default user, and returns its answer.
func (s *RedisServer) Do(t testing.TB, command ...any) any {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	answer, err := s.client.Do(ctx, command...).Result()
	if err != nil {
		t.Fatalf("Redis at %s: %v: %v", s.Address, command[0], err)
	}
	return answer
}

// FlushAll makes it forget all keys.
func (s *RedisServer) FlushAll(t testing.TB) {
	t.Helper()
	s.Do(t, "FLUSHALL")
}

// connect makes the client of Do, for one run of the process.
func (s *RedisServer) connect() {
	opts := &redis.Options{
		Addr: s.Address, Password: s.password, Protocol: 2,
		PoolSize: 1, DialerRetries: 1, MaxRetries: -1, DisableIdentity: true,
		ReadTimeout: 10 * time.Second, ContextTimeoutEnabled: true,
	}
	if s.tls {
		opts.TLSConfig = &tls.Config{InsecureSkipVerify: true}
	}
	s.client = redis.NewClient(opts)
}
