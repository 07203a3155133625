package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// Hidden tells of whom an actor may not know at one partner, although they may
// ask about its staff. The zero value hides nobody.
type Hidden struct {
	seats map[schema.Object]bool
	// Who sits on hidden seats, and on the others.
	people, known map[string]bool
	self          string
}

// Hidden returns of whom the actor may not know at the partner.
func (e *Engine) Hidden(ctx context.Context, actor Actor, d schema.Domain) (Hidden, error) {
	var h Hidden
	if d == schema.PlatformDomain {
		return h, nil
	}
	err := e.looking(ctx, actor, []schema.Object{d.Root()}, func(v *View) (err error) {
		h, err = e.hiddenFrom(ctx, v)
		return err
	})
	return h, err
}

// hiddenFrom returns of whom the view's actor may not know.
func (e *Engine) hiddenFrom(ctx context.Context, v *View) (Hidden, error) {
	h := Hidden{people: map[string]bool{}, known: map[string]bool{}, self: v.Actor.User}
	var err error
	h.seats, err = e.seatsWithout(ctx, v, e.portal.Visible[schema.TypeStaff])
	if err != nil || len(h.seats) == 0 {
		return h, err
	}
	members, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
	for _, m := range members {
		if h.seats[m.Object] {
			h.people[m.User] = true
		} else {
			h.known[m.User] = true
		}
	}
	return h, err
}

// Hides reports whether the object is a hidden seat, or a person who might sit
// on one: where somebody is hidden, strangers are too, or asking would tell them
// apart.
func (h Hidden) Hides(o schema.Object) bool {
	if len(h.seats) == 0 {
		return false
	}
	if o.Type == schema.TypeUser {
		return o.ID != h.self && !h.known[o.ID]
	}
	return h.seats[o]
}

// user returns the id of somebody who did something, "" if they sit on a hidden
// seat.
func (h Hidden) user(id string) string {
	if h.people[id] {
		return ""
	}
	return id
}

// seatsWithout returns the seats, but for removed ones, on which the actor lacks
// the permission; none if the actor is no person, or if there is no permission.
func (e *Engine) seatsWithout(ctx context.Context, v *View, permission string) (map[schema.Object]bool, error) {
	if v.Actor.Kind != Person || permission == "" {
		return nil, nil
	}
	seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
	if err != nil {
		return nil, err
	}
	reached, err := e.reach(ctx, v, schema.TypeStaff, permission, v.Actor.Subject())
	without := map[schema.Object]bool{}
	for _, s := range seats {
		if !reached[s.Object.ID] {
			without[s.Object] = true
		}
	}
	return without, err
}

// outliner returns what reduces a staff member's entry to what the actor may
// read of it: of whom they may not know, in a place where they meet them all the
// same, the name; of others name and role, unless they may view the whole.
func (e *Engine) outliner(ctx context.Context, v *View) (func(Entry) Entry, error) {
	hidden, err := e.hiddenFrom(ctx, v)
	if err != nil {
		return nil, err
	}
	permission := e.portal.Visible[schema.TypeStaff]
	if whole := e.portal.Views["staff_member"]; whole.Type == schema.TypeStaff {
		permission = whole.Permission
	}
	without, err := e.seatsWithout(ctx, v, permission)
	return func(member Entry) Entry {
		if !without[member.Object] {
			return member
		}
		outline := Entry{Object: member.Object, Parent: member.Parent, Title: member.Title, State: member.State, Role: member.Role}
		if hidden.seats[member.Object] {
			outline.Role = ""
		}
		return outline
	}, err
}
