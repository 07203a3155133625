package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// Whatever a transaction has looked at, though it was nothing, holds until it
// commits; else it conflicts, and with retries it looks again.
func TestLooksHold(t *testing.T) {
	for name, tt := range looks {
		t.Run(name, func(t *testing.T) {
			ds := open(t, nil)
			attempts, err := between(t, settled(t, ds), tt.look, tt.other, options.WithDisableRetries(true))
			if attempts != 1 || !errors.Is(err, memory.ErrConflict) {
				t.Errorf("without retries: want one attempt and ErrConflict, got %d and %v", attempts, err)
			}
			expectNothing(t, ds, "decision")
			ds = open(t, nil)
			attempts, err = between(t, settled(t, ds), tt.look, tt.other)
			if attempts != 2 || err != nil {
				t.Errorf("with retries: want two attempts, got %d and %v", attempts, err)
			}
		})
	}
}

// settled writes what the looks look at.
func settled(t *testing.T, ds *memory.Datastore) *memory.Datastore {
	t.Helper()
	write(t, ds, touch("account:old#client@client:c"))
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := rwt.LegacyWriteNamespaces(ctx, &core.NamespaceDefinition{Name: "old"}); err != nil {
			return err
		}
		return rwt.WriteStoredSchema(ctx, storedSchema("old"))
	})
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func expectNothing(t *testing.T, ds *memory.Datastore, kind string) {
	t.Helper()
	got, err := read(t.Context(), ds.SnapshotReader(head(t, ds)), datastore.RelationshipsFilter{OptionalResourceType: kind})
	if err != nil || len(got) != 0 {
		t.Errorf("want no %s, got %q, %v", kind, got, err)
	}
}

// Those who look at different things don't stand in each other's way.
func TestLooksAreNarrow(t *testing.T) {
	for name, tt := range map[string]struct{ look, other datastore.TxUserFunc }{
		"another resource": {queries(on("account", "old")), writes(touch("account:new#client@client:c"))},
		"another type":     {queries(datastore.RelationshipsFilter{OptionalResourceType: "account"}), writes(touch("client:new#staff@user:u"))},
		"another subject": {
			reverses(datastore.SubjectsFilter{SubjectType: "client", OptionalSubjectIds: []string{"c"}}), writes(touch("account:new#client@client:n")),
		},
		"no change": {queries(on("account", "old")), writes(touch("account:old#client@client:c"))},
	} {
		t.Run(name, func(t *testing.T) {
			attempts, err := between(t, settled(t, open(t, nil)), tt.look, tt.other, options.WithDisableRetries(true))
			if attempts != 1 || err != nil {
				t.Errorf("want one attempt, got %d and %v", attempts, err)
			}
		})
	}
}

// A precondition on the schema holds at the commit too.
func TestSchemaHashHolds(t *testing.T) {
	ds := settled(t, open(t, nil))
	look := func(context.Context, datastore.ReadWriteTransaction) error { return nil }
	other := func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteStoredSchema(ctx, storedSchema("new"))
	}
	attempts, err := between(t, ds, look, other, options.WithSchemaHashPrecondition("hash of old"))
	if attempts != 1 || !errors.Is(err, datastore.ErrSchemaHashPreconditionFailed) {
		t.Errorf("want one attempt and ErrSchemaHashPreconditionFailed, got %d and %v", attempts, err)
	}
	expectNothing(t, ds, "decision")
}

// between runs a transaction that looks, lets another commit, and then writes
// something else. It gives how often it was run. The other may be refused, if
// both write the same relationship and the first has done so already. It runs
// inside the first, which ReadWriteTx forbids; here nobody else is there for the
// two to wait for.
func between(t *testing.T, ds *memory.Datastore, look, other datastore.TxUserFunc, opts ...options.RWTOptionsOption) (int, error) {
	t.Helper()
	attempts := 0
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := look(ctx, rwt); err != nil {
			return fmt.Errorf("look: %w", err)
		}
		if attempts++; attempts == 1 {
			if _, err := ds.ReadWriteTx(ctx, other, options.WithDisableRetries(true)); err != nil && !errors.Is(err, memory.ErrConflict) {
				return fmt.Errorf("other: %w", err)
			}
		}
		return rwt.WriteRelationships(ctx, updates(touch("decision:d#made@user:ana")))
	}, opts...)
	return attempts, err
}

func writes(all ...tuple.RelationshipUpdate) datastore.TxUserFunc {
	return func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteRelationships(ctx, all)
	}
}

// queries looks at what a filter matches.
func queries(filter datastore.RelationshipsFilter, opts ...options.QueryOptionsOption) datastore.TxUserFunc {
	return func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := texts(rwt.QueryRelationships(ctx, filter, opts...))
		return err
	}
}

func reverses(filter datastore.SubjectsFilter, opts ...options.ReverseQueryOptionsOption) datastore.TxUserFunc {
	return func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := texts(rwt.ReverseQueryRelationships(ctx, filter, opts...))
		return err
	}
}

// does is a transaction of one call whose answer doesn't matter here.
func does(act func(context.Context, datastore.ReadWriteTransaction) error) datastore.TxUserFunc {
	return func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		var missing datastore.ErrNotFound
		if err := act(ctx, rwt); !errors.As(err, &missing) && !errors.Is(err, datastore.ErrSchemaNotFound) {
			return err
		}
		return nil
	}
}

var (
	writesNamespace = does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.LegacyWriteNamespaces(ctx, &core.NamespaceDefinition{Name: "new"})
	})
	writesCaveat = does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.LegacyWriteCaveats(ctx, []*core.CaveatDefinition{{Name: "new"}})
	})
	writesSchema = does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteStoredSchema(ctx, storedSchema("new"))
	})
	writesCounter = does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.RegisterCounter(ctx, "new", &core.RelationshipFilter{ResourceType: "account"})
	})
)

// looks are all the ways to look at something, each with a commit that changes
// what it would show, or did show, or that there is nothing to be shown.
var looks = map[string]struct{ look, other datastore.TxUserFunc }{
	"query of a type":     {queries(datastore.RelationshipsFilter{OptionalResourceType: "account"}), writes(touch("account:new#client@client:c"))},
	"query of all":        {queries(datastore.RelationshipsFilter{}), writes(touch("account:new#client@client:c"))},
	"query of a resource": {queries(on("account", "new")), writes(touch("account:new#client@client:c"))},
	"query of a prefix": {
		queries(datastore.RelationshipsFilter{OptionalResourceType: "account", OptionalResourceIDPrefix: "acme/"}),
		writes(touch("account:acme/new#client@client:c")),
	},
	"query of a relation": {
		queries(datastore.RelationshipsFilter{OptionalResourceRelation: "client"}), writes(touch("account:new#client@client:c")),
	},
	"query of subjects": {
		queries(datastore.RelationshipsFilter{OptionalSubjectsSelectors: []datastore.SubjectsSelector{{OptionalSubjectType: "client"}}}),
		writes(touch("account:new#client@client:c")),
	},
	"query by caveat": {
		queries(datastore.RelationshipsFilter{OptionalCaveatNameFilter: datastore.WithCaveatName("office")}),
		writes(touch("account:old#client@client:c[office]")),
	},
	"query by expiration": {
		queries(datastore.RelationshipsFilter{OptionalExpirationOption: datastore.ExpirationFilterOptionHasExpiration}),
		writes(touch("account:old#client@client:c[expiration:2300-01-01T00:00:00Z]")),
	},
	"query with a limit": {
		queries(datastore.RelationshipsFilter{OptionalResourceType: "account"}, options.WithLimit(options.LimitOne), options.WithSort(options.ByResource)),
		writes(touch("account:a#client@client:c")),
	},
	"what is deleted":      {queries(on("account", "old")), writes(remove("account:old#client@client:c"))},
	"what gets a caveat":   {queries(on("account", "old")), writes(touch("account:old#client@client:c[office]"))},
	"reverse of a type":    {reverses(datastore.SubjectsFilter{SubjectType: "client"}), writes(touch("account:new#client@client:c"))},
	"reverse of a subject": {reverses(datastore.SubjectsFilter{SubjectType: "client", OptionalSubjectIds: []string{"n"}}), writes(touch("account:new#client@client:n"))},
	"reverse of a relation": {
		reverses(datastore.SubjectsFilter{SubjectType: "client"}, options.WithResRelation(&options.ResourceRelation{Namespace: "account", Relation: "client"})),
		writes(touch("account:new#client@client:c")),
	},
	"delete that matches nothing": {
		does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
			_, _, err := rwt.DeleteRelationships(ctx, &v1.RelationshipFilter{ResourceType: "account", OptionalResourceId: "new"})
			return err
		}),
		writes(touch("account:new#client@client:c")),
	},
	"namespace by name": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, _, err := rwt.LegacyReadNamespaceByName(ctx, "new")
		return err
	}), writesNamespace},
	"namespaces by name": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.LegacyLookupNamespacesWithNames(ctx, []string{"old", "new"})
		return err
	}), writesNamespace},
	"all namespaces": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.LegacyListAllNamespaces(ctx)
		return err
	}), writesNamespace},
	"namespace that isn't there to delete": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.LegacyDeleteNamespaces(ctx, []string{"new"}, datastore.DeleteNamespacesOnly)
	}), writesNamespace},
	"caveat by name": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, _, err := rwt.LegacyReadCaveatByName(ctx, "new")
		return err
	}), writesCaveat},
	"caveats by name": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.LegacyLookupCaveatsWithNames(ctx, []string{"new"})
		return err
	}), writesCaveat},
	"all caveats": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.LegacyListAllCaveats(ctx)
		return err
	}), writesCaveat},
	"stored schema": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.ReadStoredSchema(ctx)
		return err
	}), writesSchema},
	"counters": {does(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, err := rwt.LookupCounters(ctx)
		return err
	}), writesCounter},
}
