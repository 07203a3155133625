package memory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"
)

// A transaction reads what it has written, in every order, from every cursor.
func TestOwnWrites(t *testing.T) {
	ds := open(t, nil)
	write(t, ds, touch("account:1#client@client:z"), touch("account:3#client@client:y"), touch("account:5#client@client:x"))
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		err := rwt.WriteRelationships(ctx, updates(
			remove("account:3#client@client:y"), touch("account:5#client@client:x[office]"),
			create("account:2#client@client:w"), touch("account:6#client@client:a"), create("account:4#client@client:v"),
		))
		if err != nil {
			return err
		}
		if err := rwt.WriteRelationships(ctx, updates(remove("account:4#client@client:v"))); err != nil {
			return err
		}
		inEveryOrder(ctx, t, rwt)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	inEveryOrder(t.Context(), t, ds.SnapshotReader(head(t, ds)))
}

// inEveryOrder reads what TestOwnWrites leaves, from both sides.
func inEveryOrder(ctx context.Context, t *testing.T, r datastore.Reader) {
	t.Helper()
	byResource := []string{
		"account:1#client@client:z", "account:2#client@client:w", "account:5#client@client:x[office]", "account:6#client@client:a",
	}
	bySubject := []string{byResource[3], byResource[1], byResource[2], byResource[0]}
	compare := func(q question, want []string) {
		reverse := q
		reverse.reverse = &datastore.SubjectsFilter{SubjectType: "client"}
		for _, q := range []question{q, reverse} {
			if diff := cmp.Diff(want, must(texts(q.open(ctx, r)))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", q, diff)
			}
		}
	}
	accounts := datastore.RelationshipsFilter{OptionalResourceType: "account"}
	for order, want := range map[options.SortOrder][]string{options.ByResource: byResource, options.BySubject: bySubject} {
		for from := range len(want) + 1 {
			for limit := uint64(1); limit <= uint64(len(want)-from); limit++ {
				q := question{filter: accounts, order: order, limit: &limit, after: cursorAfter(want, from)}
				compare(q, want[from:from+int(limit)])
			}
		}
	}
	if diff := cmp.Diff(byResource, must(read(ctx, r, accounts))); diff != "" {
		t.Errorf("unsorted (-want +got):\n%s", diff)
	}
}

// cursorAfter stands after the first n.
func cursorAfter(all []string, n int) options.Cursor {
	if n == 0 {
		return nil
	}
	return cursorAt(all[n-1])
}

// must is what was read; that it couldn't be is shown with it.
func must(got []string, err error) []string {
	if err != nil {
		return append(got, "error: "+err.Error())
	}
	return got
}

// A transaction may delete what it is iterating over.
func TestDeleteUnderAnIteration(t *testing.T) {
	const many = 3_000
	ds, all := open(t, nil), updates()
	for i := range many {
		all = append(all, create(fmt.Sprintf("account:%d#client@client:c", i)))
	}
	write(t, ds, all...)
	deleted := 0
	rev, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		it, err := rwt.QueryRelationships(ctx, datastore.RelationshipsFilter{OptionalResourceType: "account"})
		if err != nil {
			return err
		}
		for rel, err := range it {
			if err != nil {
				return err
			}
			if err := rwt.WriteRelationships(ctx, updates(tuple.Delete(rel))); err != nil {
				return err
			}
			deleted++
		}
		return nil
	})
	if err != nil || deleted != many {
		t.Fatalf("want %d deleted, got %d, %v", many, deleted, err)
	}
	expect(t, ds, rev)
}
