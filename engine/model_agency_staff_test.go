package engine_test

import (
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (m *agencyModel) judgeStaff(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.InviteStaff:
		return m.invite(a, o)
	case *engine.ResendInvitation:
		f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) == 0 && f.seat(o.Staff).person != "" {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { m.mailed(f.seat(o.Staff)) })
	case *engine.WithdrawInvitation:
		f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) == 0 && f.seat(o.Staff).person != "" {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { f.remove(f.seat(o.Staff)) })
	case *engine.EditStaff:
		return m.editStaff(a, o)
	case *engine.ChangeRole:
		f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		var wrong problems
		wrong.note(o.Role != "admin" && o.Role != "advisor", engine.Invalid) // AG-2, AG-14
		wrong.note(f.seat(o.Staff).role == "owner", engine.Conflict)
		return judge(wrong, func() { f.seat(o.Staff).role = o.Role })
	default:
		o2 := a.Op.(*engine.RemoveStaff)
		f, bad := m.at(a, o2.Partner, "staff#manage", "staff/"+o2.Staff)
		if len(bad) == 0 && f.seat(o2.Staff).role == "owner" {
			return refuse(engine.Conflict) // AG-2
		}
		return judge(bad, func() { f.remove(f.seat(o2.Staff)) })
	}
}

// remove is AG-21.
func (f *agencyFirm) remove(s *agencySeat) {
	s.removed = true
	f.strip(s)
}

// mailed notes that the seat's invitation was sent: the former is void.
func (m *agencyModel) mailed(s *agencySeat) {
	if s.token != "" {
		s.void = append(s.void, s.token)
	}
	s.token, s.until = m.w.Token(s.email), m.w.Now().Add(7*24*time.Hour)
}

// invite is AG-14.
func (m *agencyModel) invite(a act, o *engine.InviteStaff) verdict {
	f, bad := m.at(a, o.Partner, "partner#manage_staff")
	if len(bad) > 0 {
		return refuse(bad...)
	}
	var wrong problems
	wrong.note(o.Role != "admin" && o.Role != "advisor", engine.Invalid)
	wrong.note(badAddress(o.Email) || badTitle(o.ContactName) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	wrong.note(find(f.seats, o.Staff, seatName) != nil || f.address(o.Email) != nil, engine.Conflict)
	return judge(wrong, func() {
		s := &agencySeat{name: o.Staff, role: o.Role, email: cleanAddress(o.Email)}
		m.seat(f, s)
		m.mailed(s)
	})
}

// address returns whose address it is.
func (f *agencyFirm) address(email string) *agencySeat {
	i := slices.IndexFunc(f.seats, func(s *agencySeat) bool { return !s.removed && s.email == cleanAddress(email) })
	if i < 0 {
		return nil
	}
	return f.seats[i]
}

func (m *agencyModel) editStaff(a act, o *engine.EditStaff) verdict {
	f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s := f.seat(o.Staff)
	var wrong problems
	wrong.note(o.ContactName == "" && o.Email == "", engine.Invalid)
	wrong.note(o.ContactName != "" && badTitle(o.ContactName) || o.Email != "" && badAddress(o.Email), engine.Invalid)
	other := f.address(o.Email)
	wrong.note(o.Email != "" && other != nil && other != s, engine.Conflict)
	return judge(wrong, func() {
		if email := cleanAddress(o.Email); o.Email != "" && email != s.email {
			s.email = email
			if s.person == "" { // somebody else is invited: nothing is theirs yet
				f.strip(s)
				m.mailed(s)
			}
		}
	})
}

// accept is AG-14: a token works once, for one person, who has no other seat.
func (m *agencyModel) accept(a act, o *engine.AcceptInvitation) verdict {
	if o.Token == "" {
		return refuse(engine.Invalid)
	}
	for _, f := range m.firms {
		for _, s := range f.seats {
			if s.removed || s.person != "" || s.token != o.Token {
				continue
			}
			if a.Actor.Partner != "" && a.Actor.Partner != f.id || !m.w.Now().Before(s.until) {
				return refuse(engine.NotFound)
			}
			var wrong problems
			wrong.note(a.Actor.Kind != engine.Person, engine.Invalid)
			wrong.note(a.Actor.Email != "" && a.Actor.Email != s.email, engine.Forbidden)
			wrong.note(f.of(a.Actor.User) != nil, engine.Conflict)
			return judge(wrong, func() {
				s.person = a.Actor.User
				s.void, s.token = append(s.void, s.token), ""
			})
		}
	}
	if a.Actor.Kind != engine.Person {
		return refuse(engine.NotFound, engine.Invalid)
	}
	return refuse(engine.NotFound)
}
