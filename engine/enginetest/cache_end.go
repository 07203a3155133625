package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
)

var cacheContextCases = []cacheCase{
	{"a cancelled one fails each call, and harms no other", func(t *testing.T, c engine.Cache) {
		callsFail(t, c, context.WithCancel)
	}},
	{"so does one whose deadline has passed", func(t *testing.T, c engine.Cache) {
		callsFail(t, c, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, time.Now().Add(-time.Second))
		})
	}},
}

// callsFail makes many calls with a context that end made, and has ended.
func callsFail(t *testing.T, c engine.Cache, end func(context.Context) (context.Context, context.CancelFunc)) {
	t.Helper()
	save(t, c, item("a", []byte("A")))
	ctx, cancel := end(t.Context())
	cancel()
	for range 50 { // callers that go away are no failure of the cache
		_, err := c.Load(ctx, []string{"a"})
		wantCode(t, "load", err, engine.Unavailable)
		wantCode(t, "save", c.Save(ctx, []engine.CacheItem{item("b", []byte("B"))}), engine.Unavailable)
		wantCode(t, "ready", c.Ready(ctx), engine.Unavailable)
	}
	wantItems(t, c, []engine.CacheItem{item("a", []byte("A"))})
	wantCode(t, "ready", c.Ready(t.Context()), "")
}

var cacheCloseCases = []cacheCase{
	{"closed, it fails with a code", func(t *testing.T, c engine.Cache) {
		save(t, c, item("a", []byte("A")))
		wantCode(t, "close", c.Close(), "")
		_, err := c.Load(t.Context(), []string{"a"})
		wantCode(t, "load", err, engine.Unavailable)
		wantCode(t, "save", c.Save(t.Context(), []engine.CacheItem{item("b", []byte("B"))}), engine.Unavailable)
		wantCode(t, "ready", c.Ready(t.Context()), engine.Unavailable)
		wantCode(t, "close again", c.Close(), "")
	}},
	{"closed before the first call, too", func(t *testing.T, c engine.Cache) {
		wantCode(t, "close", c.Close(), "")
		_, err := c.Load(t.Context(), []string{"a"})
		wantCode(t, "load", err, engine.Unavailable)
	}},
	{"closed under way, calls end", func(t *testing.T, c engine.Cache) {
		save(t, c, item("a", []byte("A")))
		together(8, func(caller int) {
			for n := range 100 {
				if caller == 0 && n == 50 {
					wantCode(t, "close", c.Close(), "")
				}
				values, err := c.Load(t.Context(), []string{"a"})
				if err != nil {
					wantCode(t, "load", err, engine.Unavailable)
				} else if string(values[0]) != "A" {
					t.Errorf("load: got %q", values[0])
				}
			}
		})
	}},
}
