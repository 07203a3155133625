package engine

import (
	"context"

	"github.com/portico-authz/portico/engine/failpoint"
)

// The defects of package failpoint that take more than a condition.

// laterEpoch is the defect of that name.
func (e *Engine) laterEpoch(ctx context.Context, state DomainState, answers []Answer) (DomainState, []requestDigest) {
	if newest, err := e.store.Domain(ctx, state.Domain); err == nil {
		state = newest
	}
	requests := make([]requestDigest, len(answers))
	for i, a := range answers {
		requests[i] = digestOf(state, a.Query)
	}
	return state, requests
}

// epochFirst is the defect of that name.
func (e *Engine) epochFirst(ctx context.Context, rec Record) (Record, error) {
	pending := rec
	rec, err := e.conclude(ctx, rec, func(tx Tx, r *Record, s *DomainState) error {
		return e.apply(ctx, tx, r, s, snapshot{s.Token, s.TokenAt, s.SchemaDigest})
	})
	if err != nil {
		return rec, err
	}
	made, err := e.project(ctx, pending)
	if err != nil {
		return rec, err
	}
	return rec, e.store.Update(ctx, rec.Domain, func(tx Tx) error {
		state, err := tx.Domain(ctx, rec.Domain)
		if err != nil || state.LastOperation != rec.ID {
			return err
		}
		state.keep(made)
		return tx.PutDomain(ctx, state)
	})
}

// recallAnyway reports whether a defect has the mode take whatever was seen.
func recallAnyway(m Mode) bool {
	return failpoint.Has(failpoint.EpochFromCache) ||
		m == Bounded && failpoint.Has(failpoint.AgeIgnored) ||
		m == AtLeast && (failpoint.Has(failpoint.TokenIgnored) || failpoint.Has(failpoint.TokenBelieved))
}

// tokenBelieved is the defect of that name.
func tokenBelieved(state DomainState, c Consistency) DomainState {
	if t, err := parseReadToken(c.Token); err == nil && t.Domain == state.Domain {
		state.Epoch = max(state.Epoch, t.Epoch)
	}
	return state
}
