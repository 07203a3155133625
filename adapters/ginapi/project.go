package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// ProjectStaff is who is on a project.
type ProjectStaff struct {
	Leader  *Grant  `json:"leader,omitempty" doc:"Who leads it; missing if nobody does."`
	Members []Grant `json:"members" nullable:"false" doc:"Who is assigned to it, by staff member."`
}

type projectQuery struct {
	PartnerPath
	PageQuery
	StateQuery
}

func (s *server) addProjectViews() {
	addView(s, view{"list_projects", partnerPath + "/projects", "List the projects that the acting person reaches", "projects"},
		func(ctx context.Context, actor engine.Actor, in *projectQuery) (*reply[EntryList], error) {
			return entryList(s.engine.ViewProjects(ctx, actor, in.domain(), in.listing(), in.paging()))
		})
	addView(s, view{"view_project_staff", projectPath + "/staff", "View who leads a project and who is assigned to it", "project_staff"},
		func(ctx context.Context, actor engine.Actor, in *ProjectPath) (*reply[ProjectStaff], error) {
			staff, err := s.engine.ViewProjectStaff(ctx, actor, in.domain(), in.Project)
			if err != nil {
				return nil, err
			}
			out := ProjectStaff{Members: mapped(staff.Members, grantOf)}
			if staff.Leader != nil {
				leader := grantOf(*staff.Leader)
				out.Leader = &leader
			}
			return &reply[ProjectStaff]{staff.Epoch, out}, nil
		})
	addView(s, view{"list_candidates", projectPath + "/candidates", "List who could be assigned to a project, or lead it", "candidates"},
		func(ctx context.Context, actor engine.Actor, in *ProjectPath) (*reply[CandidateList], error) {
			return candidateList(s.engine.ViewCandidates(ctx, actor, in.domain(), in.Project))
		})
	addView(s, view{"list_staff_projects", staffPath + "/projects", "List the projects that a staff member leads or is assigned to", "staff_projects"},
		func(ctx context.Context, actor engine.Actor, in *StaffPath) (*reply[AssignmentList], error) {
			return assignmentList(s.engine.ViewStaffProjects(ctx, actor, in.domain(), in.Staff))
		})
}
