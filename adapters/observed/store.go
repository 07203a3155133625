package observed

import (
	"context"
	"errors"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// store is an [engine.Store].
type store struct {
	engine.Store
	around Around
}

// Store returns a store whose calls are watched. A transaction is one call, and
// ends well if the store did its part: that its function refuses to go on is no
// failure. A Domain of a store that isn't shared costs nothing and isn't watched.
func Store(s engine.Store, around Around) engine.Store { return store{s, around} }

func (s store) Update(ctx context.Context, domain schema.Domain, fn func(engine.Tx) error) error {
	return s.transact(ctx, "update", fn, func(ctx context.Context, fn func(engine.Tx) error) error {
		return s.Store.Update(ctx, domain, fn)
	})
}

func (s store) View(ctx context.Context, fn func(engine.Tx) error) error {
	return s.transact(ctx, "view", fn, s.Store.View)
}

// transact runs a transaction on fn and returns what it returns; who watches is
// told of no error that is fn's own.
func (s store) transact(
	ctx context.Context, call string, fn func(engine.Tx) error, transaction func(context.Context, func(engine.Tx) error) error,
) error {
	var own, err error
	_ = run(ctx, s.around, "store", call, func(ctx context.Context) error {
		err = transaction(ctx, func(tx engine.Tx) error {
			own = fn(tx)
			return own
		})
		if own != nil && errors.Is(err, own) && !ofTx(own) {
			return nil
		}
		return err
	})
	return err
}

// ofTx reports whether what fn returned may be what a call of its transaction
// failed with: such errors come through fn as well, and are the store's.
func ofTx(err error) bool {
	var coded *engine.Error
	return errors.As(err, &coded) && (coded.Code == engine.Unavailable || coded.Code == engine.Internal)
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
