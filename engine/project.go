package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

func aboutProject(partner, project string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeProject, d, project)}
}

// CreateProject makes a project.
type CreateProject struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project,omitempty" doc:"The name that the project shall have; one is made up if it is missing." example:"website" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the project." example:"New website" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateProject) Name() string { return "create_project" }

// About implements [Operation].
func (o *CreateProject) About() []schema.Object { return aboutProject(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateProject) Plan(ctx context.Context, v *View) (*Plan, error) {
	partner := v.Domain.Root()
	project, err := v.newEntry(ctx, typeProject, o.Project, o.Title, partner)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: project.Object, Summary: "created the project " + quote(project.Title)}
	p.put(project)
	p.touch(project.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	return p, nil
}

// RenameProject gives a project another title.
type RenameProject struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
	Title   string `json:"title" doc:"The project's new title." example:"Website, second edition" maxLength:"200"`
}

// Name implements [Operation].
func (*RenameProject) Name() string { return "rename_project" }

// About implements [Operation].
func (o *RenameProject) About() []schema.Object { return aboutProject(o.Partner, o.Project) }

// Plan implements [Operation].
func (o *RenameProject) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, o.About()[1], o.Title)
}

// ArchiveProject closes a project: nobody reaches it until it is restored.
type ArchiveProject struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
}

// Name implements [Operation].
func (*ArchiveProject) Name() string { return "archive_project" }

// About implements [Operation].
func (o *ArchiveProject) About() []schema.Object { return aboutProject(o.Partner, o.Project) }

// Plan implements [Operation].
func (o *ArchiveProject) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// RestoreProject opens an archived project again, with those who were on it.
type RestoreProject struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The archived project's name at the partner." example:"website"`
}

// Name implements [Operation].
func (*RestoreProject) Name() string { return "restore_project" }

// About implements [Operation].
func (o *RestoreProject) About() []schema.Object { return aboutProject(o.Partner, o.Project) }

// Plan implements [Operation].
func (o *RestoreProject) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRestore(ctx, v, o.About()[1], (&ArchiveProject{}).Name())
}

// AssignProjectStaff puts a staff member on a project.
type AssignProjectStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*AssignProjectStaff) Name() string { return "assign_project_staff" }

// About implements [Operation].
func (o *AssignProjectStaff) About() []schema.Object {
	return append(aboutProject(o.Partner, o.Project), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *AssignProjectStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	project, member, err := v.grant(ctx, o.Name(), about[1], about[2], noExpiry)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: project.Object, Summary: "assigned " + quote(member.Title) + " to the project " + quote(project.Title)}
	p.touch(project.Object, relMember, seat(member.Object), noExpiry)
	return p, nil
}

// UnassignProjectStaff takes a staff member off a project.
type UnassignProjectStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*UnassignProjectStaff) Name() string { return "unassign_project_staff" }

// About implements [Operation].
func (o *UnassignProjectStaff) About() []schema.Object {
	return append(aboutProject(o.Partner, o.Project), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *UnassignProjectStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRevoke(ctx, v, grantOf{object: o.About()[1], relation: relMember, staff: o.About()[2], words: "is not assigned to"})
}

// SetLeader makes a staff member the project's leader, in place of the former.
type SetLeader struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
	Staff   string `json:"staff" doc:"The staff member who leads from now on." example:"ana"`
}

// Name implements [Operation].
func (*SetLeader) Name() string { return "set_leader" }

// About implements [Operation].
func (o *SetLeader) About() []schema.Object {
	return append(aboutProject(o.Partner, o.Project), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *SetLeader) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	project, member, err := v.grant(ctx, o.Name(), about[1], about[2], noExpiry)
	if err != nil {
		return nil, err
	}
	former, err := v.leaders(ctx, project)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: project.Object, Summary: "made " + quote(member.Title) + " the leader of the project " + quote(project.Title)}
	for _, r := range former {
		if r.Subject == seat(member.Object) {
			return nil, Errorf(Conflict, "%s leads %q already", member.Title, project.Title)
		}
	}
	p.dropRows(former)
	p.touch(project.Object, relLeader, seat(member.Object), noExpiry)
	return p, nil
}

func (v *View) leaders(ctx context.Context, project Entry) ([]Row, error) {
	return v.Rows(ctx, RelationshipFilter{ResourceType: typeProject, ResourceID: project.Object.ID, Relation: relLeader})
}

// UnsetLeader leaves a project without a leader.
type UnsetLeader struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Project string `json:"project" doc:"The project's name at the partner." example:"website"`
}

// Name implements [Operation].
func (*UnsetLeader) Name() string { return "unset_leader" }

// About implements [Operation].
func (o *UnsetLeader) About() []schema.Object { return aboutProject(o.Partner, o.Project) }

// Plan implements [Operation].
func (o *UnsetLeader) Plan(ctx context.Context, v *View) (*Plan, error) {
	project, err := v.ActiveEntry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	former, err := v.leaders(ctx, project)
	if err != nil {
		return nil, err
	}
	if len(former) == 0 {
		return nil, Errorf(NotFound, "nobody leads %q", project.Title)
	}
	p := &Plan{Object: project.Object, Summary: "left the project " + quote(project.Title) + " without a leader"}
	p.dropRows(former)
	return p, nil
}
