package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// Assignment is something that a staff member was given, and by which relations.
type Assignment struct {
	Entry     Entry
	Relations []string // leader, member
}

// AssignmentPage is a list of assignments, by id.
type AssignmentPage struct {
	Assignments []Assignment
	Epoch       int64
}

// ViewStaffProjects lists the projects that a staff member leads or is assigned
// to, of those that the actor reaches.
func (e *Engine) ViewStaffProjects(ctx context.Context, actor Actor, d schema.Domain, staff string) (AssignmentPage, error) {
	return e.viewAssignments(ctx, actor, "staff_projects", aboutStaff(string(d), staff), typeProject, Always)
}

// ViewStaffEvents lists the events that a staff member teaches, of those that
// the actor may see.
func (e *Engine) ViewStaffEvents(ctx context.Context, actor Actor, d schema.Domain, staff string, when When) (AssignmentPage, error) {
	return e.viewAssignments(ctx, actor, "staff_events", aboutStaff(string(d), staff), typeEvent, when)
}

func (e *Engine) viewAssignments(ctx context.Context, actor Actor, view string, about []schema.Object, typ string, when When) (AssignmentPage, error) {
	var page AssignmentPage
	err := e.viewing(ctx, actor, view, about, func(v *View) error {
		page = AssignmentPage{Assignments: []Assignment{}, Epoch: v.State.Epoch}
		rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typ, SubjectType: schema.TypeStaff, SubjectID: about[1].ID})
		if err != nil || len(rows) == 0 {
			return err
		}
		reached, err := e.reach(ctx, v, typ, e.portal.Visible[typ], actor.Subject())
		if err != nil {
			return err
		}
		for _, r := range rows { // by resource
			if !r.live(v.Now) || !reached[r.Resource.ID] {
				continue
			}
			if last := len(page.Assignments) - 1; last >= 0 && page.Assignments[last].Entry.Object == r.Resource {
				page.Assignments[last].Relations = append(page.Assignments[last].Relations, r.Relation)
				continue
			}
			entry, err := v.tx.Entry(ctx, r.Resource)
			if err != nil {
				return err
			}
			if when.admits(v, entry) {
				page.Assignments = append(page.Assignments, Assignment{entry, []string{r.Relation}})
			}
		}
		return nil
	})
	return page, err
}
