package memory

import (
	"strings"

	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/tidwall/btree"
)

// graph holds every version of every relationship that is still kept: objects
// are its nodes, relationships its edges. Its owner locks it.
type graph struct {
	kinds  map[string]*kind
	shapes map[shapeKey]*shape
	// byResource has the shapes by their resource's type.
	byResource map[string][]*shape
}

// kind is an object type, with the objects that have edges.
type kind struct {
	name    string
	objects map[string]*object
}

// object is one object, and the edges that lead from and to it.
type object struct {
	kind *kind
	name string
	ends [2][]posting // by the side that the object is on
}

// shapeKey is what relationships of one shape have in common: the types and
// relations on both sides. There are as many as the schemas so far allowed.
type shapeKey struct{ resource, relation, subject, subjectRelation string }

// shape is a shapeKey, with the objects on either side in the order of their
// names.
type shape struct {
	shapeKey
	roots [2]*btree.BTreeG[*object]
}

// side is one side of a relationship.
type side int

const (
	resourceSide side = iota
	subjectSide
)

func (s side) other() side { return 1 - s }

// edge is one relationship, in all the versions that are kept.
type edge struct {
	shape *shape
	ends  [2]*object
	last  *version // the newest; nil only while the edge is being put in or taken out
}

// version is what a relationship was from one commit to another.
type version struct {
	born, died *commit // died is nil as long as it lives
	traits     *traits // nil if it has none
	before     *version
}

func newGraph() *graph {
	return &graph{
		kinds:      map[string]*kind{},
		shapes:     map[shapeKey]*shape{},
		byResource: map[string][]*shape{},
	}
}

// edge returns a relationship's edge, which is put in if it isn't there.
func (g *graph) edge(r *tuple.RelationshipReference) *edge {
	s := g.shape(r)
	resource := g.object(r.Resource.ObjectType, r.Resource.ObjectID)
	subject := g.object(r.Subject.ObjectType, r.Subject.ObjectID)
	out, in := resource.posting(resourceSide, s), subject.posting(subjectSide, s)
	if e := between(resource, subject, out, in); e != nil {
		return e
	}
	e := &edge{shape: s, ends: [2]*object{resource, subject}}
	resource.attach(resourceSide, out, e)
	subject.attach(subjectSide, in, e)
	return e
}

// lookup returns a relationship's edge, or nil.
func (g *graph) lookup(r *tuple.RelationshipReference) *edge {
	s := g.shapes[keyOf(r)]
	resource := g.find(r.Resource.ObjectType, r.Resource.ObjectID)
	subject := g.find(r.Subject.ObjectType, r.Subject.ObjectID)
	if s == nil || resource == nil || subject == nil {
		return nil
	}
	return between(resource, subject, resource.posting(resourceSide, s), subject.posting(subjectSide, s))
}

// between returns the edge between two objects, whose postings of its shape may
// be nil. It looks into the shorter.
func between(resource, subject *object, out, in *posting) *edge {
	switch {
	case out == nil || in == nil:
		return nil
	case out.len() <= in.len():
		return out.find(subjectSide, subject.name)
	}
	return in.find(resourceSide, resource.name)
}

// remove takes an edge out, and objects that have no other. Shapes and kinds stay.
func (g *graph) remove(e *edge) {
	for s, o := range e.ends {
		o.detach(side(s), e)
		if len(o.ends[resourceSide]) == 0 && len(o.ends[subjectSide]) == 0 {
			delete(o.kind.objects, o.name)
		}
	}
}

// retire puts an edge, which died at a revision or before, out of the way of those
// who read at head.
func (e *edge) retire(at revision) {
	for s, o := range e.ends {
		o.posting(side(s), e.shape).retire(side(s).other(), e, at)
	}
}

// revive reverses retire.
func (e *edge) revive() {
	for s, o := range e.ends {
		o.posting(side(s), e.shape).revive(side(s).other(), e)
	}
}

// retired reports whether the last version's death is committed: then the edge is
// retired.
func (e *edge) retired() bool {
	return e.last != nil && e.last.died != nil && e.last.died.revision != 0
}

func keyOf(r *tuple.RelationshipReference) shapeKey {
	return shapeKey{r.Resource.ObjectType, r.Resource.Relation, r.Subject.ObjectType, r.Subject.Relation}
}

// shape returns the relationship's shape, which is put in if it isn't there.
func (g *graph) shape(r *tuple.RelationshipReference) *shape {
	key := keyOf(r)
	s := g.shapes[key]
	if s == nil {
		key = shapeKey{
			strings.Clone(key.resource), strings.Clone(key.relation),
			strings.Clone(key.subject), strings.Clone(key.subjectRelation),
		}
		s = &shape{shapeKey: key, roots: [2]*btree.BTreeG[*object]{newRoots(), newRoots()}}
		g.shapes[key] = s
		g.byResource[key.resource] = append(g.byResource[key.resource], s)
	}
	return s
}

func newRoots() *btree.BTreeG[*object] {
	return btree.NewBTreeGOptions(func(a, b *object) bool { return a.name < b.name }, btree.Options{NoLocks: true})
}

// object returns an object, which is put in if it isn't there. Names are
// cloned, lest they keep alive what they were cut from.
func (g *graph) object(typ, name string) *object {
	k := g.kinds[typ]
	if k == nil {
		k = &kind{name: strings.Clone(typ), objects: map[string]*object{}}
		g.kinds[k.name] = k
	}
	o := k.objects[name]
	if o == nil {
		o = &object{kind: k, name: strings.Clone(name)}
		k.objects[o.name] = o
	}
	return o
}

// find returns an object, or nil.
func (g *graph) find(typ, name string) *object {
	if k := g.kinds[typ]; k != nil {
		return k.objects[name]
	}
	return nil
}

// posting returns the object's edges of a shape, or nil.
func (o *object) posting(at side, s *shape) *posting {
	for i := range o.ends[at] {
		if p := &o.ends[at][i]; p.shape == s {
			return p
		}
	}
	return nil
}

// attach adds an edge to its posting, which may be nil yet.
func (o *object) attach(at side, p *posting, e *edge) {
	if p == nil {
		o.ends[at] = append(o.ends[at], posting{shape: e.shape})
		p = &o.ends[at][len(o.ends[at])-1]
		e.shape.roots[at].Set(o)
	}
	p.live.insert(at.other(), e)
}

func (o *object) detach(at side, e *edge) {
	for i := range o.ends[at] {
		p := &o.ends[at][i]
		if p.shape != e.shape {
			continue
		}
		p.remove(at.other(), e)
		if p.len() == 0 {
			last := len(o.ends[at]) - 1
			o.ends[at][i] = o.ends[at][last]
			o.ends[at][last] = posting{}
			o.ends[at] = o.ends[at][:last]
			e.shape.roots[at].Delete(o)
		}
		return
	}
}

// reference returns what identifies the relationship.
func (e *edge) reference() tuple.RelationshipReference {
	resource, subject := e.ends[resourceSide], e.ends[subjectSide]
	return tuple.RelationshipReference{
		Resource: tuple.ObjectAndRelation{
			ObjectType: resource.kind.name, ObjectID: resource.name, Relation: e.shape.relation,
		},
		Subject: tuple.ObjectAndRelation{
			ObjectType: subject.kind.name, ObjectID: subject.name, Relation: e.shape.subjectRelation,
		},
	}
}
