package memory_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// wall is a wall clock that stands still until it is stepped.
type wall struct{ nanos atomic.Int64 }

func newWall(at time.Time) *wall {
	w := &wall{}
	w.set(at)
	return w
}

func (w *wall) Now() time.Time       { return time.Unix(0, w.nanos.Load()).UTC() }
func (w *wall) set(at time.Time)     { w.nanos.Store(at.UnixNano()) }
func (w *wall) step(d time.Duration) { w.nanos.Add(int64(d)) }

// Revisions count commits whatever the wall clock does between them, so what is
// written after a step is later than what was written before it.
func TestClockSteps(t *testing.T) {
	for name, steps := range map[string][]time.Duration{
		"an hour back":               {-time.Hour},
		"an hour forward":            {time.Hour},
		"forward and back again":     {time.Hour, -time.Hour},
		"back and forward again":     {-time.Hour, time.Hour},
		"a nanosecond back, often":   {-1, -1, -1, -1, -1},
		"years back":                 {-20 * 365 * 24 * time.Hour},
		"back to before the epoch":   {-60 * 365 * 24 * time.Hour},
		"not at all":                 {0, 0, 0},
		"forward far, and back more": {10 * 365 * 24 * time.Hour, -30 * 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) { stepped(t, steps) })
	}
}

func stepped(t *testing.T, steps []time.Duration) {
	clock := newWall(noon)
	ds := open(t, &memory.Options{Now: clock.Now})
	start := head(t, ds)
	watched := watch(t, ds, start, relationships|checkpoints)

	var written []string
	last := start
	after := map[datastore.Revision][]string{}
	add := func() {
		text := fmt.Sprintf("account:a#client@client:c%d", len(written))
		rev := writeSeeing(t, ds, text, written)
		if !rev.GreaterThan(last) || !last.LessThan(rev) {
			t.Fatalf("revision %s after revision %s", rev, last)
		}
		if now := head(t, ds); !now.Equal(rev) {
			t.Fatalf("wrote revision %s, head is %s", rev, now)
		}
		written, last = append(written, text), rev
		after[rev] = append([]string(nil), written...)
	}
	add()
	for _, step := range steps {
		clock.step(step)
		add()
		add()
	}
	for rev, want := range after {
		expect(t, ds, rev, want...)
	}
	var got []string
	for _, c := range inOrder(t, watched.until(t, last)) {
		got = append(got, eventOf(c).Relationships...)
	}
	if diff := cmp.Diff(touches(written), got); diff != "" {
		t.Errorf("watch (-want +got):\n%s", diff)
	}
}

// writeSeeing creates a relationship in a transaction that has to see the
// others on account a.
func writeSeeing(t *testing.T, ds *memory.Datastore, text string, others []string) datastore.Revision {
	t.Helper()
	rev, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		seen, err := read(ctx, rwt, on("account", "a"))
		if err != nil {
			return err
		}
		if diff := cmp.Diff(others, seen); diff != "" {
			t.Errorf("in a transaction (-want +got):\n%s", diff)
		}
		return rwt.WriteRelationships(ctx, updates(create(text)))
	})
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func touches(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, "TOUCH "+text)
	}
	return all
}

// What has expired is decided by the wall clock when the reader is made or the
// transaction begins, forward and back, at head and at an older revision.
func TestExpiryFollowsTheClock(t *testing.T) {
	clock := newWall(noon)
	ds := open(t, &memory.Options{Now: clock.Now})
	const always, ends = "account:a#client@client:always", "account:a#client@client:ends[expiration:2024-02-29T12:30:00Z]"
	older := write(t, ds, touch(always), touch(ends))
	write(t, ds, touch("account:b#client@client:other"))

	for _, tt := range []struct {
		at   time.Duration
		want []string
	}{
		{0, []string{always, ends}},
		{30*time.Minute - 1, []string{always, ends}},
		{30*time.Minute + 1, []string{always}},
		{31 * time.Minute, []string{always}},
		{-time.Hour, []string{always, ends}},
		{24 * time.Hour, []string{always}},
		{29 * time.Minute, []string{always, ends}},
	} {
		t.Run(tt.at.String(), func(t *testing.T) {
			clock.set(noon.Add(tt.at))
			for name, r := range map[string]datastore.Reader{
				"head":           ds.SnapshotReader(head(t, ds)),
				"older revision": ds.SnapshotReader(older),
			} {
				shows(t.Context(), t, name, r, tt.want)
			}
			_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
				shows(ctx, t, "transaction", rwt, tt.want)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// shows compares what account a has, asked from both sides.
func shows(ctx context.Context, t *testing.T, name string, r datastore.Reader, want []string) {
	t.Helper()
	got, err := read(ctx, r, on("account", "a"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	var reverse []string
	for _, id := range []string{"always", "ends"} {
		found, err := texts(r.ReverseQueryRelationships(ctx, datastore.SubjectsFilter{
			SubjectType: "client", OptionalSubjectIds: []string{id},
		}))
		if err != nil {
			t.Fatalf("%s, reverse: %v", name, err)
		}
		reverse = append(reverse, found...)
	}
	if diff := cmp.Diff(want, reverse); diff != "" {
		t.Errorf("%s, reverse (-want +got):\n%s", name, diff)
	}
}

// A revision of an earlier life of the process isn't taken for one of this,
// whichever way the wall clock went in between.
func TestRevisionsOfAnEarlierLife(t *testing.T) {
	for name, step := range map[string]time.Duration{"later": time.Minute, "earlier": -time.Minute} {
		t.Run(name, func(t *testing.T) {
			clock := newWall(noon)
			old := write(t, open(t, &memory.Options{Now: clock.Now}), touch("account:a#client@client:c"))
			clock.step(step)
			ds := open(t, &memory.Options{Now: clock.Now})
			write(t, ds, touch("account:b#client@client:c"))
			if err := ds.CheckRevision(t.Context(), old); err == nil {
				t.Errorf("revision %s of another datastore passes for one of this, whose head is %s", old, head(t, ds))
			}
			if got, err := read(t.Context(), ds.SnapshotReader(old), on("account", "b")); err == nil {
				t.Errorf("read at revision %s of another datastore: %v", old, got)
			}
		})
	}
}
