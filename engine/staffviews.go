package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// hiddenSeats returns the seats of a partner of which the actor may not know.
func (e *Engine) hiddenSeats(ctx context.Context, v *View) (map[schema.Object]bool, error) {
	return e.seatsWithout(ctx, v, e.portal.Visible[schema.TypeStaff])
}

// seatsWithout returns the seats, but for removed ones, on which the actor lacks
// the permission; none if the actor is no person, or if there is no permission.
func (e *Engine) seatsWithout(ctx context.Context, v *View, permission string) (map[schema.Object]bool, error) {
	if v.Actor.Kind != Person || permission == "" {
		return nil, nil
	}
	seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
	if err != nil {
		return nil, err
	}
	reached, err := e.reach(ctx, v, schema.TypeStaff, permission, v.Actor.Subject())
	without := map[schema.Object]bool{}
	for _, s := range seats {
		if !reached[s.Object.ID] {
			without[s.Object] = true
		}
	}
	return without, err
}

// outliner returns what reduces a staff member's entry to what others may read
// of it, name and role, unless the actor may view the whole.
func (e *Engine) outliner(ctx context.Context, v *View) (func(Entry) Entry, error) {
	permission := e.portal.Visible[schema.TypeStaff]
	if whole := e.portal.Views["staff_member"]; whole.Type == schema.TypeStaff {
		permission = whole.Permission
	}
	without, err := e.seatsWithout(ctx, v, permission)
	return func(member Entry) Entry {
		if !without[member.Object] {
			return member
		}
		return Entry{Object: member.Object, Parent: member.Parent, Title: member.Title, State: member.State, Role: member.Role}
	}, err
}

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

// Candidate is a staff member, and the operations that could give them
// something: assign_project_staff, set_leader.
type Candidate struct {
	Staff Entry
	For   []string
}

// CandidatePage is a list of candidates, by id.
type CandidatePage struct {
	Candidates []Candidate
	Epoch      int64
}

// ViewCandidates lists who could be assigned to a project, or lead it, of the
// staff of whom the actor may know.
func (e *Engine) ViewCandidates(ctx context.Context, actor Actor, d schema.Domain, project string) (CandidatePage, error) {
	return e.viewCandidates(ctx, actor, "candidates", aboutProject(string(d), project), (&AssignProjectStaff{}).Name(), (&SetLeader{}).Name())
}

// ViewPossibleInstructors lists who could be chosen to teach an event.
func (e *Engine) ViewPossibleInstructors(ctx context.Context, actor Actor, d schema.Domain) (CandidatePage, error) {
	return e.viewCandidates(ctx, actor, "possible_instructors", []schema.Object{d.Root()}, (&AssignInstructor{}).Name())
}

func (e *Engine) viewCandidates(ctx context.Context, actor Actor, view string, about []schema.Object, operations ...string) (CandidatePage, error) {
	page := CandidatePage{Candidates: []Candidate{}}
	err := e.viewing(ctx, actor, view, about, func(v *View) error {
		page.Epoch = v.State.Epoch
		members, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: []State{Active, Invited}})
		if err != nil {
			return err
		}
		hidden, err := e.hiddenSeats(ctx, v)
		if err != nil {
			return err
		}
		members = slices.DeleteFunc(members, func(m Entry) bool { return hidden[m.Object] })
		page.Candidates, err = e.candidates(ctx, v, members, operations)
		return err
	})
	return page, err
}

// candidates asks for each member and operation whether the member is eligible.
func (e *Engine) candidates(ctx context.Context, v *View, members []Entry, operations []string) ([]Candidate, error) {
	outline, err := e.outliner(ctx, v)
	if err != nil {
		return nil, err
	}
	chosen := make([][]string, len(members))
	for _, operation := range operations {
		eligible, err := e.eligibleFor(ctx, v, operation, members)
		if err != nil {
			return nil, err
		}
		for i, yes := range eligible {
			if yes {
				chosen[i] = append(chosen[i], operation)
			}
		}
	}
	list := []Candidate{}
	for i, member := range members {
		if len(chosen[i]) > 0 {
			list = append(list, Candidate{outline(member), chosen[i]})
		}
	}
	return list, nil
}

// eligibleFor reports which of the members are eligible, in their order.
func (e *Engine) eligibleFor(ctx context.Context, v *View, operation string, members []Entry) ([]bool, error) {
	eligible := make([]bool, len(members))
	rule, ok := e.portal.Eligible[operation]
	if !ok || len(members) == 0 {
		for i := range eligible {
			eligible[i] = true
		}
		return eligible, nil
	}
	queries := make([]Query, len(members))
	for i, m := range members {
		queries[i] = Query{
			Resource: v.Domain.Root(), Permission: rule.Permission, Subject: schema.Subject{Object: m.Object, Relation: rule.Relation},
		}
	}
	decisions, err := e.decide(ctx, v.State, queries)
	for i, decision := range decisions {
		eligible[i] = decision == Allow
	}
	return eligible, err
}

// StaffAccess is how far a staff member's role counts, and what goes beyond it.
type StaffAccess struct {
	Staff        Entry
	Capabilities []SwitchedCapability // empty unless the role is switched
	// Restricted says that the role counts on the accounts of Groups only. They
	// are kept under a role that a restriction doesn't hold back.
	Restricted bool
	Groups     []GroupGrant
	Represents []Representation
	Epoch      int64
}

// SwitchedCapability is a capability, on or off.
type SwitchedCapability struct {
	schema.Capability
	Enabled bool
}

// GroupGrant is a group to which somebody is restricted.
type GroupGrant struct {
	Group Entry
	Grant Grant
}

// Representation is a group that somebody represents.
type Representation struct {
	GroupGrant
	ManagedPayouts bool // they receive all of its commissions
}

// ViewStaffAccess returns a staff member's capabilities, restriction, groups and
// payouts.
func (e *Engine) ViewStaffAccess(ctx context.Context, actor Actor, d schema.Domain, staff string) (*StaffAccess, error) {
	var access *StaffAccess
	about := aboutStaff(string(d), staff)
	err := e.viewing(ctx, actor, "staff_access", about, func(v *View) error {
		member, err := v.Entry(ctx, about[1])
		if err != nil {
			return err
		}
		access = &StaffAccess{Staff: member, Epoch: v.State.Epoch}
		if err := access.addSwitches(ctx, v); err != nil {
			return err
		}
		return access.addGroups(ctx, v)
	})
	return access, err
}

func (a *StaffAccess) addSwitches(ctx context.Context, v *View) error {
	role, _ := v.Portal.Role(a.Staff.Role)
	if !role.Switched {
		return nil
	}
	for _, c := range v.Portal.Capabilities {
		on, err := v.Has(ctx, v.Domain.Root(), c.Relation(), seat(a.Staff.Object))
		if err != nil {
			return err
		}
		a.Capabilities = append(a.Capabilities, SwitchedCapability{c, on})
	}
	return nil
}

func (a *StaffAccess) addGroups(ctx context.Context, v *View) error {
	subject := seat(a.Staff.Object)
	if slices.Contains(begunRelations(v.Portal), relUnrestricted) {
		free, err := v.Has(ctx, v.Domain.Root(), relUnrestricted, subject)
		if err != nil {
			return err
		}
		a.Restricted = !free && restrictable(v.Portal, a.Staff.Role)
	}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeGroup, SubjectType: schema.TypeStaff, SubjectID: a.Staff.Object.ID})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		if err := a.addGroup(ctx, v, r); err != nil {
			return err
		}
	}
	return nil
}

func (a *StaffAccess) addGroup(ctx context.Context, v *View, r Row) error {
	group, err := v.Entry(ctx, r.Resource)
	if err != nil {
		return err
	}
	grant, err := v.grantOf(ctx, r)
	if err != nil {
		return err
	}
	switch r.Relation {
	case relStaff:
		a.Groups = append(a.Groups, GroupGrant{group, grant})
	case relRepresentative:
		paid, err := v.Has(ctx, r.Resource, relPayouts, r.Subject)
		if err != nil {
			return err
		}
		a.Represents = append(a.Represents, Representation{GroupGrant{group, grant}, paid})
	}
	return nil
}

// permCommissions is the permission of an account that says who receives its
// commissions.
const permCommissions = "receive_commissions"

// ViewAccountCommissions lists the staff who receive the commissions of an
// account. If nobody does, the account itself does.
func (e *Engine) ViewAccountCommissions(ctx context.Context, actor Actor, d schema.Domain, account string) ([]Entry, int64, error) {
	var (
		staff []Entry
		epoch int64
	)
	about := aboutAccount(string(d), account)
	err := e.viewing(ctx, actor, "account_commissions", about, func(v *View) error {
		staff, epoch = []Entry{}, v.State.Epoch
		var users []string
		err := e.at(v.State, func(at Token) (err error) {
			users, err = e.graph.LookupSubjects(ctx, at, about[1], permCommissions, schema.TypeUser)
			return err
		})
		if err != nil {
			return err
		}
		outline, err := e.outliner(ctx, v)
		if err != nil {
			return err
		}
		seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: []State{Active}})
		for _, s := range seats {
			if slices.Contains(users, s.User) {
				staff = append(staff, outline(s))
			}
		}
		return err
	})
	return staff, epoch, err
}
