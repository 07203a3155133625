package engine

import (
	"maps"

	"github.com/portico-authz/portico/schema"
)

// people is a set of user ids.
type people map[string]bool

// relations are a domain's relationships in memory, evaluated by sets.
type relations struct {
	model    *schema.Model
	subjects map[target][]schema.Subject
	users    map[schema.Object][]schema.Object // resources by their subjects' objects
	known    map[schema.Object]bool            // resources of which anything is said
	memo     map[target]people
}

func newRelations(m *schema.Model) *relations {
	return &relations{
		model: m, subjects: map[target][]schema.Subject{},
		users: map[schema.Object][]schema.Object{}, known: map[schema.Object]bool{}, memo: map[target]people{},
	}
}

func (r *relations) add(rel schema.Relationship) {
	at := target{rel.Resource, rel.Relation}
	r.subjects[at] = append(r.subjects[at], rel.Subject)
	r.users[rel.Subject.Object] = append(r.users[rel.Subject.Object], rel.Resource)
	r.known[rel.Resource] = true
}

// members returns everybody who has the relation or permission.
func (r *relations) members(at target) people {
	if known, ok := r.memo[at]; ok {
		return known
	}
	r.memo[at] = people{} // a cycle adds nobody
	var found people
	if t := r.model.Types[at.object.Type]; t != nil && t.Permissions[at.name] != nil {
		found = r.eval(at.object, t.Permissions[at.name].Expr)
	} else {
		found = people{}
		for _, s := range r.subjects[at] {
			if s.Type == schema.TypeUser {
				found[s.ID] = true
			} else if s.Relation != "" {
				maps.Copy(found, r.members(target{s.Object, s.Relation}))
			}
		}
	}
	r.memo[at] = found
	return found
}

func (r *relations) eval(object schema.Object, expr schema.Expr) people {
	switch x := expr.(type) {
	case schema.Ref:
		return r.members(target{object, x.Name})
	case schema.Arrow:
		var parts []people
		for _, s := range r.subjects[target{object, x.Relation}] {
			parts = append(parts, r.members(target{s.Object, x.Name}))
		}
		if x.All {
			return intersect(parts)
		}
		return unite(parts)
	case schema.Union:
		return unite(r.evalAll(object, x))
	case schema.Intersection:
		return intersect(r.evalAll(object, x))
	case schema.Exclusion:
		rest := maps.Clone(r.eval(object, x.Base))
		for who := range r.eval(object, x.Subtract) {
			delete(rest, who)
		}
		return rest
	default: // Nil, and Self: nobody's resource is a person
		return people{}
	}
}

func (r *relations) evalAll(object schema.Object, parts []schema.Expr) []people {
	sets := make([]people, len(parts))
	for i, part := range parts {
		sets[i] = r.eval(object, part)
	}
	return sets
}

func unite(sets []people) people {
	all := people{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func intersect(sets []people) people {
	if len(sets) == 0 {
		return people{}
	}
	common := maps.Clone(sets[0])
	for _, s := range sets[1:] {
		maps.DeleteFunc(common, func(who string, _ bool) bool { return !s[who] })
	}
	return common
}
