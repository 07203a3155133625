package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// MayAsk returns nil if the actor may have decisions about the subject at the
// domain: about themself, if they may know of the domain, and about others, if
// they pass the view "explain" there (on the platform, "support"). Whom nothing
// restricts, such as a trusted application, has no need to ask. See also
// [Engine.Hidden].
func (e *Engine) MayAsk(ctx context.Context, actor Actor, d schema.Domain, subject schema.Subject) error {
	if err := d.Validate(); err != nil {
		return Errorf(Invalid, "%s", err)
	}
	about := []schema.Object{d.Root()}
	if !subject.IsZero() && subject == actor.Subject() {
		return e.looking(ctx, actor, about, func(v *View) error { return e.knows(ctx, v, about) })
	}
	view := "explain"
	if d == schema.PlatformDomain {
		view = "support"
	}
	return e.viewing(ctx, actor, view, about, func(*View) error { return nil })
}

// Hidden tells of whom an actor may not know at one partner, although they may
// ask about its staff. The zero value hides nobody.
type Hidden struct {
	seats map[schema.Object]bool
	known map[string]bool // who sits on the other seats
	self  string
}

// Hidden returns of whom the actor may not know at the partner.
func (e *Engine) Hidden(ctx context.Context, actor Actor, d schema.Domain) (Hidden, error) {
	var h Hidden
	if d == schema.PlatformDomain {
		return h, nil
	}
	err := e.looking(ctx, actor, []schema.Object{d.Root()}, func(v *View) error {
		seats, err := e.hiddenSeats(ctx, v)
		h = Hidden{seats: seats, known: map[string]bool{}, self: actor.User}
		if err != nil || len(seats) == 0 {
			return err
		}
		members, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
		for _, m := range members {
			if !seats[m.Object] {
				h.known[m.User] = true
			}
		}
		return err
	})
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
