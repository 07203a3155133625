package memory_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// Within the window every revision is read as it was; what was overwritten
// before it is refused, by every kind of read.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const window, commits, every = 50 * time.Second, 100, time.Second
		ds := open(t, &memory.Options{Window: window})
		var written []datastore.Revision
		for i := range commits {
			if i > 0 {
				time.Sleep(every)
			}
			written = append(written, write(t, ds, remove(version(i-1)), create(version(i))))
		}
		for range 3 {
			ds.Collect()
			for i, rev := range written {
				overwritten := time.Duration(commits-2-i) * every // how long ago
				switch written := overwritten + every; {
				case overwritten > window:
					refused(t, ds, rev)
				case written < window:
					expect(t, ds, rev, version(i))
				}
			}
		}
	})
}

// The wall clock has no say in what is too old, whichever way it steps.
func TestWindowIgnoresTheWallClock(t *testing.T) {
	for name, step := range map[string]time.Duration{"forward": 100 * time.Hour, "back": -100 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := newWall(time.Now())
				ds := open(t, &memory.Options{Window: time.Hour, Now: clock.Now})
				old := write(t, ds, create(version(0)))
				clock.step(step)
				rev := write(t, ds, remove(version(0)), create(version(1)))
				ds.Collect()
				expect(t, ds, old, version(0))
				if err := ds.CheckRevision(t.Context(), old); err != nil {
					t.Errorf("check: %v", err)
				}
				time.Sleep(2 * time.Hour)
				ds.Collect()
				refused(t, ds, old)
				expect(t, ds, rev, version(1))
			})
		})
	}
}

func version(i int) string { return fmt.Sprintf("account:a#version@number:%d", i) }

// refused proves that a revision can't be used.
func refused(t *testing.T, ds *memory.Datastore, rev datastore.Revision) {
	t.Helper()
	ctx, r := t.Context(), ds.SnapshotReader(rev)
	_, forward := texts(r.QueryRelationships(ctx, on("account", "a")))
	_, reverse := texts(r.ReverseQueryRelationships(ctx, datastore.SubjectsFilter{SubjectType: "number"}))
	_, namespaces := r.LegacyListAllNamespaces(ctx)
	_, caveats := r.LegacyListAllCaveats(ctx)
	_, stored := r.ReadStoredSchema(ctx)
	_, counters := r.LookupCounters(ctx)
	for name, err := range map[string]error{
		"check": ds.CheckRevision(ctx, rev), "query": forward, "reverse query": reverse,
		"namespaces": namespaces, "caveats": caveats, "stored schema": stored, "counters": counters,
	} {
		if !isStale(err) {
			t.Errorf("%s at %s: want it to be stale, got %v", name, rev, err)
		}
	}
}

// Nobody has to ask for a collection.
func TestCollectsInTheBackground(t *testing.T) {
	for name, opts := range map[string]*memory.Options{
		"by default":        {},
		"window":            {Window: time.Hour},
		"window, intervals": {Window: time.Hour, Interval: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ds := open(t, opts)
				old := write(t, ds, create(version(0)))
				write(t, ds, remove(version(0)), create(version(1)))
				time.Sleep(100 * time.Hour)
				refused(t, ds, old)
				expect(t, ds, head(t, ds), version(1))
			})
		})
	}
}

// Head was overwritten by nothing, so it stays, however old it is.
func TestHeadIsNeverTooOld(t *testing.T) {
	for name, opts := range map[string]*memory.Options{
		"head always": {Window: time.Hour},
		"quantised":   {Window: time.Hour, Quantization: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ds := open(t, opts)
				write(t, ds, create(version(0)))
				rev := write(t, ds, remove(version(0)), create(version(1)))
				time.Sleep(1000 * time.Hour)
				ds.Collect()
				if err := ds.CheckRevision(t.Context(), rev); err != nil {
					t.Errorf("check: %v", err)
				}
				expect(t, ds, rev, version(1))
				expect(t, ds, head(t, ds), version(1))
				optimized, err := ds.OptimizedRevision(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				expect(t, ds, optimized.Revision, version(1))
				later := write(t, ds, create(version(2)))
				expect(t, ds, later, version(1), version(2))
			})
		})
	}
}

// A quantised revision is one that can be read, and at most a quantum behind.
func TestOptimizedRevisionStaysInTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const window, quantum = 10 * time.Second, 5 * time.Second
		ds := open(t, &memory.Options{Window: window, Quantization: quantum})
		firm := head(t, ds) // the last revision that is a quantum old
		for i := range 100 {
			rev := write(t, ds, remove(version(i-1)), create(version(i)))
			for range i % 5 {
				time.Sleep(3 * time.Second)
				ds.Collect()
				optimized, err := ds.OptimizedRevision(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got, err := read(t.Context(), ds.SnapshotReader(optimized.Revision), on("account", "a"))
				if err != nil || len(got) > 1 || optimized.Revision.GreaterThan(rev) || optimized.Revision.LessThan(firm) {
					t.Fatalf("optimized %s, from %s to %s: %v, %v", optimized.Revision, firm, rev, got, err)
				}
			}
			if i%5 >= 2 {
				firm = rev
			}
		}
	})
}

// An iteration that began in time goes on exactly or says that it can't; what
// is collected under it never goes missing in silence.
func TestCollectionUnderAnIteration(t *testing.T) {
	for name, query := range map[string]func(*testing.T, datastore.Reader) (datastore.RelationshipIterator, error){
		"unsorted":    forward(options.Unsorted),
		"by resource": forward(options.ByResource),
		"by subject":  forward(options.BySubject),
		"reverse": func(t *testing.T, r datastore.Reader) (datastore.RelationshipIterator, error) {
			return r.ReverseQueryRelationships(t.Context(), datastore.SubjectsFilter{SubjectType: "client"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { collectedUnder(t, query) })
		})
	}
}

func forward(order options.SortOrder) func(*testing.T, datastore.Reader) (datastore.RelationshipIterator, error) {
	return func(t *testing.T, r datastore.Reader) (datastore.RelationshipIterator, error) {
		return r.QueryRelationships(t.Context(), datastore.RelationshipsFilter{OptionalResourceType: "account"}, options.WithSort(order))
	}
}

func collectedUnder(t *testing.T, query func(*testing.T, datastore.Reader) (datastore.RelationshipIterator, error)) {
	const window, many = time.Minute, 4_000
	ds := open(t, &memory.Options{Window: window})
	var rev datastore.Revision
	want := map[string]bool{}
	for i := range many / 100 {
		batch := updates()
		for j := range 100 {
			text := fmt.Sprintf("account:%d#client@client:%d", (i*100+j)%1000, i)
			batch, want[text] = append(batch, create(text)), true
		}
		rev = write(t, ds, batch...)
	}
	it, err := query(t, ds.SnapshotReader(rev))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for rel, err := range it {
		if isStale(err) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		text := tuple.MustString(rel)
		if got[text] {
			t.Fatalf("%s comes twice", text)
		}
		if got[text] = true; len(got) == many/4 {
			replaceAll(t, ds, want)
			time.Sleep(2 * window)
			write(t, ds, touch("other:o#client@client:c"))
			ds.Collect()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// replaceAll deletes all that there is, touches half of it anew with a caveat,
// and adds other relationships to the same resources.
func replaceAll(t *testing.T, ds *memory.Datastore, there map[string]bool) {
	t.Helper()
	gone, back := updates(), updates()
	for text := range there {
		gone = append(gone, remove(text))
		if len(gone)%2 == 0 {
			back = append(back, touch(text+"[office]"), touch(text+"0"))
		}
	}
	write(t, ds, gone...)
	write(t, ds, back...)
}

// With Lasting, a revision lasts the window from the next commit on, rather than
// from its own.
func TestLasting(t *testing.T) {
	for _, lasting := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const window = time.Hour
			ds := open(t, &memory.Options{Window: window, Lasting: lasting})
			rev := write(t, ds, touch("account:a#client@client:c"))
			time.Sleep(2 * window)
			write(t, ds, remove("account:a#client@client:c"))
			if err := ds.CheckRevision(t.Context(), rev); (err == nil) != lasting {
				t.Errorf("lasting=%v, just overwritten: %v", lasting, err)
			}
			time.Sleep(window + time.Second)
			if err := ds.CheckRevision(t.Context(), rev); err == nil {
				t.Errorf("lasting=%v: it never ends", lasting)
			}
		})
	}
}
