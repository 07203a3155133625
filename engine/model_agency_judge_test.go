package engine_test

import (
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Judge implements [article].
func (m *agencyModel) Judge(a act) verdict {
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
		f, bad := m.at(a, o.Partner, "partner#manage_partner")
		if len(bad) == 0 && badTitle(o.Title) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { f.title = o.Title })
	case *engine.TransferOwnership:
		return m.transfer(a, o)
	case *engine.InviteStaff, *engine.ResendInvitation, *engine.WithdrawInvitation, *engine.EditStaff, *engine.ChangeRole, *engine.RemoveStaff:
		return m.judgeStaff(a)
	default:
		return m.judgeFolders(a)
	}
}

// at passes the gate for an act at a firm that is about the named objects too,
// "client/retail".
func (m *agencyModel) at(a act, partner, needs string, about ...string) (*agencyFirm, []engine.Code) {
	objects := []schema.Object{schema.Partner(schema.Domain(partner))}
	for _, o := range about {
		typ, name, _ := strings.Cut(o, "/")
		objects = append(objects, schema.Obj(typ, schema.Domain(partner), name))
	}
	return m.firm(schema.Domain(partner)), m.gate.refusals(a, needs, objects...)
}

// signUp is AG-1.
func (m *agencyModel) signUp(a act, o *engine.SignUp) verdict {
	id := schema.Domain(o.Partner)
	if a.Actor.Partner != "" && a.Actor.Partner != id {
		return refuse(engine.NotFound)
	}
	var bad problems
	bad.note(m.firm(id) != nil, engine.Conflict)
	bad.note(a.Actor.Kind != engine.Person || badTitle(o.Title) || badTitle(o.ContactName) || badAddress(o.Email) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	return judge(bad, func() {
		f := &agencyFirm{id: id, title: o.Title}
		m.firms = append(m.firms, f)
		m.objects = append(m.objects, schema.Partner(id))
		m.seat(f, &agencySeat{name: o.Staff, role: "owner", email: cleanAddress(o.Email), person: a.Actor.User})
	})
}

func badAddress(s string) bool { return !strings.Contains(s, "@") }

func (m *agencyModel) seat(f *agencyFirm, s *agencySeat) {
	f.seats = append(f.seats, s)
	m.objects = append(m.objects, schema.Obj("staff", f.id, s.name))
}

// transfer is AG-3.
func (m *agencyModel) transfer(a act, o *engine.TransferOwnership) verdict {
	f, bad := m.at(a, o.Partner, "platform#transfer_ownership", "staff/"+o.Staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	next, former := f.seat(o.Staff), o.FormerRole
	if former == "" {
		former = "admin"
	}
	var wrong problems
	wrong.note(former != "admin" && former != "advisor", engine.Invalid)
	wrong.note(next.person == "" || next.role == "owner", engine.Conflict)
	return judge(wrong, func() {
		for _, s := range f.seats {
			if s.role == "owner" && !s.removed {
				s.role = former
			}
		}
		next.role = "owner"
	})
}

func (m *agencyModel) judgeFolders(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateClient:
		f, bad := m.at(a, o.Partner, "partner#manage_clients") // AG-7
		if len(bad) > 0 {
			return refuse(bad...)
		}
		bad = naming(f.clients, clientName, o.Client, o.Title, f.clientTitled(o.Title) != nil)
		return judge(bad, func() {
			f.clients = append(f.clients, &agencyClient{name: o.Client, title: o.Title, staff: agencyGrants{}})
			m.objects = append(m.objects, schema.Obj("client", f.id, o.Client))
		})
	case *engine.RenameClient:
		f, bad := m.at(a, o.Partner, "client#oversee", "client/"+o.Client) // AG-7
		if len(bad) > 0 {
			return refuse(bad...)
		}
		c, twin := find(f.clients, o.Client, clientName), f.clientTitled(o.Title)
		return judge(renaming(o.Title, twin != nil && twin != c), func() { c.title = o.Title })
	case *engine.ArchiveClient:
		f, bad := m.at(a, o.Partner, "client#oversee", "client/"+o.Client)
		return judge(bad, func() { find(f.clients, o.Client, clientName).archived = true })
	case *engine.RestoreClient:
		f, bad := m.at(a, o.Partner, "partner#manage_clients", "client/"+o.Client)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		c := find(f.clients, o.Client, clientName)
		if !c.archived || f.clientTitled(c.title) != nil {
			return refuse(engine.Conflict)
		}
		return permit(func(*engine.Result) { c.archived = false })
	case *engine.AddClientStaff:
		f, bad := m.at(a, o.Partner, "client#share", "client/"+o.Client, "staff/"+o.Staff) // AG-9, AG-15, AG-16
		if len(bad) == 0 && m.past(o.ExpiresAt) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { f.addClientStaff(find(f.clients, o.Client, clientName), f.seat(o.Staff), o.ExpiresAt) })
	case *engine.RemoveClientStaff:
		f, bad := m.at(a, o.Partner, "client#share", "client/"+o.Client, "staff/"+o.Staff)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return find(f.clients, o.Client, clientName).staff.revoke(f.seat(o.Staff))
	default:
		return m.judgeAccounts(a)
	}
}

// addClientStaff is AG-17 and AG-18: who was not on the folder starts with all
// of its accounts on.
func (f *agencyFirm) addClientStaff(c *agencyClient, s *agencySeat, until time.Time) {
	if _, on := c.staff[s]; !on {
		for _, a := range f.accounts {
			if a.client == c {
				delete(a.off, s)
			}
		}
	}
	c.staff[s] = until
}

func (m *agencyModel) past(expires time.Time) bool {
	return !expires.IsZero() && !expires.After(m.w.Now())
}

func (g agencyGrants) revoke(s *agencySeat) verdict {
	if _, given := g[s]; !given {
		return refuse(engine.NotFound)
	}
	return permit(func(*engine.Result) { delete(g, s) })
}

// naming says what is wrong with a new object's name and title: a name is given
// once, and a title once among what is open.
func naming[V any](all []V, of func(V) string, name, title string, twin bool) []engine.Code {
	var wrong problems
	wrong.note(schema.ValidateName(name) != nil || badTitle(title), engine.Invalid)
	wrong.note(slices.ContainsFunc(all, func(v V) bool { return of(v) == name }) || twin, engine.Conflict)
	return wrong
}

func renaming(title string, twin bool) []engine.Code {
	var wrong problems
	wrong.note(badTitle(title), engine.Invalid)
	wrong.note(twin, engine.Conflict)
	return wrong
}

func (f *agencyFirm) clientTitled(title string) *agencyClient {
	for _, c := range f.clients {
		if !c.archived && sameTitle(c.title, title) {
			return c
		}
	}
	return nil
}

func (f *agencyFirm) accountTitled(in *agencyClient, title string) *agencyAccount {
	for _, a := range f.accounts {
		if !a.archived && a.client == in && sameTitle(a.title, title) {
			return a
		}
	}
	return nil
}

func (f *agencyFirm) groupTitled(title string) *agencyGroup {
	for _, g := range f.groups {
		if !g.archived && sameTitle(g.title, title) {
			return g
		}
	}
	return nil
}
