package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// WhenQuery chooses events by their times.
type WhenQuery struct {
	When string `query:"when" enum:"current,past" doc:"current: running or coming. past: over. All if missing."`
}

func (q WhenQuery) when() engine.When { return engine.When(q.When) }

type eventQuery struct {
	PartnerPath
	PageQuery
	WhenQuery
}

type staffEventQuery struct {
	StaffPath
	WhenQuery
}

func (s *server) addEventViews() {
	addView(s, view{"list_events", partnerPath + "/events", "List the events that the acting person may see", "events"},
		func(ctx context.Context, actor engine.Actor, in *eventQuery) (*reply[EntryList], error) {
			return entryList(s.engine.ViewEvents(ctx, actor, in.domain(), in.when(), in.paging()))
		})
	addView(s, view{"view_event", eventPath, "View an event", "event"},
		func(ctx context.Context, actor engine.Actor, in *EventPath) (*reply[Entry], error) {
			return oneEntry(s.engine.ViewEvent(ctx, actor, in.domain(), in.Event))
		})
	addView(s, view{"list_event_instructors", eventPath + "/instructors", "List the staff who teach an event", "event_instructors"},
		func(ctx context.Context, actor engine.Actor, in *EventPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewEventInstructors(ctx, actor, in.domain(), in.Event))
		})
	addView(s, view{"list_staff_events", staffPath + "/events", "List the events that a staff member teaches", "staff_events"},
		func(ctx context.Context, actor engine.Actor, in *staffEventQuery) (*reply[AssignmentList], error) {
			return assignmentList(s.engine.ViewStaffEvents(ctx, actor, in.domain(), in.Staff, in.when()))
		})
	addView(s, view{"list_possible_instructors", partnerPath + "/instructors", "List the staff who could be chosen to teach an event", "possible_instructors"},
		func(ctx context.Context, actor engine.Actor, in *PartnerPath) (*reply[CandidateList], error) {
			return candidateList(s.engine.ViewPossibleInstructors(ctx, actor, in.domain()))
		})
}
