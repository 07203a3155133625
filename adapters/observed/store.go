package observed

import (
	"context"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// store is an [engine.Store].
type store struct {
	engine.Store
	around Around
}

// Store returns a store whose calls are watched; within a transaction, the
// transaction as a whole is. A Domain of a store that isn't shared costs
// nothing and isn't watched.
func Store(s engine.Store, around Around) engine.Store { return store{s, around} }

func (s store) Update(ctx context.Context, domain schema.Domain, fn func(engine.Tx) error) error {
	return run(ctx, s.around, "store", "update", func(ctx context.Context) error { return s.Store.Update(ctx, domain, fn) })
}

func (s store) View(ctx context.Context, fn func(engine.Tx) error) error {
	return run(ctx, s.around, "store", "view", func(ctx context.Context) error { return s.Store.View(ctx, fn) })
}

func (s store) Domain(ctx context.Context, domain schema.Domain) (engine.DomainState, error) {
	if !s.Shared() {
		return s.Store.Domain(ctx, domain)
	}
	return on(ctx, s.around, "store", "domain", func(ctx context.Context) (engine.DomainState, error) {
		return s.Store.Domain(ctx, domain)
	})
}

func (s store) Domains(ctx context.Context, domains []schema.Domain) ([]engine.DomainState, error) {
	return on(ctx, s.around, "store", "domains", func(ctx context.Context) ([]engine.DomainState, error) {
		return s.Store.Domains(ctx, domains)
	})
}
