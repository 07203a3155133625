package memory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

const (
	ana = "ward:w#oncall@user:ana"
	bob = "ward:w#oncall@user:bob"
)

// Two doctors are on call. Each may leave if the other stays; both look at the
// same time. Write skew would let both leave.
func TestWriteSkew(t *testing.T) {
	for name, tt := range map[string]struct {
		opts      []options.RWTOptionsOption
		conflicts int
	}{
		"without retries": {[]options.RWTOptionsOption{options.WithDisableRetries(true)}, 1},
		"with retries":    {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ds := open(t, nil)
			write(t, ds, touch(ana), touch(bob))
			look, conflicts := queries(on("ward", "w")), 0
			for _, err := range together(t, ds, tt.opts, parts{look, leaves(ana)}, parts{look, leaves(bob)}) {
				if errors.Is(err, memory.ErrConflict) {
					conflicts++
				} else if err != nil {
					t.Error(err)
				}
			}
			if conflicts != tt.conflicts {
				t.Errorf("want %d conflicts, got %d", tt.conflicts, conflicts)
			}
			left, err := read(t.Context(), ds.SnapshotReader(head(t, ds)), on("ward", "w"))
			if err != nil || len(left) != 1 {
				t.Errorf("want one doctor on call, got %q, %v", left, err)
			}
		})
	}
}

// leaves takes a doctor off call if somebody else is on.
func leaves(doctor string) datastore.TxUserFunc {
	return func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		oncall, err := read(ctx, rwt, on("ward", "w"))
		if err != nil || len(oncall) < 2 {
			return err
		}
		return rwt.WriteRelationships(ctx, updates(remove(doctor)))
	}
}

// parts are a transaction in two.
type parts struct{ first, then datastore.TxUserFunc }

// together runs transactions that have all done their first part before any
// does its second. When they are run again, they wait for nobody.
func together(t *testing.T, ds *memory.Datastore, opts []options.RWTOptionsOption, acts ...parts) []error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var met, group sync.WaitGroup
	met.Add(len(acts))
	errs := make([]error, len(acts))
	for i, a := range acts {
		group.Go(func() {
			var meet sync.Once
			_, errs[i] = ds.ReadWriteTx(ctx, func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
				if err := a.first(ctx, rwt); err != nil {
					return err
				}
				meet.Do(func() {
					met.Done()
					met.Wait()
				})
				return a.then(ctx, rwt)
			}, opts...)
		})
	}
	group.Wait()
	return errs
}

// Two who want to write what the other has written don't wait for each other
// for ever.
func TestWritersThatCross(t *testing.T) {
	ds := open(t, nil)
	x, y := "account:x#client@client:c", "account:y#client@client:c"
	for i, err := range together(t, ds, nil,
		parts{writes(touch(x + "[one]")), writes(touch(y + "[one]"))},
		parts{writes(touch(y + "[two]")), writes(touch(x + "[two]"))},
	) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	got := must(read(t.Context(), ds.SnapshotReader(head(t, ds)), datastore.RelationshipsFilter{OptionalResourceType: "account"}))
	if !slices.Equal(got, []string{x + "[one]", y + "[one]"}) && !slices.Equal(got, []string{x + "[two]", y + "[two]"}) {
		t.Errorf("want one to have the last word, got %q", got)
	}
}

// Of two who create the same relationship one is told that it exists.
func TestCreateOnce(t *testing.T) {
	ds := open(t, nil)
	const x = "account:x#client@client:c"
	errs := together(t, ds, nil, parts{writes(), writes(create(x))}, parts{writes(), writes(create(x + "[office]"))})
	want := x
	if errs[0] != nil {
		want, errs[0], errs[1] = x+"[office]", errs[1], errs[0]
	}
	if errs[0] != nil || !errors.As(errs[1], &datastore.CreateRelationshipExistsError{}) {
		t.Errorf("want one CreateRelationshipExistsError, got %v", errs)
	}
	expect(t, ds, head(t, ds), want)
}

// A transaction that doesn't look, but writes, conflicts with what is committed
// meanwhile or has the last word. It never counts as the later and yet shows
// what was there before it.
func TestTheLastWriteHolds(t *testing.T) {
	const x, never = "account:x#client@client:c", "account:x#client@client:never"
	for name, tt := range map[string]struct {
		before, other, mine tuple.RelationshipUpdate
		want                []string // if mine commits
	}{
		"touch of what is there, then deleted":   {touch(x), remove(x), touch(x), []string{x}},
		"touch of what is there, then changed":   {touch(x), touch(x + "[office]"), touch(x), []string{x}},
		"touch of what isn't there, then there":  {remove(x), touch(x + "[office]"), touch(x), []string{x}},
		"delete of what isn't there, then there": {remove(x), touch(x), remove(x), nil},
		"delete of what never was, then there":   {touch(x), touch(never), remove(never), []string{x}},
		"delete of what is there, then changed":  {touch(x), touch(x + "[office]"), remove(x), nil},
		"delete of what is there, then deleted":  {touch(x), remove(x), remove(x), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for retries, opts := range map[string][]options.RWTOptionsOption{
				"with retries": nil, "without retries": {options.WithDisableRetries(true)},
			} {
				ds := open(t, nil)
				write(t, ds, touch(x))
				write(t, ds, tt.before)
				_, err := between(t, ds, writes(tt.mine), writes(tt.other), opts...)
				if opts != nil && errors.Is(err, memory.ErrConflict) {
					continue
				}
				got, readErr := read(t.Context(), ds.SnapshotReader(head(t, ds)), on("account", "x"))
				if err != nil || readErr != nil || !slices.Equal(got, tt.want) {
					t.Errorf("%s: %v; want %q, got %q, %v", retries, err, tt.want, got, readErr)
				}
			}
		})
	}
}

// The doctors of a ward leave and come back all the time, each looking only
// whether another is there. At no revision is the ward empty.
func TestWardIsNeverEmpty(t *testing.T) {
	ds, each := open(t, nil), times(3_000, 300)
	start := head(t, ds)
	watched := watch(t, ds, start, relationships|checkpoints)
	write(t, ds, touch(ana), touch(bob))

	var group sync.WaitGroup
	for w := range writers {
		doctor := []string{ana, bob}[w%2]
		group.Go(func() {
			for range each {
				if err := leaveOrReturn(t.Context(), ds, doctor); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	present, left := map[string]tuple.Relationship{}, 0
	for _, c := range inOrder(t, watched.until(t, write(t, ds, touch("ward:end#oncall@user:end")))) {
		if apply(present, c.RelationshipChanges); len(present) == 0 {
			t.Fatalf("at %s the ward is empty", c.Revision)
		}
		if len(present) == 1 {
			left++
		}
	}
	if left == 0 {
		t.Error("nobody ever left")
	}
}

// leaveOrReturn lets a doctor who is there leave, if another stays, and one who
// isn't return. That it conflicts with too many others is no failure.
func leaveOrReturn(ctx context.Context, ds *memory.Datastore, doctor string) error {
	_, err := ds.ReadWriteTx(ctx, func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		oncall, err := read(ctx, rwt, on("ward", "w"))
		switch {
		case err != nil:
			return err
		case len(oncall) == 0:
			return fmt.Errorf("%s finds the ward empty", doctor)
		case len(oncall) == 2:
			return rwt.WriteRelationships(ctx, updates(remove(doctor)))
		}
		return rwt.WriteRelationships(ctx, updates(touch(doctor)))
	})
	if errors.Is(err, memory.ErrConflict) {
		return nil
	}
	return err
}
