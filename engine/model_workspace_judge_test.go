package engine_test

import (
	"slices"
	"strings"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Judge implements [article].
func (m *workspaceModel) Judge(a act) verdict {
	v := m.judge(a)
	if change := v.change; change != nil {
		v.change = func(r *engine.Result) {
			change(r)
			if f := m.firm(r.Object.Domain()); f != nil {
				f.told++
			}
		}
	}
	return v
}

func (m *workspaceModel) judge(a act) verdict {
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
		f, bad := m.at(a, o.Partner, "partner#manage_settings")
		if len(bad) == 0 && badTitle(o.Title) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() { f.title = o.Title })
	case *engine.InviteStaff, *engine.ResendInvitation, *engine.WithdrawInvitation, *engine.EditStaff, *engine.ChangeRole,
		*engine.RemoveStaff, *engine.RestoreStaff, *engine.PurgeStaff:
		return m.judgeStaff(a)
	case *engine.CreateRecord, *engine.EditRecord, *engine.DeleteRecord, *engine.RestoreRecord:
		return m.judgeRecords(a)
	default:
		return m.judgeProjects(a)
	}
}

// at passes the gate for an act at a firm that is about the named objects too,
// "project/site".
func (m *workspaceModel) at(a act, partner, needs string, about ...string) (*workspaceFirm, []engine.Code) {
	objects := []schema.Object{schema.Partner(schema.Domain(partner))}
	for _, o := range about {
		typ, name, _ := strings.Cut(o, "/")
		objects = append(objects, schema.Obj(typ, schema.Domain(partner), name))
	}
	return m.firm(schema.Domain(partner)), m.gate.refusals(a, needs, objects...)
}

// signUp is WS-1.
func (m *workspaceModel) signUp(a act, o *engine.SignUp) verdict {
	id := schema.Domain(o.Partner)
	if a.Actor.Partner != "" && a.Actor.Partner != id {
		return refuse(engine.NotFound)
	}
	var bad problems
	bad.note(m.firm(id) != nil, engine.Conflict)
	bad.note(a.Actor.Kind != engine.Person || badTitle(o.Title) || badTitle(o.ContactName) || badAddress(o.Email) || schema.ValidateName(o.Staff) != nil, engine.Invalid)
	return judge(bad, func() {
		f := &workspaceFirm{id: id, title: o.Title}
		m.firms = append(m.firms, f)
		m.objects = append(m.objects, schema.Partner(id))
		m.seat(f, &workspaceSeat{name: o.Staff, role: "super_admin", email: cleanAddress(o.Email), person: a.Actor.User})
	})
}

func (m *workspaceModel) seat(f *workspaceFirm, s *workspaceSeat) {
	f.seats = append(f.seats, s)
	m.objects = append(m.objects, schema.Obj("staff", f.id, s.name))
}

func (m *workspaceModel) judgeProjects(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateProject:
		f, bad := m.at(a, o.Partner, "partner#manage_projects") // WS-3
		if len(bad) > 0 {
			return refuse(bad...)
		}
		return judge(naming(f.projects, workspaceProjectName, o.Project, o.Title, f.titled(o.Title) != nil), func() {
			f.projects = append(f.projects, &workspaceProject{name: o.Project, title: o.Title, members: map[*workspaceSeat]bool{}})
			m.objects = append(m.objects, schema.Obj("project", f.id, o.Project))
		})
	case *engine.RenameProject:
		return m.onProject(a, o.Partner, o.Project, func(f *workspaceFirm, p *workspaceProject) verdict {
			twin := f.titled(o.Title)
			return judge(renaming(o.Title, twin != nil && twin != p), func() { p.title = o.Title })
		})
	case *engine.ArchiveProject:
		return m.onProject(a, o.Partner, o.Project, func(_ *workspaceFirm, p *workspaceProject) verdict {
			return judge(nil, func() { p.archived = true })
		})
	case *engine.RestoreProject:
		f, bad := m.at(a, o.Partner, "partner#manage_projects", "project/"+o.Project)
		if len(bad) > 0 {
			return refuse(bad...)
		}
		p := f.project(o.Project)
		if !p.archived || f.titled(p.title) != nil {
			return refuse(engine.Conflict)
		}
		return judge(nil, func() { p.archived = false })
	default:
		return m.judgeAssignments(a)
	}
}

// onProject judges what is done to a project, and needs no more than to manage it.
func (m *workspaceModel) onProject(a act, partner, project string, then func(*workspaceFirm, *workspaceProject) verdict) verdict {
	f, bad := m.at(a, partner, "project#manage", "project/"+project)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	return then(f, f.project(project))
}

// titled returns the open project with the title.
func (f *workspaceFirm) titled(title string) *workspaceProject {
	for _, p := range f.projects {
		if !p.archived && sameTitle(p.title, title) {
			return p
		}
	}
	return nil
}

func (m *workspaceModel) judgeAssignments(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.AssignProjectStaff:
		return m.onAssignment(a, o.Partner, o.Project, o.Staff, func(p *workspaceProject, s *workspaceSeat) verdict {
			if s.trashed || s.is("office_manager") { // WS-4, WS-9
				return refuse(engine.Conflict)
			}
			return judge(nil, func() { p.members[s] = true })
		})
	case *engine.UnassignProjectStaff:
		return m.onAssignment(a, o.Partner, o.Project, o.Staff, func(p *workspaceProject, s *workspaceSeat) verdict {
			if !p.members[s] {
				return refuse(engine.NotFound)
			}
			return judge(nil, func() { delete(p.members, s) })
		})
	case *engine.SetLeader:
		return m.onAssignment(a, o.Partner, o.Project, o.Staff, func(p *workspaceProject, s *workspaceSeat) verdict {
			if s.trashed || !s.leads() || p.leader == s { // WS-5, WS-9
				return refuse(engine.Conflict)
			}
			return judge(nil, func() { p.leader = s })
		})
	case *engine.UnsetLeader:
		return m.onProject(a, o.Partner, o.Project, func(_ *workspaceFirm, p *workspaceProject) verdict {
			if p.leader == nil {
				return refuse(engine.NotFound)
			}
			return judge(nil, func() { p.leader = nil })
		})
	default:
		panic("the model knows no " + a.Op.Name())
	}
}

// onAssignment judges what is done with a project and a staff member whom the
// actor knows of: the super admin is for nobody else to choose (WS-2).
func (m *workspaceModel) onAssignment(a act, partner, project, staff string, then func(*workspaceProject, *workspaceSeat) verdict) verdict {
	f, bad := m.at(a, partner, "project#manage", "project/"+project, "staff/"+staff)
	if len(bad) > 0 {
		return refuse(bad...)
	}
	return then(f.project(project), f.seat(staff))
}

// judgeRecords is WS-6.
func (m *workspaceModel) judgeRecords(a act) verdict {
	switch o := a.Op.(type) {
	case *engine.CreateRecord:
		f, bad := m.at(a, o.Partner, "partner#create_records")
		if len(bad) > 0 {
			return refuse(bad...)
		}
		wrong := problems(naming(f.records, workspaceRecordName, o.Record, o.Title, false))
		wrong.note(!slices.Contains(workspaceKinds, o.Kind), engine.Invalid)
		return judge(wrong, func() {
			f.records = append(f.records, &workspaceRecord{name: o.Record, kind: o.Kind, creator: f.of(a.Actor.User)})
			m.objects = append(m.objects, schema.Obj("record", f.id, o.Record))
		})
	case *engine.EditRecord:
		_, bad := m.at(a, o.Partner, "record#edit", "record/"+o.Record)
		if len(bad) == 0 && badTitle(o.Title) {
			return refuse(engine.Invalid)
		}
		return judge(bad, func() {})
	case *engine.DeleteRecord:
		f, bad := m.at(a, o.Partner, "record#delete", "record/"+o.Record)
		return judge(bad, func() { f.record(o.Record).deleted = true })
	default:
		o2 := a.Op.(*engine.RestoreRecord)
		f, bad := m.at(a, o2.Partner, "partner#manage_crm", "record/"+o2.Record)
		if len(bad) == 0 && !f.record(o2.Record).deleted {
			return refuse(engine.Conflict)
		}
		return judge(bad, func() { f.record(o2.Record).deleted = false })
	}
}
