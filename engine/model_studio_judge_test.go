package engine_test

import (
	"slices"
	"strings"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Judge implements [article].
func (m *studioModel) Judge(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.SignUp:
		return m.signUp(a, o)
	case *engine.AcceptInvitation:
		return m.accept(a, o)
	case *engine.AddSupport:
		bad := m.gate.refusals(a, "platform#manage_support or operator", schema.Platform())
		return judge(bad, func() {
			if !slices.Contains(m.support, o.User) {
				m.support = append(m.support, o.User)
			}
		})
	case *engine.RemoveSupport:
		bad := m.gate.refusals(a, "platform#manage_support or operator", schema.Platform())
		if len(bad) == 0 && !slices.Contains(m.support, o.User) {
			return refuse(engine.NotFound)
		}
		return judge(bad, func() { m.support = slices.DeleteFunc(m.support, func(s string) bool { return s == o.User }) })
	case *engine.EditPartner:
		v, bad := m.at(a, o.Partner, "partner#manage_settings") // ST-6
		if len(bad) == 0 && badTitle(o.Title) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { v.title = o.Title })
	case *engine.InviteStaff, *engine.ResendInvitation, *engine.WithdrawInvitation, *engine.EditStaff, *engine.ChangeRole:
		return m.judgeStaff(a)
	case *engine.DeactivateStaff, *engine.ReactivateStaff, *engine.RemoveStaff, *engine.HandOver:
		return m.judgeLeaving(a)
	default:
		return m.judgeEvents(a)
	}
}

// at passes the gate for an act at a venue that is about the named objects too,
// "event/yoga".
func (m *studioModel) at(a act, partner, needs string, about ...string) (*studioVenue, []engine.Code) {
	objects := []schema.Object{schema.Partner(schema.Domain(partner))}
	for _, o := range about {
		typ, name, _ := strings.Cut(o, "/")
		objects = append(objects, schema.Obj(typ, schema.Domain(partner), name))
	}
	return m.venue(schema.Domain(partner)), m.gate.refusals(a, needs, objects...)
}

// signUp makes a venue, whose founder has full access.
func (m *studioModel) signUp(a act, o *engine.SignUp) verdict {
	id := schema.Domain(o.Partner)
	if a.Actor.Partner != "" && a.Actor.Partner != id {
		return refuse(engine.NotFound)
	}
	var bad problems
	bad.note(m.venue(id) != nil, engine.Conflict)
	bad.note(a.Actor.Kind != engine.Person || badTitle(o.Title) || badAddress(o.Email) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	bad.note(studioMisnamed(o.ContactName, o.FirstName, o.LastName), engine.Invalid)
	return judge(bad, func() {
		v := &studioVenue{id: id, title: o.Title}
		m.venues = append(m.venues, v)
		m.objects = append(m.objects, schema.Partner(id))
		m.seat(v, &studioSeat{name: o.Staff, level: "full", email: cleanAddress(o.Email), person: a.Actor.User, state: engine.Active})
	})
}

// studioMisnamed is ST-1: staff have a first and a last name.
func studioMisnamed(contact, first, last string) bool {
	return contact != "" || badTitle(first) || badTitle(last)
}

func (m *studioModel) seat(v *studioVenue, s *studioSeat) {
	v.seats = append(v.seats, s)
	m.objects = append(m.objects, schema.Obj("staff", v.id, s.name))
}

func studioBadLevel(level string) bool {
	return !slices.Contains([]string{"none", "instructor", "restricted", "full"}, level)
}

func (m *studioModel) judgeEvents(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateEvent:
		return m.createEvent(a, o)
	case *engine.EditEvent:
		return m.editEvent(a, o)
	case *engine.ArchiveEvent:
		v, bad := m.at(a, o.Partner, "event#manage", "event/"+o.Event)
		return judge(bad, func() {
			e := v.event(o.Event)
			e.archived = true
			clear(e.taughtBy)
		})
	case *engine.AssignInstructor:
		v, bad := m.at(a, o.Partner, "event#manage", "event/"+o.Event, "staff/"+o.Staff)
		if len(bad) == 0 && !v.seat(o.Staff).choosable() {
			return refuse(engine.Conflict) // ST-7
		}
		return judge(bad, func() { v.event(o.Event).taughtBy[v.seat(o.Staff)] = true }) // ST-2
	case *engine.UnassignInstructor:
		v, bad := m.at(a, o.Partner, "event#manage", "event/"+o.Event, "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		e, s := v.event(o.Event), v.seat(o.Staff)
		if !e.taughtBy[s] {
			return refuse(engine.NotFound)
		}
		if !m.over(e) && len(e.taughtBy) == 1 {
			return refuse(engine.Conflict) // ST-8
		}
		return permit(func(*engine.Result) { delete(e.taughtBy, s) })
	default:
		panic("the model knows no " + a.Op.Name())
	}
}

// createEvent is ST-2: anybody who isn't inactive can be chosen.
func (m *studioModel) createEvent(a act, o *engine.CreateEvent) verdict {
	var about []string
	for _, name := range o.Instructors {
		about = append(about, "staff/"+name)
	}
	v, bad := m.at(a, o.Partner, "partner#manage_events", about...)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	e := &studioEvent{name: o.Event, title: strings.TrimSpace(o.Title), kind: o.Kind, starts: o.StartsAt, ends: o.EndsAt, taughtBy: map[*studioSeat]bool{}}
	wrong := problems(naming(v.events, studioEventName, o.Event, o.Title, false))
	wrong.note(len(o.Instructors) == 0 || o.Kind != "event" && o.Kind != "course" || e.mistimed(), engine.Invalid)
	for _, name := range o.Instructors {
		s := v.seat(name)
		wrong.note(!s.choosable(), engine.Conflict) // ST-7
		e.taughtBy[s] = true
	}
	return judge(wrong, func() {
		v.events = append(v.events, e)
		m.objects = append(m.objects, schema.Obj("event", v.id, e.name))
	})
}

func (e *studioEvent) mistimed() bool { return e.starts.IsZero() || !e.ends.After(e.starts) }

// editEvent is ST-8 where an event that is over is to take place again: whoever
// taught it must still be able to.
func (m *studioModel) editEvent(a act, o *engine.EditEvent) verdict {
	v, bad := m.at(a, o.Partner, "event#manage", "event/"+o.Event)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	e := v.event(o.Event)
	next := *e
	if o.Title != "" {
		next.title = strings.TrimSpace(o.Title)
	}
	if !o.StartsAt.IsZero() {
		next.starts = o.StartsAt
	}
	if !o.EndsAt.IsZero() {
		next.ends = o.EndsAt
	}
	var wrong problems
	wrong.note(o.Title == "" && o.StartsAt.IsZero() && o.EndsAt.IsZero(), engine.Invalid)
	wrong.note(o.Title != "" && badTitle(o.Title) || next.mistimed(), engine.Invalid)
	wrong.note(m.over(e) && !m.over(&next) && !e.held(), engine.Conflict)
	return judge(wrong, func() { *e = next })
}

// held reports whether the event has instructors, and none is inactive.
func (e *studioEvent) held() bool {
	for s := range e.taughtBy {
		if !s.choosable() {
			return false
		}
	}
	return len(e.taughtBy) > 0
}
