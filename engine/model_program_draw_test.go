package engine_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
)

// Opening founds two programmes, with teammates of several roles, groups, one
// who is restricted, one who is paid, and a support team of one. Ben and Ana work
// at both.
func (m *programModel) Opening(do func(act)) {
	do(act{Actor: engine.Actor{Kind: engine.Operator}, Op: &engine.AddSupport{User: m.w.Person("sue")}})
	as := func(name string, op engine.Operation) { do(act{Actor: engine.PersonActor(m.w.Person(name)), Op: op}) }
	one, two := string(m.w.Partners[0]), string(m.w.Partners[1])
	hire := func(boss, partner, person, seat, role string) {
		email := "a" + seat[1:] + "@x.example"
		as(boss, &engine.InviteStaff{Partner: partner, Staff: seat, ContactName: person, Email: email, Role: role})
		as(person, &engine.AcceptInvitation{Token: m.w.Token(email)})
	}
	as("ana", &engine.SignUp{Partner: one, Staff: "s0", Title: "First", ContactName: "Ana", Email: "a0@x.example"})
	hire("ana", one, "ben", "s1", "custom")
	as("ana", &engine.SetCapability{Partner: one, Staff: "s1", Capability: "manage_team", Enabled: true})
	hire("ben", one, "cat", "s2", "teammate")
	hire("ben", one, "dan", "s3", "custom")
	as("cat", &engine.CreateAccount{Partner: one, Account: "x0", Title: "North"})
	as("cat", &engine.CreateAccount{Partner: one, Account: "x1", Title: "South"})
	for i, title := range []string{"North", "South"} {
		g, x := fmt.Sprintf("g%d", i), fmt.Sprintf("x%d", i)
		as("cat", &engine.CreateGroup{Partner: one, Group: g, Title: title})
		as("cat", &engine.AddGroupAccount{Partner: one, Group: g, Account: x})
	}
	as("ben", &engine.SetCapability{Partner: one, Staff: "s3", Capability: "manage_partners", Enabled: true})
	as("ben", &engine.RestrictStaff{Partner: one, Staff: "s3", Groups: []string{"g0"}})
	as("ben", &engine.AddRepresentative{Partner: one, Group: "g1", Staff: "s3"})
	as("ben", &engine.SetManagedPayouts{Partner: one, Group: "g1", Staff: "s3", Enabled: true})
	as("ana", &engine.AddRepresentative{Partner: one, Group: "g0", Staff: "s2"})
	as("ana", &engine.AddGroupAccount{Partner: one, Group: "g1", Account: "x0"})
	as("ben", &engine.SignUp{Partner: two, Staff: "s0", Title: "Second", ContactName: "Ben", Email: "a0@x.example"})
	hire("ben", two, "ana", "s1", "read_only")
	as("ben", &engine.CreateAccount{Partner: two, Account: "x0", Title: "North"})
	as("ben", &engine.CreateGroup{Partner: two, Group: "g0", Title: "North"})
}

// programDraw is one act in the making.
type programDraw struct {
	m       *programModel
	t       *rapid.T
	f       *programFirm // empty if nobody signed up there
	partner string
}

// Draw implements [article].
func (m *programModel) Draw(t *rapid.T) act {
	d := programDraw{m: m, t: t}
	id := pick(t, "partner", slices.Repeat(m.w.Partners, 3)[:7]...) // the first of them most often
	if m.firm(id) == nil && chance(t, "another", 80) {
		id = m.w.Partners[0]
	}
	d.partner = string(id)
	if d.f = m.firm(id); d.f == nil {
		d.f = &programFirm{id: id}
	}
	ops := []func() engine.Operation{
		d.inviteStaff, d.inviteStaff, d.acceptInvitation, d.acceptInvitation, d.invitationOp, d.editStaff, d.editStaff, d.changeRole, d.changeRole, d.changeRole, d.removeStaff,
		d.setCapability, d.setCapability, d.setCapability, d.restrictStaff, d.restrictStaff, d.restrictStaff, d.liftRestriction,
		d.createAccount, d.accountOp, d.createGroup, d.groupOp, d.groupAccount, d.groupAccount,
		d.representative, d.representative, d.representative, d.setManagedPayouts, d.setManagedPayouts, d.setManagedPayouts,
		d.partnerOp, d.platformOp,
	}
	op := ops[roll(t, "operation", len(ops))]()
	return act{Actor: d.actor(op), Op: op}
}

// actor draws who acts: mostly who may do it by their capabilities.
func (d programDraw) actor(op engine.Operation) engine.Actor {
	persons := d.m.w.Persons
	stranger, staff := persons[len(persons)-1], persons[:len(persons)-1]
	capability := "manage_team"
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
		return d.confined(a)
	case *engine.AddSupport, *engine.RemoveSupport:
		if chance(d.t, "by support", 60) {
			return d.confined(engine.PersonActor(d.m.w.Person("sue")))
		}
	case *engine.EditPartner:
		capability = "view_team" // of few others than administrators
	case *engine.CreateAccount, *engine.RenameAccount, *engine.ArchiveAccount, *engine.CreateGroup, *engine.RenameGroup,
		*engine.ArchiveGroup, *engine.AddGroupAccount, *engine.RemoveGroupAccount:
		capability = "manage_partners" // restricted or not
	}
	var able []string
	for _, s := range d.f.seats {
		if !s.removed && s.person != "" && s.has(capability) {
			able = append(able, s.person)
		}
	}
	switch n := roll(d.t, "by whom", 100); {
	case n < 78 && len(able) > 0:
		return d.confined(engine.PersonActor(pick(d.t, "by", able...)))
	case n == 99:
		return engine.Actor{Kind: engine.Operator}
	case n > 95:
		return engine.PersonActor(stranger)
	default:
		return d.confined(engine.PersonActor(pick(d.t, "by", persons...)))
	}
}

// confined lets an actor, now and then, reach one partner only.
func (d programDraw) confined(a engine.Actor) engine.Actor {
	if chance(d.t, "confined", 5) {
		a.Partner = pick(d.t, "to", d.m.w.Partners...)
	}
	return a
}

func (d programDraw) email() string {
	if chance(d.t, "no address", 2) {
		return "nobody"
	}
	return pick(d.t, "email", "a1@x.example", "a2@x.example", "a3@x.example", "a4@x.example", "a5@x.example", "a6@x.example",
		"A1@x.example", "a0@x.example", "a7@x.example", "a8@x.example")
}

func (d programDraw) role() string {
	if chance(d.t, "odd role", 4) {
		return pick(d.t, "role", "owner", "", "Custom")
	}
	return pick(d.t, "role", "teammate", "custom", "custom", "custom", "administrator", "technical_teammate", "program_manager", "read_only")
}

func (d programDraw) staffNames() []string {
	return names(d.f.seats, programSeatName, func(s *programSeat) bool { return s.removed })
}

func (d programDraw) accountNames() []string {
	return names(d.f.accounts, programAccountName, func(a *programAccount) bool { return a.archived })
}

func (d programDraw) groupNames() []string {
	return names(d.f.groups, programGroupName, func(g *programGroup) bool { return g.archived })
}

func (d programDraw) staff() string   { return drawName(d.t, "staff", d.staffNames()) }
func (d programDraw) account() string { return drawName(d.t, "account", d.accountNames()) }

// group draws a group, mostly one that isn't archived.
func (d programDraw) group() string {
	return programSome(d, 60, d.f.groups, programGroupName, func(g *programGroup) bool { return !g.archived }, func() string {
		return drawName(d.t, "group", d.groupNames())
	})
}

// programSome draws one of a list of which something is so, as often as percent
// says, and otherwise any.
func programSome[V any](d programDraw, percent int, all []V, of func(V) string, is func(V) bool, other func() string) string {
	var some []string
	for _, v := range all {
		if is(v) {
			some = append(some, of(v))
		}
	}
	if len(some) > 0 && chance(d.t, "such", percent) {
		return pick(d.t, "which", some...)
	}
	return other()
}

// who draws a teammate, mostly one of whom something is so.
func (d programDraw) who(is func(*programSeat) bool) string {
	return programSome(d, 80, d.f.seats, programSeatName, func(s *programSeat) bool { return !s.removed && is(s) }, d.staff)
}

// given draws a group and a teammate of whom something is so, mostly.
func (d programDraw) given(percent int, is func(*programGroup, *programSeat) bool) (string, string) {
	var pairs [][2]string
	for _, g := range d.f.groups {
		for _, s := range d.f.seats {
			if !s.removed && is(g, s) {
				pairs = append(pairs, [2]string{g.name, s.name})
			}
		}
	}
	if len(pairs) > 0 && chance(d.t, "given", percent) {
		p := pick(d.t, "which", pairs...)
		return p[0], p[1]
	}
	return d.group(), d.staff()
}

// programFresh draws a new name, the more seldom the more there is of the kind.
func programFresh[V any](t *rapid.T, prefix string, all []V, gone func(V) bool, known []string) string {
	open := 0
	for _, v := range all {
		if !gone(v) {
			open++
		}
	}
	return drawNew(t, "new", fmt.Sprintf("%s%d", prefix, len(all)), known, 5+open*open*2)
}
