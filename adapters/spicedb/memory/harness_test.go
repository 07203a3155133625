package memory_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// open gives a datastore that lives as long as the test.
func open(t testing.TB, opts *memory.Options) *memory.Datastore {
	t.Helper()
	ds, err := memory.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ds.Close(); err != nil && !errors.Is(err, memory.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
	return ds
}

// noon is where clocks stand that a test sets.
var noon = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// openWith gives a datastore that has the relationships, and its head. Its clock
// stands at noon.
func openWith(t testing.TB, opts memory.Options, rels ...tuple.Relationship) (*memory.Datastore, datastore.Revision) {
	t.Helper()
	opts.Now = func() time.Time { return noon }
	ds := open(t, &opts)
	return ds, bulkLoad(t, ds, rels)
}

func relationship(resource, subject tuple.ObjectAndRelation) tuple.Relationship {
	return tuple.Relationship{RelationshipReference: tuple.RelationshipReference{Resource: resource, Subject: subject}}
}

func touch(text string) tuple.RelationshipUpdate  { return tuple.Touch(tuple.MustParse(text)) }
func create(text string) tuple.RelationshipUpdate { return tuple.Create(tuple.MustParse(text)) }
func remove(text string) tuple.RelationshipUpdate { return tuple.Delete(tuple.MustParse(text)) }

// commit writes in a transaction of its own.
func commit(
	ctx context.Context, ds datastore.Datastore, updates []tuple.RelationshipUpdate, opts ...options.RWTOptionsOption,
) (datastore.Revision, error) {
	return ds.ReadWriteTx(ctx, func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteRelationships(ctx, updates)
	}, opts...)
}

// write is a commit that must not fail.
func write(t testing.TB, ds datastore.Datastore, updates ...tuple.RelationshipUpdate) datastore.Revision {
	t.Helper()
	rev, err := commit(t.Context(), ds, updates)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return rev
}

// bulkLoad creates the relationships in a transaction of its own.
func bulkLoad(t testing.TB, ds datastore.Datastore, rels []tuple.Relationship) datastore.Revision {
	t.Helper()
	rev, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.BulkLoad(ctx, &source{rels: rels})
		return err
	})
	if err != nil {
		t.Fatalf("bulk load: %v", err)
	}
	return rev
}

// source gives out one address again and again, as sources may.
type source struct {
	rels []tuple.Relationship
	next tuple.Relationship
}

func (s *source) Next(context.Context) (*tuple.Relationship, error) {
	s.next = tuple.Relationship{}
	if len(s.rels) == 0 {
		return nil, nil
	}
	s.next, s.rels = s.rels[0], s.rels[1:]
	return &s.next, nil
}

func head(t testing.TB, ds datastore.Datastore) datastore.Revision {
	t.Helper()
	rev, err := ds.HeadRevision(t.Context())
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	return rev.Revision
}

// number is a revision as the count that it is.
func number(rev datastore.Revision) (int64, error) { return strconv.ParseInt(rev.String(), 10, 64) }

// shifted is the revision that is so many commits after rev, or before it.
func shifted(ds datastore.Datastore, rev datastore.Revision, by int64) (datastore.Revision, error) {
	n, err := number(rev)
	if err != nil {
		return nil, err
	}
	return ds.RevisionFromString(strconv.FormatInt(n+by, 10))
}

// on filters by one resource.
func on(kind, id string) datastore.RelationshipsFilter {
	return datastore.RelationshipsFilter{OptionalResourceType: kind, OptionalResourceIds: []string{id}}
}

// texts are the relationships in the order they come in.
func texts(it datastore.RelationshipIterator, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	var all []string
	for rel, err := range it {
		if err != nil {
			return nil, err
		}
		all = append(all, tuple.MustString(rel))
	}
	return all, nil
}

// read is the set that matches, sorted by its text.
func read(ctx context.Context, r datastore.Reader, filter datastore.RelationshipsFilter) ([]string, error) {
	all, err := texts(r.QueryRelationships(ctx, filter))
	slices.Sort(all)
	return all, err
}

// expect compares all that a revision has with what it should have.
func expect(t testing.TB, ds datastore.Datastore, rev datastore.Revision, want ...string) {
	t.Helper()
	got, err := read(t.Context(), ds.SnapshotReader(rev), datastore.RelationshipsFilter{})
	if err != nil {
		t.Fatalf("read at %s: %v", rev, err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("at revision %s (-want +got):\n%s", rev, diff)
	}
}

// updates is a list of them, for calls that want one.
func updates(all ...tuple.RelationshipUpdate) []tuple.RelationshipUpdate { return all }
