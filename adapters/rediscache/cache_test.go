package rediscache_test

import (
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestMain(m *testing.M) {
	rediscache.LogDriver(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// patient waits for a server that others keep busy.
const patient = 10 * time.Second

func TestStandalone(t *testing.T) {
	server := loopback.Redis(t)
	conform(t, []*loopback.RedisServer{server}, addressesOf(server), rediscache.Options{Database: 3, Prefix: "portico:"})
}

func TestTLSAndUser(t *testing.T) {
	cert, key := loopback.Certificate(t)
	server := loopback.Redis(t, loopback.RedisWithTLS(cert, key), loopback.RedisWithPassword("default's"),
		loopback.RedisWithUser("portico", "secret", "~portico:*", "+get", "+set", "+ping", "+client|setname", "+hello"))
	conform(t, []*loopback.RedisServer{server}, addressesOf(server), rediscache.Options{
		TLS: true, CA: readFile(t, cert), Username: "portico", Password: "secret", Prefix: "portico:",
	})
}

func TestSentinel(t *testing.T) {
	primary := loopback.Redis(t, loopback.RedisWithPassword("secret"))
	sentinel := loopback.RedisSentinel(t, "main", primary, nil, loopback.RedisWithPassword("sentinel's"))
	conform(t, []*loopback.RedisServer{primary}, addressesOf(sentinel), rediscache.Options{
		Mode: rediscache.Sentinel, Master: "main", Password: "secret", SentinelPassword: "sentinel's",
	})
}

func TestCluster(t *testing.T) {
	nodes := loopback.RedisCluster(t)
	conform(t, nodes, addressesOf(nodes[0]), rediscache.Options{Mode: rediscache.Cluster, Prefix: "portico:"})
}

// conform runs the port's suite on caches that share the servers one after
// another.
func conform(t *testing.T, servers []*loopback.RedisServer, addresses []string, opts rediscache.Options) {
	t.Helper()
	opts.Timeout = patient
	enginetest.Cache(t, func(t *testing.T) engine.Cache {
		for _, server := range servers {
			server.FlushAll(t)
		}
		return open(t, addresses, opts)
	})
}

// What an operator sees of us.
func TestConnections(t *testing.T) {
	server := loopback.Redis(t)
	c := open(t, addressesOf(server), rediscache.Options{
		Timeout: patient, Connections: 3, ClientName: "portico/host-1", Database: 5, Prefix: "portico:",
	})
	done := make(chan error)
	for range 40 {
		go func() { done <- c.Save(t.Context(), []engine.CacheItem{item("key")}) }()
	}
	for range 40 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	ours := slices.DeleteFunc(strings.Split(server.Do(t, "CLIENT", "LIST").(string), "\n"), func(line string) bool {
		return !strings.Contains(line, "name=portico/host-1")
	})
	if len(ours) < 1 || len(ours) > 3 || !strings.Contains(ours[0], "db=5") {
		t.Errorf("connections:\n%s", strings.Join(ours, "\n"))
	}
	server.Do(t, "SELECT", 5)
	if got := server.Do(t, "GET", "portico:key"); got != "value" {
		t.Errorf("got %v", got)
	}
}

func open(t testing.TB, addresses []string, opts rediscache.Options) *rediscache.Cache {
	t.Helper()
	c, err := rediscache.New(addresses, &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func addressesOf(servers ...*loopback.RedisServer) []string {
	var addresses []string
	for _, server := range servers {
		addresses = append(addresses, server.Address)
	}
	return addresses
}

func item(key string) engine.CacheItem {
	return engine.CacheItem{Key: key, Value: []byte("value"), TTL: time.Hour}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
