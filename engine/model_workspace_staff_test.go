package engine_test

import (
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (m *workspaceModel) judgeStaff(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.InviteStaff:
		return m.invite(a, o)
	case *engine.ResendInvitation:
		return m.onSeat(a, o.Partner, o.Staff, func(_ *workspaceFirm, s *workspaceSeat) verdict {
			return workspaceIn(s, engine.Invited, func() { m.mailed(s) })
		})
	case *engine.WithdrawInvitation:
		return m.onSeat(a, o.Partner, o.Staff, func(f *workspaceFirm, s *workspaceSeat) verdict {
			return workspaceIn(s, engine.Invited, func() { f.purge(s) })
		})
	case *engine.EditStaff:
		return m.onSeat(a, o.Partner, o.Staff, func(f *workspaceFirm, s *workspaceSeat) verdict { return m.edit(f, s, o) })
	case *engine.ChangeRole:
		return m.onSeat(a, o.Partner, o.Staff, func(_ *workspaceFirm, s *workspaceSeat) verdict { return s.changeRole(o.Role) })
	case *engine.RemoveStaff:
		return m.onSeat(a, o.Partner, o.Staff, func(_ *workspaceFirm, s *workspaceSeat) verdict {
			if s.is("super_admin") {
				return refuse(engine.Conflict) // WS-1
			}
			return workspaceIn(s, engine.Active, func() { s.trashed = true }) // WS-9
		})
	case *engine.RestoreStaff:
		return m.onSeat(a, o.Partner, o.Staff, func(_ *workspaceFirm, s *workspaceSeat) verdict {
			return workspaceIn(s, engine.Trashed, func() { s.trashed = false }) // WS-9
		})
	default:
		o2 := a.Op.(*engine.PurgeStaff)
		return m.onSeat(a, o2.Partner, o2.Staff, func(f *workspaceFirm, s *workspaceSeat) verdict {
			return workspaceIn(s, engine.Trashed, func() { f.purge(s) }) // WS-9
		})
	}
}

// onSeat judges what is done to a staff member: the super admin's seat is for
// nobody else to touch (WS-2).
func (m *workspaceModel) onSeat(a act, partner, staff string, then func(*workspaceFirm, *workspaceSeat) verdict) verdict {
	f, bad := m.at(a, partner, "staff#manage", "staff/"+staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	return then(f, f.seat(staff))
}

// workspaceIn permits a change to who is in the state, and to nobody else.
func workspaceIn(s *workspaceSeat, state engine.State, change func()) verdict {
	if s.state() != state {
		return refuse(engine.Conflict)
	}
	return judge(nil, change)
}

// changeRole is WS-8.
func (s *workspaceSeat) changeRole(to string) verdict {
	var wrong problems
	wrong.note(!slices.Contains(workspaceLadder[1:], to), engine.Invalid)
	wrong.note(s.trashed || slices.Index(workspaceLadder, to) > slices.Index(workspaceLadder, s.role), engine.Conflict)
	return judge(wrong, func() { s.role = to })
}

// mailed notes that the seat's invitation was sent: the former is void.
func (m *workspaceModel) mailed(s *workspaceSeat) {
	if s.token != "" {
		s.void = append(s.void, s.token)
	}
	s.token, s.until = m.w.Token(s.email), m.w.Now().Add(7*24*time.Hour)
}

// invite is WS-2 and WS-9: at any role but super admin.
func (m *workspaceModel) invite(a act, o *engine.InviteStaff) verdict {
	f, bad := m.at(a, o.Partner, "partner#manage_staff")
	if len(bad) > 0 {
		return refuse(bad...)
	}
	var wrong problems
	wrong.note(!slices.Contains(workspaceLadder[1:], o.Role), engine.Invalid)
	wrong.note(badAddress(o.Email) || badTitle(o.ContactName) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	wrong.note(find(f.seats, o.Staff, workspaceSeatName) != nil || f.address(o.Email) != nil, engine.Conflict)
	return judge(wrong, func() {
		s := &workspaceSeat{name: o.Staff, role: o.Role, email: cleanAddress(o.Email)}
		m.seat(f, s)
		m.mailed(s)
	})
}

// address returns whose address it is; who is in the trash keeps theirs.
func (f *workspaceFirm) address(email string) *workspaceSeat {
	i := slices.IndexFunc(f.seats, func(s *workspaceSeat) bool { return !s.removed && s.email == cleanAddress(email) })
	if i < 0 {
		return nil
	}
	return f.seats[i]
}

func (m *workspaceModel) edit(f *workspaceFirm, s *workspaceSeat, o *engine.EditStaff) verdict {
	var wrong problems
	wrong.note(s.trashed, engine.Conflict)
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

// accept: a token works once, for one person, who has no other seat, be it in
// the trash.
func (m *workspaceModel) accept(a act, o *engine.AcceptInvitation) verdict {
	if o.Token == "" {
		return refuse(engine.Invalid)
	}
	for _, f := range m.firms {
		for _, s := range f.seats {
			if s.state() != engine.Invited || s.token != o.Token {
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
