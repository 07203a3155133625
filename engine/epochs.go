package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// epochs reads where domains stand. On a store that others write too, one
// query is in flight at most; it answers those who came before it was sent, and
// who comes later waits for the next. So however many ask, the store gets one
// question after the other, and nobody gets an answer older than their question.
type epochs struct {
	store   Store
	clock   Clock
	timeout time.Duration // of one query
	seen    sightings

	mu   sync.Mutex  // guards next and sent
	next *epochQuery // not sent yet; nil if nobody waits
	sent *epochQuery // in flight; nil if none is

	reads, failures, waiters atomic.Int64
}

// epochQuery is one query, on behalf of many.
type epochQuery struct {
	domains map[schema.Domain]struct{}

	done  chan struct{} // closed once the rest is there
	found map[schema.Domain]DomainState
	err   error
}

func newEpochs(store Store, clock Clock, timeout time.Duration) *epochs {
	return &epochs{store: store, clock: clock, timeout: timeout}
}

// state returns where the domain stands, as of after the call.
func (e *epochs) state(ctx context.Context, d schema.Domain) (DomainState, error) {
	if !e.store.Shared() {
		return e.store.Domain(ctx, d)
	}
	q := e.join(d) //nolint:contextcheck // the query is everybody's, not this caller's
	select {
	case <-q.done:
	case <-ctx.Done():
		return DomainState{}, WrapError(Unavailable, "epoch of "+string(d), ctx.Err())
	}
	if q.err != nil {
		return DomainState{}, q.err
	}
	state, ok := q.found[d]
	if !ok {
		return DomainState{}, notFound(d.Root())
	}
	return state, nil
}

// join puts the domain on the next query, and sees to it that it is sent.
func (e *epochs) join(d schema.Domain) *epochQuery {
	e.waiters.Add(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if failpoint.Has(failpoint.QueryInFlight) && e.sent.asks(d) {
		return e.sent
	}
	if e.next == nil {
		e.next = &epochQuery{domains: map[schema.Domain]struct{}{}, done: make(chan struct{})}
	}
	e.next.domains[d] = struct{}{}
	q := e.next
	if e.sent == nil {
		e.next, e.sent = nil, q
		go e.run(q)
	}
	return q
}

// asks reports whether the query, if it is one, is about the domain.
func (q *epochQuery) asks(d schema.Domain) bool {
	if q == nil {
		return false
	}
	_, ok := q.domains[d]
	return ok
}

// run sends one query after the other until nobody waits.
func (e *epochs) run(q *epochQuery) {
	for q != nil {
		e.send(q)
		failpoint.Reach(failpoint.EpochRead)
		close(q.done)
		q = e.take()
	}
}

// take returns the next query to be sent, nil if nobody waits.
func (e *epochs) take() *epochQuery {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next, e.sent = nil, e.next
	return e.sent
}

// send asks the store. The time of asking is what an answer's age counts from.
func (e *epochs) send(q *epochQuery) {
	names := make([]schema.Domain, 0, len(q.domains))
	for d := range q.domains {
		names = append(names, d)
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.timeout)
	defer cancel()
	e.reads.Add(1)
	sent := e.clock.Now()
	states, err := e.store.Domains(ctx, names)
	if err != nil {
		e.failures.Add(1)
		q.err = err
		return
	}
	q.found = make(map[schema.Domain]DomainState, len(states))
	for _, s := range states {
		q.found[s.Domain] = s
		e.seen.add(s, sent)
	}
}

// tokenAge is how old a sighting may be that satisfies AtLeast: that mode says
// how old an answer must not be, and this that it isn't ancient either.
const tokenAge = 5 * time.Second

// recall returns a state that was read before the call and is fresh enough.
func (e *epochs) recall(d schema.Domain, c Consistency) (DomainState, bool) {
	remembered := recallAnyway(c.Mode)
	if c.Mode != Bounded && c.Mode != AtLeast && !remembered {
		return DomainState{}, false
	}
	s, ok := e.seen.of(d)
	if failpoint.Has(failpoint.TokenBelieved) {
		s.state = tokenBelieved(s.state, c)
	}
	if !ok || remembered {
		return s.state, ok
	}
	age := s.age(e.clock.Now())
	if c.Mode == Bounded {
		return s.state, age <= c.MaxAge
	}
	t, err := parseReadToken(c.Token)
	return s.state, err == nil && t.Domain == d && t.Epoch <= s.state.Epoch && age <= tokenAge
}

// sighting is a domain's state, and when it was asked for.
type sighting struct {
	state DomainState
	sent  time.Time
}

// age counts on the monotonic clock, which nobody sets, and on the wall clock,
// which goes on while the machine sleeps: the longer one is the safe one.
func (s sighting) age(now time.Time) time.Duration {
	return max(now.Sub(s.sent), now.Round(0).Sub(s.sent.Round(0)))
}

// maxSightings bounds what is remembered, twice: the domains asked about
// lately, and those before.
const maxSightings = 50_000

// sightings remembers the last state seen of the domains asked about lately.
type sightings struct {
	mu            sync.Mutex // guards both
	recent, older map[schema.Domain]sighting
}

func (s *sightings) add(state DomainState, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.recent == nil || len(s.recent) >= maxSightings {
		s.recent, s.older = map[schema.Domain]sighting{}, s.recent
	}
	s.recent[state.Domain] = sighting{state, sent}
}

func (s *sightings) of(d schema.Domain) (sighting, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.recent[d]; ok {
		return found, true
	}
	found, ok := s.older[d]
	return found, ok
}
