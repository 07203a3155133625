package engine_test

import (
	"slices"

	"github.com/portico-authz/portico/engine"
)

func (d agencyDraw) inviteStaff() engine.Operation {
	name := fresh(d, "s", d.f.seats, func(s *agencySeat) bool { return s.removed }, d.staffNames())
	contact := "Somebody"
	if chance(d.t, "no name", 2) {
		contact = " "
	}
	return &engine.InviteStaff{Partner: d.partner, Staff: name, ContactName: contact, Email: d.email(), Role: d.role()}
}

func (d agencyDraw) acceptInvitation() engine.Operation {
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

func (d agencyDraw) staffOp() engine.Operation {
	switch roll(d.t, "staff operation", 12) {
	case 0, 10, 11:
		return &engine.ResendInvitation{Partner: d.partner, Staff: d.invited()}
	case 1:
		return &engine.WithdrawInvitation{Partner: d.partner, Staff: d.invited()}
	case 2:
		return &engine.RemoveStaff{Partner: d.partner, Staff: d.staff()}
	case 3, 4, 5:
		o := &engine.EditStaff{Partner: d.partner, Staff: d.staff()}
		if chance(d.t, "renamed", 40) {
			o.ContactName = pick(d.t, "contact name", "Another", " ")
		}
		if chance(d.t, "moved", 70) {
			o.Email = d.email()
		}
		return o
	default:
		return &engine.ChangeRole{Partner: d.partner, Staff: d.staff(), Role: d.role()}
	}
}

// invited draws a staff member, mostly one who is invited.
func (d agencyDraw) invited() string {
	var invited []string
	for _, s := range d.f.seats {
		if !s.removed && s.person == "" {
			invited = append(invited, s.name)
		}
	}
	if len(invited) > 0 && chance(d.t, "invited", 80) {
		return pick(d.t, "staff", invited...)
	}
	return d.staff()
}

// given draws an object and a staff member to whom it is given, mostly.
func given[V any](d agencyDraw, all []V, of func(V) string, has func(V, *agencySeat) bool, object func() string) (string, string) {
	var pairs [][2]string
	for _, v := range all {
		for _, s := range d.f.seats {
			if has(v, s) {
				pairs = append(pairs, [2]string{of(v), s.name})
			}
		}
	}
	if len(pairs) > 0 && chance(d.t, "given", 75) {
		p := pick(d.t, "which", pairs...)
		return p[0], p[1]
	}
	return object(), d.staff()
}

func (g agencyGrants) has(s *agencySeat) bool {
	_, ok := g[s]
	return ok
}

func (d agencyDraw) createClient() engine.Operation {
	name := fresh(d, "c", d.f.clients, func(c *agencyClient) bool { return c.archived }, d.clientNames())
	return &engine.CreateClient{Partner: d.partner, Client: name, Title: drawTitle(d.t)}
}

func (d agencyDraw) clientOp() engine.Operation {
	switch roll(d.t, "client operation", 6) {
	case 0:
		return &engine.RenameClient{Partner: d.partner, Client: d.client(), Title: drawTitle(d.t)}
	case 1, 2:
		return &engine.ArchiveClient{Partner: d.partner, Client: d.client()}
	default:
		var archived []string
		for _, c := range d.f.clients {
			if c.archived {
				archived = append(archived, c.name)
			}
		}
		if len(archived) > 0 && chance(d.t, "archived", 80) {
			return &engine.RestoreClient{Partner: d.partner, Client: pick(d.t, "client", archived...)}
		}
		return &engine.RestoreClient{Partner: d.partner, Client: d.client()}
	}
}

func (d agencyDraw) clientStaff() engine.Operation {
	if chance(d.t, "remove", 35) {
		client, staff := given(d, d.f.clients, clientName, func(c *agencyClient, s *agencySeat) bool { return c.staff.has(s) }, d.client)
		return &engine.RemoveClientStaff{Partner: d.partner, Client: client, Staff: staff}
	}
	client, staff := given(d, d.f.clients, clientName, d.leftOff, d.client)
	return &engine.AddClientStaff{Partner: d.partner, Client: client, Staff: staff, ExpiresAt: drawExpiry(d.t, d.m.w.Now())}
}

// leftOff reports whether an account of the folder is still off for a member
// who isn't on it any more: adding them again must turn it on (AG-18).
func (d agencyDraw) leftOff(c *agencyClient, s *agencySeat) bool {
	return !c.archived && !c.staff.has(s) && slices.ContainsFunc(d.f.accounts, func(a *agencyAccount) bool {
		return a.client == c && a.off[s]
	})
}

func (d agencyDraw) addAccount() engine.Operation {
	name := fresh(d, "x", d.f.accounts, func(a *agencyAccount) bool { return a.archived }, d.accountNames())
	if chance(d.t, "internal", 30) {
		return &engine.CreateInternalAccount{Partner: d.partner, Account: name, Title: drawTitle(d.t)}
	}
	return &engine.AddAccount{Partner: d.partner, Client: d.client(), Account: name, Title: drawTitle(d.t)}
}

func (d agencyDraw) accountOp() engine.Operation {
	if chance(d.t, "archive", 40) {
		return &engine.ArchiveAccount{Partner: d.partner, Account: d.account()}
	}
	return &engine.RenameAccount{Partner: d.partner, Account: d.account(), Title: drawTitle(d.t)}
}

// internal draws an account, mostly an internal one.
func (d agencyDraw) internal() string {
	var internal []string
	for _, a := range d.f.accounts {
		if a.client == nil && !a.archived {
			internal = append(internal, a.name)
		}
	}
	if len(internal) > 0 && chance(d.t, "internal", 70) {
		return pick(d.t, "account", internal...)
	}
	return d.account()
}

func (d agencyDraw) switchAccount() engine.Operation {
	account, staff := given(d, d.f.accounts, accountName, func(a *agencyAccount, s *agencySeat) bool {
		return a.client != nil && a.reachable(s)
	}, d.account)
	return &engine.SwitchAccount{Partner: d.partner, Account: account, Staff: staff, Enabled: chance(d.t, "enabled", 30)}
}

func (d agencyDraw) accountStaff() engine.Operation {
	if chance(d.t, "remove", 35) {
		account, staff := given(d, d.f.accounts, accountName, func(a *agencyAccount, s *agencySeat) bool { return a.staff.has(s) }, d.internal)
		return &engine.RemoveAccountStaff{Partner: d.partner, Account: account, Staff: staff}
	}
	return &engine.AddAccountStaff{Partner: d.partner, Account: d.internal(), Staff: d.staff(), ExpiresAt: drawExpiry(d.t, d.m.w.Now())}
}

func (d agencyDraw) createGroup() engine.Operation {
	name := fresh(d, "g", d.f.groups, func(g *agencyGroup) bool { return g.archived }, d.groupNames())
	return &engine.CreateGroup{Partner: d.partner, Group: name, Title: drawTitle(d.t)}
}

func (d agencyDraw) groupOp() engine.Operation {
	if chance(d.t, "archive", 30) {
		return &engine.ArchiveGroup{Partner: d.partner, Group: d.group()}
	}
	return &engine.RenameGroup{Partner: d.partner, Group: d.group(), Title: drawTitle(d.t)}
}

func (d agencyDraw) groupAccount() engine.Operation {
	if chance(d.t, "remove", 30) {
		o := &engine.RemoveGroupAccount{Partner: d.partner, Group: d.group(), Account: d.account()}
		for _, a := range d.f.accounts { // the last that is in one
			for _, g := range d.f.groups {
				if a.groups[g] && !g.archived && chance(d.t, "in it", 40) {
					o.Group, o.Account = g.name, a.name
				}
			}
		}
		return o
	}
	return &engine.AddGroupAccount{Partner: d.partner, Group: d.group(), Account: d.account()}
}

func (d agencyDraw) groupStaff() engine.Operation {
	if chance(d.t, "remove", 30) {
		group, staff := given(d, d.f.groups, groupName, func(g *agencyGroup, s *agencySeat) bool { return g.staff.has(s) }, d.group)
		return &engine.RemoveRepresentative{Partner: d.partner, Group: group, Staff: staff}
	}
	return &engine.AddRepresentative{Partner: d.partner, Group: d.group(), Staff: d.staff(), ExpiresAt: drawExpiry(d.t, d.m.w.Now())}
}

func (d agencyDraw) partnerOp() engine.Operation {
	if chance(d.t, "sign up", 40) {
		partner := d.partner
		if len(d.f.seats) > 0 && chance(d.t, "at another", 60) {
			partner = string(pick(d.t, "id", d.m.w.Partners...))
		}
		return &engine.SignUp{Partner: partner, Staff: pick(d.t, "seat", "s0", "s1"), Title: drawTitle(d.t), ContactName: "Founder", Email: d.email()}
	}
	return &engine.EditPartner{Partner: d.partner, Title: drawTitle(d.t)}
}

func (d agencyDraw) platformOp() engine.Operation {
	switch roll(d.t, "platform operation", 5) {
	case 0:
		return &engine.AddSupport{User: pick(d.t, "user", d.m.w.Persons...)}
	case 1:
		return &engine.RemoveSupport{User: pick(d.t, "user", slices.Concat(d.m.w.Persons[:3], d.m.support)...)}
	default:
		former := pick(d.t, "former role", "", "admin", "advisor", "advisor", "owner")
		return &engine.TransferOwnership{Partner: d.partner, Staff: d.staff(), FormerRole: former}
	}
}
