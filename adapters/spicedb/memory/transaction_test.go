package memory_test

import (
	"context"
	"errors"
	"testing"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

var errOops = errors.New("oops")

// A transaction that doesn't end well leaves nothing behind: no relationship, no
// definition, no revision, no event, and nothing that holds up the next one.
func TestNoTrace(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(cancel context.CancelFunc) error
		want error
	}{
		"a failure":              {func(context.CancelFunc) error { return errOops }, errOops},
		"a panic":                {func(context.CancelFunc) error { panic(errOops) }, errOops},
		"a cancelled context":    {func(cancel context.CancelFunc) error { cancel(); return nil }, context.Canceled},
		"a cancellation, failed": {func(cancel context.CancelFunc) error { cancel(); return errOops }, errOops},
	} {
		t.Run(name, func(t *testing.T) {
			ds := open(t, nil)
			before := write(t, ds, touch("account:a#client@client:before"))
			watched := watch(t, ds, before, relationships|schema|checkpoints)
			if err := failing(t, ds, tt.end); !errors.Is(err, tt.want) {
				t.Errorf("want %v, got %v", tt.want, err)
			}
			if now := head(t, ds); !now.Equal(before) {
				t.Errorf("head was %s and is %s", before, now)
			}
			end := write(t, ds, remove("account:a#client@client:before"), create("account:b#client@client:never"))
			expect(t, ds, before, "account:a#client@client:before")
			expect(t, ds, end, "account:b#client@client:never")
			if all, err := ds.SnapshotReader(end).LegacyListAllNamespaces(t.Context()); err != nil || len(all) > 0 {
				t.Errorf("namespaces: want none, got %v, %v", all, err)
			}
			want := []event{{Revision: end.String(), Relationships: []string{
				"DELETE account:a#client@client:before", "TOUCH account:b#client@client:never",
			}}}
			if diff := cmp.Diff(want, eventsOf(inOrder(t, watched.until(t, end)))); diff != "" {
				t.Errorf("watch (-want +got):\n%s", diff)
			}
		})
	}
}

// failing runs a transaction that writes all sorts of things and then ends as
// told. A panic that comes through becomes the error that it carries.
func failing(t *testing.T, ds *memory.Datastore, end func(context.CancelFunc) error) (err error) {
	t.Helper()
	defer func() {
		if p, ok := recover().(error); ok {
			err = p
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = ds.ReadWriteTx(ctx, func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := writeAllSorts(ctx, rwt); err != nil {
			t.Error(err)
		}
		return end(cancel)
	})
	return err
}

func writeAllSorts(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
	_, _, deleted := rwt.DeleteRelationships(ctx, &v1.RelationshipFilter{ResourceType: "account"})
	return errors.Join(
		deleted,
		rwt.WriteRelationships(ctx, updates(touch("account:a#client@client:never"), create("account:b#client@client:never"))),
		rwt.LegacyWriteNamespaces(ctx, &core.NamespaceDefinition{Name: "never"}),
		rwt.LegacyWriteCaveats(ctx, []*core.CaveatDefinition{{Name: "never"}}),
		rwt.WriteStoredSchema(ctx, storedSchema("never")),
		rwt.RegisterCounter(ctx, "never", &core.RelationshipFilter{ResourceType: "account"}),
	)
}

// A context that has ended before the transaction begins doesn't begin it.
func TestCancelledBefore(t *testing.T) {
	ds := open(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := head(t, ds)
	if rev, err := commit(ctx, ds, updates(touch("account:a#client@client:never"))); !errors.Is(err, context.Canceled) {
		t.Errorf("want context.Canceled, got %v, %v", rev, err)
	}
	if now := head(t, ds); !now.Equal(before) {
		t.Errorf("head was %s and is %s", before, now)
	}
}

// A transaction whose write failed doesn't commit the rest, though its function
// makes light of it.
func TestFailedWrite(t *testing.T) {
	ds := open(t, nil)
	before := write(t, ds, touch("account:a#client@client:there"))
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		err := rwt.WriteRelationships(ctx, updates(create("account:a#client@client:never"), create("account:a#client@client:there")))
		if !errors.As(err, &datastore.CreateRelationshipExistsError{}) {
			t.Errorf("want CreateRelationshipExistsError, got %v", err)
		}
		return nil
	})
	if !errors.As(err, &datastore.CreateRelationshipExistsError{}) {
		t.Errorf("transaction: want CreateRelationshipExistsError, got %v", err)
	}
	expect(t, ds, head(t, ds), "account:a#client@client:there")
	if now := head(t, ds); !now.Equal(before) {
		t.Errorf("head was %s and is %s", before, now)
	}
}

// What isn't committed is seen by nobody else.
func TestUncommitted(t *testing.T) {
	ds := open(t, nil)
	before := write(t, ds, touch("account:a#client@client:before"))
	rev, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := rwt.WriteRelationships(ctx, updates(remove("account:a#client@client:before"), create("account:a#client@client:mine"))); err != nil {
			return err
		}
		now, err := ds.HeadRevision(ctx)
		if err != nil || !now.Revision.Equal(before) {
			t.Errorf("head is %v before the commit, %v", now.Revision, err)
		}
		got := must(read(ctx, ds.SnapshotReader(before), on("account", "a")))
		if diff := cmp.Diff([]string{"account:a#client@client:before"}, got); diff != "" {
			t.Errorf("before the commit (-want +got):\n%s", diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, ds, before, "account:a#client@client:before")
	expect(t, ds, rev, "account:a#client@client:mine")
}

// After ReadWriteTx the transaction is over, for who kept it too.
func TestKeptTransaction(t *testing.T) {
	for name, end := range map[string]error{"committed": nil, "failed": errOops} {
		t.Run(name, func(t *testing.T) {
			ds := open(t, nil)
			var kept datastore.ReadWriteTransaction
			_, err := ds.ReadWriteTx(t.Context(), func(_ context.Context, rwt datastore.ReadWriteTransaction) error {
				kept = rwt
				return end
			})
			if !errors.Is(err, end) {
				t.Fatal(err)
			}
			before := head(t, ds)
			for name, err := range usesOf(t.Context(), kept) {
				if err == nil {
					t.Errorf("%s: want an error", name)
				}
			}
			if now := head(t, ds); !now.Equal(before) {
				t.Errorf("head was %s and is %s", before, now)
			}
			expect(t, ds, write(t, ds, touch("account:a#client@client:after")), "account:a#client@client:after")
		})
	}
}

func usesOf(ctx context.Context, rwt datastore.ReadWriteTransaction) map[string]error {
	_, _, deleted := rwt.DeleteRelationships(ctx, &v1.RelationshipFilter{ResourceType: "account"})
	_, queried := texts(rwt.QueryRelationships(ctx, datastore.RelationshipsFilter{}))
	_, reversed := texts(rwt.ReverseQueryRelationships(ctx, datastore.SubjectsFilter{SubjectType: "client"}))
	_, listed := rwt.LegacyListAllNamespaces(ctx)
	return map[string]error{
		"write":         rwt.WriteRelationships(ctx, updates(touch("account:a#client@client:late"))),
		"delete":        deleted,
		"namespace":     rwt.LegacyWriteNamespaces(ctx, &core.NamespaceDefinition{Name: "late"}),
		"caveat":        rwt.LegacyWriteCaveats(ctx, []*core.CaveatDefinition{{Name: "late"}}),
		"schema":        rwt.WriteStoredSchema(ctx, storedSchema("late")),
		"counter":       rwt.RegisterCounter(ctx, "late", &core.RelationshipFilter{ResourceType: "account"}),
		"query":         queried,
		"reverse query": reversed,
		"namespaces":    listed,
	}
}
