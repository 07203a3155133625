package engine_test

import (
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (m *studioModel) judgeStaff(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.InviteStaff:
		return m.invite(a, o)
	case *engine.ResendInvitation:
		v, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) == 0 && v.seat(o.Staff).state != engine.Invited {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { m.mailed(v.seat(o.Staff)) })
	case *engine.WithdrawInvitation:
		v, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		s := v.seat(o.Staff)
		if s.state != engine.Invited || len(m.classes(v, s)) > 0 { // ST-8
			return refuse(engine.Conflict)
		}
		return permit(func(*engine.Result) { v.remove(s) })
	case *engine.EditStaff:
		return m.editStaff(a, o)
	default:
		return m.changeLevel(a, a.Op.(*engine.ChangeRole))
	}
}

// remove is ST-10.
func (v *studioVenue) remove(s *studioSeat) {
	s.state = engine.Removed
	s.annul()
	for _, e := range v.events {
		delete(e.taughtBy, s)
	}
}

// annul makes the seat's invitation void, if it has one.
func (s *studioSeat) annul() {
	if s.token != "" {
		s.void, s.token = append(s.void, s.token), ""
	}
}

// mailed notes that the seat's invitation was sent: the former is void.
func (m *studioModel) mailed(s *studioSeat) {
	s.annul()
	m.mails[s.email]++
	s.state, s.token, s.until = engine.Invited, m.w.Token(s.email), m.w.Now().Add(7*24*time.Hour)
}

// open puts a seat to use: its person sits on it, or nobody needs to (ST-3), or
// somebody is invited to it.
func (m *studioModel) open(s *studioSeat) {
	if s.person == "" && s.level != "none" {
		m.mailed(s)
		return
	}
	s.state = engine.Active
	s.annul()
}

// invite is ST-1 and ST-3.
func (m *studioModel) invite(a act, o *engine.InviteStaff) verdict {
	v, bad := m.at(a, o.Partner, "partner#manage_staff")
	if len(bad) > 0 {
		return refuse(bad...)
	}
	var wrong problems
	wrong.note(studioBadLevel(o.Role) || badAddress(o.Email) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	wrong.note(studioMisnamed(o.ContactName, o.FirstName, o.LastName), engine.Invalid)
	wrong.note(find(v.seats, o.Staff, studioSeatName) != nil || v.address(o.Email) != nil, engine.Conflict)
	return judge(wrong, func() {
		s := &studioSeat{name: o.Staff, level: o.Role, email: cleanAddress(o.Email)}
		m.seat(v, s)
		m.open(s)
	})
}

// address returns whose address it is.
func (v *studioVenue) address(email string) *studioSeat {
	i := slices.IndexFunc(v.seats, func(s *studioSeat) bool { return !s.removed() && s.email == cleanAddress(email) })
	if i < 0 {
		return nil
	}
	return v.seats[i]
}

// editStaff is ST-7 and ST-9: who is inactive is edited too. Another address is
// no reason to take classes from anybody (ST-8).
func (m *studioModel) editStaff(a act, o *engine.EditStaff) verdict {
	v, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s, other := v.seat(o.Staff), v.address(o.Email)
	var wrong problems
	wrong.note(o.FirstName == "" && o.LastName == "" && o.Email == "", engine.Invalid)
	wrong.note(o.ContactName != "" || o.FirstName != "" && badTitle(o.FirstName) || o.LastName != "" && badTitle(o.LastName), engine.Invalid) // ST-1
	wrong.note(o.Email != "" && badAddress(o.Email), engine.Invalid)
	wrong.note(o.Email != "" && other != nil && other != s, engine.Conflict)
	return judge(wrong, func() {
		if email := cleanAddress(o.Email); o.Email != "" && email != s.email {
			s.email = email
			if s.state == engine.Invited {
				m.mailed(s)
			}
		}
	})
}

// changeLevel is ST-7 and ST-9. Who is inactive stays so. An invitation to
// nothing is void, and who got a level without ever having joined is invited.
func (m *studioModel) changeLevel(a act, o *engine.ChangeRole) verdict {
	v, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s := v.seat(o.Staff)
	var wrong problems
	wrong.note(studioBadLevel(o.Role), engine.Invalid)
	wrong.note(o.Role != "full" && v.irreplaceable(s), engine.Conflict)
	return judge(wrong, func() {
		was := s.level
		s.level = o.Role
		if s.state != engine.Inactive && (was == "none") != (s.level == "none") {
			m.open(s)
		}
	})
}

// judgeLeaving is ST-7 to ST-10.
func (m *studioModel) judgeLeaving(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.DeactivateStaff:
		return m.deactivate(a, o)
	case *engine.HandOver:
		return m.handOver(a, o)
	case *engine.ReactivateStaff:
		v, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) == 0 && v.seat(o.Staff).state != engine.Inactive {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { m.open(v.seat(o.Staff)) })
	default:
		o2 := a.Op.(*engine.RemoveStaff)
		v, bad := m.at(a, o2.Partner, "staff#manage", "staff/"+o2.Staff)
		if len(bad) == 0 && v.seat(o2.Staff).state != engine.Inactive {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { v.remove(v.seat(o2.Staff)) })
	}
}

// deactivate is ST-7 and ST-8: whatever classes there are must be handed over.
func (m *studioModel) deactivate(a act, o *engine.DeactivateStaff) verdict {
	v, bad := m.at(a, o.Partner, "staff#manage", append([]string{"staff/" + o.Staff}, studioSuccessors(o.HandOverTo, o.Replacements)...)...)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s := v.seat(o.Staff)
	classes := m.classes(v, s)
	taken, wrong := v.takenOver(s, classes, o.HandOverTo, o.Replacements)
	wrong.note(!s.choosable() || v.irreplaceable(s), engine.Conflict)
	wrong.note(len(taken) < len(classes), engine.Conflict)
	return judge(wrong, func() {
		studioHandOver(s, taken)
		s.state = engine.Inactive
		s.annul()
	})
}

// handOver is ST-8 on its own: all of the classes, or those that are named.
func (m *studioModel) handOver(a act, o *engine.HandOver) verdict {
	v, bad := m.at(a, o.Partner, "partner#manage_events", append([]string{"staff/" + o.Staff}, studioSuccessors(o.To, o.Replacements)...)...)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s := v.seat(o.Staff)
	taken, wrong := v.takenOver(s, m.classes(v, s), o.To, o.Replacements)
	wrong.note(o.To == "" && len(o.Replacements) == 0, engine.Invalid)
	wrong.note(len(taken) == 0, engine.Conflict)
	return judge(wrong, func() { studioHandOver(s, taken) })
}

// studioSuccessors returns the seats that are to take over, for the gate.
func studioSuccessors(to string, each map[string]string) []string {
	var seats []string
	if to != "" {
		seats = append(seats, "staff/"+to)
	}
	for _, name := range each {
		seats = append(seats, "staff/"+name)
	}
	slices.Sort(seats)
	return seats
}

// takenOver returns who takes over which of a member's classes, and what is
// wrong with that: nobody takes over from themself, nobody who is inactive takes
// over anything, and only classes of theirs can be named.
func (v *studioVenue) takenOver(s *studioSeat, classes []*studioEvent, to string, each map[string]string) (map[*studioEvent]*studioSeat, problems) {
	var wrong problems
	taken := map[*studioEvent]*studioSeat{}
	for _, e := range classes {
		name, ok := each[e.name]
		if !ok {
			name = to
		}
		if name == "" {
			continue
		}
		next := v.seat(name)
		wrong.note(next == s, engine.Invalid)
		wrong.note(!next.choosable(), engine.Conflict)
		taken[e] = next
	}
	for name := range each {
		own := slices.ContainsFunc(classes, func(e *studioEvent) bool { return e.name == name })
		wrong.note(!own, engine.Invalid)
	}
	return taken, wrong
}

func studioHandOver(from *studioSeat, taken map[*studioEvent]*studioSeat) {
	for e, next := range taken {
		delete(e.taughtBy, from)
		e.taughtBy[next] = true
	}
}

// accept seats a person: a token works once, for one who has no other seat, not
// even an inactive one.
func (m *studioModel) accept(a act, o *engine.AcceptInvitation) verdict {
	if o.Token == "" {
		return refuse(engine.Invalid)
	}
	for _, v := range m.venues {
		for _, s := range v.seats {
			if s.token != o.Token {
				continue
			}
			if a.Actor.Partner != "" && a.Actor.Partner != v.id {
				return refuse(engine.NotFound)
			}
			var wrong problems
			wrong.note(!m.w.Now().Before(s.until), engine.NotFound)
			wrong.note(a.Actor.Kind != engine.Person, engine.Invalid)
			if len(wrong) == 0 {
				wrong.note(a.Actor.Email != "" && a.Actor.Email != s.email, engine.Forbidden)
				wrong.note(v.of(a.Actor.User) != nil, engine.Conflict)
			}
			return judge(wrong, func() {
				s.person = a.Actor.User
				m.open(s)
			})
		}
	}
	if a.Actor.Kind != engine.Person {
		return refuse(engine.NotFound, engine.Invalid)
	}
	return refuse(engine.NotFound)
}
