package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// Impact is what a plan would do: for people in whom it changes, for machines
// in what is written.
type Impact struct {
	Entries []Entry  `json:"entries"` // as they would be
	Updates []Update `json:"updates"`
	// Gains and Losses are permissions that somebody would have, or have no
	// more, sorted by person, resource and permission.
	Gains  []Change `json:"gains"`
	Losses []Change `json:"losses"`
	// Truncated says that there are more than MaxImpact of either.
	Truncated bool `json:"truncated,omitempty"`
}

// Change is one permission of one person.
type Change struct {
	User       string        `json:"user"`
	Resource   schema.Object `json:"resource"`
	Permission string        `json:"permission"`
}

// MaxImpact is how many gains and how many losses an [Impact] lists.
const MaxImpact = 1000

// impactOf evaluates the schema over the domain's relationships as they are
// and as the plan would leave them, on whatever hangs on what it changes.
func impactOf(ctx context.Context, v *View, p *Plan) (*Impact, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{})
	if err != nil {
		return nil, err
	}
	before := newRelations(v.Portal.Model)
	after := newRelations(v.Portal.Model)
	dropped := map[schema.Relationship]bool{}
	for _, u := range p.Updates {
		dropped[u.Relationship.Key()] = true
		if !u.Delete {
			after.add(u.Relationship)
		}
	}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		before.add(r.Relationship)
		if !dropped[r.Key()] {
			after.add(r.Relationship)
		}
	}
	impact := &Impact{Entries: []Entry{}, Updates: p.Updates, Gains: []Change{}, Losses: []Change{}}
	if impact.Updates == nil {
		impact.Updates = []Update{}
	}
	for _, c := range p.Entries {
		c.Entry.Invitation = nil
		impact.Entries = append(impact.Entries, c.Entry)
	}
	for _, object := range affected(p, before, after) {
		for _, permission := range v.Portal.Model.PermissionNames(object.Type) {
			impact.compare(target{object, permission}, before, after)
		}
	}
	impact.sort()
	return impact, nil
}

// affected returns what the plan's relationships are on, and all that leads to
// it, before or after.
func affected(p *Plan, states ...*relations) []schema.Object {
	seen := map[schema.Object]bool{}
	var queue []schema.Object
	visit := func(o schema.Object) {
		if !seen[o] {
			seen[o] = true
			queue = append(queue, o)
		}
	}
	for _, u := range p.Updates {
		visit(u.Relationship.Resource)
	}
	for i := 0; i < len(queue); i++ {
		for _, s := range states {
			for _, o := range s.users[queue[i]] {
				visit(o)
			}
		}
	}
	return queue
}

func (i *Impact) compare(at target, before, after *relations) {
	was, will := before.members(at), after.members(at)
	for who := range will {
		if !was[who] {
			i.Gains = append(i.Gains, Change{who, at.object, at.name})
		}
	}
	for who := range was {
		if !will[who] {
			i.Losses = append(i.Losses, Change{who, at.object, at.name})
		}
	}
}

func (i *Impact) sort() {
	for _, list := range []*[]Change{&i.Gains, &i.Losses} {
		slices.SortFunc(*list, func(a, b Change) int {
			return strings.Compare(a.User+"\x00"+a.Resource.String()+"\x00"+a.Permission,
				b.User+"\x00"+b.Resource.String()+"\x00"+b.Permission)
		})
		if len(*list) > MaxImpact {
			*list, i.Truncated = (*list)[:MaxImpact], true
		}
	}
}

// people is a set of user ids.
type people map[string]bool

// relations are a domain's relationships in memory, evaluated by sets.
type relations struct {
	model    *schema.Model
	subjects map[target][]schema.Subject
	users    map[schema.Object][]schema.Object // resources by their subjects' objects
	memo     map[target]people
}

func newRelations(m *schema.Model) *relations {
	return &relations{
		model: m, subjects: map[target][]schema.Subject{},
		users: map[schema.Object][]schema.Object{}, memo: map[target]people{},
	}
}

func (r *relations) add(rel schema.Relationship) {
	at := target{rel.Resource, rel.Relation}
	r.subjects[at] = append(r.subjects[at], rel.Subject)
	r.users[rel.Subject.Object] = append(r.users[rel.Subject.Object], rel.Resource)
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
