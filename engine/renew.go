package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// renewal is why a domain's token is renewed.
type renewal int

const (
	renewAged    renewal = iota // the graph will forget its snapshot
	renewExpired                // it has
	renewSchema                 // the schema has changed since
	renewals                    // how many there are
)

// expiredError says that a domain's token no longer names a snapshot that can
// be asked, so that it must be renewed.
type expiredError struct {
	state DomainState
	why   renewal
}

func (e *expiredError) Error() string {
	return fmt.Sprintf("the snapshot of %s in epoch %d has expired", e.state.Domain, e.state.Epoch)
}

// renew gives a domain a new snapshot of the epoch that it is in, by writing
// the fence again. A snapshot carries the schema of its time, so this is also
// how a domain gets to a changed schema. Whatever goes wrong is Unavailable.
func (e *Engine) renew(ctx context.Context, stale DomainState, why renewal) error {
	unlock, err := e.locks.lock(ctx, stale.Domain)
	if err != nil {
		return err
	}
	defer unlock()
	// Many wait where many asked: one of them renews.
	if now, err := e.store.Domain(ctx, stale.Domain); err != nil || !now.sameSnapshot(stale) {
		return err
	}
	return e.renewLocked(ctx, stale, why)
}

// renewLocked is renew for who holds the domain's lock.
func (e *Engine) renewLocked(ctx context.Context, stale DomainState, why renewal) error {
	err := e.store.Update(ctx, stale.Domain, func(tx Tx) error {
		state, err := tx.Domain(ctx, stale.Domain)
		if err != nil || !state.sameSnapshot(stale) {
			return err // nil if somebody else renewed it
		}
		if why == renewSchema {
			d, err := e.learnSchema(ctx, tx)
			if err != nil || state.SchemaDigest == d.Digest {
				return err // nil if it was us who didn't know the present one
			}
		}
		made, err := e.write(ctx, tx, Write{Domain: state.Domain, After: state.LastOperation, Operation: state.LastOperation})
		if err != nil {
			return err
		}
		failpoint.Reach(failpoint.Renewed)
		e.renewals[why].Add(1)
		state.keep(made)
		return tx.PutDomain(ctx, state)
	})
	switch {
	case errors.Is(err, ErrFence):
		return e.unfenced(ctx, stale)
	case err != nil && CodeOf(err) != Unavailable:
		return WrapError(Unavailable, "renew "+string(stale.Domain), err)
	}
	return err
}

func (s DomainState) sameSnapshot(other DomainState) bool {
	return s.Token == other.Token && s.SchemaDigest == other.SchemaDigest
}

// unfenced finds out why the fence wasn't where the domain's state has it: it
// may stand at an operation that is on its way, or that a crash left half-way.
func (e *Engine) unfenced(ctx context.Context, stale DomainState) error {
	finished, err := e.recoverDomain(ctx, stale.Domain)
	if err != nil || finished {
		return err
	}
	if now, err := e.store.Domain(ctx, stale.Domain); err != nil || now.LastOperation != stale.LastOperation {
		return err // it was finished meanwhile
	}
	return e.diverges(ctx, stale.Domain)
}

// diverges counts and returns that the graph is not the store's projection.
func (e *Engine) diverges(ctx context.Context, d schema.Domain) error {
	e.diverged.Add(1)
	e.log.ErrorContext(ctx, "the graph doesn't follow the store; run verify with --repair", "domain", d)
	return Errorf(Unavailable, "the graph of %q doesn't follow the store; the operator must run verify with --repair", d)
}

// renewStale renews the tokens that have lived half the time for which the
// graph keeps their snapshot, and once after the schema changed, all of the
// former one.
func (e *Engine) renewStale(ctx context.Context) error {
	old := DomainFilter{TokenBefore: e.now().Add(-e.snapshotLife / 2)}
	err := e.renewEach(ctx, old, renewAged, func(s DomainState) bool { return s.Epoch > 0 })
	if present := e.present(); e.renewedTo != present {
		failed := e.renewEach(ctx, DomainFilter{}, renewSchema, func(s DomainState) bool {
			return s.Epoch > 0 && s.SchemaDigest != present
		})
		if failed == nil {
			e.renewedTo = present
			e.log.InfoContext(ctx, "every partner is at the present schema", "schema", present)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// renewWriters is how many tokens are renewed at a time.
const renewWriters = 8

// renewEach renews the domains that match and that are stale.
func (e *Engine) renewEach(ctx context.Context, f DomainFilter, why renewal, stale func(DomainState) bool) error {
	var errs []error
	for f.Limit = domainPage; ; {
		var page []DomainState
		err := e.store.View(ctx, func(tx Tx) (err error) {
			page, err = tx.Domains(ctx, f)
			return err
		})
		if err != nil || len(page) == 0 {
			return errors.Join(append(errs, err)...)
		}
		err = inParallel(ctx, renewWriters, page, func(s DomainState) error {
			if !stale(s) {
				return nil
			}
			return e.renew(ctx, s, why)
		})
		errs = append(errs, err)
		if err != nil && e.graph.Ready(ctx) != nil {
			return errors.Join(errs...) // nothing will do before it is back
		}
		f.After = page[len(page)-1].Domain
	}
}
