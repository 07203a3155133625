package embedded

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// alone runs fn while nobody else writes. It returns when ctx ends, but fn then
// goes on, and keeps the others out until it is done: a write that the client
// gave up is still under way in the server.
func alone[T any](ctx context.Context, g *Graph, fn func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		g.head.Lock()
		defer g.head.Unlock()
		if ctx.Err() != nil {
			return // nobody waits, and nothing was begun
		}
		value, err := fn(context.WithoutCancel(ctx))
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, engine.WrapError(engine.Unavailable, "write", context.Cause(ctx))
	}
}
