package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// frozen is a clock that stands still until it is turned on. It is ahead of the
// system's, so that SpiceDB, which has that one, forgets nothing before we do.
type frozen struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *frozen) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *frozen) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// modelBench is one engine for all runs of a test.
type modelBench struct {
	*engine.Engine
	modelled modelled
	portal   *schema.Portal
	store    engine.Store
	post     *post
	clock    *frozen

	runs     int
	steps    int
	outcomes map[string]map[engine.Code]int // by operation, dry runs excepted
	began    time.Time
	failing  bool // a run has failed: those that follow shrink it
}

// newModelBench starts an engine for a portal, on a file in memory where there
// is such a thing: nothing here tests the disk.
func newModelBench(t *testing.T, p modelled) *modelBench {
	t.Helper()
	files, err := schema.Builtin(p.Portal)
	if err != nil {
		t.Fatal(err)
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/dev/shm", "portico-model-") //nolint:usetesting // falls back to it
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
	} else {
		dir = t.TempDir()
	}
	b := &modelBench{
		modelled: p, portal: portal, post: &post{}, outcomes: map[string]map[engine.Code]int{}, began: time.Now(),
		clock: &frozen{now: time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)},
	}
	graph := openGraph(t, 0)
	b.store = openStore(t, filepath.Join(dir, "portico.db"))
	b.Engine = engine.New(b.store, graph, portal, &engine.Options{Mailer: b.post, Clock: b.clock})
	t.Cleanup(func() {
		if err := cmp.Or(graph.Close(), b.store.Close()); err != nil {
			t.Error(err)
		}
	})
	if err := b.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

// world returns partners and persons that no run had before.
func (b *modelBench) world() *world {
	b.runs++
	w := &world{suffix: fmt.Sprintf("-r%d", b.runs), clock: b.clock, post: b.post}
	b.post.mu.Lock()
	b.post.sent = nil
	b.post.mu.Unlock()
	for i := range b.modelled.Partners {
		w.Partners = append(w.Partners, schema.Domain(fmt.Sprintf("p%d%s", i, w.suffix)))
	}
	for _, name := range b.modelled.Persons {
		w.Persons = append(w.Persons, w.Person(name))
	}
	return w
}

// finish verifies what all runs have written, and tells the figures.
func (b *modelBench) finish(t *testing.T) {
	t.Helper()
	if b.steps < *modelSteps {
		t.Errorf("only %d of %d steps were made", b.steps, *modelSteps)
	}
	b.progress(t)
	for _, d := range b.Operations() {
		t.Logf("%-24s %v", d.Name, b.outcomes[d.Name])
		if b.outcomes[d.Name][""] == 0 && b.steps >= 3000 {
			t.Errorf("%s was never applied: let the model draw it more often", d.Name)
		}
	}
	err := b.Verify(context.Background(), engine.Report, func(f engine.Findings) error {
		for _, problem := range f.Problems {
			t.Errorf("%s: %s", f.Domain, problem)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// count notes how an operation went.
func (b *modelBench) count(operation string, code engine.Code, how manner) {
	if how.dry {
		return
	}
	if b.outcomes[operation] == nil {
		b.outcomes[operation] = map[engine.Code]int{}
	}
	b.outcomes[operation][code]++
}

func (b *modelBench) progress(t *testing.T) {
	t.Helper()
	took, applied, refused := time.Since(b.began), 0, 0
	for _, codes := range b.outcomes {
		for code, n := range codes {
			if code == "" {
				applied += n
			} else {
				refused += n
			}
		}
	}
	t.Logf("%s: %d steps in %d runs, %d operations applied and %d refused, %s, %.0f a second",
		b.modelled.Portal, b.steps, b.runs, applied, refused, took.Round(time.Millisecond), float64(b.steps)/took.Seconds())
}
