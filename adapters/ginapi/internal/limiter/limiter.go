// Package limiter bounds how often, and how many at once, something is done in
// each of many names: a token bucket (golang.org/x/time/rate) and a count per
// name, in this process only.
//
// It knows nothing of HTTP, nor what the names are of. It never waits. Its
// memory is bounded, whatever names it is given: see [New].
//
// Start at [Table.Acquire].
package limiter

import (
	"container/list"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is what one name may have. A zero field, or a negative one, is no limit
// of that kind.
type Limit struct {
	Rate       float64 // grants per second, in the long run
	Burst      int     // grants at once after a pause; without it, one second's worth, and 1 at least
	Concurrent int     // grants that are held at the same time
}

// none reports whether there is nothing to bound.
func (l Limit) none() bool { return l.Rate <= 0 && l.Concurrent <= 0 }

func (l Limit) burst() int {
	if l.Burst > 0 {
		return l.Burst
	}
	return int(math.Ceil(min(max(l.Rate, 1), math.MaxInt32)))
}

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Table holds what is known of each name of one kind. Its methods are safe for
// concurrent use.
type Table struct {
	limit Limit
	clock Clock
	size  int

	mu      sync.Mutex // guards what follows, entries' fields and buckets included
	entries map[string]*list.Element
	order   *list.List // of *entry; the one asked for last is first
	shared  *entry     // of all names for which there is no room
}

// entry is what is known of one name.
type entry struct {
	name   string
	bucket *rate.Limiter
	held   int
}

// New returns a table that tells up to size names apart. A name that has what
// every new one has (nothing held, its bucket full) is forgotten to make room,
// which loses nothing. If all are busy, whoever comes new shares one entry, and
// its one limit, with all others who find no room: they may get less than
// theirs, never more.
func New(limit Limit, size int, clock Clock) *Table {
	t := &Table{limit: limit, clock: clock, size: size, entries: map[string]*list.Element{}, order: list.New()}
	t.shared = t.entry("")
	return t
}

func (t *Table) entry(name string) *entry {
	return &entry{name: name, bucket: rate.NewLimiter(rate.Limit(t.limit.Rate), t.limit.burst())}
}

// Reason is which part of a limit was reached.
type Reason int

// The reasons.
const (
	Rate Reason = iota + 1
	Concurrency
)

// Refusal says why there is no grant.
type Refusal struct {
	Reason Reason
	Wait   time.Duration // until it is worth asking again; zero if that can't be told
}

// Grant is one turn in each of the names that it was asked for.
type Grant struct {
	table *Table
	held  []*entry
}

// Acquire takes one turn in each of the names, which are distinct, or none at
// all. The caller releases the grant, once.
func (t *Table) Acquire(names ...string) (*Grant, *Refusal) {
	if t.limit.none() || len(names) == 0 {
		return &Grant{table: t}, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now() // in the lock, so that no bucket sees it go back
	g := &Grant{table: t, held: make([]*entry, 0, len(names))}
	for _, name := range names {
		e := t.find(name, now)
		if e == t.shared && slices.Contains(g.held, e) {
			continue
		}
		if refusal := t.take(e, now); refusal != nil {
			g.refund(now)
			g.release()
			return nil, refusal
		}
		g.held = append(g.held, e)
	}
	return g, nil
}

// take takes one turn. What is refused for one reason counts for no other.
func (t *Table) take(e *entry, now time.Time) *Refusal {
	if t.limit.Concurrent > 0 && e.held >= t.limit.Concurrent {
		return &Refusal{Reason: Concurrency}
	}
	if t.limit.Rate > 0 && !e.bucket.AllowN(now, 1) {
		return &Refusal{Rate, t.wait(1 - e.bucket.TokensAt(now))}
	}
	e.held++
	return nil
}

const longest = 24 * time.Hour

// wait is how long it takes until the bucket has so much more.
func (t *Table) wait(missing float64) time.Duration {
	return time.Duration(min(missing/t.limit.Rate, longest.Seconds()) * float64(time.Second))
}

// Release ends the turns.
func (g *Grant) Release() {
	if len(g.held) == 0 {
		return
	}
	g.table.mu.Lock()
	defer g.table.mu.Unlock()
	g.release()
}

// Refund ends the turns as if they had not been taken: they don't count for the
// rate either. Releasing the grant afterwards changes nothing.
func (g *Grant) Refund() {
	if len(g.held) == 0 {
		return
	}
	g.table.mu.Lock()
	defer g.table.mu.Unlock()
	g.refund(g.table.clock.Now())
	g.release()
}

func (g *Grant) release() {
	for _, e := range g.held {
		e.held--
	}
	g.held = nil
}

// refund puts back one token into each bucket, by taking one less than none:
// cancelling a reservation would put back nothing once another was made.
func (g *Grant) refund(now time.Time) {
	if g.table.limit.Rate <= 0 {
		return
	}
	for _, e := range g.held {
		e.bucket.AllowN(now, -1)
	}
}
