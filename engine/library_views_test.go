package engine_test

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// visit is one look at a view through the library.
type visit struct {
	engine *engine.Engine
	who    engine.Actor
	domain schema.Domain
	of     map[string]string
}

// look lists what a view shows.
type look func(context.Context, visit) ([]string, error)

// libraryViews are the views by the names that the cases give them; see
// [enginetest.Door].
var libraryViews = map[string]look{
	"staff":    staffIn(),
	"invited":  staffIn(engine.Invited),
	"inactive": staffIn(engine.Inactive),
	"trashed":  staffIn(engine.Trashed),
	"staff_member": func(ctx context.Context, v visit) ([]string, error) {
		return one(v.engine.ViewStaffMember(ctx, v.who, v.domain, v.of["staff"]))
	},
	"roles":        viewRoles,
	"staff_access": viewStaffAccess,

	"clients": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewClients(ctx, v.who, v.domain, engine.Open, whole))
	},
	"archived_clients": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewClients(ctx, v.who, v.domain, engine.Closed, whole))
	},
	"client_accounts": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewClientAccounts(ctx, v.who, v.domain, v.of["client"], whole))
	},
	"internal_accounts": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewInternalAccounts(ctx, v.who, v.domain, whole))
	},
	"accounts": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewAccounts(ctx, v.who, v.domain, whole))
	},
	"groups": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewGroups(ctx, v.who, v.domain, whole))
	},
	"group_accounts": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewGroupAccounts(ctx, v.who, v.domain, v.of["group"], whole))
	},
	"client_staff": func(ctx context.Context, v visit) ([]string, error) {
		return grants(v.engine.ViewClientStaff(ctx, v.who, v.domain, v.of["client"]))
	},
	"account_staff": func(ctx context.Context, v visit) ([]string, error) {
		return grants(v.engine.ViewAccountStaff(ctx, v.who, v.domain, v.of["account"]))
	},
	"group_staff": func(ctx context.Context, v visit) ([]string, error) {
		return grants(v.engine.ViewGroupStaff(ctx, v.who, v.domain, v.of["group"]))
	},
	"representatives": func(ctx context.Context, v visit) ([]string, error) {
		return grants(v.engine.ViewRepresentatives(ctx, v.who, v.domain, v.of["group"]))
	},
	"account_commissions": viewCommissions,
	"staff_clients":       viewStaffClients,

	"projects": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewProjects(ctx, v.who, v.domain, engine.Open, whole))
	},
	"archived_projects": func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewProjects(ctx, v.who, v.domain, engine.Closed, whole))
	},
	"project_staff":  viewProjectMembers,
	"project_leader": viewProjectLeader,
	"candidates":     viewCandidatesFor("assign_project_staff"),
	"leaders":        viewCandidatesFor("set_leader"),
	"staff_projects": func(ctx context.Context, v visit) ([]string, error) {
		return assignments(v.engine.ViewStaffProjects(ctx, v.who, v.domain, v.of["staff"]))
	},
	"records":         recordsIn(engine.Open),
	"deleted_records": recordsIn(engine.Closed),

	"events":         eventsIn(engine.Always),
	"current_events": eventsIn(engine.Current),
	"past_events":    eventsIn(engine.Past),
	"event": func(ctx context.Context, v visit) ([]string, error) {
		return one(v.engine.ViewEvent(ctx, v.who, v.domain, v.of["event"]))
	},
	"event_instructors": func(ctx context.Context, v visit) ([]string, error) {
		return grants(v.engine.ViewEventInstructors(ctx, v.who, v.domain, v.of["event"]))
	},
	"staff_events": func(ctx context.Context, v visit) ([]string, error) {
		return assignments(v.engine.ViewStaffEvents(ctx, v.who, v.domain, v.of["staff"], engine.Always))
	},
	"possible_instructors": func(ctx context.Context, v visit) ([]string, error) {
		page, err := v.engine.ViewPossibleInstructors(ctx, v.who, v.domain)
		return candidates(page, "assign_instructor"), err
	},

	"journal": viewJournal,
}

// whole is a page that holds all of a story's things.
var whole = engine.Paging{}

func entries(p engine.EntryPage, err error) ([]string, error) { return entryNames(p.Entries), err }

func entryNames(list []engine.Entry) []string {
	var names []string
	for _, e := range list {
		names = append(names, e.Object.Name())
	}
	return names
}

func one(e engine.Entry, _ int64, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return []string{e.Object.Name()}, nil
}

func grants(p engine.GrantPage, err error) ([]string, error) { return staffOf(p.Grants), err }

func staffOf(list []engine.Grant) []string {
	var names []string
	for _, g := range list {
		names = append(names, g.Staff.Object.Name())
	}
	return names
}

func assignments(p engine.AssignmentPage, err error) ([]string, error) {
	var names []string
	for _, a := range p.Assignments {
		names = append(names, a.Entry.Object.Name())
	}
	return names, err
}

func candidates(p engine.CandidatePage, operation string) []string {
	var names []string
	for _, c := range p.Candidates {
		if slices.Contains(c.For, operation) {
			names = append(names, c.Staff.Object.Name())
		}
	}
	return names
}

func staffIn(states ...engine.State) look {
	return func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewStaff(ctx, v.who, v.domain, states, whole))
	}
}

func recordsIn(which engine.Listing) look {
	return func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewRecords(ctx, v.who, v.domain, v.of["kind"], which, whole))
	}
}

func eventsIn(when engine.When) look {
	return func(ctx context.Context, v visit) ([]string, error) {
		return entries(v.engine.ViewEvents(ctx, v.who, v.domain, when, whole))
	}
}

func viewCandidatesFor(operation string) look {
	return func(ctx context.Context, v visit) ([]string, error) {
		page, err := v.engine.ViewCandidates(ctx, v.who, v.domain, v.of["project"])
		return candidates(page, operation), err
	}
}

func viewProjectMembers(ctx context.Context, v visit) ([]string, error) {
	staff, err := v.engine.ViewProjectStaff(ctx, v.who, v.domain, v.of["project"])
	if err != nil {
		return nil, err
	}
	return staffOf(staff.Members), nil
}

func viewProjectLeader(ctx context.Context, v visit) ([]string, error) {
	staff, err := v.engine.ViewProjectStaff(ctx, v.who, v.domain, v.of["project"])
	if err != nil || staff.Leader == nil {
		return nil, err
	}
	return staffOf([]engine.Grant{*staff.Leader}), nil
}

func viewStaffClients(ctx context.Context, v visit) ([]string, error) {
	page, err := v.engine.ViewStaffClients(ctx, v.who, v.domain, v.of["staff"])
	var names []string
	for _, r := range page.Reach {
		names = append(names, r.Client.Object.Name())
	}
	return names, err
}

func viewCommissions(ctx context.Context, v visit) ([]string, error) {
	staff, _, err := v.engine.ViewAccountCommissions(ctx, v.who, v.domain, v.of["account"])
	return entryNames(staff), err
}

func viewRoles(ctx context.Context, v visit) ([]string, error) {
	roles, _, err := v.engine.ViewRoles(ctx, v.who, v.domain)
	var names []string
	for _, r := range roles {
		names = append(names, r.Role.Name)
	}
	return names, err
}

func viewStaffAccess(ctx context.Context, v visit) ([]string, error) {
	access, err := v.engine.ViewStaffAccess(ctx, v.who, v.domain, v.of["staff"])
	if err != nil {
		return nil, err
	}
	var words []string
	for _, c := range access.Capabilities {
		if c.Enabled {
			words = append(words, c.Name)
		}
	}
	if access.Restricted {
		words = append(words, "restricted")
	}
	for _, g := range access.Groups {
		words = append(words, "group:"+g.Group.Object.Name())
	}
	for _, r := range access.Represents {
		words = append(words, "represents:"+r.Group.Object.Name())
		if r.ManagedPayouts {
			words = append(words, "paid:"+r.Group.Object.Name())
		}
	}
	return words, nil
}

func viewJournal(ctx context.Context, v visit) ([]string, error) {
	page, err := v.engine.ViewJournal(ctx, v.who, v.domain, engine.RecordFilter{}, 0)
	var names []string
	for _, r := range page.Records {
		names = append(names, r.Operation)
	}
	return names, err
}
