package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// Writers that read and write the same few counters, each a relationship to a
// number, lose no update, and the Watch tells the counts one by one.
func TestNoLostUpdate(t *testing.T) {
	ds, each := open(t, nil), times(1_500, 150)
	names := []string{"a", "b", "c"}
	start := head(t, ds)
	for _, name := range names {
		write(t, ds, tuple.Create(count(name, 0)))
	}
	watched := watch(t, ds, start, relationships|checkpoints)

	acknowledged := make([]atomic.Int64, len(names))
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				which := (w + i) % len(names)
				if increased(t, ds, names[which]) {
					acknowledged[which].Add(1)
				}
			}
		})
	}
	group.Wait()
	end := write(t, ds, touch("counter:end#value@number:0"))
	changes := inOrder(t, watched.until(t, end))
	for i, name := range names {
		final := acknowledged[i].Load()
		holds(t, ds, name, final)
		countsUp(t, name, changes, final)
		if final*int64(len(names)) < int64(writers*each/2) {
			t.Errorf("counter %s: only %d of some %d increments came through", name, final, writers*each/len(names))
		}
	}
}

// count is the relationship that says how far a counter is.
func count(name string, n int64) tuple.Relationship {
	return relationship(tuple.ONR("counter", name, "value"), tuple.ONR("number", strconv.FormatInt(n, 10), tuple.Ellipsis))
}

// increased tells whether an increment was acknowledged. A conflict says that
// it wasn't done; any other failure is one of the test.
func increased(t *testing.T, ds *memory.Datastore, name string) bool {
	t.Helper()
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		n, err := value(ctx, rwt, name)
		if err != nil {
			return err
		}
		if err := rwt.WriteRelationships(ctx, updates(tuple.Delete(count(name, n)))); err != nil {
			return err
		}
		return rwt.WriteRelationships(ctx, updates(tuple.Create(count(name, n+1))))
	})
	if err != nil && !errors.Is(err, memory.ErrConflict) {
		t.Errorf("counter %s: %v", name, err)
	}
	return err == nil
}

// value is how far a counter is.
func value(ctx context.Context, r datastore.Reader, name string) (int64, error) {
	it, err := r.QueryRelationships(ctx, on("counter", name))
	if err != nil {
		return 0, err
	}
	all, err := datastore.IteratorToSlice(it)
	if err != nil {
		return 0, err
	}
	if len(all) != 1 {
		return 0, fmt.Errorf("counter %s has %d values: %v", name, len(all), all)
	}
	return strconv.ParseInt(all[0].Subject.ObjectID, 10, 64)
}

// holds proves that a counter has the value at head.
func holds(t *testing.T, ds *memory.Datastore, name string, want int64) {
	t.Helper()
	got, err := value(t.Context(), ds.SnapshotReader(head(t, ds)), name)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("counter %s: %d increments were acknowledged, it counts %d", name, want, got)
	}
}

// countsUp proves that each change of a counter goes from a number to the next.
func countsUp(t *testing.T, name string, changes []datastore.RevisionChanges, final int64) {
	t.Helper()
	var n int64
	for _, c := range changes {
		if c.RelationshipChanges[0].Relationship.Resource.ObjectID != name {
			continue
		}
		got := eventOf(c).Relationships
		if n == 0 && len(got) == 1 && got[0] == "TOUCH "+tuple.MustString(count(name, 0)) {
			continue
		}
		want := []string{"DELETE " + tuple.MustString(count(name, n)), "TOUCH " + tuple.MustString(count(name, n+1))}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Fatalf("counter %s, revision %s: want %q, got %q", name, c.Revision, want, got)
		}
		n++
	}
	if n != final {
		t.Errorf("counter %s: the watch counts to %d of %d", name, n, final)
	}
}
