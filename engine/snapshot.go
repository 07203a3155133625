package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/portico-authz/portico/schema"
)

// expiredError says that a domain's token no longer names a snapshot that can
// be asked, so that it must be renewed.
type expiredError struct{ state DomainState }

func (e *expiredError) Error() string {
	return fmt.Sprintf("the snapshot of %s in epoch %d has expired", e.state.Domain, e.state.Epoch)
}

// decide answers queries about one domain at its present snapshot.
func (e *Engine) decide(ctx context.Context, state DomainState, queries []Query) ([]Decision, error) {
	var decisions []Decision
	err := e.at(state, func(at Token) (err error) {
		decisions, err = e.graph.Check(ctx, at, queries)
		return err
	})
	if err == nil && decisions == nil {
		decisions = make([]Decision, len(queries))
		for i := range decisions {
			decisions[i] = Deny
		}
	}
	return decisions, err
}

// at calls fn with the state's token. A domain to which nothing was ever
// written has no snapshot, and nobody has anything there: fn isn't called.
func (e *Engine) at(state DomainState, fn func(Token) error) error {
	if state.Epoch == 0 {
		return nil
	}
	if state.SchemaDigest != e.digest || state.Token == "" {
		return &expiredError{state}
	}
	err := fn(state.Token)
	if errors.Is(err, ErrExpired) {
		return &expiredError{state}
	}
	return err
}

// read calls fn with a domain's state, read after the call, and once more if
// its snapshot has to be renewed.
func (e *Engine) read(ctx context.Context, domain schema.Domain, fn func(DomainState) error) error {
	for range maxRounds {
		state, err := e.store.Domain(ctx, domain)
		if CodeOf(err) == NotFound || err == nil && state.Epoch == 0 && domain != schema.PlatformDomain {
			return notFound(domain.Root())
		}
		if err != nil {
			return err
		}
		if state.due(e.now()) {
			if err := e.expire(ctx, domain); err != nil {
				return err
			}
			continue
		}
		var expired *expiredError
		if err = fn(state); !errors.As(err, &expired) {
			return err
		}
		if err := e.renew(ctx, expired.state); err != nil {
			return err
		}
	}
	return Errorf(Unavailable, "the state keeps changing; try again")
}

// renew gives a domain a new snapshot of the epoch that it is in, by writing
// the fence again. A snapshot carries the schema of its time, so this is also
// how a domain gets to a changed schema.
func (e *Engine) renew(ctx context.Context, stale DomainState) error {
	err := e.store.Update(ctx, stale.Domain, func(tx Tx) error {
		state, err := tx.Domain(ctx, stale.Domain)
		if err != nil {
			return err
		}
		if state.Token != stale.Token || state.SchemaDigest != stale.SchemaDigest {
			return nil // somebody else did
		}
		token, err := e.graph.Write(ctx, Write{
			Domain: state.Domain, After: state.LastOperation, Operation: state.LastOperation,
		})
		if err != nil {
			return err
		}
		state.Token, state.SchemaDigest = token, e.digest
		return tx.PutDomain(ctx, state)
	})
	if !errors.Is(err, ErrFence) {
		return err
	}
	// The fence may stand at an operation that a crash left half-way.
	finished, err := e.recoverDomain(ctx, stale.Domain)
	if err == nil && !finished {
		return errDiverged(stale.Domain)
	}
	return err
}

// errDiverged says that the graph is not the store's projection.
func errDiverged(d schema.Domain) *Error {
	return Errorf(Unavailable, "the graph of %q doesn't follow the store; the operator must run verify with --repair", d)
}
