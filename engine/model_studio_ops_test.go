package engine_test

import (
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
)

// name draws a first and a last name; seldom what is none.
func (d studioDraw) name() (contact, first, last string) {
	if chance(d.t, "misnamed", 4) {
		return pick(d.t, "contact", "", "Ana Lima"), pick(d.t, "first", "", " ", "Ana"), pick(d.t, "last", "", "two\nlines", "Lima")
	}
	return "", pick(d.t, "first", "Ana", "Ben"), pick(d.t, "last", "Lima", "Souza")
}

func (d studioDraw) inviteStaff() engine.Operation {
	open := 0
	for _, s := range d.v.seats {
		if !s.removed() {
			open++
		}
	}
	o := &engine.InviteStaff{Partner: d.partner, Staff: d.fresh("s", open, len(d.v.seats), d.seatNames()), Email: d.email(), Role: d.level()}
	o.ContactName, o.FirstName, o.LastName = d.name()
	return o
}

func (d studioDraw) acceptInvitation() engine.Operation {
	var tokens, void []string
	for _, v := range d.m.venues {
		for _, s := range v.seats {
			if s.token != "" {
				tokens = append(tokens, s.token)
			}
			void = append(void, s.void[max(0, len(s.void)-1):]...)
		}
	}
	if len(tokens) == 0 || chance(d.t, "void", 15) {
		tokens = slices.Concat(void, []string{"", "invite_made_up"})
	}
	return &engine.AcceptInvitation{Token: pick(d.t, "token", tokens...)}
}

func (d studioDraw) staffOp() engine.Operation {
	switch roll(d.t, "staff operation", 12) {
	case 0, 1:
		return &engine.ResendInvitation{Partner: d.partner, Staff: d.staffIn(engine.Invited)}
	case 2, 3:
		return &engine.WithdrawInvitation{Partner: d.partner, Staff: d.staffIn(engine.Invited)}
	case 4, 5, 6:
		o := &engine.EditStaff{Partner: d.partner, Staff: d.staffIn(pick(d.t, "state", engine.Active, engine.Invited, engine.Invited, engine.Inactive))}
		if chance(d.t, "renamed", 40) {
			o.ContactName, o.FirstName, o.LastName = d.name()
			if chance(d.t, "one of them", 30) {
				o.FirstName = ""
			}
			if chance(d.t, "as elsewhere", 15) {
				o.ContactName, o.FirstName, o.LastName = "Ana Lima", "", ""
			}
		}
		if chance(d.t, "moved", 70) {
			o.Email = d.email()
		}
		return o
	default:
		// Levels of seats without a person matter most.
		who := pick(d.t, "whose",
			func(*studioSeat) bool { return true },
			func(s *studioSeat) bool { return s.person == "" },
			func(s *studioSeat) bool { return s.state == engine.Invited })
		return &engine.ChangeRole{Partner: d.partner, Staff: d.staffWho(who), Role: d.level()}
	}
}

// leaver draws a staff member who is to go, as often as percent says one who teaches.
func (d studioDraw) leaver(percent int) string {
	if chance(d.t, "teaches", percent) {
		return d.staffWho(func(s *studioSeat) bool { return len(d.m.classes(d.v, s)) > 0 })
	}
	if chance(d.t, "never joined", 40) {
		return d.staffWho(func(s *studioSeat) bool { return s.person == "" && s.choosable() })
	}
	return d.staffIn(engine.Active, engine.Invited)
}

// successor draws who takes over, mostly somebody who can.
func (d studioDraw) successor(from string) string {
	if chance(d.t, "inactive", 12) {
		return d.staffIn(engine.Inactive)
	}
	return d.staffWho(func(s *studioSeat) bool { return s.choosable() && s.name != from })
}

// successors draws who takes over from a staff member: one of them all, one for
// each class or for some, both, or nobody.
func (d studioDraw) successors(from string) (to string, each map[string]string) {
	how := roll(d.t, "to whom", 10)
	if how < 5 {
		to = d.successor(from)
	}
	if how < 3 || how == 9 && chance(d.t, "to nobody", 30) {
		return to, nil
	}
	each = map[string]string{}
	if s := d.v.seat(from); s != nil {
		for _, e := range d.m.classes(d.v, s) {
			if chance(d.t, e.name+" too", 80) {
				each[e.name] = d.successor(from)
			}
		}
	}
	if chance(d.t, "another's", 8) {
		each[d.event()] = d.successor(from)
	}
	return to, each
}

func (d studioDraw) deactivate() engine.Operation {
	o := &engine.DeactivateStaff{Partner: d.partner, Staff: d.leaver(60)}
	if chance(d.t, "hands over", 70) {
		o.HandOverTo, o.Replacements = d.successors(o.Staff)
	}
	return o
}

func (d studioDraw) handOver() engine.Operation {
	o := &engine.HandOver{Partner: d.partner, Staff: d.leaver(90)}
	o.To, o.Replacements = d.successors(o.Staff)
	return o
}

func (d studioDraw) reactivate() engine.Operation {
	if chance(d.t, "never joined", 30) {
		return &engine.ReactivateStaff{Partner: d.partner, Staff: d.staffWho(func(s *studioSeat) bool { return s.state == engine.Inactive && s.person == "" })}
	}
	return &engine.ReactivateStaff{Partner: d.partner, Staff: d.staffIn(engine.Inactive)}
}

func (d studioDraw) removeStaff() engine.Operation {
	return &engine.RemoveStaff{Partner: d.partner, Staff: d.staffIn(engine.Inactive)}
}

func (d studioDraw) createEvent() engine.Operation {
	open := 0
	for _, e := range d.v.events {
		if !e.archived {
			open++
		}
	}
	o := &engine.CreateEvent{
		Partner: d.partner, Event: d.fresh("e", open, len(d.v.events), d.eventNames()),
		Kind: pick(d.t, "kind", "event", "course"), Title: drawTitle(d.t), Instructors: []string{},
	}
	if chance(d.t, "odd kind", 6) {
		o.Kind = pick(d.t, "kind", "", "party")
	}
	o.StartsAt, o.EndsAt = d.times()
	for range pick(d.t, "instructors", 1, 1, 1, 1, 2, 2, 2, 3, 3, roll(d.t, "none", 2)) {
		o.Instructors = append(o.Instructors, d.staffIn(engine.Active, engine.Invited))
	}
	return o
}

func (d studioDraw) editEvent() engine.Operation {
	// What is over and can't simply take place again matters most.
	is := func(e *studioEvent) bool { return d.m.over(e) && !e.held() }
	if chance(d.t, "any", 65) {
		is = func(*studioEvent) bool { return true }
	}
	o := &engine.EditEvent{Partner: d.partner, Event: d.eventThat(is)}
	if chance(d.t, "renamed", 25) {
		o.Title = drawTitle(d.t)
	}
	if chance(d.t, "moved", 85) {
		o.StartsAt, o.EndsAt = d.times()
		switch roll(d.t, "one of them", 8) {
		case 6:
			o.StartsAt = time.Time{}
		case 7:
			o.EndsAt = time.Time{}
		}
	}
	return o
}

func (d studioDraw) archiveEvent() engine.Operation {
	return &engine.ArchiveEvent{Partner: d.partner, Event: d.event()}
}

func (d studioDraw) assign() engine.Operation {
	return &engine.AssignInstructor{Partner: d.partner, Event: d.event(), Staff: d.staff()}
}

func (d studioDraw) unassign() engine.Operation {
	var pairs [][2]string
	for _, e := range d.v.events {
		for _, s := range d.v.seats {
			if e.taughtBy[s] {
				pairs = append(pairs, [2]string{e.name, s.name})
			}
		}
	}
	if len(pairs) > 0 && chance(d.t, "given", 80) {
		p := pick(d.t, "which", pairs...)
		return &engine.UnassignInstructor{Partner: d.partner, Event: p[0], Staff: p[1]}
	}
	return &engine.UnassignInstructor{Partner: d.partner, Event: d.event(), Staff: d.staff()}
}

func (d studioDraw) partnerOp() engine.Operation {
	if chance(d.t, "sign up", 50) {
		partner := d.partner
		if len(d.v.seats) > 0 && chance(d.t, "at another", 60) {
			partner = string(pick(d.t, "id", d.m.w.Partners...))
		}
		o := &engine.SignUp{Partner: partner, Staff: pick(d.t, "seat", "s0", "s1"), Title: drawTitle(d.t), Email: d.email()}
		o.ContactName, o.FirstName, o.LastName = d.name()
		return o
	}
	return &engine.EditPartner{Partner: d.partner, Title: drawTitle(d.t)}
}

func (d studioDraw) platformOp() engine.Operation {
	if chance(d.t, "add", 40) {
		return &engine.AddSupport{User: pick(d.t, "user", d.m.w.Persons...)}
	}
	return &engine.RemoveSupport{User: pick(d.t, "user", slices.Concat(d.m.w.Persons[:3], d.m.support)...)}
}
