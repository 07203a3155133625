package embedded

import (
	"context"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Load implements [engine.Loader]. Each batch that next returns is one
// transaction, and costs about as much memory as it is large; some thousand
// relationships are a good size.
func (g *Graph) Load(ctx context.Context, next func() ([]schema.Relationship, error), fences map[schema.Domain]string) (engine.Token, error) {
	for {
		batch, err := next()
		if err != nil {
			return "", err
		}
		if len(batch) == 0 {
			break
		}
		if _, err := alone(ctx, g, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, g.spicedb.Import(ctx, batch)
		}); err != nil {
			return "", err
		}
	}
	return alone(ctx, g, func(ctx context.Context) (engine.Token, error) {
		if err := g.spicedb.ImportFences(ctx, fences); err != nil {
			return "", err
		}
		head, err := g.spicedb.Head(ctx)
		if err != nil {
			return "", err
		}
		if err := g.tokens.learn(head); err != nil {
			return "", err
		}
		return g.tokens.seal(head)
	})
}
