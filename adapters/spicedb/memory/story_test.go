package memory_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// story is a history of commits of all kinds, told at random from a seed, and
// what is true after each of them.
type story struct {
	t       *testing.T
	ds      *memory.Datastore
	rng     *rand.Rand
	present map[string]tuple.Relationship // by what names them
	defined map[string]int                // how often each namespace has been written
	start   datastore.Revision
	last    datastore.Revision
	after   map[string][]string // by revision: the relationships after it
	said    map[string]string   // by revision: its metadata, if it has any
}

// tell makes so many commits. The last one creates a relationship, so that it
// is an event in every Watch of relationships.
func tell(t *testing.T, ds *memory.Datastore, commits int) *story {
	t.Helper()
	const seed = 7
	s := &story{
		t: t, ds: ds, rng: rand.New(rand.NewPCG(seed, seed)), start: head(t, ds),
		present: map[string]tuple.Relationship{}, defined: map[string]int{}, after: map[string][]string{},
		said: map[string]string{},
	}
	acts := []func(*story){
		(*story).touchOne, (*story).touchSeveral, (*story).touchSeveral, (*story).repeat, (*story).recreate,
		(*story).deleteOne, (*story).deleteAbsent, (*story).deleteMatching, (*story).annotate, (*story).nothing,
		(*story).define, (*story).undefine, (*story).defineAndTouch, (*story).store,
	}
	for range commits {
		acts[s.rng.IntN(len(acts))](s)
	}
	s.write(tuple.Touch(tuple.MustParse("account:the#client@client:end")))
	return s
}

// commit runs a transaction and notes what is true after it.
func (s *story) commit(act func(context.Context, datastore.ReadWriteTransaction) error, opts ...options.RWTOptionsOption) {
	s.t.Helper()
	rev, err := s.ds.ReadWriteTx(s.t.Context(), act, opts...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.last = rev
	s.after[rev.String()] = sorted(s.present)
}

func (s *story) write(updates ...tuple.RelationshipUpdate) {
	s.t.Helper()
	apply(s.present, updates)
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteRelationships(ctx, updates)
	})
}

// apply does to a set of relationships what the updates say.
func apply(present map[string]tuple.Relationship, updates []tuple.RelationshipUpdate) {
	for _, u := range updates {
		name := tuple.StringWithoutCaveatOrExpiration(u.Relationship)
		if u.Operation == tuple.UpdateOperationDelete {
			delete(present, name)
		} else {
			present[name] = u.Relationship
		}
	}
}

// sorted are the texts of a set of relationships.
func sorted(present map[string]tuple.Relationship) []string {
	var all []string
	for _, rel := range present {
		all = append(all, tuple.MustString(rel))
	}
	slices.Sort(all)
	return all
}

// any is a relationship that may be there already, alike or with another caveat or end.
func (s *story) any() tuple.RelationshipUpdate {
	kind := []string{"account", "client"}[s.rng.IntN(2)]
	extra := []string{"", "", "[office]", `[office:{"floor":3}]`, "[expiration:2300-01-01T00:00:00Z]"}[s.rng.IntN(5)]
	return touch(fmt.Sprintf("%s:%d#staff@user:%d%s", kind, s.rng.IntN(4), s.rng.IntN(6), extra))
}

// one is a relationship that is there, if any is.
func (s *story) one() (tuple.Relationship, bool) {
	if len(s.present) == 0 {
		return tuple.Relationship{}, false
	}
	names := slices.Sorted(maps.Keys(s.present))
	return s.present[names[s.rng.IntN(len(names))]], true
}

func (s *story) touchOne() { s.write(s.any()) }

// touchSeveral names each relationship once, as SpiceDB's callers have to.
func (s *story) touchSeveral() {
	several := map[string]tuple.RelationshipUpdate{}
	for range 5 {
		u := s.any()
		several[tuple.StringWithoutCaveatOrExpiration(u.Relationship)] = u
	}
	s.write(slices.Collect(maps.Values(several))...)
}

// repeat touches what is there already, which changes nothing.
func (s *story) repeat() {
	if rel, ok := s.one(); ok {
		s.write(tuple.Touch(rel))
	}
}

// recreate deletes a relationship and creates it anew, with a caveat, in one transaction.
func (s *story) recreate() {
	rel, ok := s.one()
	if !ok {
		return
	}
	rel.OptionalCaveat = &core.ContextualizedCaveat{CaveatName: fmt.Sprintf("again%d", s.rng.IntN(1000))}
	s.present[tuple.StringWithoutCaveatOrExpiration(rel)] = rel
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := rwt.WriteRelationships(ctx, updates(tuple.Delete(rel))); err != nil {
			return err
		}
		return rwt.WriteRelationships(ctx, updates(tuple.Create(rel)))
	})
}

func (s *story) deleteOne() {
	if rel, ok := s.one(); ok {
		s.write(tuple.Delete(rel))
	}
}

func (s *story) deleteAbsent() { s.write(remove("account:none#staff@user:none")) }

func (s *story) deleteMatching() {
	rel, ok := s.one()
	if !ok {
		return
	}
	maps.DeleteFunc(s.present, func(_ string, p tuple.Relationship) bool { return p.Resource == rel.Resource })
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		_, _, err := rwt.DeleteRelationships(ctx, &v1.RelationshipFilter{
			ResourceType: rel.Resource.ObjectType, OptionalResourceId: rel.Resource.ObjectID,
		})
		return err
	})
}

func (s *story) annotate() {
	metadata, err := structpb.NewStruct(map[string]any{"by": "ana", "n": s.rng.IntN(1000)})
	if err != nil {
		s.t.Fatal(err)
	}
	update := s.any()
	apply(s.present, updates(update))
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteRelationships(ctx, updates(update))
	}, options.WithMetadata(metadata))
	s.said[s.last.String()] = fmt.Sprint(metadata.AsMap())
}

func (s *story) nothing() {
	s.commit(func(context.Context, datastore.ReadWriteTransaction) error { return nil })
}

// namespace is the next version of one of a few namespaces.
func (s *story) namespace() *core.NamespaceDefinition {
	ns := &core.NamespaceDefinition{Name: fmt.Sprintf("kind%d", s.rng.IntN(3))}
	s.defined[ns.Name]++
	for i := range s.defined[ns.Name] {
		ns.Relation = append(ns.Relation, &core.Relation{Name: fmt.Sprintf("relation%d", i)})
	}
	return ns
}

func (s *story) define() {
	ns := s.namespace()
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.LegacyWriteNamespaces(ctx, ns)
	})
}

func (s *story) undefine() {
	if len(s.defined) == 0 {
		return
	}
	name := slices.Min(slices.Collect(maps.Keys(s.defined)))
	delete(s.defined, name)
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.LegacyDeleteNamespaces(ctx, []string{name}, datastore.DeleteNamespacesAndRelationships)
	})
}

// defineAndTouch changes schema and relationships in one transaction.
func (s *story) defineAndTouch() {
	ns, update := s.namespace(), s.any()
	apply(s.present, updates(update))
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		if err := rwt.LegacyWriteNamespaces(ctx, ns); err != nil {
			return err
		}
		return rwt.WriteRelationships(ctx, updates(update))
	})
}

func (s *story) store() {
	text := fmt.Sprintf("definition user%d {}", s.rng.IntN(1000))
	s.commit(func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		return rwt.WriteStoredSchema(ctx, storedSchema(text))
	})
}

// storedSchema is a schema of which only text and hash matter.
func storedSchema(text string) *core.StoredSchema {
	return &core.StoredSchema{Version: 1, VersionOneof: &core.StoredSchema_V1{
		V1: &core.StoredSchema_V1StoredSchema{SchemaText: text, SchemaHash: "hash of " + text},
	}}
}
