// Package rediscache keeps bytes in Redis (standalone, behind Sentinel, or a
// Cluster) for the engine's [engine.Cache]. It is not where decisions are
// trusted: what a value says, whom it binds and how long it counts is the
// engine's business. This package sees to one thing: that Redis, whatever
// happens to it, costs a caller no more than [Options.Timeout], and soon
// nothing.
//
// Start at [New].
package rediscache

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"github.com/portico-authz/portico/engine"
)

// Cache is Redis behind the engine's port. It is safe for concurrent use.
type Cache struct {
	client     redis.UniversalClient
	breaker    *gobreaker.CircuitBreaker[[]redis.Cmder]
	prefix     string
	timeout    time.Duration
	connecting atomic.Bool // a goroutine of connect runs
	closed     atomic.Bool
}

var _ engine.Cache = (*Cache)(nil)

// New returns a Cache on the Redis at the addresses (host:port): one if it
// stands alone, the Sentinels, or some nodes of a Cluster. A nil opts is the
// zero Options. It fails only with Invalid, for addresses and options that
// can't be meant; Redis needn't be up, now or ever.
func New(addresses []string, opts *Options) (*Cache, error) {
	if opts == nil {
		opts = &Options{}
	}
	o := opts.withDefaults()
	client, err := newClient(addresses, o)
	if err != nil {
		return nil, engine.WrapError(engine.Invalid, "open the cache", err)
	}
	return &Cache{
		client:  client,
		breaker: newBreaker(o.Log),
		prefix:  o.Prefix,
		timeout: o.Timeout,
	}, nil
}

// Load returns the values of the keys, in order, nil where Redis knows none. It
// is one round trip (to each node that has some of the keys), and all or
// nothing: an answer in part would say "not known" where nothing is known.
func (c *Cache) Load(ctx context.Context, keys []string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	replies, err := c.exec(ctx, "load", func(pipe redis.Pipeliner) {
		for _, key := range keys {
			pipe.Get(ctx, c.prefix+key)
		}
	})
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(replies))
	for i, reply := range replies {
		if text, err := reply.(*redis.StringCmd).Result(); err == nil {
			values[i] = []byte(text) // never nil, be it empty
		}
	}
	return values, nil
}

// Save keeps the items for their TTLs, in whole milliseconds: what lives
// shorter is not worth its way. It is one round trip, as [Cache.Load] is.
func (c *Cache) Save(ctx context.Context, items []engine.CacheItem) error {
	lasts := func(item engine.CacheItem) bool { return item.TTL >= time.Millisecond }
	if !slices.ContainsFunc(items, lasts) {
		return nil
	}
	_, err := c.exec(ctx, "save", func(pipe redis.Pipeliner) {
		for _, item := range items {
			if lasts(item) {
				pipe.Set(ctx, c.prefix+item.Key, item.Value, item.TTL.Truncate(time.Millisecond))
			}
		}
	})
	return err
}

// exec sends the commands that fill adds, if the breaker lets it, and returns
// their replies: values and redis.Nil, no other error.
func (c *Cache) exec(ctx context.Context, op string, fill func(redis.Pipeliner)) ([]redis.Cmder, error) {
	if err := ctx.Err(); err != nil {
		return nil, translate(op, err)
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	replies, err := c.breaker.Execute(func() ([]redis.Cmder, error) {
		pipe := c.client.Pipeline()
		fill(pipe)
		replies, err := pipe.Exec(limited)
		return replies, blame(ctx, firstFailure(replies, err))
	})
	if err == nil {
		return replies, nil
	}
	if isTimeout(err) {
		c.connect(ctx)
	}
	return nil, translate(op, err)
}

// Ready asks Redis itself, each primary of a Cluster, whatever the breaker
// thinks. It may wait for a connection, so up to ten times the Timeout. Where
// Redis answers and the breaker isn't closed, a Load tries, as any other would:
// so who is asked nothing else finds out too that Redis is back.
func (c *Cache) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimes*c.timeout)
	defer cancel()
	if err := c.primaries(ctx, ping); err != nil {
		return translate("ready", err)
	}
	if c.State() != Closed {
		_, _ = c.Load(ctx, []string{"ready"}) // for the breaker to judge; an answer to a ping is less than one in time to a call
	}
	return nil
}

func ping(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() }

// primaries calls fn for the server that takes writes, or for each of a
// Cluster's, at the same time.
func (c *Cache) primaries(ctx context.Context, fn func(context.Context, *redis.Client) error) error {
	if cluster, ok := c.client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, fn)
	}
	return fn(ctx, c.client.(*redis.Client))
}

// connect makes a connection in the background, for the next call to use, where
// none is free. A handshake is two or three round trips on top of the call's
// own, all of which must end within one Timeout; where Redis is far, or we are
// slow, that never happens, and each call would throw away the connection that
// it waited for.
func (c *Cache) connect(ctx context.Context) {
	if c.closed.Load() || !c.connecting.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer c.connecting.Store(false)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialTimes*c.timeout)
		defer cancel()
		// Whether it succeeds is for the next call to find out.
		_ = c.primaries(ctx, func(ctx context.Context, node *redis.Client) error {
			if node.PoolStats().IdleConns > 0 {
				return nil
			}
			return ping(ctx, node)
		})
	}()
}

// Close ends the connections; calls under way fail. Closing again does nothing.
func (c *Cache) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	if err := c.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return translate("close", err)
	}
	return nil
}
