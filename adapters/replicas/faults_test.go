package replicas_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
)

// fault is what happens while clients ask; n requests make a phase of it. When
// it returns, all is well again but for what needs time.
type fault struct {
	name    string
	happens func(t *testing.T, w *world, l *load, n int)
}

func faults() []fault {
	return []fault{
		{"redis-killed", redisKilled},
		{"redis-flushed", redisFlushed},
		{"redis-evicting", redisEvicting},
		{"redis-swallows", redisSwallows},
		{"redis-failed-over", redisFailedOver},
		{"replica-killed", replicaKilled},
		{"postgres-stopped", postgresStopped},
		{"spicedb-stopped", spicedbStopped},
		{"spicedb-slow", spicedbSlow},
		{"connections-cut", connectionsCut},
	}
}

func redisKilled(t *testing.T, w *world, l *load, n int) {
	w.redisServer.Kill(t)
	l.awaitMore("failures of Redis", l.metric("portico_cache_lookups_total", `outcome="error"`))
	l.pass(n)
	w.redisServer.Restart(t)
}

func redisFlushed(t *testing.T, w *world, l *load, n int) {
	for range 10 {
		w.redisServer.FlushAll(t)
		l.pass(n / 5)
	}
}

// redisEvicting leaves it 1 MB and fills that, so that it drops keys at random.
func redisEvicting(t *testing.T, w *world, l *load, n int) {
	w.redisServer.FlushAll(t)
	w.redisServer.Do(t, "CONFIG", "SET", "maxmemory-policy", "allkeys-random")
	w.redisServer.Do(t, "CONFIG", "SET", "maxmemory", number(t, w.redisServer, "memory", "used_memory")+1<<20)
	evicted := number(t, w.redisServer, "stats", "evicted_keys")
	for range 5 {
		w.redisServer.Do(t, "EVAL", `for i = 1, 5000 do redis.call('SET', 'filler:' .. i, string.rep('x', 200)) end return 1`, 0)
		l.pass(n / 2)
	}
	if number(t, w.redisServer, "stats", "evicted_keys") <= evicted {
		t.Error("Redis evicts nothing")
	}
	w.redisServer.Do(t, "CONFIG", "SET", "maxmemory", "0")
}

func redisSwallows(t *testing.T, w *world, l *load, n int) {
	w.redis.swallow(t)
	l.awaitMore("failures of Redis", l.metric("portico_cache_lookups_total", `outcome="error"`))
	l.pass(n)
	w.redis.open(t)
}

// redisFailedOver promotes a replica that was cut off from the primary some time
// before, again and again: what was written meanwhile is lost, what was deleted
// is back. Each is asked, and answers, before the next takes its place.
func redisFailedOver(t *testing.T, w *world, l *load, _ int) {
	primary := w.redisServer
	for range scaleOf().failovers {
		replica := loopback.RedisReplica(t, primary)
		l.pass(15)
		replica.Cut(t)
		primary.FlushAll(t)
		l.pass(15)
		primary.Kill(t)
		l.pass(15)
		replica.Promote(t)
		w.redis.lead(t, replica.Address)
		l.awaitMore("answers of the one promoted", func() float64 { return float64(number(t, replica, "stats", "keyspace_hits")) })
		l.pass(15)
		primary = replica
	}
	w.redisServer.Restart(t) // the first, empty
	w.redis.lead(t, w.redisServer.Address)
}

func replicaKilled(t *testing.T, w *world, l *load, n int) {
	for _, r := range w.replicas {
		r.kill()
		l.awaitMore("checks without an answer", l.silent)
		l.pass(n)
		r.start(t)
		r.awaitReady(t)
	}
}

func postgresStopped(t *testing.T, w *world, l *load, n int) {
	w.postgresServer.Kill(t)
	l.awaitMore("checks without an answer", l.silent)
	l.pass(n / 2)
	w.postgresServer.Restart(t)
}

func spicedbStopped(t *testing.T, w *world, l *load, n int) {
	w.spicedbServer.Kill(t)
	l.awaitMore("checks without an answer", l.silent)
	l.pass(n / 2)
	w.spicedbServer.Restart(t)
}

func spicedbSlow(t *testing.T, w *world, l *load, n int) {
	w.spicedb.poison(t, "latency", `"latency":150,"jitter":100`)
	l.pass(n)
	w.spicedb.open(t)
}

// connectionsCut has connections reset, then end after some bytes.
func connectionsCut(t *testing.T, w *world, l *load, n int) {
	for _, link := range []*link{w.postgres, w.spicedb, w.redis} {
		link.poison(t, "reset_peer", `"timeout":20`)
		l.pass(n / 2)
		link.open(t)
		link.poison(t, "limit_data", `"bytes":3000`)
		l.pass(n / 2)
		link.open(t)
	}
}

// number reads one of INFO's.
func number(t *testing.T, s *loopback.RedisServer, section, name string) int {
	t.Helper()
	info := s.Do(t, "INFO", section).(string)
	_, rest, _ := strings.Cut(info, "\n"+name+":")
	text, _, _ := strings.Cut(rest, "\r")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("Redis's %s: %v", name, err)
	}
	return n
}
