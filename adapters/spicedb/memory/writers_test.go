package memory_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
	"github.com/portico-authz/portico/engine/enginetest"
)

const (
	writers = 8
	clients = 100 // that come and go in each writer's account
)

// times is how often something is done: in full, or a few times where that
// would take too long.
func times(full, short int) int {
	if testing.Short() || enginetest.UnderRace {
		return short
	}
	return full
}

// What is acknowledged is there: at its own revision and at any head after it,
// not before it, and once in the Watch; whatever others write meanwhile.
func TestWriters(t *testing.T) {
	ds, each := open(t, nil), times(12_000, 400)
	start := head(t, ds)
	watched := watch(t, ds, start, relationships|checkpoints)

	acknowledged := make([][]ack, writers)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			var err error
			acknowledged[w], err = writer{ds, fmt.Sprintf("w%d", w)}.run(t.Context(), each)
			if err != nil {
				t.Errorf("writer %d, write %d: %v", w, len(acknowledged[w]), err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	written := counted(t, start, acknowledged)
	end := write(t, ds, touch("account:end#client@client:end"))
	changes := inOrder(t, watched.until(t, end))
	delivered(t, written, changes[:len(changes)-1])
}

// ack is a write that was acknowledged.
type ack struct {
	revision int64
	change   string
}

// counted proves that each writer's revisions grow and that all revisions
// together count the commits: none twice and none without one.
func counted(t *testing.T, start datastore.Revision, acknowledged [][]ack) map[int64]string {
	t.Helper()
	written := map[int64]string{}
	for w, acks := range acknowledged {
		var last int64
		for _, a := range acks {
			if a.revision <= last {
				t.Errorf("writer %d: revision %d after %d", w, a.revision, last)
			}
			if twice, ok := written[a.revision]; ok {
				t.Errorf("revision %d is of %q and of %q", a.revision, twice, a.change)
			}
			written[a.revision], last = a.change, a.revision
		}
	}
	first, err := number(start)
	if err != nil {
		t.Fatal(err)
	}
	if highest := slices.Max(slices.Collect(maps.Keys(written))); highest != first+int64(len(written)) {
		t.Errorf("%d commits after revision %d led to revision %d", len(written), first, highest)
	}
	return written
}

// delivered proves that the Watch brought every write and nothing else.
func delivered(t *testing.T, written map[int64]string, changes []datastore.RevisionChanges) {
	t.Helper()
	if len(changes) != len(written) {
		t.Errorf("watch: %d revisions of %d", len(changes), len(written))
	}
	for _, c := range changes {
		n, err := number(c.Revision)
		if err != nil {
			t.Fatal(err)
		}
		if got := eventOf(c); len(got.Relationships) != 1 || got.Relationships[0] != written[n] {
			t.Fatalf("watch: revision %d: want %q, got %q", n, written[n], got.Relationships)
		}
	}
}

// writer writes the clients of an account that nobody else writes, so it knows
// what each of its revisions has to show.
type writer struct {
	ds      *memory.Datastore
	account string
}

// step is the n-th write and what the account has after it: a client comes, is
// touched with an end, and goes.
func (w writer) step(n int) (update tuple.RelationshipUpdate, after []string) {
	rel := relationship(tuple.ONR("account", w.account, "client"), tuple.ONR("client", fmt.Sprintf("c%d", n/3%clients), tuple.Ellipsis))
	if n%3 == 2 {
		return tuple.Delete(rel), nil
	}
	if n%3 == 1 {
		end := time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
		rel.OptionalExpiration = &end
	}
	return tuple.Touch(rel), []string{tuple.MustString(rel)}
}

func (w writer) run(ctx context.Context, n int) ([]ack, error) {
	acks := make([]ack, 0, n)
	var before []string
	for i := range n {
		update, after := w.step(i)
		rev, err := commit(ctx, w.ds, updates(update))
		if err != nil {
			return acks, err
		}
		if err := w.check(ctx, rev, before, after); err != nil {
			return acks, err
		}
		revision, err := number(rev)
		if err != nil {
			return acks, err
		}
		acks, before = append(acks, ack{revision, changeOf(update)}), after
	}
	return acks, nil
}

// check reads at the revision of a write, at head and just before the write.
func (w writer) check(ctx context.Context, rev datastore.Revision, before, after []string) error {
	now, err := w.ds.HeadRevision(ctx)
	if err != nil {
		return err
	}
	previous, err := shifted(w.ds, rev, -1)
	if err != nil {
		return err
	}
	return errors.Join(
		w.shows(ctx, "its own revision", rev, after),
		w.shows(ctx, "head right after it", now.Revision, after),
		w.shows(ctx, "the revision before it", previous, before),
	)
}

func (w writer) shows(ctx context.Context, when string, rev datastore.Revision, want []string) error {
	got, err := read(ctx, w.ds.SnapshotReader(rev), on("account", w.account))
	if err != nil {
		return fmt.Errorf("read at %s, %s: %w", when, rev, err)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("at %s, %s: want %q, got %q", when, rev, want, got)
	}
	return nil
}
