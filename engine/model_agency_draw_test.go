package engine_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
)

// Opening founds two firms, with staff and folders and a support team of one.
// Ben and Ana work at both.
func (m *agencyModel) Opening(do func(act)) {
	do(act{Actor: engine.Actor{Kind: engine.Operator}, Op: &engine.AddSupport{User: m.w.Person("sue")}})
	as := func(name string, op engine.Operation) { do(act{Actor: engine.PersonActor(m.w.Person(name)), Op: op}) }
	one, two := string(m.w.Partners[0]), string(m.w.Partners[1])
	hire := func(boss, partner, person, seat, role string) {
		email := "a" + seat[1:] + "@x.example"
		as(boss, &engine.InviteStaff{Partner: partner, Staff: seat, ContactName: person, Email: email, Role: role})
		as(person, &engine.AcceptInvitation{Token: m.w.Token(email)})
	}
	as("ana", &engine.SignUp{Partner: one, Staff: "s0", Title: "First", ContactName: "Ana", Email: "a0@x.example"})
	hire("ana", one, "ben", "s1", "admin")
	hire("ben", one, "cat", "s2", "advisor")
	hire("ben", one, "dan", "s3", "advisor")
	as("ben", &engine.CreateClient{Partner: one, Client: "c0", Title: "North"})
	as("ben", &engine.AddClientStaff{Partner: one, Client: "c0", Staff: "s2"})
	as("cat", &engine.AddAccount{Partner: one, Client: "c0", Account: "x0", Title: "North"})
	as("ben", &engine.AddAccount{Partner: one, Client: "c0", Account: "x1", Title: "South"})
	as("ana", &engine.CreateInternalAccount{Partner: one, Account: "x2", Title: "North"})
	as("ana", &engine.CreateGroup{Partner: one, Group: "g0", Title: "North"})
	as("ana", &engine.AddGroupAccount{Partner: one, Group: "g0", Account: "x0"})
	as("ben", &engine.AddRepresentative{Partner: one, Group: "g0", Staff: "s3"})
	as("ben", &engine.SignUp{Partner: two, Staff: "s0", Title: "Second", ContactName: "Ben", Email: "a0@x.example"})
	hire("ben", two, "ana", "s1", "advisor")
	as("ben", &engine.CreateClient{Partner: two, Client: "c0", Title: "North"})
}

// agencyDraw is one act in the making.
type agencyDraw struct {
	m       *agencyModel
	t       *rapid.T
	f       *agencyFirm // empty if nobody signed up there
	partner string
}

// Draw implements [article].
func (m *agencyModel) Draw(t *rapid.T) act {
	d := agencyDraw{m: m, t: t}
	id := pick(t, "partner", m.w.Partners[0], m.w.Partners[0], m.w.Partners[0], m.w.Partners[1], m.w.Partners[1], m.w.Partners[2])
	d.partner = string(id)
	if d.f = m.firm(id); d.f == nil {
		d.f = &agencyFirm{id: id}
	}
	ops := []func() engine.Operation{
		d.inviteStaff, d.inviteStaff, d.acceptInvitation, d.acceptInvitation, d.staffOp, d.staffOp, d.staffOp,
		d.createClient, d.clientOp, d.clientOp, d.clientStaff, d.clientStaff, d.clientStaff, d.clientStaff,
		d.addAccount, d.addAccount, d.accountOp, d.switchAccount, d.switchAccount, d.switchAccount, d.accountStaff, d.accountStaff,
		d.createGroup, d.groupOp, d.groupAccount, d.groupAccount, d.groupStaff, d.groupStaff,
		d.partnerOp, d.platformOp,
	}
	op := ops[roll(t, "operation", len(ops))]()
	return act{Actor: d.actor(op), Op: op}
}

// actor draws who acts: mostly staff of the firm who may do much.
func (d agencyDraw) actor(op engine.Operation) engine.Actor {
	persons := d.m.w.Persons
	stranger, staff := persons[len(persons)-1], persons[:len(persons)-1]
	switch op.(type) {
	case *engine.SignUp:
		if chance(d.t, "by the operator", 5) {
			return engine.Actor{Kind: engine.Operator}
		}
		return engine.PersonActor(pick(d.t, "by", staff...))
	case *engine.AcceptInvitation:
		a := engine.PersonActor(pick(d.t, "by", staff...))
		if chance(d.t, "vouched for", 20) {
			a.Email = d.email()
		}
		return d.restricted(a)
	case *engine.AddSupport, *engine.RemoveSupport, *engine.TransferOwnership:
		if chance(d.t, "by support", 60) {
			return d.restricted(engine.PersonActor(d.m.w.Person("sue")))
		}
	}
	var bosses []string
	for _, s := range d.f.seats {
		if !s.removed && s.person != "" && s.role != "advisor" {
			bosses = append(bosses, s.person)
		}
	}
	switch n := roll(d.t, "by whom", 100); {
	case n < 75 && len(bosses) > 0:
		return d.restricted(engine.PersonActor(pick(d.t, "by", bosses...)))
	case n == 99:
		return engine.Actor{Kind: engine.Operator}
	case n > 95:
		return engine.PersonActor(stranger)
	default:
		return d.restricted(engine.PersonActor(pick(d.t, "by", persons...)))
	}
}

// restricted lets an actor, now and then, reach one partner only.
func (d agencyDraw) restricted(a engine.Actor) engine.Actor {
	if chance(d.t, "restricted", 5) {
		a.Partner = pick(d.t, "to", d.m.w.Partners...)
	}
	return a
}

func (d agencyDraw) email() string {
	if chance(d.t, "no address", 2) {
		return "nobody"
	}
	return pick(d.t, "email", "a1@x.example", "a2@x.example", "a3@x.example", "a4@x.example", "a5@x.example", "a6@x.example", "A1@x.example", "a0@x.example")
}

func (d agencyDraw) role() string {
	if chance(d.t, "odd role", 5) {
		return pick(d.t, "role", "owner", "", "boss")
	}
	return pick(d.t, "role", "advisor", "admin")
}

// names returns what those of a list are called, the latest twice: what is new
// matters more, and much of the old is gone.
func names[V any](all []V, of func(V) string, gone func(V) bool) []string {
	var names []string
	for _, v := range all {
		names = append(names, of(v))
		if !gone(v) {
			names = append(names, of(v), of(v), of(v))
		}
	}
	return names
}

func (d agencyDraw) staffNames() []string {
	return names(d.f.seats, seatName, func(s *agencySeat) bool { return s.removed })
}

func (d agencyDraw) clientNames() []string {
	return names(d.f.clients, clientName, func(c *agencyClient) bool { return c.archived })
}

func (d agencyDraw) accountNames() []string {
	return names(d.f.accounts, accountName, func(a *agencyAccount) bool { return a.archived })
}

func (d agencyDraw) groupNames() []string {
	return names(d.f.groups, groupName, func(g *agencyGroup) bool { return g.archived })
}

func (d agencyDraw) staff() string  { return drawName(d.t, "staff", d.staffNames()) }
func (d agencyDraw) client() string { return drawName(d.t, "client", d.clientNames()) }
func (d agencyDraw) account() string {
	return drawName(d.t, "account", d.accountNames())
}
func (d agencyDraw) group() string { return drawName(d.t, "group", d.groupNames()) }

// fresh draws a new name, the more seldom the more there is of the kind.
func fresh[V any](d agencyDraw, prefix string, all []V, gone func(V) bool, known []string) string {
	open := 0
	for _, v := range all {
		if !gone(v) {
			open++
		}
	}
	return drawNew(d.t, "new", fmt.Sprintf("%s%d", prefix, len(all)), known, 5+open*open*2)
}
