// Package observed lets somebody watch the calls to the engine's ports: how
// long they take, and how they end. It measures nothing itself; what is done
// with a call is for its [Around] to say.
//
// Start at [Store], [Graph] and [Cache].
package observed

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// Around is told of a call before it is made: its port (store, graph, cache)
// and its method's name. The call gets the context that Around returns; the
// function is called with the call's error when it has ended, be it by a panic,
// which is Internal. It must be safe for concurrent use.
type Around func(ctx context.Context, port, call string) (context.Context, func(error))

// Both has a call watched by two, the first one outermost.
func Both(outer, inner Around) Around {
	return func(ctx context.Context, port, call string) (context.Context, func(error)) {
		ctx, outerEnd := outer(ctx, port, call)
		ctx, innerEnd := inner(ctx, port, call)
		return ctx, func(err error) {
			innerEnd(err)
			outerEnd(err)
		}
	}
}

// errPanicked is how a call ended that never returned.
var errPanicked = engine.Errorf(engine.Internal, "the call panicked")

// on runs one call that returns a value.
func on[T any](ctx context.Context, around Around, port, call string, fn func(context.Context) (T, error)) (value T, err error) {
	ctx, end := around(ctx, port, call)
	err = errPanicked // unless fn returns
	defer func() { end(err) }()
	return fn(ctx)
}

// run runs one call that returns nothing.
func run(ctx context.Context, around Around, port, call string, fn func(context.Context) error) error {
	_, err := on(ctx, around, port, call, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// cache is an [engine.Cache].
type cache struct {
	engine.Cache
	around Around
}

// Cache returns a cache whose calls are watched.
func Cache(c engine.Cache, around Around) engine.Cache { return cache{c, around} }

func (c cache) Load(ctx context.Context, keys []string) ([][]byte, error) {
	return on(ctx, c.around, "cache", "load", func(ctx context.Context) ([][]byte, error) { return c.Cache.Load(ctx, keys) })
}

func (c cache) Save(ctx context.Context, items []engine.CacheItem) error {
	return run(ctx, c.around, "cache", "save", func(ctx context.Context) error { return c.Cache.Save(ctx, items) })
}
