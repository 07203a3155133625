package memory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// pages is how many relationships an edition has, of which each commit replaces
// all, so that a read which mixes two revisions shows it.
const pages = 60

// published are the revisions that readers may ask for, and which edition each has.
type published struct {
	mu        sync.Mutex
	revisions []datastore.Revision // guarded by mu; the n-th has edition n
}

func (p *published) add(rev datastore.Revision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revisions = append(p.revisions, rev)
}

// recent is one of the last few revisions, and its edition: some of them are
// within the window and some aren't.
func (p *published) recent(rng *rand.Rand) (datastore.Revision, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := max(0, len(p.revisions)-1-rng.IntN(5))
	return p.revisions[n], n
}

// Readers of old revisions read exactly them or are refused, while writers
// overwrite and a collector takes away what they read.
func TestReadersUnderCollection(t *testing.T) {
	ds, commits := open(t, &memory.Options{Window: time.Millisecond}), times(4_000, 300)
	var all published
	all.add(replaceEdition(t, ds, 0))
	var group sync.WaitGroup
	var over atomic.Bool
	var exact, stale atomic.Int64
	for seed := range uint64(4) {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(seed, seed))
			for !over.Load() {
				rev, n := all.recent(rng)
				if readEdition(t, ds, rev, n) {
					exact.Add(1)
				} else {
					stale.Add(1)
				}
			}
		})
	}
	group.Go(func() {
		for !over.Load() {
			ds.Collect()
		}
	})
	for n := 1; n <= commits; n++ {
		all.add(replaceEdition(t, ds, n))
	}
	over.Store(true)
	group.Wait()
	t.Logf("%d reads were exact, %d refused", exact.Load(), stale.Load())
	if exact.Load() == 0 {
		t.Error("no read succeeded")
	}
}

// replaceEdition deletes the last edition and writes the next.
func replaceEdition(t *testing.T, ds *memory.Datastore, n int) datastore.Revision {
	t.Helper()
	all := updates()
	for i := range pages {
		if n > 0 {
			all = append(all, tuple.Delete(page(i, n-1)))
		}
		all = append(all, tuple.Create(page(i, n)))
	}
	return write(t, ds, all...)
}

// page is the i-th relationship of the n-th edition.
func page(i, n int) tuple.Relationship {
	return relationship(tuple.ONR("page", fmt.Sprintf("p%02d", i), "edition"), tuple.ONR("number", fmt.Sprint(n), tuple.Ellipsis))
}

// readEdition tells whether a revision was read, which has to be exact, or
// refused, as too old.
func readEdition(t *testing.T, ds *memory.Datastore, rev datastore.Revision, n int) bool {
	t.Helper()
	got, err := read(t.Context(), ds.SnapshotReader(rev), datastore.RelationshipsFilter{OptionalResourceType: "page"})
	if isStale(err) {
		return false
	}
	if err != nil {
		t.Errorf("at %s: %v", rev, err)
		return false
	}
	ends := fmt.Sprintf("@number:%d", n)
	if len(got) != pages || slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, ends) }) {
		t.Errorf("at %s: want %d pages of edition %d, got %d: %q", rev, pages, n, len(got), got)
	}
	return true
}

// A Watch that lags behind what is collected goes on without a gap or ends with
// the error that says there would be one.
func TestWatchUnderCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const window = time.Minute
		ds := open(t, &memory.Options{Window: window})
		changes, errs := ds.Watch(t.Context(), head(t, ds), datastore.WatchOptions{
			Content: relationships, WatchBufferLength: 2, WatchBufferWriteTimeout: 100 * window,
		})
		var want []string
		for i := range 50 {
			want = append(want, numbered(t, ds, i).String())
			time.Sleep(window / 10)
		}
		time.Sleep(2 * window)
		want = append(want, numbered(t, ds, 50).String())
		ds.Collect()
		var got []string
		for len(got) < len(want) {
			c, ok := <-changes
			if !ok {
				if err := <-errs; !isStale(err) {
					t.Errorf("after %d events: want the revision to be stale, got %v", len(got), err)
				}
				break
			}
			got = append(got, c.Revision.String())
		}
		if diff := cmp.Diff(want[:len(got)], got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
