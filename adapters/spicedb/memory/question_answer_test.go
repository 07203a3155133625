package memory_test

import (
	"slices"
	"strings"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
)

// answer returns what the model says: all that matches, in the question's
// order, cut at its cursors and then at its limit. Without a sort order it is
// ordered by resource.
func (q question) answer(s modelState, now time.Time) []tuple.Relationship {
	rels := s.matching(q.filter)
	if !q.skipExpiration {
		rels = slices.DeleteFunc(rels, func(r tuple.Relationship) bool {
			return r.OptionalExpiration != nil && !r.OptionalExpiration.After(now)
		})
	}
	compare := compareBy(q.order)
	slices.SortFunc(rels, compare)
	rels = slices.DeleteFunc(rels, func(r tuple.Relationship) bool {
		return q.after != nil && compare(r, *q.after) <= 0 || q.until != nil && compare(r, *q.until) > 0
	})
	return cutAt(rels, q.limit)
}

func cutAt(rels []tuple.Relationship, limit *uint64) []tuple.Relationship {
	if limit == nil || *limit >= uint64(len(rels)) {
		return rels
	}
	return rels[:*limit]
}

func compareBy(order options.SortOrder) func(a, b tuple.Relationship) int {
	key := func(r tuple.Relationship) []string {
		first, second := r.Resource, r.Subject
		if order == options.BySubject {
			first, second = second, first
		}
		return []string{
			first.ObjectType, first.ObjectID, first.Relation,
			second.ObjectType, second.ObjectID, second.Relation,
		}
	}
	return func(a, b tuple.Relationship) int { return slices.Compare(key(a), key(b)) }
}

// matches is written anew because RelationshipsFilter.Test returns early,
// at the first selector that matches and at an ellipsis.
func matches(f datastore.RelationshipsFilter, r tuple.Relationship) bool {
	return (f.OptionalResourceType == "" || f.OptionalResourceType == r.Resource.ObjectType) &&
		(len(f.OptionalResourceIds) == 0 || slices.Contains(f.OptionalResourceIds, r.Resource.ObjectID)) &&
		strings.HasPrefix(r.Resource.ObjectID, f.OptionalResourceIDPrefix) &&
		(f.OptionalResourceRelation == "" || f.OptionalResourceRelation == r.Resource.Relation) &&
		matchesTraits(f, r) &&
		(len(f.OptionalSubjectsSelectors) == 0 ||
			slices.ContainsFunc(f.OptionalSubjectsSelectors, func(sel datastore.SubjectsSelector) bool {
				return selects(sel, r.Subject)
			}))
}

func selects(sel datastore.SubjectsSelector, subject tuple.ObjectAndRelation) bool {
	return (sel.OptionalSubjectType == "" || sel.OptionalSubjectType == subject.ObjectType) &&
		(len(sel.OptionalSubjectIds) == 0 || slices.Contains(sel.OptionalSubjectIds, subject.ObjectID)) &&
		selectsRelation(sel.RelationFilter, subject.Relation)
}

func selectsRelation(f datastore.SubjectRelationFilter, relation string) bool {
	switch {
	case f.OnlyNonEllipsisRelations:
		return relation != tuple.Ellipsis
	case f.IncludeEllipsisRelation && relation == tuple.Ellipsis:
		return true
	case f.NonEllipsisRelation != "":
		return relation == f.NonEllipsisRelation
	}
	return !f.IncludeEllipsisRelation
}

func matchesTraits(f datastore.RelationshipsFilter, r tuple.Relationship) bool {
	switch c := f.OptionalCaveatNameFilter; {
	case c.Option == datastore.CaveatFilterOptionHasMatchingCaveat && r.OptionalCaveat.GetCaveatName() != c.CaveatName,
		c.Option == datastore.CaveatFilterOptionNoCaveat && r.OptionalCaveat.GetCaveatName() != "":
		return false
	}
	switch f.OptionalExpirationOption {
	case datastore.ExpirationFilterOptionHasExpiration:
		return r.OptionalExpiration != nil
	case datastore.ExpirationFilterOptionNoExpiration:
		return r.OptionalExpiration == nil
	case datastore.ExpirationFilterOptionNone:
	}
	return true
}
