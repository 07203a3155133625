package schema

import (
	"maps"
	"slices"
)

// Facts are relationships in memory, evaluated against a model by sets of
// subjects. They answer for one moment: whoever adds relationships leaves out
// those that have expired. Deciding is the graph's business; facts are for
// looking ahead, and for describing a model.
//
// Where relationships run in a circle, members who come by it may be missing.
// Facts are for one goroutine at a time.
type Facts struct {
	model    *Model
	subjects map[place][]Subject
	users    map[Object][]Object // resources by their subjects' objects
	known    map[Object]bool     // resources of which anything is said
	memo     map[place]Members
}

// place is a relation or permission of one object.
type place struct {
	object Object
	name   string
}

// Members is a set of objects that have a relation or permission: people, and
// what else is named without a relation of its own, such as the seat of
// partner:acme#instructor_pool@staff:acme/ana.
type Members map[Object]bool

// NewFacts returns facts of which there are none yet.
func NewFacts(m *Model) *Facts {
	return &Facts{
		model: m, subjects: map[place][]Subject{}, users: map[Object][]Object{},
		known: map[Object]bool{}, memo: map[place]Members{},
	}
}

// Add adds relationships; the model needn't have a place for them.
func (f *Facts) Add(rels ...Relationship) {
	clear(f.memo)
	for _, r := range rels {
		at := place{r.Resource, r.Relation}
		f.subjects[at] = append(f.subjects[at], r.Subject)
		f.users[r.Subject.Object] = append(f.users[r.Subject.Object], r.Resource)
		f.known[r.Resource] = true
	}
}

// Known reports whether anything is said of the object: it is the resource of
// a relationship.
func (f *Facts) Known(object Object) bool { return f.known[object] }

// Users returns the resources whose relationships name the object, or a
// relation of it, as their subject. Some may be there twice; the caller changes
// nothing of it.
func (f *Facts) Users(object Object) []Object { return f.users[object] }

// Members returns all that have the relation or permission on the object; none
// have what the model doesn't know. The caller changes nothing of it.
func (f *Facts) Members(object Object, name string) Members {
	at := place{object, name}
	if known, ok := f.memo[at]; ok {
		return known
	}
	f.memo[at] = Members{} // a circle adds nobody
	found := f.find(at)
	f.memo[at] = found
	return found
}

// Has reports whether any of them has the relation or permission on the object.
func (f *Facts) Has(object Object, name string, who ...Object) bool {
	members := f.Members(object, name)
	return slices.ContainsFunc(who, func(o Object) bool { return members[o] })
}

func (f *Facts) find(at place) Members {
	if t := f.model.Types[at.object.Type]; t != nil && t.Permissions[at.name] != nil {
		return f.eval(at.object, t.Permissions[at.name].Expr)
	}
	found := Members{}
	for _, s := range f.subjects[at] {
		if s.Relation == "" {
			found[s.Object] = true
		} else {
			maps.Copy(found, f.Members(s.Object, s.Relation))
		}
	}
	return found
}

func (f *Facts) eval(object Object, expr Expr) Members {
	switch x := expr.(type) {
	case Ref:
		return f.Members(object, x.Name)
	case Arrow:
		var parts []Members
		for _, s := range f.subjects[place{object, x.Relation}] {
			parts = append(parts, f.Members(s.Object, x.Name))
		}
		if x.All {
			return intersect(parts)
		}
		return unite(parts)
	case Union:
		return unite(f.evalAll(object, x))
	case Intersection:
		return intersect(f.evalAll(object, x))
	case Exclusion:
		rest := maps.Clone(f.eval(object, x.Base))
		for who := range f.eval(object, x.Subtract) {
			delete(rest, who)
		}
		return rest
	case Self:
		return Members{object: true}
	default: // Nil
		return Members{}
	}
}

func (f *Facts) evalAll(object Object, parts []Expr) []Members {
	sets := make([]Members, len(parts))
	for i, part := range parts {
		sets[i] = f.eval(object, part)
	}
	return sets
}

func unite(sets []Members) Members {
	all := Members{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func intersect(sets []Members) Members {
	if len(sets) == 0 {
		return Members{}
	}
	common := maps.Clone(sets[0])
	for _, s := range sets[1:] {
		maps.DeleteFunc(common, func(who Object, _ bool) bool { return !s[who] })
	}
	return common
}
