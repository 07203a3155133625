package rediscache_test

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
)

// BenchmarkPing is the bare round trip, by the same driver: what no Load can be
// faster than.
func BenchmarkPing(b *testing.B) {
	server := loopback.Redis(b)
	client := redis.NewClient(&redis.Options{Addr: server.Address, Protocol: 2})
	b.Cleanup(func() { _ = client.Close() })
	for b.Loop() {
		if err := client.Ping(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			c, keys := filled(b, n)
			for b.Loop() {
				if _, err := c.Load(b.Context(), keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoadParallel(b *testing.B) {
	c, keys := filled(b, 1)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Load(b.Context(), keys); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	c, _ := filled(b, 1)
	items := []engine.CacheItem{item("key")}
	for b.Loop() {
		if err := c.Save(b.Context(), items); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is a call while the breaker is open.
func BenchmarkOpen(b *testing.B) {
	c := open(b, []string{"127.0.0.1:1"}, rediscache.Options{})
	for b.Loop() {
		_, _ = c.Load(b.Context(), []string{"key"})
	}
}

// filled returns a cache and n keys that it has, of the size of the engine's.
func filled(b *testing.B, n int) (*rediscache.Cache, []string) {
	b.Helper()
	c := open(b, addressesOf(loopback.Redis(b)), rediscache.Options{Timeout: patient})
	keys, items := make([]string, n), make([]engine.CacheItem, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%064d", i)
		items[i] = engine.CacheItem{Key: keys[i], Value: make([]byte, 100), TTL: patient * 1000}
	}
	if err := c.Save(b.Context(), items); err != nil {
		b.Fatal(err)
	}
	return c, keys
}
