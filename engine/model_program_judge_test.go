package engine_test

import (
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Judge implements [article].
func (m *programModel) Judge(a act) verdict {
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
		f, bad := m.at(a, o.Partner, "partner#manage_program") // PR-1
		if len(bad) == 0 && badTitle(o.Title) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { f.title = o.Title })
	case *engine.InviteStaff, *engine.ResendInvitation, *engine.WithdrawInvitation, *engine.EditStaff, *engine.ChangeRole, *engine.RemoveStaff:
		return m.judgeStaff(a)
	case *engine.SetCapability, *engine.RestrictStaff, *engine.LiftRestriction:
		return m.judgeSettings(a)
	case *engine.AddRepresentative, *engine.RemoveRepresentative, *engine.SetManagedPayouts:
		return m.judgeRepresentatives(a)
	default:
		return m.judgeAccounts(a)
	}
}

// at passes the gate for an act at a firm that is about the named objects too,
// "group/north".
func (m *programModel) at(a act, partner, needs string, about ...string) (*programFirm, []engine.Code) {
	objects := []schema.Object{schema.Partner(schema.Domain(partner))}
	for _, o := range about {
		typ, name, _ := strings.Cut(o, "/")
		objects = append(objects, schema.Obj(typ, schema.Domain(partner), name))
	}
	return m.firm(schema.Domain(partner)), m.gate.refusals(a, needs, objects...)
}

func (m *programModel) past(expires time.Time) bool {
	return !expires.IsZero() && !expires.After(m.w.Now())
}

func (m *programModel) judgeAccounts(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateAccount:
		f, bad := m.at(a, o.Partner, "partner#manage_partners")
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return judge(naming(f.accounts, programAccountName, o.Account, o.Title, f.accountTitled(o.Title) != nil), func() {
			f.accounts = append(f.accounts, &programAccount{name: o.Account, title: o.Title, groups: map[*programGroup]bool{}})
			m.objects = append(m.objects, schema.Obj("account", f.id, o.Account))
		})
	case *engine.RenameAccount:
		f, bad := m.at(a, o.Partner, "account#manage_partners", "account/"+o.Account) // PR-8
		if len(bad) > 0 {
			return refuse(bad...)
		}
		x, twin := f.account(o.Account), f.accountTitled(o.Title)
		return judge(renaming(o.Title, twin != nil && twin != x), func() { x.title = o.Title })
	case *engine.ArchiveAccount:
		f, bad := m.at(a, o.Partner, "account#manage_partners", "account/"+o.Account)
		return judge(bad, func() { f.account(o.Account).archived = true })
	case *engine.CreateGroup:
		f, bad := m.at(a, o.Partner, "partner#manage_partners")
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return judge(naming(f.groups, programGroupName, o.Group, o.Title, f.groupTitled(o.Title) != nil), func() {
			g := &programGroup{name: o.Group, title: o.Title, staff: programGrants{}, reps: programGrants{}, lapsed: map[*programSeat]bool{}}
			f.groups = append(f.groups, g)
			m.objects = append(m.objects, schema.Obj("group", f.id, o.Group))
		})
	default:
		return m.judgeGroups(a)
	}
}

func (m *programModel) judgeGroups(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.RenameGroup:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		g, twin := f.group(o.Group), f.groupTitled(o.Title)
		return judge(renaming(o.Title, twin != nil && twin != g), func() { g.title = o.Title })
	case *engine.ArchiveGroup:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group)
		return judge(bad, func() { f.group(o.Group).archive() })
	case *engine.AddGroupAccount:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "account/"+o.Account)
		return judge(bad, func() { f.account(o.Account).groups[f.group(o.Group)] = true })
	case *engine.RemoveGroupAccount:
		f, bad := m.at(a, o.Partner, "group#manage", "group/"+o.Group, "account/"+o.Account)
		if len(bad) == 0 && !f.account(o.Account).groups[f.group(o.Group)] {
			return refuse(engine.NotFound)
		}
		return judge(bad, func() { delete(f.account(o.Account).groups, f.group(o.Group)) })
	default:
		panic("the model knows no " + a.Op.Name())
	}
}

// archive ends all that the group gave. Who was restricted to it stays restricted.
func (g *programGroup) archive() {
	g.archived, g.paid = true, nil
	clear(g.staff)
	clear(g.reps)
	clear(g.lapsed)
}

// judgeRepresentatives is PR-9 and PR-10.
func (m *programModel) judgeRepresentatives(a act) verdict {
	var wrong problems
	switch o := a.Op.(type) {
	case *engine.AddRepresentative:
		f, bad := m.at(a, o.Partner, "staff#manage", "group/"+o.Group, "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		g, s := f.group(o.Group), f.seat(o.Staff)
		wrong.note(m.past(o.ExpiresAt), engine.Invalid)
		wrong.note(g.archived, engine.Conflict)
		return judge(wrong, func() {
			g.reps[s] = o.ExpiresAt
			delete(g.lapsed, s)
		})
	case *engine.RemoveRepresentative:
		f, bad := m.at(a, o.Partner, "staff#manage", "group/"+o.Group, "staff/"+o.Staff)
		if len(bad) == 0 && !f.group(o.Group).represents(f.seat(o.Staff)) {
			return refuse(engine.NotFound)
		}
		return judge(bad, func() { f.group(o.Group).unname(f.seat(o.Staff)) })
	default:
		o2 := a.Op.(*engine.SetManagedPayouts)
		f, bad := m.at(a, o2.Partner, "staff#manage", "group/"+o2.Group, "staff/"+o2.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		g, s := f.group(o2.Group), f.seat(o2.Staff)
		wrong.note(g.archived || o2.Enabled && !g.represents(s) || o2.Enabled && g.paid != nil && g.paid != s, engine.Conflict)
		return judge(wrong, func() { g.pay(s, o2.Enabled) })
	}
}

func (g *programGroup) pay(s *programSeat, on bool) {
	switch {
	case on:
		g.paid = s
	case g.paid == s:
		g.paid = nil
	}
	delete(g.lapsed, s)
}

func (f *programFirm) accountTitled(title string) *programAccount {
	for _, a := range f.accounts {
		if !a.archived && sameTitle(a.title, title) {
			return a
		}
	}
	return nil
}

func (f *programFirm) groupTitled(title string) *programGroup {
	for _, g := range f.groups {
		if !g.archived && sameTitle(g.title, title) {
			return g
		}
	}
	return nil
}
