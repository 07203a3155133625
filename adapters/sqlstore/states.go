package sqlstore

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// states remembers the committed state of every domain, for a database that no
// other process writes: a check then reads its epoch without a query. A domain
// that it doesn't know must be looked up in the database.
//
// A nil *states knows none and never makes anybody wait.
type states struct {
	// writing holds one value, whose holder may write: commits become known in
	// the order in which they happened.
	writing chan struct{}
	known   sync.Map // schema.Domain → engine.DomainState
}

func newStates(all []engine.DomainState) *states {
	s := states{writing: make(chan struct{}, 1)}
	for _, state := range all {
		s.known.Store(state.Domain, state)
	}
	return &s
}

// turn waits until the caller may write; done ends the turn.
func (s *states) turn(ctx context.Context) (done func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	select {
	case s.writing <- struct{}{}:
		return func() { <-s.writing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// last waits for whose turn it is, as long as that takes; done ends this one.
func (s *states) last() (done func()) {
	if s == nil {
		return func() {}
	}
	s.writing <- struct{}{}
	return func() { <-s.writing }
}

func (s *states) lookup(domain schema.Domain) (engine.DomainState, bool) {
	if s == nil {
		return engine.DomainState{}, false
	}
	state, ok := s.known.Load(domain)
	if !ok {
		return engine.DomainState{}, false
	}
	return state.(engine.DomainState), true
}

// settle makes a commit known, whose outcome was err. Where it failed nobody
// knows what is in the file, so the domains are forgotten.
func (s *states) settle(changed map[schema.Domain]engine.DomainState, err error) {
	if s == nil {
		return
	}
	for domain, state := range changed {
		if err != nil {
			s.known.Delete(domain)
			continue
		}
		s.known.Store(domain, state)
	}
}

// retokened returns all known states with another token and digest.
func (s *states) retokened(token engine.Token, at time.Time, schemaDigest string) map[schema.Domain]engine.DomainState {
	changed := make(map[schema.Domain]engine.DomainState)
	if s == nil {
		return changed
	}
	s.known.Range(func(_, value any) bool {
		state := value.(engine.DomainState)
		state.Token, state.TokenAt, state.SchemaDigest = token, fromMicros(micros(at)), schemaDigest
		changed[state.Domain] = state
		return true
	})
	return changed
}

// asStored returns s as reading it back would.
func asStored(s engine.DomainState) engine.DomainState {
	s.LastHash = slices.Clone(s.LastHash)
	s.TokenAt = fromMicros(micros(s.TokenAt))
	s.NextExpiry = fromSeconds(seconds(s.NextExpiry))
	s.CreatedAt = fromMicros(micros(s.CreatedAt))
	return s
}
