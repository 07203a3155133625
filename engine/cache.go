package engine

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/portico-authz/portico/engine/failpoint"
)

// decisionCache remembers decisions in a [Cache]. It never says how fresh an
// answer is: a decision is that of one request in one epoch, which nothing can
// change, so there is nothing to invalidate, and losing or bringing back a value
// does no harm.
type decisionCache struct {
	cache Cache // nil remembers nothing
	keys  sealKeys
	life  time.Duration
	saves chan struct{} // holds one token per save under way

	hits, misses, refused, failures, dropped atomic.Int64
}

// maxSaves is how many saves are under way at most. What comes meanwhile isn't
// remembered: a check never waits for the cache to learn.
const maxSaves = 64

func newDecisionCache(cache Cache, life time.Duration) *decisionCache {
	return &decisionCache{cache: cache, life: life, saves: make(chan struct{}, maxSaves)}
}

// requestDigest stands for one request in one epoch. The first half is the
// cache's key; the value repeats the second.
type requestDigest [sha256.Size]byte

func (r requestDigest) key() string { return string(r[:sha256.Size-digestLength]) }

func (r *requestDigest) repeated() []byte { return r[sha256.Size-digestLength:] }

// digestOf hashes everything that can change the answer. The token and the last
// operation tell apart what a store or a graph that was restored from a backup
// would number alike.
func digestOf(state DomainState, q Query) requestDigest {
	h := sha256.New()
	writePart(h, "portico decision 1")
	epoch := strconv.FormatInt(state.Epoch, 10)
	for _, part := range []string{state.SchemaDigest, string(state.Domain), epoch, state.LastOperation, string(state.Token)} {
		writePart(h, part)
	}
	permission := q.Permission
	if failpoint.Has(failpoint.KeyLacksPermission) {
		permission = ""
	}
	for _, part := range []string{q.Resource.Type, q.Resource.ID, permission, q.Subject.Type, q.Subject.ID, q.Subject.Relation} {
		writePart(h, part)
	}
	return requestDigest(h.Sum(nil))
}

// recall puts what is remembered of the requests into their answers, and
// returns the places of the others.
func (c *decisionCache) recall(ctx context.Context, requests []requestDigest, now time.Time, answers []Answer) []int {
	unknown := make([]int, 0, len(requests))
	values, err := c.load(ctx, requests)
	for i, request := range requests {
		if err == nil {
			if d := c.open(values[i], request, now); d != "" {
				answers[i].Decision, answers[i].Source = d, FromCache
				continue
			}
		}
		unknown = append(unknown, i)
	}
	return unknown
}

// open returns the decision of a value, "" if there is none, and counts.
func (c *decisionCache) open(value []byte, request requestDigest, now time.Time) Decision {
	if value == nil {
		c.misses.Add(1)
		return ""
	}
	d, forged := c.keys.open(value, request, now)
	switch {
	case forged:
		c.refused.Add(1)
	case d == "":
		c.misses.Add(1)
	default:
		c.hits.Add(1)
	}
	return d
}

func (c *decisionCache) load(ctx context.Context, requests []requestDigest) ([][]byte, error) {
	keys := make([]string, len(requests))
	for i, r := range requests {
		keys[i] = r.key()
	}
	all := make([][]byte, 0, len(keys))
	for some := range slices.Chunk(keys, cacheCall) {
		values, err := c.cache.Load(ctx, some)
		if err == nil && len(values) != len(some) {
			err = Errorf(Internal, "the cache has %d answers to %d questions", len(values), len(some))
		}
		if err != nil {
			c.failures.Add(1)
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

// cacheCall is how many values one call is about: each call has the cache's
// timeout, and what is too much for it would look like a cache that is down.
const cacheCall = 500

// remember keeps the decisions in the background, until the next grant of the
// domain expires at most.
func (c *decisionCache) remember(ctx context.Context, state DomainState, requests []requestDigest, answers []Answer, now time.Time) {
	notAfter := now.Add(c.life)
	if !state.NextExpiry.IsZero() && state.NextExpiry.Before(notAfter) {
		notAfter = state.NextExpiry
	}
	notAfter = notAfter.Truncate(time.Second) // as it is sealed
	if !notAfter.After(now) {
		return
	}
	var items []CacheItem
	for i, a := range answers {
		if value := c.keys.seal(a.Decision, requests[i], notAfter); value != nil {
			items = append(items, CacheItem{Key: requests[i].key(), Value: value, TTL: notAfter.Sub(now)})
		}
	}
	if len(items) == 0 {
		return
	}
	select {
	case c.saves <- struct{}{}:
	default:
		c.dropped.Add(1)
		return
	}
	go func() {
		defer func() { <-c.saves }()
		for some := range slices.Chunk(items, cacheCall) {
			if err := c.cache.Save(context.WithoutCancel(ctx), some); err != nil {
				c.failures.Add(1)
				return
			}
		}
	}()
}
