package memory_test

import (
	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"pgregory.net/rapid"
)

func drawQuestion(t *rapid.T, s modelState) question {
	var q question
	if rapid.Bool().Draw(t, "reverse") {
		q = drawReverse(t)
	} else {
		q.filter = drawForward(t)
	}
	q.order = draw(t, "order", []options.SortOrder{
		options.ByResource, options.BySubject, options.ChooseEfficient, options.Unsorted,
	})
	q.skipCaveats = rapid.Bool().Draw(t, "skip caveats")
	q.skipExpiration = rapid.Bool().Draw(t, "skip expiration")
	if rapid.Bool().Draw(t, "limit?") {
		limit := draw(t, "limit", []uint64{0, 1, 2, 3, 5, 100})
		q.limit = &limit
	}
	q.after = drawCursor(t, "after?", s)
	if q.reverse == nil && q.order != options.Unsorted {
		q.until = drawCursor(t, "until?", s)
	}
	return q
}

// drawCursor draws a place that may have a relationship or not.
func drawCursor(t *rapid.T, label string, s modelState) options.Cursor {
	if rapid.IntRange(0, 2).Draw(t, label) < 2 {
		return nil
	}
	return options.ToCursor(tuple.Relationship{RelationshipReference: drawReference(t, s.sorted())})
}

func drawReverse(t *rapid.T) question {
	subjects := datastore.SubjectsFilter{
		SubjectType:        draw(t, "subject type", modelTypes),
		OptionalSubjectIds: drawIDs(t, "subject ids", modelSubjects),
		RelationFilter:     drawSubjectRelation(t),
	}
	q := question{reverse: &subjects}
	q.filter.OptionalSubjectsSelectors = []datastore.SubjectsSelector{subjects.AsSelector()}
	if rapid.Bool().Draw(t, "resource?") {
		q.filter.OptionalResourceType = draw(t, "resource type", modelTypes)
		q.filter.OptionalResourceRelation = draw(t, "relation", modelRelations)
		q.resource = &options.ResourceRelation{
			Namespace: q.filter.OptionalResourceType, Relation: q.filter.OptionalResourceRelation,
		}
	}
	return q
}

func drawForward(t *rapid.T) datastore.RelationshipsFilter {
	f := datastore.RelationshipsFilter{
		OptionalResourceType:     maybe(t, "resource type", modelTypes),
		OptionalResourceRelation: maybe(t, "relation", modelRelations),
		OptionalCaveatNameFilter: maybe(t, "caveat", []datastore.CaveatNameFilter{
			datastore.WithNoCaveat(), datastore.WithCaveatName(modelCaveats[0]), datastore.WithCaveatName("nobodys"),
		}),
		OptionalExpirationOption: maybe(t, "expiration", []datastore.ExpirationFilterOption{
			datastore.ExpirationFilterOptionHasExpiration, datastore.ExpirationFilterOptionNoExpiration,
		}),
	}
	if rapid.Bool().Draw(t, "by prefix") {
		f.OptionalResourceIDPrefix = maybe(t, "prefix", modelPrefixes)
	} else {
		f.OptionalResourceIds = drawIDs(t, "resource ids", modelIDs)
	}
	for range rapid.IntRange(0, 3).Draw(t, "selectors") {
		f.OptionalSubjectsSelectors = append(f.OptionalSubjectsSelectors, datastore.SubjectsSelector{
			OptionalSubjectType: maybe(t, "subject type", modelTypes),
			OptionalSubjectIds:  drawIDs(t, "subject ids", modelSubjects),
			RelationFilter:      drawSubjectRelation(t),
		})
	}
	return f
}

// drawIDs draws ids, some twice, some of nothing.
func drawIDs(t *rapid.T, label string, from []string) []string {
	if !rapid.Bool().Draw(t, label+"?") {
		return nil
	}
	from = append([]string{"nobody", "n007", "n150"}, from...)
	return rapid.SliceOfN(rapid.SampledFrom(from), 1, 8).Draw(t, label)
}

func drawSubjectRelation(t *rapid.T) datastore.SubjectRelationFilter {
	var f datastore.SubjectRelationFilter
	return maybe(t, "subject relation", []datastore.SubjectRelationFilter{
		f.WithEllipsisRelation(),
		f.WithNonEllipsisRelation("view"),
		f.WithEllipsisRelation().WithNonEllipsisRelation("own"),
		f.WithOnlyNonEllipsisRelations(),
	})
}
