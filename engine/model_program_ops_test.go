package engine_test

import (
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
)

func (d programDraw) inviteStaff() engine.Operation {
	name := programFresh(d.t, "s", d.f.seats, func(s *programSeat) bool { return s.removed }, d.staffNames())
	o := &engine.InviteStaff{Partner: d.partner, Staff: name, ContactName: "Somebody", Email: d.email(), Role: d.role()}
	if chance(d.t, "otherwise", 25) {
		o.ContactName, o.FirstName, o.LastName = d.name()
	}
	return o
}

// name draws a contact name, or what comes in its place: not all of it is a name.
func (d programDraw) name() (contact, first, last string) {
	n := pick(d.t, "name", programName{"Another", "", ""}, programName{"", "Ann", "Other"}, programName{"", "Ann", "Other"},
		programName{"", "Ann", ""}, programName{"", "", "Other"}, programName{"Another", "Ann", ""}, programName{" ", "", ""}, programName{"", " ", "Other"})
	return n.contact, n.first, n.last
}

func (d programDraw) acceptInvitation() engine.Operation {
	var tokens []string
	for _, f := range d.m.firms {
		for _, s := range f.seats {
			if s.token != "" {
				tokens = append(tokens, s.token, s.token, s.token, s.token)
			}
			tokens = append(tokens, s.void[max(0, len(s.void)-1):]...)
		}
	}
	if len(tokens) == 0 || chance(d.t, "made up", 3) {
		return &engine.AcceptInvitation{Token: pick(d.t, "token", "", "invite_made_up")}
	}
	return &engine.AcceptInvitation{Token: pick(d.t, "token", tokens...)}
}

func (d programDraw) invitationOp() engine.Operation {
	staff := d.who(func(s *programSeat) bool { return s.person == "" })
	if chance(d.t, "withdraw", 35) {
		return &engine.WithdrawInvitation{Partner: d.partner, Staff: staff}
	}
	return &engine.ResendInvitation{Partner: d.partner, Staff: staff}
}

func (d programDraw) editStaff() engine.Operation {
	o := &engine.EditStaff{Partner: d.partner, Staff: d.staff()}
	if chance(d.t, "invited", 60) {
		named := chance(d.t, "a representative", 70)
		o.Staff = d.who(func(s *programSeat) bool { return s.person == "" && (!named || d.f.names(s)) })
	}
	if chance(d.t, "renamed", 40) {
		o.ContactName, o.FirstName, o.LastName = d.name()
	}
	if chance(d.t, "moved", 80) {
		o.Email = d.email()
	}
	return o
}

// names reports whether the seat represents a group.
func (f *programFirm) names(s *programSeat) bool {
	return slices.ContainsFunc(f.groups, func(g *programGroup) bool { return g.represents(s) })
}

func (d programDraw) changeRole() engine.Operation {
	return &engine.ChangeRole{Partner: d.partner, Staff: d.staff(), Role: d.role()}
}

func (d programDraw) removeStaff() engine.Operation {
	if chance(d.t, "paid", 20) {
		return &engine.RemoveStaff{Partner: d.partner, Staff: d.who(d.f.pays)}
	}
	return &engine.RemoveStaff{Partner: d.partner, Staff: d.staff()}
}

// pays reports whether the seat is, or was, paid for a group.
func (f *programFirm) pays(s *programSeat) bool {
	return slices.ContainsFunc(f.groups, func(g *programGroup) bool { return g.paid == s || g.lapsed[s] })
}

func (d programDraw) setCapability() engine.Operation {
	o := &engine.SetCapability{
		Partner: d.partner, Staff: d.who(func(s *programSeat) bool { return s.role == "custom" }),
		Capability: pick(d.t, "capability", programCapabilities()...), Enabled: chance(d.t, "enabled", 65),
	}
	if chance(d.t, "odd capability", 3) {
		o.Capability = pick(d.t, "capability", "", "enter", "custom_view_team", "manage_program")
	}
	return o
}

// restrictStaff restricts to one group or two, who is restricted already as often
// as not.
func (d programDraw) restrictStaff() engine.Operation {
	o := &engine.RestrictStaff{Partner: d.partner, ExpiresAt: drawExpiry(d.t, d.m.w.Now())}
	again := chance(d.t, "again", 40)
	o.Staff = d.who(func(s *programSeat) bool { return s.role != "administrator" && s.restricted == again })
	for range pick(d.t, "groups", 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 0) {
		o.Groups = append(o.Groups, d.group())
	}
	return o
}

func (d programDraw) liftRestriction() engine.Operation {
	return &engine.LiftRestriction{Partner: d.partner, Staff: d.who(func(s *programSeat) bool { return s.restricted })}
}

func (d programDraw) createAccount() engine.Operation {
	name := programFresh(d.t, "x", d.f.accounts, func(a *programAccount) bool { return a.archived }, d.accountNames())
	return &engine.CreateAccount{Partner: d.partner, Account: name, Title: drawTitle(d.t)}
}

func (d programDraw) accountOp() engine.Operation {
	if chance(d.t, "archive", 40) {
		return &engine.ArchiveAccount{Partner: d.partner, Account: d.account()}
	}
	return &engine.RenameAccount{Partner: d.partner, Account: d.account(), Title: drawTitle(d.t)}
}

func (d programDraw) createGroup() engine.Operation {
	name := programFresh(d.t, "g", d.f.groups, func(g *programGroup) bool { return g.archived }, d.groupNames())
	return &engine.CreateGroup{Partner: d.partner, Group: name, Title: drawTitle(d.t)}
}

func (d programDraw) groupOp() engine.Operation {
	if chance(d.t, "archive", 45) {
		return &engine.ArchiveGroup{Partner: d.partner, Group: d.group()}
	}
	return &engine.RenameGroup{Partner: d.partner, Group: d.group(), Title: drawTitle(d.t)}
}

func (d programDraw) groupAccount() engine.Operation {
	group, account := d.group(), d.account()
	if chance(d.t, "remove", 30) {
		for _, a := range d.f.accounts { // the last that is in one
			for _, g := range d.f.groups {
				if a.groups[g] && !g.archived && chance(d.t, "in it", 40) {
					group, account = g.name, a.name
				}
			}
		}
		return &engine.RemoveGroupAccount{Partner: d.partner, Group: group, Account: account}
	}
	if chance(d.t, "a second payee", 50) {
		group = programSome(d, 90, d.f.groups, programGroupName, func(g *programGroup) bool { return g.paid != nil }, d.group)
		account = d.groupedAccount()
	}
	return &engine.AddGroupAccount{Partner: d.partner, Group: group, Account: account}
}

// groupedAccount draws an account, mostly one that is in a group already.
func (d programDraw) groupedAccount() string {
	return programSome(d, 90, d.f.accounts, programAccountName, func(a *programAccount) bool { return !a.archived && len(a.groups) > 0 }, d.account)
}

// representative names somebody, now and then anew whose time ran out while
// they were paid, or changes until when; or ends it.
func (d programDraw) representative() engine.Operation {
	if chance(d.t, "remove", 25) {
		group, staff := d.given(80, (*programGroup).represents)
		return &engine.RemoveRepresentative{Partner: d.partner, Group: group, Staff: staff}
	}
	o := &engine.AddRepresentative{Partner: d.partner, ExpiresAt: drawExpiry(d.t, d.m.w.Now())}
	o.Group, o.Staff = d.given(30, func(g *programGroup, s *programSeat) bool { return g.paid == s })
	if chance(d.t, "anew", 60) {
		o.Group, o.Staff = d.given(100, func(g *programGroup, s *programSeat) bool { return g.lapsed[s] })
	}
	if chance(d.t, "soon", 25) {
		o.ExpiresAt = d.m.w.Now().Add(time.Minute)
	}
	return o
}

func (d programDraw) setManagedPayouts() engine.Operation {
	o := &engine.SetManagedPayouts{Partner: d.partner, Enabled: chance(d.t, "enabled", 75)}
	o.Group, o.Staff = d.given(70, func(g *programGroup, s *programSeat) bool {
		return o.Enabled && g.represents(s) && g.paid == nil || !o.Enabled && g.paid == s || g.lapsed[s]
	})
	return o
}

func (d programDraw) partnerOp() engine.Operation {
	if chance(d.t, "sign up", 40) {
		partner := d.partner
		if len(d.f.seats) > 0 && chance(d.t, "at another", 60) {
			partner = string(pick(d.t, "id", d.m.w.Partners...))
		}
		return &engine.SignUp{Partner: partner, Staff: pick(d.t, "seat", "s0", "s1"), Title: drawTitle(d.t), ContactName: "Founder", Email: d.email()}
	}
	return &engine.EditPartner{Partner: d.partner, Title: drawTitle(d.t)}
}

func (d programDraw) platformOp() engine.Operation {
	if chance(d.t, "add", 50) {
		return &engine.AddSupport{User: pick(d.t, "user", d.m.w.Persons...)}
	}
	return &engine.RemoveSupport{User: pick(d.t, "user", slices.Concat(d.m.w.Persons[:3], d.m.support)...)}
}
