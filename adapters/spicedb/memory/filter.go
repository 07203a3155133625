package memory

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
)

// filter is what a query asks for, be it from the resource's or the subject's
// side. Zero fields match everything.
type filter struct {
	resource   string // type
	relation   string
	resources  []string // ids, sorted
	prefix     string   // of the resource's id
	subjects   []selector
	caveat     datastore.CaveatNameFilter
	expiration datastore.ExpirationFilterOption

	sort         options.SortOrder
	after, until *place // exclusive, inclusive
	limit        uint64
	// acceptExpired is set where the schema has no expiry. SkipCaveats needs no
	// counterpart: it only spares SQL datastores a column.
	acceptExpired bool
}

// selector asks for subjects; those that any of a filter's selectors asks for match.
type selector struct {
	typ      string
	ids      []string // sorted
	relation datastore.SubjectRelationFilter
}

func newFilter(f datastore.RelationshipsFilter, opts ...options.QueryOptionsOption) (*filter, error) {
	o := options.NewQueryOptionsWithOptions(opts...)
	q := &filter{
		resource:      f.OptionalResourceType,
		relation:      f.OptionalResourceRelation,
		resources:     sorted(f.OptionalResourceIds),
		prefix:        f.OptionalResourceIDPrefix,
		caveat:        f.OptionalCaveatNameFilter,
		expiration:    f.OptionalExpirationOption,
		acceptExpired: o.SkipExpiration,
	}
	for _, s := range f.OptionalSubjectsSelectors {
		q.subjects = append(q.subjects, newSelector(s))
	}
	return q, q.page(o.Sort, o.Limit, o.After, o.BeforeOrEqual)
}

func newReverseFilter(f datastore.SubjectsFilter, opts ...options.ReverseQueryOptionsOption) (*filter, error) {
	o := options.NewReverseQueryOptionsWithOptions(opts...)
	q := &filter{
		subjects:      []selector{newSelector(f.AsSelector())},
		acceptExpired: o.SkipExpirationForReverse,
	}
	if r := o.ResRelation; r != nil {
		q.resource, q.relation = r.Namespace, r.Relation
	}
	return q, q.page(o.SortForReverse, o.LimitForReverse, o.AfterForReverse, nil)
}

func newSelector(s datastore.SubjectsSelector) selector {
	return selector{typ: s.OptionalSubjectType, ids: sorted(s.OptionalSubjectIds), relation: s.RelationFilter}
}

// page says which part of the matches is wanted, and in what order.
func (f *filter) page(sort options.SortOrder, limit *uint64, after, until options.Cursor) error {
	if (after != nil || until != nil) && sort == options.Unsorted {
		return datastore.ErrCursorsWithoutSorting
	}
	f.sort, f.limit = sort, math.MaxUint64
	if limit != nil {
		f.limit = *limit
	}
	if after != nil {
		f.after = (*place)(&after.RelationshipReference)
	}
	if until != nil {
		f.until = (*place)(&until.RelationshipReference)
	}
	return nil
}

func sorted(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// admits reports whether relationships of the shape can match.
func (f *filter) admits(s *shape) bool {
	if f.resource != "" && f.resource != s.resource || f.relation != "" && f.relation != s.relation {
		return false
	}
	return len(f.subjects) == 0 || slices.ContainsFunc(f.subjects, func(sel selector) bool { return sel.admits(s) })
}

func (sel *selector) admits(s *shape) bool {
	if sel.typ != "" && sel.typ != s.subject {
		return false
	}
	r := sel.relation
	switch {
	case r.OnlyNonEllipsisRelations:
		return s.subjectRelation != tuple.Ellipsis
	case r.IsEmpty():
		return true
	}
	return r.IncludeEllipsisRelation && s.subjectRelation == tuple.Ellipsis ||
		r.NonEllipsisRelation != "" && s.subjectRelation == r.NonEllipsisRelation
}

// names returns which ids objects on a side of the shape may have; all is true
// if that is open.
func (f *filter) names(at side, s *shape) (ids []string, all bool) {
	if at == resourceSide {
		return f.resources, len(f.resources) == 0
	}
	if len(f.subjects) == 1 {
		return f.subjects[0].ids, len(f.subjects[0].ids) == 0
	}
	for _, sel := range f.subjects {
		if !sel.admits(s) {
			continue
		}
		if len(sel.ids) == 0 {
			return nil, true
		}
		ids = append(ids, sel.ids...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), len(f.subjects) == 0
}

// matches reports whether an edge's relationship is asked for, in whatever
// version.
func (f *filter) matches(e *edge) bool {
	resource, subject := e.ends[resourceSide].name, e.ends[subjectSide].name
	if !f.admits(e.shape) || !contains(f.resources, resource) || !strings.HasPrefix(resource, f.prefix) {
		return false
	}
	if len(f.subjects) == 0 {
		return true
	}
	return slices.ContainsFunc(f.subjects, func(sel selector) bool {
		return contains(sel.ids, subject) && sel.admits(e.shape)
	})
}

func contains(ids []string, id string) bool {
	if len(ids) == 0 {
		return true
	}
	_, found := slices.BinarySearch(ids, id)
	return found
}

// accepts reports whether a version of a relationship is asked for at a time.
func (f *filter) accepts(v *version, now time.Time) bool {
	t := v.traits
	if t == nil {
		return f.caveat.Option != datastore.CaveatFilterOptionHasMatchingCaveat &&
			f.expiration != datastore.ExpirationFilterOptionHasExpiration
	}
	switch f.caveat.Option {
	case datastore.CaveatFilterOptionHasMatchingCaveat:
		if !t.caveated || t.caveat != f.caveat.CaveatName {
			return false
		}
	case datastore.CaveatFilterOptionNoCaveat:
		if t.caveat != "" {
			return false
		}
	case datastore.CaveatFilterOptionNone:
	}
	switch f.expiration {
	case datastore.ExpirationFilterOptionHasExpiration:
		if !t.expiring {
			return false
		}
	case datastore.ExpirationFilterOptionNoExpiration:
		if t.expiring {
			return false
		}
	case datastore.ExpirationFilterOptionNone:
	}
	return f.acceptExpired || !t.expiring || t.expiry.After(now)
}
