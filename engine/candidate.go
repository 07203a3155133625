package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

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
		hidden, err := e.hiddenFrom(ctx, v)
		if err != nil {
			return err
		}
		members = slices.DeleteFunc(members, func(m Entry) bool { return hidden.seats[m.Object] })
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
