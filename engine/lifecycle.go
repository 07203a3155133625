package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// RemoveStaff takes a staff member out of the firm: with all of their access
// at once, or to the trash, as the portal has it.
type RemoveStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*RemoveStaff) Name() string { return "remove_staff" }

// About implements [Operation].
func (o *RemoveStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *RemoveStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.untrashed(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "removed " + quote(member.Title)}
	trash, deactivation := v.Portal.Staff.Removal == schema.RemovalTrash, v.Portal.Staff.Deactivation
	switch {
	case member.State == Invited && (trash || deactivation):
		return nil, Errorf(Conflict, "%s hasn't joined yet: withdraw the invitation", member.Title)
	case member.State != Inactive && deactivation:
		return nil, Errorf(Conflict, "%s is %s: only inactive staff are removed; deactivate them first", member.Title, member.State)
	case !trash:
		return p, p.unseat(ctx, v, member)
	}
	if _, err := p.handOver(ctx, v, member, successors{}); err != nil {
		return nil, err
	}
	p.Summary = "moved " + quote(member.Title) + " to the trash"
	p.vacate(v, member, Trashed)
	return p, nil
}

// vacate takes the person off the seat: it reaches nothing, and keeps what was
// granted to it.
func (p *Plan) vacate(v *View, member Entry, state State) {
	if member.State == Active && member.User != "" {
		p.drop(member.Object, relUser, schema.Subject{Object: schema.User(member.User)})
	}
	for _, g := range v.Portal.Staff.Begins {
		if r := begins(g, member.Object); g.WhileActive {
			p.drop(r.Resource, r.Relation, r.Subject)
		}
	}
	p.close(v, member, state)
}

// reopen undoes vacate.
func (p *Plan) reopen(ctx context.Context, v *View, member Entry) error {
	for _, g := range v.Portal.Staff.Begins {
		if g.WhileActive {
			p.Updates = append(p.Updates, Update{Relationship: begins(g, member.Object)})
		}
	}
	return p.admit(ctx, v, member)
}

// inState returns the row of a staff member who must be in the state.
func (v *View) inState(ctx context.Context, staff schema.Object, state State) (Entry, error) {
	member, err := v.Entry(ctx, staff)
	if err == nil && member.State != state {
		return Entry{}, Errorf(Conflict, "%s is %s, not %s", member.Title, member.State.words(), state.words())
	}
	return member, err
}

// RestoreStaff takes a staff member out of the trash, with what they had.
type RestoreStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The name of the staff member in the trash." example:"ana"`
}

// Name implements [Operation].
func (*RestoreStaff) Name() string { return "restore_staff" }

// About implements [Operation].
func (o *RestoreStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *RestoreStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.inState(ctx, o.About()[1], Trashed)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "restored " + quote(member.Title)}
	return p, p.reopen(ctx, v, member)
}

// PurgeStaff deletes a staff member who is in the trash for good.
type PurgeStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The name of the staff member in the trash." example:"ana"`
}

// Name implements [Operation].
func (*PurgeStaff) Name() string { return "purge_staff" }

// About implements [Operation].
func (o *PurgeStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *PurgeStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.inState(ctx, o.About()[1], Trashed)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "deleted " + quote(member.Title) + " for good"}
	return p, p.unseat(ctx, v, member)
}

// DeactivateStaff takes a staff member out of service: they reach nothing, and
// keep what they have for when they are reactivated. What they must hand over
// they hand over in the same step.
type DeactivateStaff struct {
	Partner      string            `json:"partner" doc:"The partner's id." example:"acme"`
	Staff        string            `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	HandOverTo   string            `json:"hand_over_to,omitempty" doc:"Who takes over what they must hand over, and isn't inactive." example:"ben"`
	Replacements map[string]string `json:"replacements,omitempty" doc:"Who takes over what, if not one person all of it: staff members by the names of what they take over."`
}

// Name implements [Operation].
func (*DeactivateStaff) Name() string { return "deactivate_staff" }

// About implements [Operation].
func (o *DeactivateStaff) About() []schema.Object {
	return append(aboutStaff(o.Partner, o.Staff), o.successors().about(o.Partner)...)
}

func (o *DeactivateStaff) successors() successors {
	return successors{all: o.HandOverTo, named: o.Replacements}
}

func (o *DeactivateStaff) includes() []string {
	if o.successors().none() {
		return nil
	}
	return []string{(&HandOver{}).Name()}
}

// Plan implements [Operation].
func (o *DeactivateStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.Entry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	if member.State != Active && member.State != Invited {
		return nil, Errorf(Conflict, "%s is %s already", member.Title, member.State.words())
	}
	p := &Plan{Object: member.Object, Summary: "deactivated " + quote(member.Title)}
	handed, err := p.handOver(ctx, v, member, o.successors())
	if err != nil {
		return nil, err
	}
	if len(handed) > 0 {
		p.Summary += ", who handed over " + joinWords(handed)
	}
	p.vacate(v, member, Inactive)
	return p, nil
}

// ReactivateStaff puts an inactive staff member back into service, with what
// they had. Who never joined is invited again.
type ReactivateStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The inactive staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*ReactivateStaff) Name() string { return "reactivate_staff" }

// About implements [Operation].
func (o *ReactivateStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *ReactivateStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.inState(ctx, o.About()[1], Inactive)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "reactivated " + quote(member.Title)}
	return p, p.reopen(ctx, v, member)
}
