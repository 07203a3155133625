package rediscache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
)

// A Redis that only refuses writes is of use yet.
func TestWritesRefused(t *testing.T) {
	full := loopback.Redis(t)
	tests := map[string]*loopback.RedisServer{
		"OOM":        full,
		"READONLY":   loopback.RedisReplica(t, loopback.Redis(t)),
		"NOREPLICAS": loopback.Redis(t, loopback.RedisWithFlags("--min-replicas-to-write", "1")),
	}
	full.Do(t, "CONFIG", "SET", "maxmemory", "1")
	for code, server := range tests {
		t.Run(code, func(t *testing.T) {
			c := open(t, addressesOf(server), rediscache.Options{Timeout: patient})
			for range 50 {
				err := c.Save(t.Context(), []engine.CacheItem{item("a"), item("b")})
				if engine.CodeOf(err) != engine.Unavailable || !strings.Contains(err.Error(), code) {
					t.Fatalf("save: want %s, got %v", code, err)
				}
			}
			if got, err := c.Load(t.Context(), []string{"a"}); err != nil || got[0] != nil {
				t.Errorf("load: got %q, %v", got, err)
			}
			wantState(t, c, rediscache.Closed)
		})
	}
}

// A Redis that refuses all is left alone. Neither the error nor the log tells
// what is nobody's business.
func TestAllRefused(t *testing.T) {
	tests := map[string]struct {
		server *loopback.RedisServer
		opts   rediscache.Options
	}{
		"NOAUTH":              {loopback.Redis(t, loopback.RedisWithPassword("right")), rediscache.Options{}},
		"WRONGPASS":           {loopback.Redis(t, loopback.RedisWithPassword("right")), rediscache.Options{Password: "hush"}},
		"ERR unknown command": {loopback.Redis(t, loopback.RedisWithFlags("--rename-command", "GET", "")), rediscache.Options{}},
		"CLUSTERDOWN":         {loopback.Redis(t, loopback.RedisWithFlags("--cluster-enabled", "yes")), rediscache.Options{}},
	}
	for code, tt := range tests {
		t.Run(code, func(t *testing.T) {
			var said bytes.Buffer
			tt.opts.Timeout, tt.opts.Log = patient, slog.New(slog.NewTextHandler(&said, nil))
			c := open(t, addressesOf(tt.server), tt.opts)
			for range 5 {
				_, err := c.Load(t.Context(), []string{"hush"})
				if engine.CodeOf(err) != engine.Unavailable || !strings.Contains(err.Error(), code) {
					t.Errorf("load: want %s, got %v", code, err)
				}
				fmt.Fprintln(&said, err)
			}
			wantState(t, c, rediscache.Open)
			if !strings.Contains(said.String(), "to=open cause=\""+code) || strings.Contains(said.String(), "hush") {
				t.Errorf("it says:\n%s", said.String())
			}
		})
	}
}

// A Redis that answers pings and no calls is ready, and of no use: the breaker
// stays open.
func TestReadyForPingsOnly(t *testing.T) {
	server := loopback.Redis(t, loopback.RedisWithFlags("--rename-command", "GET", ""))
	c := open(t, addressesOf(server), rediscache.Options{Timeout: patient})
	for c.State() != rediscache.Open {
		_, _ = c.Load(t.Context(), []string{"key"})
	}
	await(t, func() error { // until a call may try again
		if c.State() != rediscache.HalfOpen {
			return errors.New("the breaker never tries again")
		}
		return nil
	})
	if err := c.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	wantState(t, c, rediscache.Open)
}

// The breaker takes a failure now and then, and not too many.
func TestBreakerCounts(t *testing.T) {
	server := loopback.Redis(t, loopback.RedisWithUser("portico", "secret", "~ours", "+get", "+client|setname"))
	for name, tt := range map[string]struct {
		every int // one call in so many fails
		want  rediscache.State
	}{
		"one in eight": {8, rediscache.Closed},
		"one in four":  {4, rediscache.Open},
		"all":          {1, rediscache.Open},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, addressesOf(server), rediscache.Options{Timeout: patient, Username: "portico", Password: "secret"})
			for n := range 100 {
				key := "ours"
				if n%tt.every == 0 {
					key = "not ours" // NOPERM
				}
				_, _ = c.Load(t.Context(), []string{key})
			}
			wantState(t, c, tt.want)
		})
	}
}

// A certificate by an authority that nobody named isn't trusted.
func TestTLSWithoutItsCA(t *testing.T) {
	cert, key := loopback.Certificate(t)
	other, _ := loopback.Certificate(t)
	server := loopback.Redis(t, loopback.RedisWithTLS(cert, key))
	for name, opts := range map[string]rediscache.Options{
		"another CA":  {TLS: true, CA: readFile(t, other)},
		"system's":    {TLS: true},
		"without TLS": {},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Timeout = patient
			c := open(t, addressesOf(server), opts)
			if err := c.Ready(context.Background()); engine.CodeOf(err) != engine.Unavailable {
				t.Errorf("want unavailable, got %v", err)
			}
		})
	}
}
