package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// world is what is simulated.
type world struct {
	partners, requests, replicas int
	writes                       float64 // operations per partner and day
	query, life                  time.Duration
	sample                       int
	seed                         uint64
}

// skew is Zipf's exponent: with it the busiest of a million partners gets a
// tenth of all checks, and the busiest two hundred get half of them.
const skew = 1.05

// result is what came out.
type result struct {
	span                   time.Duration // simulated
	checks, queries, asked int
	hits, keys             int
	waits                  []time.Duration
}

// replica reads epochs like engine.epochs: one query at a time, for all who
// came before it was sent.
type replica struct {
	free    time.Duration // when the query in flight is answered
	waiting []time.Duration
	about   map[uint64]struct{} // partners of the next query
}

// decision is a cached one: of a request, in an epoch of its partner.
type decision struct{ partner, request, epoch uint64 }

// run simulates checks at a rate, after as many that only fill the cache.
func (w world) run(rate float64) result {
	//nolint:gosec // a simulation that can be repeated
	random := rand.New(rand.NewPCG(w.seed, math.Float64bits(rate)))
	partner := rand.NewZipf(random, skew, 1, uint64(w.partners-1))
	request := rand.NewZipf(random, skew, 1, uint64(w.requests-1))
	replicas := make([]*replica, w.replicas)
	for i := range replicas {
		replicas[i] = &replica{about: map[uint64]struct{}{}}
	}
	cache := map[decision]time.Duration{}
	var (
		r      result
		now    time.Duration
		warmed time.Duration
	)
	for i := range 2 * w.sample {
		now += time.Duration(random.ExpFloat64() / rate * float64(time.Second))
		if i == w.sample {
			warmed, r = now, result{}
		}
		r.checks++
		p := partner.Uint64()
		r.arrive(replicas[random.IntN(w.replicas)], p, now, w.query)
		d := decision{p, request.Uint64(), w.epoch(p, now)}
		if until, ok := cache[d]; ok && now < until {
			r.hits++
			continue
		}
		cache[d] = now + w.life
	}
	for _, until := range cache {
		if now < until {
			r.keys++
		}
	}
	r.span = now - warmed
	return r
}

// epoch is how many operations a partner has had by then: partners are written
// to at even intervals, each with an offset of its own.
func (w world) epoch(partner uint64, now time.Duration) uint64 {
	if w.writes <= 0 {
		return 0
	}
	between := float64(24*time.Hour) / w.writes
	offset := float64(partner*2654435761%1000) / 1000
	return uint64(float64(now)/between + offset)
}

// arrive takes a check to a replica, and sends what is due by then.
func (r *result) arrive(at *replica, partner uint64, now, query time.Duration) {
	for at.free <= now && len(at.waiting) > 0 {
		r.send(at, query)
	}
	at.waiting = append(at.waiting, now)
	at.about[partner] = struct{}{}
	if at.free <= now {
		at.free = now
		r.send(at, query)
	}
}

// send answers, one query later, all who wait.
func (r *result) send(at *replica, query time.Duration) {
	at.free += query
	for _, came := range at.waiting {
		r.waits = append(r.waits, at.free-came)
	}
	r.queries++
	r.asked += len(at.about)
	at.waiting = at.waiting[:0]
	clear(at.about)
}

func (r result) queryRate() float64 { return float64(r.queries) / r.span.Seconds() }
func (r result) perQuery() float64  { return float64(len(r.waits)) / float64(max(1, r.queries)) }
func (r result) hitRatio() float64  { return float64(r.hits) / float64(max(1, r.checks)) }

func (r result) partnersPerQuery() float64 { return float64(r.asked) / float64(max(1, r.queries)) }

func (r result) meanWait() time.Duration {
	var sum time.Duration
	for _, w := range r.waits {
		sum += w
	}
	return (sum / time.Duration(max(1, len(r.waits)))).Round(time.Microsecond)
}

func (r result) wait99() time.Duration {
	if len(r.waits) == 0 {
		return 0
	}
	slices.Sort(r.waits)
	return r.waits[len(r.waits)*99/100].Round(time.Microsecond)
}
