package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
)

// cacheMany is more keys than a check of any kind asks for.
const cacheMany = 10_000

var cacheManyCases = []cacheCase{
	{"any number of keys go into one call", func(t *testing.T, c engine.Cache) {
		items := make([]engine.CacheItem, cacheMany)
		for i := range items {
			items[i] = item(fmt.Sprintf("key %d", i), randomBytes(i%257))
		}
		save(t, c, items...)
		rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		wantItems(t, c, items)
		keys := make([]string, cacheMany)
		for i := range keys {
			keys[i] = fmt.Sprintf("unknown %d", i)
		}
		for i, value := range load(t, c, keys...) {
			if value != nil {
				t.Fatalf("%q: got %q, want nil", keys[i], value)
			}
		}
	}},
	{"calls at the same time don't mix", func(t *testing.T, c engine.Cache) {
		together(16, func(caller int) {
			for n := range 50 {
				saveAndLoadOwn(t, c, caller, n)
			}
		})
	}},
	{"calls given up don't mix with others", func(t *testing.T, c engine.Cache) {
		together(16, func(caller int) {
			for n := range 50 {
				if caller%2 == 0 {
					saveAndLoadOwn(t, c, caller, n)
				} else {
					loadAndGoAway(t, c, caller)
				}
			}
		})
	}},
	{"one key that all write has one's value", func(t *testing.T, c engine.Cache) {
		together(8, func(caller int) {
			for range 50 {
				if err := c.Save(t.Context(), []engine.CacheItem{item("shared", ownValue(caller))}); err != nil {
					t.Errorf("save: %v", err)
				}
				values, err := c.Load(t.Context(), []string{"shared"})
				if err != nil || !slices.ContainsFunc(allValues(8), func(v []byte) bool { return slices.Equal(v, values[0]) }) {
					t.Errorf("load: got %q, %v", values, err)
				}
			}
		})
	}},
}

// together runs fn for callers 0 to n-1 at the same time.
func together(n int, fn func(caller int)) {
	var wg sync.WaitGroup
	for caller := range n {
		wg.Go(func() { fn(caller) })
	}
	wg.Wait()
}

// saveAndLoadOwn writes keys that are the caller's alone and reads them back.
func saveAndLoadOwn(t *testing.T, c engine.Cache, caller, n int) {
	t.Helper()
	keys := []string{fmt.Sprintf("%d/%d/a", caller, n), fmt.Sprintf("%d/%d/b", caller, n)}
	err := c.Save(t.Context(), []engine.CacheItem{item(keys[0], []byte(keys[0])), item(keys[1], []byte(keys[1]))})
	if err != nil {
		t.Errorf("save: %v", err)
		return
	}
	values, err := c.Load(t.Context(), keys)
	if err != nil {
		t.Errorf("load: %v", err)
		return
	}
	for i, key := range keys {
		if string(values[i]) != key {
			t.Errorf("%s: got %q", key, values[i])
		}
	}
}

// loadAndGoAway asks for something and leaves at some time before the answer,
// or after it.
func loadAndGoAway(t *testing.T, c engine.Cache, caller int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.Int64N(int64(time.Millisecond))))
	defer cancel()
	values, err := c.Load(ctx, []string{fmt.Sprintf("nobody's %d", caller)})
	if err == nil && values[0] != nil {
		t.Errorf("somebody else's answer: %q", values[0])
	}
	if err != nil {
		wantCode(t, "load", err, engine.Unavailable)
	}
}

func ownValue(caller int) []byte { return fmt.Appendf(nil, "the value of %d", caller) }

func allValues(n int) [][]byte {
	values := make([][]byte, n)
	for i := range values {
		values[i] = ownValue(i)
	}
	return values
}
