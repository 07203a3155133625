package embedded_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
)

// Calls that skip the transport behave like those that don't, which are the
// first of each method: the same answers and errors, at once from many
// goroutines.
func TestDirect(t *testing.T) {
	g := openWithSchema(t, nil)
	at, err := g.Write(t.Context(), engine.Write{Domain: domain(0), Operation: "op", Updates: []engine.Update{
		{Relationship: seat(0, 0)}, {Relationship: grant(0, 0)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	callAll(t, g, at) // on the connection
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				callAll(t, g, at)
			}
		})
	}
	group.Wait()
}

// callAll makes calls that are answered and calls that fail, on a graph where u0
// has been granted access, and u1 hasn't, by the operation "op".
func callAll(t *testing.T, g *embedded.Graph, at engine.Token) {
	t.Helper()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancelLate()
	unknown := accessTo(0, "u0")
	unknown.Permission = "unheard_of"

	decisions, err := g.Check(t.Context(), at, []engine.Query{accessTo(0, "u0")})
	if err != nil || decisions[0] != engine.Allow {
		t.Errorf("granted: got %v, %v", decisions, err)
	}
	decisions, err = g.Check(t.Context(), at, []engine.Query{accessTo(0, "u1")})
	if err != nil || decisions[0] != engine.Deny {
		t.Errorf("not granted: got %v, %v", decisions, err)
	}
	if _, err := g.Check(t.Context(), at, []engine.Query{unknown}); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("unknown permission: want invalid, got %v", err)
	}
	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		if _, err := g.Check(ctx, at, []engine.Query{accessTo(0, "u0")}); engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("%s: want unavailable, got %v", name, err)
		}
	}
	_, err = g.Write(t.Context(), engine.Write{Domain: domain(0), Operation: "other"})
	if !errors.Is(err, engine.ErrFence) {
		t.Errorf("first operation again: want ErrFence, got %v", err)
	}
}

// Once Close has begun, calls are answered or fail as unavailable, and in the end
// all do.
func TestDirectClose(t *testing.T) {
	g := openWithSchema(t, nil)
	at := load(t, g, 1_000)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				_, err := g.Check(t.Context(), at, []engine.Query{accessTo(0, "u0")})
				if err != nil {
					if engine.CodeOf(err) != engine.Unavailable {
						t.Errorf("want unavailable, got %v", err)
					}
					return
				}
			}
		})
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
}

// BenchmarkDirect tells what it gains to skip the transport.
func BenchmarkDirect(b *testing.B) {
	direct := openWithSchema(b, nil)
	at := load(b, direct, 1_000)
	for name, g := range map[string]*embedded.Graph{"connection": direct.Connected(), "direct": direct} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				decisions, err := g.Check(b.Context(), at, []engine.Query{accessTo(0, "u0")})
				if err != nil || decisions[0] != engine.Allow {
					b.Fatal(decisions, err)
				}
			}
		})
	}
}
