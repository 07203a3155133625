package engine_test

import (
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (m *programModel) signUp(a act, o *engine.SignUp) verdict {
	id := schema.Domain(o.Partner)
	if a.Actor.Partner != "" && a.Actor.Partner != id {
		return refuse(engine.NotFound)
	}
	var bad problems
	bad.note(m.firm(id) != nil, engine.Conflict)
	bad.note(a.Actor.Kind != engine.Person || badTitle(o.Title) || badTitle(o.ContactName) || badAddress(o.Email) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	return judge(bad, func() {
		f := &programFirm{id: id, title: o.Title}
		m.firms = append(m.firms, f)
		m.objects = append(m.objects, schema.Partner(id))
		m.seat(f, &programSeat{name: o.Staff, role: "administrator", email: cleanAddress(o.Email), person: a.Actor.User})
	})
}

// seat adds a teammate, who begins unrestricted and with everything switched off.
func (m *programModel) seat(f *programFirm, s *programSeat) {
	s.on = map[string]bool{}
	f.seats = append(f.seats, s)
	m.objects = append(m.objects, schema.Obj("staff", f.id, s.name))
}

// programRole reports whether it is one of the six of PR-1 to PR-6.
func programRole(role string) bool {
	return slices.Contains([]string{"administrator", "teammate", "technical_teammate", "program_manager", "read_only", "custom"}, role)
}

func (m *programModel) judgeStaff(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.InviteStaff:
		return m.invite(a, o)
	case *engine.ResendInvitation:
		f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff) // PR-11
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
		s := f.seat(o.Staff)
		var wrong problems
		wrong.note(!programRole(o.Role), engine.Invalid)
		wrong.note(f.last(s) && o.Role != "administrator", engine.Conflict)
		return judge(wrong, func() { s.role = o.Role }) // the switches and the restriction stay: PR-6, PR-8
	default:
		o2 := a.Op.(*engine.RemoveStaff)
		f, bad := m.at(a, o2.Partner, "staff#manage", "staff/"+o2.Staff) // PR-11
		if len(bad) == 0 && f.last(f.seat(o2.Staff)) {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { f.remove(f.seat(o2.Staff)) })
	}
}

// judgeSettings is PR-6 and PR-8: what is configured of one teammate.
func (m *programModel) judgeSettings(a act) verdict {
	var wrong problems
	switch o := a.Op.(type) {
	case *engine.SetCapability:
		f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		s := f.seat(o.Staff)
		wrong.note(!slices.Contains(programCapabilities(), o.Capability), engine.Invalid)
		wrong.note(s.role != "custom", engine.Conflict)
		return judge(wrong, func() { s.turn(o.Capability, o.Enabled) })
	case *engine.RestrictStaff:
		about := []string{"staff/" + o.Staff}
		for _, name := range o.Groups {
			about = append(about, "group/"+name)
		}
		f, bad := m.at(a, o.Partner, "staff#manage", about...)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		s := f.seat(o.Staff)
		wrong.note(len(o.Groups) == 0 || m.past(o.ExpiresAt), engine.Invalid)
		wrong.note(s.role == "administrator", engine.Conflict) // PR-1
		return judge(wrong, func() { f.restrict(s, o.Groups, o.ExpiresAt) })
	default:
		o2 := a.Op.(*engine.LiftRestriction)
		f, bad := m.at(a, o2.Partner, "staff#manage", "staff/"+o2.Staff)
		if len(bad) == 0 && !f.seat(o2.Staff).restricted {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() {
			f.restrict(f.seat(o2.Staff), nil, time.Time{})
			f.seat(o2.Staff).restricted = false
		})
	}
}

// programCapabilities are what PR-2 to PR-5 tell apart, to see and to change.
func programCapabilities() []string {
	var all []string
	for _, what := range []string{"financial_data", "customer_data", "partners", "integration_settings", "team"} {
		all = append(all, "view_"+what, "manage_"+what)
	}
	return all
}

// turn switches a capability: nobody changes what they don't see.
func (s *programSeat) turn(capability string, on bool) {
	act, what, _ := strings.Cut(capability, "_")
	s.on[capability] = on
	switch {
	case on && act == "manage":
		s.on["view_"+what] = true
	case !on && act == "view":
		s.on["manage_"+what] = false
	}
}

// restrict lets the seat's role count in these groups only, and in none in which
// it counted before.
func (f *programFirm) restrict(s *programSeat, groups []string, until time.Time) {
	s.restricted = true
	for _, g := range f.groups {
		if slices.Contains(groups, g.name) {
			g.staff[s] = until
		} else {
			delete(g.staff, s)
		}
	}
}

// mailed notes that the seat's invitation was sent: the former is void.
func (m *programModel) mailed(s *programSeat) {
	if s.token != "" {
		s.void = append(s.void, s.token)
	}
	s.token, s.until = m.w.Token(s.email), m.w.Now().Add(7*24*time.Hour)
}

func (m *programModel) invite(a act, o *engine.InviteStaff) verdict {
	f, bad := m.at(a, o.Partner, "partner#manage_team")
	if len(bad) > 0 {
		return refuse(bad...)
	}
	var wrong problems
	wrong.note(!programRole(o.Role), engine.Invalid)
	name := programName{o.ContactName, o.FirstName, o.LastName}
	wrong.note(badAddress(o.Email) || name.bad(false) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	wrong.note(find(f.seats, o.Staff, programSeatName) != nil || f.address(o.Email) != nil, engine.Conflict)
	return judge(wrong, func() {
		s := &programSeat{name: o.Staff, role: o.Role, email: cleanAddress(o.Email), inParts: name.contact == ""}
		m.seat(f, s)
		m.mailed(s)
	})
}

// programName is a contact name, or a first and a last name.
type programName struct{ contact, first, last string }

// bad reports whether it is none: a part may be missing if there is one already.
func (n programName) bad(inParts bool) bool {
	bad := func(part string) bool { return badTitle(part) && (part != "" || !inParts) }
	if n.contact != "" {
		return n.first+n.last != "" || badTitle(n.contact)
	}
	return bad(n.first) || bad(n.last)
}

// address returns whose address it is.
func (f *programFirm) address(email string) *programSeat {
	for _, s := range f.seats {
		if !s.removed && s.email == cleanAddress(email) {
			return s
		}
	}
	return nil
}

func (m *programModel) editStaff(a act, o *engine.EditStaff) verdict {
	f, bad := m.at(a, o.Partner, "staff#manage", "staff/"+o.Staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	s, other, name := f.seat(o.Staff), f.address(o.Email), programName{o.ContactName, o.FirstName, o.LastName}
	named := name != programName{}
	var wrong problems
	wrong.note(!named && o.Email == "" || named && name.bad(s.inParts) || o.Email != "" && badAddress(o.Email), engine.Invalid)
	wrong.note(o.Email != "" && other != nil && other != s, engine.Conflict)
	return judge(wrong, func() {
		if named {
			s.inParts = name.contact == ""
		}
		if email := cleanAddress(o.Email); o.Email != "" && email != s.email {
			s.email = email
			if s.person == "" { // somebody else is invited: no group is theirs to represent
				for _, g := range f.groups {
					g.unname(s)
				}
				m.mailed(s)
			}
		}
	})
}

// accept is PR-11: a token works once, for one person, who has no other seat.
func (m *programModel) accept(a act, o *engine.AcceptInvitation) verdict {
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
