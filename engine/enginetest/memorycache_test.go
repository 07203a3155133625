package enginetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestMemoryCache(t *testing.T) {
	enginetest.Cache(t, func(*testing.T) engine.Cache { return &enginetest.MemoryCache{} })
}

func TestMemoryCacheFollowsItsClock(t *testing.T) {
	clock := &setClock{now: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	c := &enginetest.MemoryCache{Clock: clock}
	saveOne(t, c, time.Minute)
	clock.now = clock.now.Add(time.Minute - 1)
	if got := loadOne(t, c); got != "value" {
		t.Errorf("before its time: got %q", got)
	}
	if items := c.Items(); len(items) != 1 || items[0].TTL != 1 {
		t.Errorf("items: %v", items)
	}
	clock.now = clock.now.Add(1)
	if got := loadOne(t, c); got != "" {
		t.Errorf("after its time: got %q", got)
	}
	if items := c.Items(); len(items) != 0 {
		t.Errorf("items: %v", items)
	}
}

func TestMemoryCacheMisbehaves(t *testing.T) {
	c := &enginetest.MemoryCache{}
	saveOne(t, c, time.Hour)
	cause := errors.New("no more")
	c.Break(cause)
	if _, err := c.Load(t.Context(), []string{"key"}); engine.CodeOf(err) != engine.Unavailable || !errors.Is(err, cause) {
		t.Errorf("broken: %v", err)
	}
	c.Break(nil)
	c.Edit(func(key string, value []byte) []byte { return []byte(key + "=" + string(value)) })
	if got := loadOne(t, c); got != "key=value" {
		t.Errorf("edited: got %q", got)
	}
	c.Edit(nil)
	c.Forget()
	if got := loadOne(t, c); got != "" {
		t.Errorf("forgotten: got %q", got)
	}
}

type setClock struct{ now time.Time }

func (c *setClock) Now() time.Time { return c.now }

func saveOne(t *testing.T, c engine.Cache, ttl time.Duration) {
	t.Helper()
	err := c.Save(t.Context(), []engine.CacheItem{{Key: "key", Value: []byte("value"), TTL: ttl}})
	if err != nil {
		t.Fatal(err)
	}
}

func loadOne(t *testing.T, c engine.Cache) string {
	t.Helper()
	values, err := c.Load(t.Context(), []string{"key"})
	if err != nil {
		t.Fatal(err)
	}
	return string(values[0])
}
