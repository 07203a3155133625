package schema

import (
	"fmt"
	"slices"
)

// stage is an object in one place, with all that the place leads to, and the
// relationships on any of it that a seat can be given.
type stage struct {
	model    *Model
	object   Object
	rels     []Relationship
	personal []personal
	tried    map[string][]bool // what was held, by column and needs
}

// personal is a relationship that a seat, or a person, can be given.
type personal struct {
	name string // member, or group.staff of another object
	rel  Relationship
}

// term is one way to a permission: the relationships that it needs, and those
// of which each takes it away. Both are sorted indexes of stage.personal.
type term struct{ needs, unless []int }

func (t *trial) stage(object Object, place []link) *stage {
	s := &stage{model: t.model, object: object, tried: map[string][]bool{}}
	s.put(t, object, place)
	if object != mine {
		s.put(t, mine, first(t.home(TypeStaff)))
	}
	return s
}

// put adds the object, in its place, and all that the place leads to.
func (s *stage) put(t *trial, object Object, place []link) {
	s.addPersonal(t, object)
	for _, l := range place {
		to := t.object(l.to.Type, "up")
		s.rels = append(s.rels, Relationship{Resource: object, Relation: l.relation, Subject: Subject{to, l.to.Relation}})
		if !s.has(to) {
			s.put(t, to, first(t.home(to.Type)))
		}
	}
}

// has reports whether the object was put already: it has a place, or is a root.
func (s *stage) has(object Object) bool {
	return object == s.object || slices.ContainsFunc(s.rels, func(r Relationship) bool { return r.Resource == object }) ||
		slices.ContainsFunc(s.personal, func(p personal) bool { return p.rel.Resource == object })
}

func first(links []link) []link { return links[:min(1, len(links))] }

// addPersonal adds what a seat can be given on the object, but for the roles,
// for who sits on a seat, and for the platform's, which are columns.
func (s *stage) addPersonal(t *trial, object Object) {
	if object.Type == TypePlatform {
		return
	}
	for _, name := range t.relations(object.Type) {
		subject, ok := personSubject(t.model.Relation(object.Type, name))
		if !ok || object.Type == TypePartner && t.roles[name] || object.Type == TypeStaff && subject.Object == me {
			continue
		}
		p := personal{name, Relationship{Resource: object, Relation: name, Subject: subject}}
		if object != s.object {
			p.name = object.Type + "." + name
		}
		s.personal = append(s.personal, p)
	}
}

// personSubject returns how the relation names the person of the trial: by
// the seat's user, by the seat itself, or by themself.
func personSubject(r *Relation) (Subject, bool) {
	for _, s := range []Subject{{mine, TypeUser}, {Object: mine}, {Object: me}} {
		if r.Takes(s.Type, s.Relation, false) || r.Takes(s.Type, s.Relation, true) {
			return s, true
		}
	}
	return Subject{}, false
}

// held reports for each permission whether the person, or their seat, has it
// with these relationships beside the column's.
func (s *stage) held(c column, permissions []string, needs []int) []bool {
	key := fmt.Sprint(c.name, needs)
	if known, ok := s.tried[key]; ok {
		return known
	}
	facts := NewFacts(s.model)
	facts.Add(s.rels...)
	facts.Add(c.rels...)
	for _, i := range needs {
		facts.Add(s.personal[i].rel)
	}
	held := make([]bool, len(permissions))
	for i, permission := range permissions {
		held[i] = facts.Has(s.object, permission, me, mine)
	}
	s.tried[key] = held
	return held
}

// try returns for each permission the ways to it, the shortest first. A way is
// left out if a shorter one does that nothing more takes away.
func (s *stage) try(c column, permissions []string) [][]term {
	most := MaxNeeds
	if !c.seated {
		most = 0
	}
	ways := make([][]term, len(permissions))
	for _, needs := range subsets(len(s.personal), most) {
		for i, held := range s.held(c, permissions, needs) {
			if !held || covered(term{needs: needs}, ways[i]) {
				continue
			}
			found := term{needs: needs}
			if c.seated {
				found.unless = s.unless(c, permissions, needs, i)
			}
			if !covered(found, ways[i]) {
				ways[i] = append(ways[i], found)
			}
		}
	}
	return ways
}

// unless returns the relationships of which each takes away the permission.
func (s *stage) unless(c column, permissions []string, needs []int, permission int) []int {
	var taking []int
	for i := range s.personal {
		if slices.Contains(needs, i) {
			continue
		}
		more := append(slices.Clone(needs), i)
		slices.Sort(more)
		if !s.held(c, permissions, more)[permission] {
			taking = append(taking, i)
		}
	}
	return taking
}

// covered reports whether one of the ways needs no more than t, and nothing
// takes it away that doesn't take away t.
func covered(t term, ways []term) bool {
	return slices.ContainsFunc(ways, func(w term) bool {
		return subset(w.needs, t.needs) && subset(w.unless, t.unless)
	})
}

func subset(some, all []int) bool {
	return !slices.ContainsFunc(some, func(i int) bool { return !slices.Contains(all, i) })
}

// subsets returns the sets of at most `most` of the numbers below n, the
// smallest first, each sorted.
func subsets(n, most int) [][]int {
	all, last := [][]int{nil}, [][]int{nil}
	for range most {
		var next [][]int
		for _, set := range last {
			from := 0
			if len(set) > 0 {
				from = set[len(set)-1] + 1
			}
			for i := from; i < n; i++ {
				next = append(next, append(slices.Clone(set), i))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}
