package memory_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
	"github.com/portico-authz/portico/engine/enginetest"
)

const (
	loaded       = 100_000
	perLoaded    = 400 // bytes that a relationship may take, with its indexes
	rewritten    = 1_000_000
	perRewriting = 10 // relationships in a transaction
)

// Memory follows what there is, not what there was: after a million writes, the
// window and a collection, a datastore takes at most twice a fresh one.
func TestHeap(t *testing.T) {
	if testing.Short() || enginetest.UnderRace {
		t.Skip("a heap of this size takes too long to fill")
	}
	synctest.Test(t, func(t *testing.T) {
		const window = time.Hour
		base := heap()
		fresh := open(t, &memory.Options{Window: window, Interval: 10 * window})
		load(t, fresh)
		freshHeap := heap() - base
		t.Logf("fresh: %d bytes, %d a relationship", freshHeap, freshHeap/loaded)
		if freshHeap/loaded > perLoaded {
			t.Errorf("fresh: %d bytes a relationship, want at most %d", freshHeap/loaded, perLoaded)
		}

		base = heap()
		used := open(t, &memory.Options{Window: window, Interval: 10 * window})
		load(t, used)
		rewrite(t, used)
		full := heap() - base
		time.Sleep(2 * window)
		write(t, used, touch("account:end#client@client:end"))
		used.Collect()
		usedHeap := heap() - base
		t.Logf("used: %d bytes with what was overwritten, %d after the collection", full, usedHeap)
		if usedHeap > 2*freshHeap {
			t.Errorf("used: %d bytes, fresh: %d", usedHeap, freshHeap)
		}
		runtime.KeepAlive(fresh)
		runtime.KeepAlive(used)
	})
}

// heap is how many bytes live; it collects twice, because what pools hold
// survives one collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// agencyRelationship is the n-th relationship of a partner with accounts, clients and
// staff: one in ten says whose account it is, two in ten who serves a client, the
// rest who is staff.
func agencyRelationship(n int) tuple.Relationship {
	partner := fmt.Sprintf("acme%d", n/1000)
	account, client := fmt.Sprintf("%s/retail-%d", partner, n%1000), fmt.Sprintf("%s/client-%d", partner, n%1000/4)
	var resource, subject tuple.ObjectAndRelation
	switch n % 10 {
	case 0:
		resource, subject = tuple.ONR("account", account, "client"), tuple.ONR("client", client, tuple.Ellipsis)
	case 1, 2:
		resource, subject = tuple.ONR("client", client, "staff"), tuple.ONR("staff", fmt.Sprintf("%s/staff-%d", partner, n%1000), "user")
	default:
		resource = tuple.ONR("staff", fmt.Sprintf("%s/staff-%d", partner, n%1000/8), "user")
		subject = tuple.ONR("user", fmt.Sprintf("%s/user-%d", partner, n%1000), tuple.Ellipsis)
	}
	return relationship(resource, subject)
}

func load(t *testing.T, ds *memory.Datastore) {
	t.Helper()
	const batch = 1_000
	for n := 0; n < loaded; n += batch {
		all := updates()
		for i := range batch {
			all = append(all, tuple.Create(agencyRelationship(n+i)))
		}
		write(t, ds, all...)
	}
	all, err := texts(ds.SnapshotReader(head(t, ds)).QueryRelationships(t.Context(), datastore.RelationshipsFilter{}))
	if err != nil || len(all) != loaded {
		t.Fatalf("loaded %d relationships of %d, %v", len(all), loaded, err)
	}
}

// rewrite writes each relationship again and again: with an end, without,
// deleted, and created anew, which it is when rewrite is done.
func rewrite(t *testing.T, ds *memory.Datastore) {
	t.Helper()
	var group sync.WaitGroup
	const share = loaded / writers
	for w := range writers {
		group.Go(func() {
			for n := range rewritten / writers / perRewriting {
				first := w*share + (n/4*perRewriting)%share
				if _, err := commit(t.Context(), ds, rewriting(first, n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// rewriting is the n-th rewrite of the relationships from the first on.
func rewriting(first, n int) []tuple.RelationshipUpdate {
	all := make([]tuple.RelationshipUpdate, 0, perRewriting)
	for i := range perRewriting {
		rel := agencyRelationship(first + i)
		switch n % 4 {
		case 0:
			end := time.Date(2300, 1, 1, 0, 0, n, 0, time.UTC)
			rel.OptionalExpiration = &end
			all = append(all, tuple.Touch(rel))
		case 2:
			all = append(all, tuple.Delete(rel))
		default:
			all = append(all, tuple.Touch(rel))
		}
	}
	return all
}
