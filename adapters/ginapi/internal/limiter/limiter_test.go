package limiter_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/ginapi/internal/limiter"
)

// clock is a time that tests move.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time                       { return time.Unix(0, c.now.Load()) }
func (c *clock) pass(d time.Duration)                 { c.now.Add(int64(d)) }
func (c *clock) table(l limiter.Limit) *limiter.Table { return limiter.New(l, 100, c) }

// ask acquires and releases at once.
func ask(table *limiter.Table, names ...string) *limiter.Refusal {
	grant, refusal := table.Acquire(names...)
	if refusal == nil {
		grant.Release()
	}
	return refusal
}

func TestRate(t *testing.T) {
	type step struct {
		pass time.Duration
		name string
		wait time.Duration // zero: granted
	}
	const ms = time.Millisecond
	tests := map[string]struct {
		limit limiter.Limit
		steps []step
	}{
		"two a second, the burst of which is two": {limiter.Limit{Rate: 2}, []step{
			{0, "a", 0}, {0, "a", 0}, {0, "a", 500 * ms}, {200 * ms, "a", 300 * ms}, {300 * ms, "a", 0}, {0, "a", 500 * ms},
		}},
		"names don't share": {limiter.Limit{Rate: 1}, []step{{0, "a", 0}, {0, "b", 0}, {0, "a", 1000 * ms}}},
		"a burst, and then slowly": {limiter.Limit{Rate: 10, Burst: 3}, []step{
			{0, "a", 0},
			{0, "a", 0},
			{0, "a", 0},
			{0, "a", 100 * ms},
			{100 * ms, "a", 0},
			{0, "a", 100 * ms},
			{time.Hour, "a", 0},
			{0, "a", 0},
			{0, "a", 0},
			{0, "a", 100 * ms},
		}},
		"less than one a second": {limiter.Limit{Rate: 0.1}, []step{{0, "a", 0}, {0, "a", 10 * time.Second}, {10 * time.Second, "a", 0}}},
		"hardly ever":            {limiter.Limit{Rate: 1e-12}, []step{{0, "a", 0}, {0, "a", 24 * time.Hour}}},
		"none":                   {limiter.Limit{Burst: 1}, []step{{0, "a", 0}, {0, "a", 0}, {0, "a", 0}}},
		"a clock that steps back gives nothing away": {limiter.Limit{Rate: 1}, []step{
			{0, "a", 0}, {-time.Hour, "a", time.Second}, {0, "a", time.Second},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			table := c.table(test.limit)
			for i, s := range test.steps {
				c.pass(s.pass)
				var wait time.Duration
				if refusal := ask(table, s.name); refusal != nil {
					wait = refusal.Wait
				}
				if (wait - s.wait).Abs() > time.Microsecond {
					t.Errorf("step %d: refused for %v, want %v", i, wait, s.wait)
				}
			}
		})
	}
}

func TestConcurrency(t *testing.T) {
	c := &clock{}
	table := c.table(limiter.Limit{Rate: 3, Concurrent: 2})
	first, _ := table.Acquire("a")
	second, _ := table.Acquire("a", "b")
	for range 5 { // they must not count for the rate
		if _, refusal := table.Acquire("b", "a"); refusal == nil || refusal.Reason != limiter.Concurrency {
			t.Fatalf("a third of a: got %v", refusal)
		}
	}
	second.Release()
	if refusal := ask(table, "a"); refusal != nil {
		t.Errorf("after one is done: got %v", refusal)
	}
	if refusal := ask(table, "a"); refusal == nil || refusal.Reason != limiter.Rate {
		t.Errorf("a fourth in the second: got %v", refusal)
	}
	if refusal := ask(table, "b"); refusal != nil {
		t.Errorf("what was refused for a counts for b: %v", refusal)
	}
	first.Release()
}

// TestRefund: what is given back can be had again, however much happened since.
func TestRefund(t *testing.T) {
	c := &clock{}
	table := c.table(limiter.Limit{Rate: 1, Burst: 3})
	grant, _ := table.Acquire("a")
	for range 2 {
		if refusal := ask(table, "a"); refusal != nil {
			t.Fatal(refusal)
		}
	}
	if refusal := ask(table, "a"); refusal == nil {
		t.Fatal("a fourth was granted")
	}
	grant.Refund()
	if refusal := ask(table, "a"); refusal != nil {
		t.Errorf("after a refund: got %v", refusal)
	}
	if refusal := ask(table, "a"); refusal == nil {
		t.Error("a refund gave two")
	}
	c.pass(time.Hour)
	for range 3 { // a full bucket doesn't overflow
		grant, _ := table.Acquire("a")
		grant.Refund()
	}
	granted := 0
	for ask(table, "a") == nil {
		granted++
	}
	if granted != 3 {
		t.Errorf("%d after refunds to a full bucket, want 3", granted)
	}
}

// TestMemory: names are forgotten when that loses nothing, and otherwise share
// one limit; more of them take no more room.
func TestMemory(t *testing.T) {
	c := &clock{}
	table := limiter.New(limiter.Limit{Rate: 1, Burst: 2}, 10, c)
	name := func(i int) string { return fmt.Sprint("name ", i) }
	for i := range 10 {
		if refusal := ask(table, name(i)); refusal != nil {
			t.Fatalf("%s: %v", name(i), refusal)
		}
	}
	granted := 0
	for i := range 1000 {
		if ask(table, name(100+i)) == nil {
			granted++
		}
	}
	if granted != 2 || table.Len() != 10 {
		t.Errorf("a full table: %d newcomers were granted, want 2; %d names are known", granted, table.Len())
	}
	if ask(table, name(0)) != nil || ask(table, name(0)) == nil {
		t.Error("newcomers changed what is known of the others")
	}
	c.pass(time.Second) // all but name 0 are full again
	if refusal := ask(table, name(50)); refusal != nil || table.Len() != 9 {
		t.Errorf("when others are idle: got %v, and %d names", refusal, table.Len())
	}
	if ask(table, name(0)) != nil || ask(table, name(0)) == nil {
		t.Error("a busy name was forgotten")
	}
}

// TestHeldIsRemembered: what is held is not forgotten, and hides nothing.
func TestHeldIsRemembered(t *testing.T) {
	c := &clock{}
	table := limiter.New(limiter.Limit{Concurrent: 1}, 20, c)
	var long []*limiter.Grant
	for i := range 15 {
		grant, _ := table.Acquire(fmt.Sprint("long ", i))
		long = append(long, grant)
	}
	for i := range 1000 {
		if refusal := ask(table, fmt.Sprint("short ", i)); refusal != nil {
			t.Fatalf("%d: %v", i, refusal)
		}
	}
	for i := range long {
		if ask(table, fmt.Sprint("long ", i)) == nil {
			t.Errorf("long %d was forgotten", i)
		}
	}
	for _, grant := range long {
		grant.Release()
	}
	if refusal := ask(table, "long 0"); refusal != nil {
		t.Errorf("after its release: %v", refusal)
	}
}

// TestAtOnce: however many ask at the same time, no more get a turn than there
// are, and every turn comes back.
func TestAtOnce(t *testing.T) {
	c := &clock{}
	table := c.table(limiter.Limit{Rate: 1000, Burst: 500, Concurrent: 4})
	var held, most, granted atomic.Int64
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range 200 {
				grant, refusal := table.Acquire("a", "b")
				if refusal != nil {
					continue
				}
				granted.Add(1)
				now := held.Add(1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				held.Add(-1)
				grant.Release()
			}
		})
	}
	wait.Wait()
	if most.Load() > 4 || granted.Load() > 500 {
		t.Errorf("%d at once, want 4 at most; %d in all, want 500 at most", most.Load(), granted.Load())
	}
	c.pass(time.Hour)
	for range 4 {
		if _, refusal := table.Acquire("a"); refusal != nil {
			t.Errorf("a turn was lost: %v", refusal)
		}
	}
}

type wall struct{}

func (wall) Now() time.Time { return time.Now() }

// BenchmarkAcquire is what the limits of a key and of a partner each cost a
// request.
func BenchmarkAcquire(b *testing.B) {
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprint("name ", i)
	}
	limit := limiter.Limit{Rate: 1e9, Concurrent: 1000}
	b.Run("one", func(b *testing.B) {
		table := limiter.New(limit, 65536, wall{})
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if ask(table, names[i%len(names)]) != nil {
				b.Fatal("refused")
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		table := limiter.New(limit, 65536, wall{})
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if ask(table, names[i%len(names)]) != nil {
					b.Error("refused")
				}
			}
		})
	})
	b.Run("many", func(b *testing.B) { // more names than are kept when idle
		table := limiter.New(limit, 65536, wall{})
		many := make([]string, 100_000)
		for i := range many {
			many[i] = fmt.Sprint("name ", i)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if ask(table, many[i%len(many)]) != nil {
				b.Fatal("refused")
			}
		}
	})
	b.Run("refused", func(b *testing.B) {
		table := limiter.New(limiter.Limit{Rate: 1e-6}, 65536, wall{})
		_ = ask(table, "a")
		b.ReportAllocs()
		for b.Loop() {
			if ask(table, "a") == nil {
				b.Fatal("granted")
			}
		}
	})
	b.Run("strangers", func(b *testing.B) { // the table is full, and nobody idle
		table := limiter.New(limiter.Limit{Rate: 1e-6, Burst: 1 << 30}, 500, wall{})
		for i := 0; b.Loop(); i++ {
			if ask(table, names[i%len(names)]) != nil {
				b.Fatal("refused")
			}
		}
	})
}
