package engine

import (
	"context"
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
	// Hidden counts the entries, updates, gains and losses that aren't listed
	// because whoever asks may not know of them.
	Hidden int `json:"hidden,omitempty"`
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
// and as the plan would leave them, on whatever hangs on what it changes. It
// tells no more than the actor could find out otherwise.
func impactOf(ctx context.Context, v *View, p *Plan, required schema.Requirement) (*Impact, error) {
	before, after, err := beforeAndAfter(ctx, v, p)
	if err != nil {
		return nil, err
	}
	i := &Impact{Entries: []Entry{}, Updates: []Update{}, Gains: []Change{}, Losses: []Change{}}
	seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
	if err != nil {
		return nil, err
	}
	sees := onlooker{v: v, seats: map[string]schema.Object{}, states: []*schema.Facts{before, after}, platform: required.Type == schema.TypePlatform}
	for _, s := range seats {
		sees.seats[s.User] = s.Object
	}
	for _, u := range p.Updates {
		if sees.object(u.Relationship.Resource) && sees.seat(u.Relationship.Subject.Object) {
			i.Updates = append(i.Updates, u)
		} else {
			i.Hidden++
		}
	}
	for _, c := range p.Entries {
		if sees.object(c.Entry.Object) {
			c.Entry.Invitation = nil
			i.Entries = append(i.Entries, c.Entry)
		} else {
			i.Hidden++
		}
	}
	for _, object := range affected(p, before, after) {
		for _, permission := range v.Portal.Model.PermissionNames(object.Type) {
			i.compare(target{object, permission}, before, after)
		}
	}
	i.Gains = slices.DeleteFunc(i.Gains, i.hidden(sees))
	i.Losses = slices.DeleteFunc(i.Losses, i.hidden(sees))
	i.sort()
	return i, nil
}

func beforeAndAfter(ctx context.Context, v *View, p *Plan) (before, after *schema.Facts, err error) {
	rows, err := v.Rows(ctx, RelationshipFilter{})
	if err != nil {
		return nil, nil, err
	}
	before, after = schema.NewFacts(v.Portal.Model), schema.NewFacts(v.Portal.Model)
	dropped := map[schema.Relationship]bool{}
	for _, u := range p.Updates {
		dropped[u.Relationship.Key()] = true
		if !u.Delete {
			after.Add(u.Relationship)
		}
	}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		before.Add(r.Relationship)
		if !dropped[r.Key()] {
			after.Add(r.Relationship)
		}
	}
	return before, after, nil
}

// onlooker is the actor of a dry run, and what they may know.
type onlooker struct {
	v      *View
	states []*schema.Facts
	seats  map[string]schema.Object // by their people
	// platform: the platform's team acts, and sees what it does at a partner
	// that it otherwise doesn't see.
	platform bool
}

// has reports whether the actor has the permission before or after.
func (o onlooker) has(object schema.Object, permission string) bool {
	return slices.ContainsFunc(o.states, func(f *schema.Facts) bool {
		return f.Has(object, permission, schema.User(o.v.Actor.User))
	})
}

// object reports whether the actor may know of the object. A new one is theirs
// to know: they would make it.
func (o onlooker) object(object schema.Object) bool {
	permission := o.v.Portal.Visible[object.Type]
	if o.v.Actor.Kind != Person || permission == "" || o.platform || !o.states[0].Known(object) {
		return true
	}
	return o.has(object, permission)
}

// seat reports whether the object is no seat, or one of which the actor may know.
func (o onlooker) seat(object schema.Object) bool {
	return object.Type != schema.TypeStaff || o.object(object)
}

// change reports whether the actor may know who gains or loses this: it is
// about themself, or they may ask for explanations about others.
func (o onlooker) change(c Change) bool {
	if o.v.Actor.Kind != Person || c.User == o.v.Actor.User {
		return true
	}
	asking, ok := o.v.Portal.Views["explain"]
	if seat, seated := o.seats[c.User]; seated && !o.object(seat) {
		return false
	}
	return ok && o.has(o.v.Domain.Root(), asking.Permission) && o.object(c.Resource)
}

// hidden reports what the onlooker may not know, and counts it.
func (i *Impact) hidden(sees onlooker) func(Change) bool {
	return func(c Change) bool {
		if sees.change(c) {
			return false
		}
		i.Hidden++
		return true
	}
}

// affected returns what the plan's relationships are on, and all that leads to
// it, before or after.
func affected(p *Plan, states ...*schema.Facts) []schema.Object {
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
			for _, o := range s.Users(queue[i]) {
				visit(o)
			}
		}
	}
	return queue
}

func (i *Impact) compare(at target, before, after *schema.Facts) {
	was, will := before.Members(at.object, at.name), after.Members(at.object, at.name)
	i.Gains = append(i.Gains, people(at, will, was)...)
	i.Losses = append(i.Losses, people(at, was, will)...)
}

// people returns a change for each person who is in one set and not in the
// other. A seat that is named itself, as in a pool, is no person.
func people(at target, in, notIn schema.Members) []Change {
	var changes []Change
	for who := range in {
		if who.Type == schema.TypeUser && !notIn[who] {
			changes = append(changes, Change{who.ID, at.object, at.name})
		}
	}
	return changes
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
