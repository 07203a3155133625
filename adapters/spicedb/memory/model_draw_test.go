package memory_test

import (
	"fmt"
	"time"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"
)

// The universe is small, so that things meet. Its names are each other's
// prefixes, and go on with characters that sort before and after a separator.
var (
	modelTypes     = []string{"doc", "doc2", "team/doc"}
	modelRelations = []string{"view", "view2", "own"}
	modelIDs       = []string{"acme", "acme+b", "acme/a", "acme/ab", "acme_a", "b"}
	modelSubjects  = append([]string{tuple.PublicWildcard}, modelIDs...)
	modelSubjRels  = []string{tuple.Ellipsis, "view", "own"}
	modelPrefixes  = []string{"a", "acme", "acme/", "acme/a", "acme_", "b", "n", "n1", "zz"}
	modelCaveats   = []string{"on_weekdays", "from_office"}
)

// modelUniverse returns all relationships of these names.
func modelUniverse() []tuple.RelationshipReference {
	var all []tuple.RelationshipReference
	eachObject(modelTypes, modelIDs, modelRelations, func(resource tuple.ObjectAndRelation) {
		eachObject(modelTypes, modelSubjects, modelSubjRels, func(subject tuple.ObjectAndRelation) {
			all = append(all, relationship(resource, subject).RelationshipReference)
		})
	})
	return all
}

// modelCrowd returns relationships that have some objects in common, many of
// each.
func modelCrowd() []tuple.RelationshipReference {
	var all []tuple.RelationshipReference
	for i := range 400 {
		few := tuple.ONR("doc", modelIDs[i%2], "view")
		many := tuple.ONR("doc", fmt.Sprintf("n%03d", i), "view")
		all = append(all,
			tuple.RelationshipReference{Resource: few, Subject: many},
			tuple.RelationshipReference{Resource: many, Subject: few},
			tuple.RelationshipReference{Resource: few, Subject: many.WithRelation(tuple.Ellipsis)},
		)
	}
	return all
}

func eachObject(types, ids, relations []string, yield func(tuple.ObjectAndRelation)) {
	for _, typ := range types {
		for _, id := range ids {
			for _, relation := range relations {
				yield(tuple.ObjectAndRelation{ObjectType: typ, ObjectID: id, Relation: relation})
			}
		}
	}
}

func draw[V any](t *rapid.T, label string, from []V) V {
	return rapid.SampledFrom(from).Draw(t, label)
}

// maybe draws a value every third time, and else the zero one.
func maybe[V any](t *rapid.T, label string, from []V) V {
	if rapid.IntRange(0, 2).Draw(t, label+"?") < 2 {
		var zero V
		return zero
	}
	return draw(t, label, from)
}

// drawReference draws a relationship, every other time one that is there.
func drawReference(t *rapid.T, there []tuple.Relationship) tuple.RelationshipReference {
	if len(there) > 0 && rapid.Bool().Draw(t, "there") {
		return there[rapid.IntRange(0, len(there)-1).Draw(t, "which")].RelationshipReference
	}
	return tuple.RelationshipReference{
		Resource: tuple.ObjectAndRelation{
			ObjectType: draw(t, "resource type", modelTypes),
			ObjectID:   draw(t, "resource id", modelIDs),
			Relation:   draw(t, "relation", modelRelations),
		},
		Subject: tuple.ObjectAndRelation{
			ObjectType: draw(t, "subject type", modelTypes),
			ObjectID:   draw(t, "subject id", modelSubjects),
			Relation:   draw(t, "subject relation", modelSubjRels),
		},
	}
}

func drawRelationship(t *rapid.T, there []tuple.Relationship, now time.Time) tuple.Relationship {
	return tuple.Relationship{
		RelationshipReference: drawReference(t, there),
		OptionalCaveat:        drawCaveat(t),
		OptionalExpiration:    drawExpiration(t, now),
	}
}

func drawCaveat(t *rapid.T) *core.ContextualizedCaveat {
	name := maybe(t, "caveat", modelCaveats)
	if name == "" {
		return nil
	}
	context := maybe(t, "context", []map[string]any{
		{},
		{"ip": "10.0.0.1", "days": []any{1.0, 2.5, nil}},
		{"deep": map[string]any{"er": map[string]any{"yes": true}}, "": ""},
	})
	if context == nil {
		return &core.ContextualizedCaveat{CaveatName: name}
	}
	s, err := structpb.NewStruct(context)
	if err != nil {
		t.Fatal(err)
	}
	return &core.ContextualizedCaveat{CaveatName: name, Context: s}
}

// drawExpiration never draws what the clock can come to stand at, where
// SpiceDB's own datastores differ.
func drawExpiration(t *rapid.T, now time.Time) *time.Time {
	in := maybe(t, "expires in", []time.Duration{
		61 * time.Minute, -61 * time.Minute, 6001*time.Minute + 123456789, -6001 * time.Minute,
	})
	if in == 0 {
		return nil
	}
	at := now.Add(in).In(time.FixedZone("", draw(t, "zone", []int{0, 7200})))
	return &at
}

func drawUpdates(t *rapid.T, s modelState, now time.Time) []tuple.RelationshipUpdate {
	there := s.sorted()
	var updates []tuple.RelationshipUpdate
	taken := map[tuple.RelationshipReference]bool{}
	for range rapid.IntRange(1, 8).Draw(t, "updates") {
		r := drawRelationship(t, there, now)
		if taken[r.RelationshipReference] {
			continue // the API refuses two updates of one relationship in a call
		}
		taken[r.RelationshipReference] = true
		updates = append(updates, tuple.RelationshipUpdate{
			Relationship: r,
			Operation: draw(t, "operation", []tuple.UpdateOperation{
				tuple.UpdateOperationTouch, tuple.UpdateOperationTouch,
				tuple.UpdateOperationDelete, tuple.UpdateOperationDelete, tuple.UpdateOperationCreate,
			}),
		})
	}
	return updates
}

// drawMany draws relationships evenly spread over the universe, for they
// are too many to be drawn one by one. Some share traits.
func drawMany(t *rapid.T, most int, now time.Time) []tuple.Relationship {
	all := modelUniverse()
	if rapid.Bool().Draw(t, "crowd") {
		all = modelCrowd()
	}
	step := draw(t, "step", []int{7, 11, 1, 101, 1009})
	from := rapid.IntRange(0, len(all)-1).Draw(t, "from")
	caveat, expiration := drawCaveat(t), drawExpiration(t, now)
	rels := make([]tuple.Relationship, rapid.IntRange(0, most).Draw(t, "many"))
	for i := range rels {
		rels[i].RelationshipReference = all[(from+i*step)%len(all)]
		if i%3 == 0 {
			rels[i].OptionalCaveat = caveat
		}
		if i%5 < 2 {
			rels[i].OptionalExpiration = expiration
		}
	}
	return rels
}

func drawFilter(t *rapid.T) *v1.RelationshipFilter {
	f := &v1.RelationshipFilter{
		ResourceType:     maybe(t, "resource type", modelTypes),
		OptionalRelation: maybe(t, "relation", modelRelations),
	}
	if rapid.Bool().Draw(t, "by prefix") {
		f.OptionalResourceIdPrefix = maybe(t, "prefix", modelPrefixes)
	} else {
		f.OptionalResourceId = maybe(t, "resource id", modelIDs)
	}
	nothing := f.ResourceType+f.OptionalRelation+f.OptionalResourceId+f.OptionalResourceIdPrefix == ""
	if nothing || rapid.Bool().Draw(t, "subject?") {
		f.OptionalSubjectFilter = drawSubjectFilter(t)
	}
	return f
}

func drawSubjectFilter(t *rapid.T) *v1.SubjectFilter {
	f := &v1.SubjectFilter{
		SubjectType:       draw(t, "subject type", modelTypes),
		OptionalSubjectId: maybe(t, "subject id", modelSubjects),
	}
	if rapid.Bool().Draw(t, "subject relation?") {
		f.OptionalRelation = &v1.SubjectFilter_RelationFilter{
			Relation: draw(t, "subject relation", []string{"", "view", "own"}),
		}
	}
	return f
}
