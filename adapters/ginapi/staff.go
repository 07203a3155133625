package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// Reach is a client folder that a staff member reaches, and how.
type Reach struct {
	Client  Entry    `json:"client"`
	How     []string `json:"how" nullable:"false" example:"[\"added\"]" doc:"added, if they are on the folder; their role, if that reaches it."`
	Reaches bool     `json:"reaches" doc:"Whether they reach it now; not while the seat isn't active."`
	Grant   *Grant   `json:"grant,omitempty" doc:"How they were added; missing if they weren't."`
}

// ReachList is the folders that a staff member reaches.
type ReachList struct {
	Clients []Reach `json:"clients" nullable:"false" doc:"The folders, by id."`
}

type staffQuery struct {
	PartnerPath
	PageQuery
	State []string `query:"state" enum:"active,invited,inactive,trashed,removed" doc:"Only staff in these states; all but the removed if missing."`
}

func (s *server) addStaffViews() {
	addView(s, view{"list_staff", partnerPath + "/staff", "List the staff", "staff"},
		func(ctx context.Context, actor engine.Actor, in *staffQuery) (*reply[EntryList], error) {
			states := make([]engine.State, len(in.State))
			for i, state := range in.State {
				states[i] = engine.State(state)
			}
			return entryList(s.engine.ViewStaff(ctx, actor, in.domain(), states, in.paging()))
		})
	addView(s, view{"view_staff", staffPath, "View a staff member", "staff_member"},
		func(ctx context.Context, actor engine.Actor, in *StaffPath) (*reply[Entry], error) {
			return oneEntry(s.engine.ViewStaffMember(ctx, actor, in.domain(), in.Staff))
		})
	addView(s, view{"list_staff_clients", staffPath + "/clients", "List the client folders that a staff member reaches, and how", "staff_clients"},
		func(ctx context.Context, actor engine.Actor, in *StaffPath) (*reply[ReachList], error) {
			page, err := s.engine.ViewStaffClients(ctx, actor, in.domain(), in.Staff)
			if err != nil {
				return nil, err
			}
			return &reply[ReachList]{page.Epoch, ReachList{mapped(page.Reach, reachOf)}}, nil
		})
}

func reachOf(r engine.Reach) Reach {
	out := Reach{Client: entryOf(r.Client), How: nonNil(r.How), Reaches: r.Reaches}
	if r.Grant != nil {
		g := grantOf(*r.Grant)
		out.Grant = &g
	}
	return out
}

func oneEntry(e engine.Entry, epoch int64, err error) (*reply[Entry], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Entry]{epoch, entryOf(e)}, nil
}
