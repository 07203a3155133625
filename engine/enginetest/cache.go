package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
)

// Cache is the suite of the port [engine.Cache]. open returns a cache that has
// nothing and is slow to give up, and closes it when the test ends, be it closed
// already.
//
// What lives for a while is awaited: the cache's clock must go on.
func Cache(t *testing.T, open func(t *testing.T) engine.Cache) {
	t.Helper()
	suites := []struct {
		noun  string
		cases []cacheCase
	}{
		{"value", cacheValueCases},
		{"expiry", cacheExpiryCases},
		{"many", cacheManyCases},
		{"context", cacheContextCases},
		{"close", cacheCloseCases},
	}
	for _, suite := range suites {
		t.Run(suite.noun, func(t *testing.T) {
			for _, c := range suite.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
			}
		})
	}
}

// cacheCase is one thing that a cache promises, tried on an empty one.
type cacheCase struct {
	name string
	run  func(t *testing.T, c engine.Cache)
}

var cacheValueCases = []cacheCase{
	{"it is ready", func(t *testing.T, c engine.Cache) { wantCode(t, "ready", c.Ready(t.Context()), "") }},
	{"what is saved is loaded, in every size", func(t *testing.T, c engine.Cache) {
		var items []engine.CacheItem
		for _, size := range []int{0, 1, 2, 63, 64, 65, 127, 128, 255, 256} {
			items = append(items, item(fmt.Sprint("size", size), randomBytes(size)))
		}
		save(t, c, items...)
		wantItems(t, c, items)
	}},
	{"keys and values are any bytes", func(t *testing.T, c engine.Cache) {
		var items []engine.CacheItem
		for _, key := range []string{
			"", "\x00", "\x00\x00", "\r\n", "$-1\r\n", "a b", "{tag}a", "{tag}b", "{}", "*", "é", "\xff\xfe",
			strings.Repeat("\xff", 64), string(randomBytes(64)),
		} {
			items = append(items, item(key, []byte("\r\n$-1\r\n"+key)))
		}
		save(t, c, items...)
		wantItems(t, c, items)
	}},
	{"misses are nil, in order", func(t *testing.T, c engine.Cache) {
		save(t, c, item("b", []byte("B")), item("d", []byte{}))
		got := load(t, c, "a", "b", "c", "d", "e")
		if diff := cmp.Diff([][]byte{nil, []byte("B"), nil, {}, nil}, got); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	}},
	{"nothing is asked, nothing is answered", func(t *testing.T, c engine.Cache) {
		save(t, c)
		if got := load(t, c); len(got) != 0 {
			t.Errorf("got %q", got)
		}
	}},
	{"a key that is asked twice is answered twice", func(t *testing.T, c engine.Cache) {
		save(t, c, item("a", []byte("A")))
		got := load(t, c, "a", "x", "a", "x")
		if diff := cmp.Diff([][]byte{[]byte("A"), nil, []byte("A"), nil}, got); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	}},
	{"the last value of a key stays", func(t *testing.T, c engine.Cache) {
		save(t, c, item("a", []byte("longer than the next")))
		save(t, c, item("a", []byte("2")))
		wantItems(t, c, []engine.CacheItem{item("a", []byte("2"))})
		save(t, c, item("a", []byte("3")), item("a", []byte("4")))
		wantItems(t, c, []engine.CacheItem{item("a", []byte("4"))})
	}},
	{"the caller's bytes are the caller's", func(t *testing.T, c engine.Cache) {
		value := []byte("value")
		save(t, c, item("a", value))
		clear(value)
		clear(load(t, c, "a")[0])
		wantItems(t, c, []engine.CacheItem{item("a", []byte("value"))})
	}},
}

var cacheExpiryCases = []cacheCase{
	{"it ends", func(t *testing.T, c engine.Cache) {
		save(t, c, brief("a"), item("b", []byte("B")))
		awaitGone(t, c, "a")
		wantItems(t, c, []engine.CacheItem{item("b", []byte("B"))})
	}},
	{"a longer one takes the place of a shorter", func(t *testing.T, c engine.Cache) {
		save(t, c, brief("a"), brief("mark"))
		save(t, c, item("a", []byte("A")))
		awaitGone(t, c, "mark")
		wantItems(t, c, []engine.CacheItem{item("a", []byte("A"))})
	}},
	{"a shorter one takes the place of a longer", func(t *testing.T, c engine.Cache) {
		save(t, c, item("a", []byte("A")))
		save(t, c, brief("a"))
		awaitGone(t, c, "a")
	}},
	{"the shortest is as good as over", func(t *testing.T, c engine.Cache) {
		save(t, c, engine.CacheItem{Key: "a", Value: []byte("A"), TTL: 1})
		awaitGone(t, c, "a")
	}},
	{"years are no trouble", func(t *testing.T, c engine.Cache) {
		years := item("a", []byte("A"))
		years.TTL = 100 * 365 * 24 * time.Hour
		save(t, c, years)
		wantItems(t, c, []engine.CacheItem{years})
	}},
}

// item lives longer than the test.
func item(key string, value []byte) engine.CacheItem {
	return engine.CacheItem{Key: key, Value: value, TTL: time.Hour + 2500*time.Microsecond}
}

// brief doesn't.
func brief(key string) engine.CacheItem {
	return engine.CacheItem{Key: key, Value: []byte("brief"), TTL: 20 * time.Millisecond}
}

func randomBytes(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func save(t *testing.T, c engine.Cache, items ...engine.CacheItem) {
	t.Helper()
	if err := c.Save(t.Context(), items); err != nil {
		t.Fatalf("save: %v", err)
	}
}

func load(t *testing.T, c engine.Cache, keys ...string) [][]byte {
	t.Helper()
	values, err := c.Load(t.Context(), keys)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if len(values) != len(keys) {
		t.Fatalf("load: %d values of %d keys", len(values), len(keys))
	}
	return values
}

// wantItems loads the items' keys and checks each value.
func wantItems(t *testing.T, c engine.Cache, items []engine.CacheItem) {
	t.Helper()
	keys := make([]string, len(items))
	for i := range items {
		keys[i] = items[i].Key
	}
	for i, value := range load(t, c, keys...) {
		if value == nil || !slices.Equal(value, items[i].Value) {
			t.Errorf("%q: got %q, want %q", keys[i], value, items[i].Value)
		}
	}
}

func awaitGone(t *testing.T, c engine.Cache, key string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		values, err := c.Load(ctx, []string{key})
		if err != nil {
			t.Fatalf("%q is still there: %v", key, err)
		}
		if values[0] == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
