package memory

import (
	"cmp"

	"github.com/authzed/spicedb/pkg/tuple"
)

// order is one of the two orders in which relationships are read: by one side,
// then by the other; each by type, id and relation.
type order side

const (
	byResource = order(resourceSide)
	bySubject  = order(subjectSide)
)

// place is where a relationship is in either order.
type place tuple.RelationshipReference

func (p *place) end(s side) *tuple.ObjectAndRelation {
	if s == resourceSide {
		return &p.Resource
	}
	return &p.Subject
}

func (e *edge) place() place { return place(e.reference()) }

func (o order) compare(a, b place) int {
	first, second := side(o), side(o).other()
	return cmp.Or(
		compareEnds(a.end(first), b.end(first)),
		compareEnds(a.end(second), b.end(second)),
	)
}

func compareEnds(a, b *tuple.ObjectAndRelation) int {
	return cmp.Or(
		cmp.Compare(a.ObjectType, b.ObjectType),
		cmp.Compare(a.ObjectID, b.ObjectID),
		cmp.Compare(a.Relation, b.Relation),
	)
}
