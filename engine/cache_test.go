package engine_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// cached is a firm where vic is on the folder retail, and a replica with a cache.
type cached struct {
	*bench
	owner    string
	replica  *engine.Engine // the first of the replicas
	replicas []*engine.Engine
	cache    *enginetest.MemoryCache
}

func newCached(t *testing.T) *cached {
	t.Helper()
	b, owner := vicsFolder(t)
	c := &cached{bench: b, owner: owner, cache: &enginetest.MemoryCache{Clock: b.clock}}
	c.replica = c.another(t)
	return c
}

// another returns one more replica with the same cache.
func (c *cached) another(t *testing.T) *engine.Engine {
	t.Helper()
	e, _ := c.newReplica(t, agency(t), engine.Options{Cache: c.cache})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.replicas = append(c.replicas, e)
	return e
}

// wants checks vic's access and where the answer comes from.
func (c *cached) wants(t *testing.T, e *engine.Engine, want engine.Decision, from engine.Source) {
	t.Helper()
	a, err := e.Check(t.Context(), vicsAccess(), engine.Consistency{})
	if err != nil || a.Decision != want || a.Source != from {
		t.Errorf("got %s from %s, %v; want %s from %s", a.Decision, a.Source, err, want, from)
	}
}

// settled waits until what was decided is remembered: n decisions.
func (c *cached) settled(t *testing.T, n int) {
	t.Helper()
	await(t, "the cache to learn", func() bool {
		return !slices.ContainsFunc(c.replicas, func(e *engine.Engine) bool { return e.SavesUnderWay() > 0 })
	})
	if items := len(c.cache.Items()); items != n {
		t.Fatalf("%d decisions are remembered, want %d", items, n)
	}
}

func TestCacheAnswersForItsEpochOnly(t *testing.T) {
	c := newCached(t)
	c.wants(t, c.replica, engine.Allow, engine.FromGraph)
	c.settled(t, 1)
	c.wants(t, c.replica, engine.Allow, engine.FromCache)
	c.wants(t, c.another(t), engine.Allow, engine.FromCache)
	if a, err := c.replica.Check(t.Context(), vicsAccess(), engine.Consistency{Mode: engine.Full}); err != nil || a.Source != engine.FromGraph {
		t.Errorf("full: from %s, %v", a.Source, err)
	}
	c.must(t, c.owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	c.wants(t, c.replica, engine.Deny, engine.FromGraph)
	c.settled(t, 2)
	c.wants(t, c.replica, engine.Deny, engine.FromCache)
}

// TestCacheTellsRequestsApart: whatever two requests differ in, they have two
// values.
func TestCacheTellsRequestsApart(t *testing.T) {
	c := newCached(t)
	c.firm(t, "bolt")
	c.must(t, "bolt-ana", &engine.CreateClient{Partner: "bolt", Client: "retail", Title: "Retail"})
	queries := []engine.Query{vicsAccess()}
	for _, edit := range []func(*engine.Query){
		func(q *engine.Query) { q.Resource = schema.Obj("client", "bolt", "retail") },
		func(q *engine.Query) { q.Resource = schema.Obj("client", "acme", "retai") },
		func(q *engine.Query) { q.Permission = "oversee" },
		func(q *engine.Query) { q.Subject = schema.Subject{Object: schema.User("vi")} },
		func(q *engine.Query) {
			q.Subject = schema.Subject{Object: schema.Obj("staff", "acme", "vic"), Relation: "user"}
		},
	} {
		q := vicsAccess()
		edit(&q)
		queries = append(queries, q)
	}
	graph, err := c.replica.CheckBulk(t.Context(), queries, engine.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	c.settled(t, len(queries))
	remembered, err := c.replica.CheckBulk(t.Context(), queries, engine.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range remembered {
		if a.Source != engine.FromCache || a.Decision != graph[i].Decision {
			t.Errorf("%+v: %s from %s, want %s", a.Query, a.Decision, a.Source, graph[i].Decision)
		}
	}
	for _, item := range c.cache.Items() {
		for _, word := range []string{"acme", "bolt", "vic", "retail"} {
			if strings.Contains(item.Key+string(item.Value), word) {
				t.Errorf("the cache can read %q", word)
			}
		}
	}
}

// TestCacheIsNotBelieved: a value that was changed in any bit, cut, moved to
// another key, or sealed with a key that nobody knows gives no answer.
func TestCacheIsNotBelieved(t *testing.T) {
	c := newCached(t)
	denied := vicsAccess()
	denied.Subject = schema.Subject{Object: schema.User("eve")}
	queries := []engine.Query{vicsAccess(), denied}
	if _, err := c.replica.CheckBulk(t.Context(), queries, engine.Consistency{}); err != nil {
		t.Fatal(err)
	}
	c.settled(t, 2)
	items := c.cache.Items()
	edits := map[string]func(string, []byte) []byte{
		"moved": func(key string, _ []byte) []byte {
			return items[slices.IndexFunc(items, func(i engine.CacheItem) bool { return i.Key != key })].Value
		},
		"cut":   func(_ string, v []byte) []byte { return v[:len(v)-1] },
		"long":  func(_ string, v []byte) []byte { return append(bytes.Clone(v), 0) },
		"empty": func(string, []byte) []byte { return []byte{} },
	}
	for bit := range 8 * len(items[0].Value) {
		edits["bit "+string(rune('0'+bit%8))+" of byte "+string(rune('A'+bit/8))] = func(_ string, v []byte) []byte {
			v = bytes.Clone(v)
			v[bit/8] ^= 1 << (bit % 8)
			return v
		}
	}
	for name, edit := range edits {
		c.cache.Edit(edit)
		answers, err := c.replica.CheckBulk(t.Context(), queries, engine.Consistency{})
		if err != nil {
			t.Fatal(err)
		}
		if answers[0].Decision != engine.Allow || answers[1].Decision != engine.Deny || answers[0].Source != engine.FromGraph {
			t.Errorf("%s: vic %s from %s, eve %s", name, answers[0].Decision, answers[0].Source, answers[1].Decision)
		}
	}
	const ofNobodysKey = 8 * 4 // an edit of a key's name may be a key that isn't known here yet
	if s := c.replica.Stats(); s.CacheRefused != int64(2*(len(edits)-ofNobodysKey)) {
		t.Errorf("%d values refused of %d", s.CacheRefused, 2*len(edits))
	}
}

// TestCacheRefusesNothingOfOurs: what a replica has sealed isn't taken for a
// forgery, neither until its very end nor where the key isn't known yet.
func TestCacheRefusesNothingOfOurs(t *testing.T) {
	c := newCached(t)
	idle := c.another(t)
	c.clock.turn(25*time.Hour + time.Second/2 - time.Duration(c.clock.Now().Nanosecond()))
	if err := c.replica.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.wants(t, c.replica, engine.Allow, engine.FromGraph)
	c.settled(t, 1)
	c.wants(t, idle, engine.Allow, engine.FromGraph)
	c.settled(t, 1)
	c.clock.turn(c.cache.Items()[0].TTL - time.Second/4)
	wantAnswer(t, idle, engine.Consistency{}, engine.Allow) // of the cache, if we are quick
	for _, e := range c.replicas {
		if s := e.Stats(); s.CacheRefused > 0 {
			t.Errorf("%d refused", s.CacheRefused)
		}
	}
}

// TestCacheForgetsWithTheNextExpiry: no decision of a partner is remembered
// beyond the moment at which one of its grants ends.
func TestCacheForgetsWithTheNextExpiry(t *testing.T) {
	c := newCached(t)
	until := c.clock.Now().Add(10 * time.Minute)
	c.must(t, c.owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic", ExpiresAt: until})
	c.wants(t, c.replica, engine.Allow, engine.FromGraph)
	c.settled(t, 1)
	if ttl := c.cache.Items()[0].TTL; ttl > 10*time.Minute {
		t.Errorf("kept for %s", ttl)
	}
	c.clock.turn(9 * time.Minute)
	c.wants(t, c.replica, engine.Allow, engine.FromCache)
	c.clock.turn(time.Minute)
	c.wants(t, c.replica, engine.Deny, engine.FromGraph)
}

// TestCacheOutOfReach: without it, answers come from the graph, and it keeps
// nothing from starting.
func TestCacheOutOfReach(t *testing.T) {
	c := newCached(t)
	c.cache.Break(errors.New("gone"))
	c.wants(t, c.replica, engine.Allow, engine.FromGraph)
	c.wants(t, c.another(t), engine.Allow, engine.FromGraph)
	if s := c.replica.Stats(); s.CacheFailures == 0 {
		t.Error("no failure was counted")
	}
	c.settled(t, 0)
	c.cache.Break(nil)
	c.wants(t, c.replica, engine.Allow, engine.FromGraph)
	c.settled(t, 1)
	c.wants(t, c.replica, engine.Allow, engine.FromCache)
}

// TestSealKeysRotate: after a day decisions are sealed with another key, and
// those of the day before are still good; on all replicas.
func TestSealKeysRotate(t *testing.T) {
	c := newCached(t)
	idle := c.another(t)
	maintain := func(e *engine.Engine) {
		t.Helper()
		if err := e.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	keyOf := func(v []byte) string { return string(v[1:5]) }
	used := map[string]bool{}
	for day := range 4 {
		if day > 0 {
			maintain(c.replica)
			maintain(idle)
		}
		// Another operation makes another epoch, so that there's something to seal.
		c.must(t, c.owner, &engine.CreateClient{Partner: "acme", Title: "Day " + string(rune('0'+day))})
		c.cache.Forget()
		c.wants(t, c.replica, engine.Allow, engine.FromGraph)
		c.settled(t, 1)
		used[keyOf(c.cache.Items()[0].Value)] = true
		c.wants(t, idle, engine.Allow, engine.FromCache)
		c.clock.turn(25 * time.Hour)
	}
	if len(used) != 4 {
		t.Errorf("%d keys on 4 days", len(used))
	}
}
