package memory_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/datastore/queryshape"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// BenchmarkQuery asks what SpiceDB asks of the agency schema, each time of
// another object. What it costs must not grow with the number of firms.
func BenchmarkQuery(b *testing.B) {
	for _, firms := range []int{1, 10, 100} {
		ds, head := openWith(b, memory.Options{}, agencyRelationships(firms)...)
		for _, bench := range questionBenches {
			b.Run(fmt.Sprintf("%s/firms=%d", bench.name, firms), func(b *testing.B) {
				questions := make([]question, 1024)
				for i := range questions {
					questions[i] = bench.of(firm{id: fmt.Sprintf("p%d", i*37%firms)}, i*101)
				}
				benchQuestions(b, ds, head, questions, bench.want)
			})
		}
	}
}

func benchQuestions(
	b *testing.B, ds *memory.Datastore, head datastore.Revision, questions []question, want int,
) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		got, err := questions[i%len(questions)].ask(b.Context(), ds.SnapshotReader(head))
		if err != nil || len(got) != want {
			b.Fatalf("%s: got %d, %v, want %d", questions[i%len(questions)], len(got), err, want)
		}
	}
}

// questionBenches has a question of every shape, and how many it finds.
var questionBenches = []struct {
	name string
	want int
	of   func(f firm, i int) question
}{
	{string(queryshape.CheckPermissionSelectDirectSubjects), 1, func(f firm, i int) question {
		return forwardQuestion(queryshape.CheckPermissionSelectDirectSubjects, "client", "staff",
			[]string{f.object("client", i%firmClients).ObjectID},
			datastore.SubjectsSelector{
				OptionalSubjectType: "staff",
				OptionalSubjectIds:  []string{f.seat(i % firmClients).ObjectID},
				RelationFilter:      datastore.SubjectRelationFilter{}.WithNonEllipsisRelation("user"),
			})
	}},
	{string(queryshape.CheckPermissionSelectIndirectSubjects), firmPerClient, func(f firm, i int) question {
		return forwardQuestion(queryshape.CheckPermissionSelectIndirectSubjects, "client", "staff",
			[]string{f.object("client", i%firmClients).ObjectID},
			datastore.SubjectsSelector{RelationFilter: datastore.SubjectRelationFilter{}.WithOnlyNonEllipsisRelations()})
	}},
	{string(queryshape.AllSubjectsForResources), 20, func(f firm, i int) question {
		ids := make([]string, 20)
		for j := range ids {
			ids[j] = f.object("account", (i+j)%firmAccounts).ObjectID
		}
		return forwardQuestion(queryshape.AllSubjectsForResources, "account", "client", ids)
	}},
	{string(queryshape.MatchingResourcesForSubject), firmPerGroup * firmGroups / 10, func(f firm, i int) question {
		return reverseQuestion(queryshape.MatchingResourcesForSubject, f.seat(i%10), "group", "representative")
	}},
	{string(queryshape.MatchingResourcesForSubject) + "-many", firmClients, func(f firm, _ int) question {
		partner := tuple.ONR("partner", f.id, tuple.Ellipsis)
		return reverseQuestion(queryshape.MatchingResourcesForSubject, partner, "client", "partner")
	}},
	{string(queryshape.FindResourceOfType), 1, func(firm, int) question {
		return existenceQuestion(queryshape.FindResourceOfType, "account", "")
	}},
	{string(queryshape.FindResourceAndSubjectWithRelations), 1, func(firm, int) question {
		return existenceQuestion(queryshape.FindResourceAndSubjectWithRelations, "account", "group", withoutRelation("group"))
	}},
	{string(queryshape.FindSubjectOfTypeAndRelation), 1, func(firm, int) question {
		return question{
			shape: queryshape.FindSubjectOfTypeAndRelation, limit: options.LimitOne,
			reverse: &datastore.SubjectsFilter{
				SubjectType:    "staff",
				RelationFilter: datastore.SubjectRelationFilter{}.WithNonEllipsisRelation("user"),
			},
		}
	}},
	{string(queryshape.FindResourceRelationForSubjectRelation), 1, func(firm, int) question {
		q := existenceQuestion(queryshape.FindResourceRelationForSubjectRelation, "account", "client", withoutRelation("client"))
		q.filter.OptionalCaveatNameFilter = datastore.WithNoCaveat()
		q.filter.OptionalExpirationOption = datastore.ExpirationFilterOptionNoExpiration
		return q
	}},
}

// withoutRelation selects the subjects of a type that are objects, not usersets.
func withoutRelation(typ string) datastore.SubjectsSelector {
	return datastore.SubjectsSelector{
		OptionalSubjectType: typ, RelationFilter: datastore.SubjectRelationFilter{}.WithEllipsisRelation(),
	}
}

// forwardQuestion is whom some resources have in a relation.
func forwardQuestion(
	shape queryshape.Shape, typ, relation string, ids []string, subjects ...datastore.SubjectsSelector,
) question {
	return question{shape: shape, filter: datastore.RelationshipsFilter{
		OptionalResourceType: typ, OptionalResourceRelation: relation,
		OptionalResourceIds: ids, OptionalSubjectsSelectors: subjects,
	}}
}

// reverseQuestion is which resources of a type have a subject in a relation.
func reverseQuestion(shape queryshape.Shape, subject tuple.ObjectAndRelation, typ, relation string) question {
	return question{
		shape: shape, order: options.BySubject,
		resource: &options.ResourceRelation{Namespace: typ, Relation: relation},
		reverse: &datastore.SubjectsFilter{
			SubjectType: subject.ObjectType, OptionalSubjectIds: []string{subject.ObjectID},
			RelationFilter: datastore.SubjectRelationFilter{}.WithRelation(subject.Relation),
		},
	}
}

// existenceQuestion is whether there is any, as SpiceDB does before the schema changes.
func existenceQuestion(shape queryshape.Shape, typ, relation string, subjects ...datastore.SubjectsSelector) question {
	q := forwardQuestion(shape, typ, relation, nil, subjects...)
	q.limit = options.LimitOne
	return q
}

// BenchmarkQueryAfterDeletes reads the present, of which what was deleted within
// the window must be no part of the cost.
func BenchmarkQueryAfterDeletes(b *testing.B) {
	for _, deleted := range []int{0, 1_000, 20_000} {
		b.Run(fmt.Sprintf("deleted=%d", deleted), func(b *testing.B) {
			ds := open(b, nil)
			for n := range deleted {
				client := fmt.Sprintf("account:a#client@client:c%d", n)
				write(b, ds, touch(client))
				write(b, ds, remove(client))
			}
			present := ds.SnapshotReader(write(b, ds, touch("account:a#client@client:last")))
			for b.Loop() {
				found, err := texts(present.QueryRelationships(b.Context(), on("account", "a")))
				if err != nil || len(found) != 1 {
					b.Fatal(found, err)
				}
			}
		})
	}
}

// BenchmarkBulkLoad loads a hundred firms into an empty datastore.
func BenchmarkBulkLoad(b *testing.B) {
	rels := agencyRelationships(100)
	for _, order := range []string{"random", "sorted"} {
		if slices.SortFunc(rels, compareBy(options.ByResource)); order == "random" {
			random := rand.New(rand.NewPCG(1, 2)) // the same order each time
			random.Shuffle(len(rels), func(i, j int) { rels[i], rels[j] = rels[j], rels[i] })
		}
		b.Run(order, func(b *testing.B) {
			for b.Loop() {
				ds, err := memory.New(nil)
				if err != nil {
					b.Fatal(err)
				}
				bulkLoad(b, ds, rels)
				if err := ds.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(rels))*float64(b.N)/b.Elapsed().Seconds(), "rels/s")
		})
	}
}

// BenchmarkWrite changes one relationship of a hundred firms in a transaction,
// and old versions go meanwhile.
func BenchmarkWrite(b *testing.B) {
	ds := agencyToWrite(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		writeOne(b, ds, i)
	}
}

// BenchmarkWriteParallel has every goroutine write to other relationships.
func BenchmarkWriteParallel(b *testing.B) {
	ds := agencyToWrite(b)
	var goroutines atomic.Int64
	b.ReportAllocs()
	b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "procs")
	b.RunParallel(func(pb *testing.PB) {
		for i := int(goroutines.Add(1)) * 1_000_000; pb.Next(); i++ {
			writeOne(b, ds, i)
		}
	})
}

// agencyToWrite gives a datastore of a hundred firms, where versions are soon
// old.
func agencyToWrite(b *testing.B) *memory.Datastore {
	b.Helper()
	ds, _ := openWith(b, memory.Options{Window: time.Second, Interval: 100 * time.Millisecond}, agencyRelationships(100)...)
	b.ResetTimer()
	return ds
}

// writeOne touches the i-th account that is switched off for somebody, and
// changes something each time.
func writeOne(b *testing.B, ds *memory.Datastore, i int) {
	f := firm{id: fmt.Sprintf("p%d", i%100)}
	until := noon.Add(time.Duration(i) * time.Second)
	r := relationship(f.object("account", i/100%firmAccounts).WithRelation("blocked"), f.seat(i/1_000_000))
	r.OptionalExpiration = &until
	if _, err := commit(b.Context(), ds, updates(tuple.Touch(r))); err != nil {
		b.Error(err)
	}
}
