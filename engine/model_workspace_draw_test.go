package engine_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
)

// Opening founds two firms, the first with somebody of every role, and a support
// team of one. Ben and Ana work at both, and somebody is invited.
func (m *workspaceModel) Opening(do func(act)) {
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
	hire("ben", one, "cat", "s2", "project_manager")
	hire("ben", one, "dan", "s3", "salesperson")
	hire("ben", one, "eve", "s4", "freelancer")
	hire("ben", one, "fay", "s5", "teammate")
	as("cat", &engine.CreateProject{Partner: one, Project: "p0", Title: "North"})
	as("cat", &engine.SetLeader{Partner: one, Project: "p0", Staff: "s2"})
	for _, seat := range []string{"s3", "s4", "s5"} {
		as("cat", &engine.AssignProjectStaff{Partner: one, Project: "p0", Staff: seat})
	}
	as("dan", &engine.CreateRecord{Partner: one, Record: "r0", Kind: "company", Title: "North"})
	as("dan", &engine.CreateRecord{Partner: one, Record: "r1", Kind: "goal", Title: "North"})
	as("ben", &engine.CreateRecord{Partner: one, Record: "r2", Kind: "contact", Title: "South"})
	as("ben", &engine.ChangeRole{Partner: one, Staff: "s5", Role: "office_manager"})
	// What is archived doesn't come back to another's address; chance does this seldom.
	as("ben", &engine.InviteStaff{Partner: one, Staff: "s6", ContactName: "Gus", Email: "a6@x.example", Role: "teammate"})
	as("cat", &engine.CreateProject{Partner: one, Project: "p1", Title: "South"})
	as("cat", &engine.AssignProjectStaff{Partner: one, Project: "p1", Staff: "s6"})
	as("cat", &engine.ArchiveProject{Partner: one, Project: "p1"})
	as("ben", &engine.EditStaff{Partner: one, Staff: "s6", Email: "a7@x.example"})
	as("cat", &engine.RestoreProject{Partner: one, Project: "p1"})
	as("ben", &engine.SignUp{Partner: two, Staff: "s0", Title: "Second", ContactName: "Ben", Email: "a0@x.example"})
	hire("ben", two, "ana", "s1", "salesperson")
	as("ben", &engine.CreateProject{Partner: two, Project: "p0", Title: "North"})
}

// workspaceDraw is one act in the making.
type workspaceDraw struct {
	m       *workspaceModel
	t       *rapid.T
	f       *workspaceFirm // empty if nobody signed up there
	partner string
}

// Draw implements [article].
func (m *workspaceModel) Draw(t *rapid.T) act {
	d := workspaceDraw{m: m, t: t}
	id := pick(t, "partner", m.w.Partners[0], m.w.Partners[0], m.w.Partners[0], m.w.Partners[0], m.w.Partners[1], m.w.Partners[1], m.w.Partners[2])
	d.partner = string(id)
	if d.f = m.firm(id); d.f == nil {
		d.f = &workspaceFirm{id: id}
	}
	ops := []func() engine.Operation{
		d.inviteStaff, d.inviteStaff, d.acceptInvitation, d.acceptInvitation, d.acceptInvitation,
		d.invitationOp, d.editStaff, d.editStaff, d.changeRole, d.changeRole, d.changeRole,
		d.trash, d.trash, d.untrash, d.untrash, d.untrash,
		d.createProject, d.projectOp, d.projectOp, d.restoreProject, d.restoreProject,
		d.assign, d.assign, d.assign, d.assign, d.unassign, d.lead, d.lead, d.unlead,
		d.createRecord, d.createRecord, d.recordOp, d.recordOp, d.recordOp, d.restoreRecord, d.restoreRecord,
		d.partnerOp, d.platformOp,
	}
	op := ops[roll(t, "operation", len(ops))]()
	return act{Actor: d.actor(op), Op: op}
}

// actor draws who acts: as often as not somebody who may, otherwise anybody.
func (d workspaceDraw) actor(op engine.Operation) engine.Actor {
	persons := d.m.w.Persons
	var able []string
	for _, p := range persons[:len(persons)-1] { // the last is a stranger everywhere
		if v := d.m.Judge(act{Actor: engine.PersonActor(p), Op: op}); len(v.refusals) == 0 {
			able = append(able, p)
		}
	}
	var staff []string
	for _, s := range d.f.seats {
		if s.state() == engine.Active || s.trashed {
			staff = append(staff, s.person)
		}
	}
	switch n := roll(d.t, "by whom", 100); {
	case n < 68 && len(able) > 0:
		return d.embellish(op, engine.PersonActor(pick(d.t, "by", able...)))
	case n < 92 && len(staff) > 0:
		return d.embellish(op, engine.PersonActor(pick(d.t, "by", staff...)))
	case n == 99:
		if _, ok := op.(*engine.AcceptInvitation); !ok {
			return engine.Actor{Kind: engine.Operator}
		}
	}
	if _, ok := op.(*engine.AcceptInvitation); ok {
		persons = persons[:len(persons)-1]
	}
	return d.embellish(op, engine.PersonActor(pick(d.t, "by", persons...)))
}

// embellish lets an actor, now and then, reach one partner only, or have an
// address that somebody vouches for.
func (d workspaceDraw) embellish(op engine.Operation, a engine.Actor) engine.Actor {
	if _, ok := op.(*engine.AcceptInvitation); ok && chance(d.t, "vouched for", 15) {
		a.Email = d.email()
	}
	if chance(d.t, "restricted", 4) {
		a.Partner = pick(d.t, "to", d.m.w.Partners...)
	}
	return a
}

func (d workspaceDraw) email() string {
	if chance(d.t, "no address", 2) {
		return "nobody"
	}
	return fmt.Sprintf(pick(d.t, "email", "a%d@x.example", "a%d@x.example", "a%d@x.example", "A%d@x.example"), roll(d.t, "number", 12))
}

// role draws a role to give, mostly a low one: everybody goes up in the end.
func (d workspaceDraw) role() string {
	if chance(d.t, "odd role", 5) {
		return pick(d.t, "role", "super_admin", "", "boss")
	}
	low := workspaceLadder[4:]
	if chance(d.t, "low", 40) {
		return pick(d.t, "role", low...)
	}
	return pick(d.t, "role", workspaceLadder[1:]...)
}

// staff draws a staff member, mostly one of those that are wanted.
func (d workspaceDraw) staff(wanted func(*workspaceSeat) bool) string {
	var some []string
	for _, s := range d.f.seats {
		if !s.removed && wanted(s) {
			some = append(some, s.name)
		}
	}
	if len(some) > 0 && chance(d.t, "wanted", 70) {
		return pick(d.t, "staff", some...)
	}
	return drawName(d.t, "staff", d.staffNames())
}

func workspaceInState(state engine.State) func(*workspaceSeat) bool {
	return func(s *workspaceSeat) bool { return s.state() == state }
}

func (d workspaceDraw) staffNames() []string {
	return names(d.f.seats, workspaceSeatName, func(s *workspaceSeat) bool { return s.removed })
}

func (d workspaceDraw) projectNames() []string {
	return names(d.f.projects, workspaceProjectName, func(p *workspaceProject) bool { return p.archived })
}

func (d workspaceDraw) recordNames() []string {
	return names(d.f.records, workspaceRecordName, func(r *workspaceRecord) bool { return r.deleted })
}

func (d workspaceDraw) project() string { return drawName(d.t, "project", d.projectNames()) }
func (d workspaceDraw) record() string  { return drawName(d.t, "record", d.recordNames()) }

// workspaceFresh draws a new name, the more seldom the more there is of the kind.
func workspaceFresh[V any](d workspaceDraw, prefix string, all []V, gone func(V) bool, known []string) string {
	open := 0
	for _, v := range all {
		if !gone(v) {
			open++
		}
	}
	return drawNew(d.t, "new", fmt.Sprintf("%s%d", prefix, len(all)), known, min(95, 5+open*open+len(all)))
}
