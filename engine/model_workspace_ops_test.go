package engine_test

import (
	"fmt"
	"slices"

	"github.com/portico-authz/portico/engine"
)

func (d workspaceDraw) inviteStaff() engine.Operation {
	known := d.staffNames()
	contact := "Somebody"
	if chance(d.t, "no name", 2) {
		contact = " "
	}
	taken := 5
	if len(d.f.seats) > 40 {
		taken = 70 // a run may be long, and there are names enough in use
	}
	name := drawNew(d.t, "new", fmt.Sprintf("s%d", len(d.f.seats)), known, taken)
	return &engine.InviteStaff{Partner: d.partner, Staff: name, ContactName: contact, Email: d.email(), Role: d.role()}
}

func (d workspaceDraw) acceptInvitation() engine.Operation {
	var tokens []string
	for _, f := range d.m.firms {
		for _, s := range f.seats {
			if s.state() == engine.Invited {
				tokens = append(tokens, s.token, s.token, s.token, s.token, s.token, s.token)
			}
			tokens = append(tokens, s.void[max(0, len(s.void)-1):]...)
		}
	}
	if len(tokens) == 0 || chance(d.t, "made up", 3) {
		return &engine.AcceptInvitation{Token: pick(d.t, "token", "", "invite_made_up")}
	}
	return &engine.AcceptInvitation{Token: pick(d.t, "token", tokens...)}
}

func (d workspaceDraw) invitationOp() engine.Operation {
	staff := d.staff(workspaceInState(engine.Invited))
	if chance(d.t, "withdraw", 50) {
		return &engine.WithdrawInvitation{Partner: d.partner, Staff: staff}
	}
	return &engine.ResendInvitation{Partner: d.partner, Staff: staff}
}

func (d workspaceDraw) editStaff() engine.Operation {
	wanted := func(s *workspaceSeat) bool { return s.is("super_admin") || s.state() == engine.Invited }
	switch roll(d.t, "which", 4) {
	case 1:
		wanted = func(s *workspaceSeat) bool { return s.state() == engine.Invited && d.f.uses(s) }
	case 2, 3: // what is archived must not come back to another address
		wanted = func(s *workspaceSeat) bool { return s.state() == engine.Invited && d.f.shelved(s) }
	}
	o := &engine.EditStaff{Partner: d.partner, Staff: d.staff(wanted)}
	if chance(d.t, "renamed", 40) {
		o.ContactName = pick(d.t, "contact name", "Another", " ")
	}
	if chance(d.t, "moved", 80) {
		o.Email = d.email()
	}
	return o
}

// changeRole draws a new role, mostly the next of the ladder: what somebody has
// counts for less there, or for more (WS-4, WS-6).
func (d workspaceDraw) changeRole() engine.Operation {
	staff, role := d.staff(func(s *workspaceSeat) bool { return !s.boss() && (s.is("freelancer") || d.f.uses(s)) }), d.role()
	if s := d.f.seat(staff); s != nil && chance(d.t, "next", 60) {
		role = workspaceLadder[max(0, slices.Index(workspaceLadder, s.role)-1)]
	}
	return &engine.ChangeRole{Partner: d.partner, Staff: staff, Role: role}
}

// trash draws the removal of somebody, mostly of one who has something to keep.
func (d workspaceDraw) trash() engine.Operation {
	return &engine.RemoveStaff{Partner: d.partner, Staff: d.staff(func(s *workspaceSeat) bool {
		return s.state() == engine.Active && d.f.uses(s)
	})}
}

// uses reports whether the member leads a project, is on one, or created a record.
func (f *workspaceFirm) uses(s *workspaceSeat) bool {
	return slices.ContainsFunc(f.projects, func(p *workspaceProject) bool { return p.leader == s || p.members[s] }) ||
		slices.ContainsFunc(f.records, func(r *workspaceRecord) bool { return r.creator == s })
}

// shelved reports whether an archived project has the member.
func (f *workspaceFirm) shelved(s *workspaceSeat) bool {
	return slices.ContainsFunc(f.projects, func(p *workspaceProject) bool { return p.archived && (p.leader == s || p.members[s]) })
}

func (d workspaceDraw) untrash() engine.Operation {
	staff := d.staff(workspaceInState(engine.Trashed))
	if chance(d.t, "purge", 50) {
		return &engine.PurgeStaff{Partner: d.partner, Staff: staff}
	}
	return &engine.RestoreStaff{Partner: d.partner, Staff: staff}
}

func (d workspaceDraw) createProject() engine.Operation {
	name := workspaceFresh(d, "p", d.f.projects, func(p *workspaceProject) bool { return p.archived }, d.projectNames())
	return &engine.CreateProject{Partner: d.partner, Project: name, Title: drawTitle(d.t)}
}

func (d workspaceDraw) projectOp() engine.Operation {
	if chance(d.t, "rename", 35) {
		return &engine.RenameProject{Partner: d.partner, Project: d.project(), Title: drawTitle(d.t)}
	}
	return &engine.ArchiveProject{Partner: d.partner, Project: d.project()}
}

func (d workspaceDraw) restoreProject() engine.Operation {
	var archived []string
	for _, p := range d.f.projects {
		if p.archived {
			archived = append(archived, p.name)
		}
	}
	if len(archived) > 0 && chance(d.t, "archived", 80) {
		return &engine.RestoreProject{Partner: d.partner, Project: pick(d.t, "project", archived...)}
	}
	return &engine.RestoreProject{Partner: d.partner, Project: d.project()}
}

func (d workspaceDraw) assign() engine.Operation {
	wanted := func(s *workspaceSeat) bool { return !s.boss() }
	if chance(d.t, "invited", 30) {
		wanted = workspaceInState(engine.Invited)
	}
	staff := d.staff(wanted)
	return &engine.AssignProjectStaff{Partner: d.partner, Project: d.project(), Staff: staff}
}

// unassign draws a project and who is on it, mostly.
func (d workspaceDraw) unassign() engine.Operation {
	var pairs [][2]string
	for _, p := range d.f.projects {
		for _, s := range d.f.seats {
			if p.members[s] && !p.archived {
				pairs = append(pairs, [2]string{p.name, s.name})
			}
		}
	}
	if len(pairs) > 0 && chance(d.t, "assigned", 75) {
		p := pick(d.t, "which", pairs...)
		return &engine.UnassignProjectStaff{Partner: d.partner, Project: p[0], Staff: p[1]}
	}
	return &engine.UnassignProjectStaff{Partner: d.partner, Project: d.project(), Staff: d.staff(workspaceInState(engine.Active))}
}

func (d workspaceDraw) lead() engine.Operation {
	return &engine.SetLeader{Partner: d.partner, Project: d.project(), Staff: d.staff((*workspaceSeat).leads)}
}

func (d workspaceDraw) unlead() engine.Operation {
	return &engine.UnsetLeader{Partner: d.partner, Project: d.project()}
}

func (d workspaceDraw) createRecord() engine.Operation {
	kind := pick(d.t, "kind", workspaceKinds...)
	if chance(d.t, "odd kind", 3) {
		kind = pick(d.t, "kind", "", "partner", "creator")
	}
	name := workspaceFresh(d, "r", d.f.records, func(r *workspaceRecord) bool { return r.deleted }, d.recordNames())
	return &engine.CreateRecord{Partner: d.partner, Record: name, Kind: kind, Title: drawTitle(d.t)}
}

func (d workspaceDraw) recordOp() engine.Operation {
	if chance(d.t, "edit", 55) {
		return &engine.EditRecord{Partner: d.partner, Record: d.record(), Title: drawTitle(d.t)}
	}
	return &engine.DeleteRecord{Partner: d.partner, Record: d.record()}
}

func (d workspaceDraw) restoreRecord() engine.Operation {
	var deleted []string
	for _, r := range d.f.records {
		if r.deleted {
			deleted = append(deleted, r.name)
		}
	}
	if len(deleted) > 0 && chance(d.t, "deleted", 80) {
		return &engine.RestoreRecord{Partner: d.partner, Record: pick(d.t, "record", deleted...)}
	}
	return &engine.RestoreRecord{Partner: d.partner, Record: d.record()}
}

func (d workspaceDraw) partnerOp() engine.Operation {
	if chance(d.t, "sign up", 50) {
		return &engine.SignUp{Partner: d.partner, Staff: pick(d.t, "seat", "s0", "s1"), Title: drawTitle(d.t), ContactName: "Founder", Email: d.email()}
	}
	return &engine.EditPartner{Partner: d.partner, Title: drawTitle(d.t)}
}

func (d workspaceDraw) platformOp() engine.Operation {
	if chance(d.t, "remove", 50) {
		return &engine.RemoveSupport{User: pick(d.t, "user", slices.Concat(d.m.w.Persons[:3], d.m.support)...)}
	}
	return &engine.AddSupport{User: pick(d.t, "user", d.m.w.Persons...)}
}
