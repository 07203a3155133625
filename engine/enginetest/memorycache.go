package enginetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/portico-authz/portico/engine"
)

// MemoryCache is an [engine.Cache] in memory, for tests of those who use one. It
// passes the suite [Cache], and breaks, forgets and lies when told to. The zero
// MemoryCache works, by the system's clock. It is safe for concurrent use.
type MemoryCache struct {
	Clock engine.Clock // nil: the system's

	mu     sync.Mutex
	items  map[string]memoryItem // guarded by mu, as all below
	broken error
	edit   func(key string, value []byte) []byte
}

type memoryItem struct {
	value   []byte
	expires time.Time
}

var _ engine.Cache = (*MemoryCache)(nil)

var errMemoryClosed = errors.New("the cache is closed")

// Break makes each call fail, from now on, with code Unavailable and the cause.
// What was saved stays. A nil cause mends it.
func (c *MemoryCache) Break(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = cause
}

// Edit makes each Load return what fn makes of the value, nil for one that it
// doesn't have. A nil fn ends that.
func (c *MemoryCache) Edit(fn func(key string, value []byte) []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.edit = fn
}

// Forget drops all that was saved.
func (c *MemoryCache) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.items)
}

// Items returns what hasn't expired, with the TTLs that are left, in no order.
func (c *MemoryCache) Items() []engine.CacheItem {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	var items []engine.CacheItem
	for key, item := range c.items {
		if item.expires.After(now) {
			items = append(items, engine.CacheItem{Key: key, Value: clone(item.value), TTL: item.expires.Sub(now)})
		}
	}
	return items
}

// Load returns the values of the keys, in order, nil where it has none.
func (c *MemoryCache) Load(ctx context.Context, keys []string) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(ctx, "load"); err != nil {
		return nil, err
	}
	now := c.now()
	values := make([][]byte, len(keys))
	for i, key := range keys {
		if item, ok := c.items[key]; ok && item.expires.After(now) {
			values[i] = clone(item.value)
		}
		if c.edit != nil {
			values[i] = c.edit(key, values[i])
		}
	}
	return values, nil
}

// Save keeps the items until their TTLs end.
func (c *MemoryCache) Save(ctx context.Context, items []engine.CacheItem) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(ctx, "save"); err != nil {
		return err
	}
	if c.items == nil {
		c.items = make(map[string]memoryItem)
	}
	now := c.now()
	for _, item := range items {
		c.items[item.Key] = memoryItem{value: clone(item.Value), expires: now.Add(item.TTL)}
	}
	return nil
}

// Ready reports whether it is neither broken nor closed.
func (c *MemoryCache) Ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.usable(ctx, "ready")
}

// Close makes it forget all and fail each call.
func (c *MemoryCache) Close() error {
	c.Forget()
	c.Break(errMemoryClosed)
	return nil
}

// usable returns why a call fails, nil if it doesn't. The caller holds mu.
func (c *MemoryCache) usable(ctx context.Context, op string) error {
	err := ctx.Err()
	if err == nil {
		err = c.broken
	}
	if err != nil {
		return engine.WrapError(engine.Unavailable, op, err)
	}
	return nil
}

func (c *MemoryCache) now() time.Time {
	if c.Clock == nil {
		return time.Now()
	}
	return c.Clock.Now()
}

// clone copies a value. One that is empty isn't nil: that means a miss.
func clone(value []byte) []byte { return append([]byte{}, value...) }
