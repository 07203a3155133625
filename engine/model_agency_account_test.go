package engine_test

import (
	"maps"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func (m *agencyModel) judgeAccounts(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.AddAccount:
		f, bad := m.at(a, o.Partner, "client#add_accounts", "client/"+o.Client) // AG-12
		if len(bad) > 0 {
			return refuse(bad...)
		}
		c := find(f.clients, o.Client, clientName)
		bad = naming(f.accounts, accountName, o.Account, o.Title, f.accountTitled(c, o.Title) != nil)
		return judge(bad, func() { m.account(f, &agencyAccount{name: o.Account, title: o.Title, client: c}) })
	case *engine.CreateInternalAccount:
		f, bad := m.at(a, o.Partner, "partner#manage_internal_accounts") // AG-6
		if len(bad) > 0 {
			return refuse(bad...)
		}
		bad = naming(f.accounts, accountName, o.Account, o.Title, f.accountTitled(nil, o.Title) != nil)
		return judge(bad, func() { m.account(f, &agencyAccount{name: o.Account, title: o.Title}) })
	case *engine.RenameAccount:
		f, bad := m.at(a, o.Partner, "account#edit", "account/"+o.Account)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x := find(f.accounts, o.Account, accountName)
		twin := f.accountTitled(x.client, o.Title)
		return judge(renaming(o.Title, twin != nil && twin != x), func() { x.title = o.Title })
	case *engine.ArchiveAccount:
		f, bad := m.at(a, o.Partner, "account#edit", "account/"+o.Account)
		return judge(bad, func() { find(f.accounts, o.Account, accountName).archived = true })
	case *engine.SwitchAccount:
		f, bad := m.at(a, o.Partner, "account#share", "account/"+o.Account, "staff/"+o.Staff) // AG-18
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x, s := find(f.accounts, o.Account, accountName), f.seat(o.Staff)
		if x.client == nil || !o.Enabled && !x.reachable(s) {
			return refuse(engine.Conflict)
		}
		return permit(func(*engine.Result) { x.turn(s, o.Enabled) })
	case *engine.AddAccountStaff:
		f, bad := m.at(a, o.Partner, "account#share", "account/"+o.Account, "staff/"+o.Staff) // AG-20
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x := find(f.accounts, o.Account, accountName)
		var wrong problems
		wrong.note(m.past(o.ExpiresAt), engine.Invalid)
		wrong.note(x.client != nil, engine.Conflict)
		return judge(wrong, func() { x.staff[f.seat(o.Staff)] = o.ExpiresAt })
	case *engine.RemoveAccountStaff:
		f, bad := m.at(a, o.Partner, "account#share", "account/"+o.Account, "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return find(f.accounts, o.Account, accountName).staff.revoke(f.seat(o.Staff))
	default:
		return m.judgeGroups(a)
	}
}

func (m *agencyModel) account(f *agencyFirm, a *agencyAccount) {
	a.staff, a.off, a.groups = agencyGrants{}, map[*agencySeat]bool{}, map[*agencyGroup]bool{}
	f.accounts = append(f.accounts, a)
	m.objects = append(m.objects, schema.Obj("account", f.id, a.name))
}

func (a *agencyAccount) turn(s *agencySeat, on bool) {
	if on {
		delete(a.off, s)
	} else {
		a.off[s] = true
	}
}

// judgeGroups is AG-22.
func (m *agencyModel) judgeGroups(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateGroup:
		f, bad := m.at(a, o.Partner, "partner#manage_groups")
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return judge(naming(f.groups, groupName, o.Group, o.Title, f.groupTitled(o.Title) != nil), func() {
			f.groups = append(f.groups, &agencyGroup{name: o.Group, title: o.Title, staff: agencyGrants{}})
			m.objects = append(m.objects, schema.Obj("group", f.id, o.Group))
		})
	case *engine.RenameGroup:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		g, twin := find(f.groups, o.Group, groupName), f.groupTitled(o.Title)
		return judge(renaming(o.Title, twin != nil && twin != g), func() { g.title = o.Title })
	case *engine.ArchiveGroup:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group)
		return judge(bad, func() { find(f.groups, o.Group, groupName).archived = true })
	case *engine.AddGroupAccount:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "account/"+o.Account)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x := find(f.accounts, o.Account, accountName)
		if x.client == nil {
			return refuse(engine.Conflict)
		}
		return permit(func(*engine.Result) { x.groups[find(f.groups, o.Group, groupName)] = true })
	case *engine.RemoveGroupAccount:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "account/"+o.Account)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x, g := find(f.accounts, o.Account, accountName), find(f.groups, o.Group, groupName)
		if !x.groups[g] {
			return refuse(engine.NotFound)
		}
		return permit(func(*engine.Result) { maps.DeleteFunc(x.groups, func(k *agencyGroup, _ bool) bool { return k == g }) })
	case *engine.AddRepresentative:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "staff/"+o.Staff)
		if len(bad) == 0 && m.past(o.ExpiresAt) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { find(f.groups, o.Group, groupName).staff[f.seat(o.Staff)] = o.ExpiresAt })
	case *engine.RemoveRepresentative:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return find(f.groups, o.Group, groupName).staff.revoke(f.seat(o.Staff))
	default:
		panic("the model knows no " + a.Op.Name())
	}
}
