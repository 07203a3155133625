package engine

import (
	"context"
	"errors"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// decide answers queries about one domain at its present snapshot, past the cache.
func (e *Engine) decide(ctx context.Context, state DomainState, queries []Query) ([]Decision, error) {
	answers, err := e.answer(ctx, state, queries, Full)
	if err != nil {
		return nil, err
	}
	decisions := make([]Decision, len(answers))
	for i, a := range answers {
		decisions[i] = a.Decision
	}
	return decisions, nil
}

// at calls fn with the state's token. A domain to which nothing was ever
// written has no snapshot, and nobody has anything there: fn isn't called.
func (e *Engine) at(ctx context.Context, state DomainState, fn func(Token) error) error {
	switch {
	case state.Epoch == 0:
		return nil
	case state.Token == "":
		return &expiredError{state, renewExpired}
	case state.SchemaDigest != e.present() && !failpoint.Has(failpoint.SchemaNotRenewed):
		return &expiredError{state, renewSchema}
	}
	err := fn(state.Token)
	switch {
	case errors.Is(err, ErrExpired):
		return &expiredError{state, renewExpired}
	case errors.Is(err, ErrFence):
		return e.diverges(ctx, state.Domain)
	}
	return err
}

// read calls fn with a domain's state, as fresh as c asks, and again if its
// snapshot has to be renewed.
func (e *Engine) read(ctx context.Context, domain schema.Domain, c Consistency, fn func(DomainState) error) error {
	state, recalled := e.epochs.recall(domain, c)
	for range maxRounds {
		var err error
		if !recalled {
			state, err = e.epochs.state(ctx, domain)
		}
		recalled = false
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
		if err := e.renew(ctx, expired.state, expired.why); err != nil {
			return err
		}
	}
	return Errorf(Unavailable, "the state keeps changing; try again")
}
