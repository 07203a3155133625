package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// unseat removes the member. Taking the person off the seat ends all access;
// grants beyond what fits one write are swept later, and give nobody anything.
// What the seat is to the partner goes at once: it is asked of empty seats too.
func (p *Plan) unseat(ctx context.Context, v *View, member Entry) error {
	if _, err := p.handOver(ctx, v, member, successors{}); err != nil {
		return err
	}
	own, err := v.Rows(ctx, RelationshipFilter{ResourceType: schema.TypeStaff, ResourceID: member.Object.ID})
	if err != nil {
		return err
	}
	root := v.Domain.Root()
	roles, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: root.Type, ResourceID: root.ID, SubjectType: schema.TypeStaff, SubjectID: member.Object.ID,
	})
	if err != nil {
		return err
	}
	own = append(own, roles...)
	room := MaxUpdates - len(own)
	grants, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID, Limit: room})
	if err != nil {
		return err
	}
	if len(grants) == room {
		member.Kind = kindUnswept
	}
	p.dropRows(own)
	p.dropRows(slices.DeleteFunc(grants, func(r Row) bool { return r.Resource == root }))
	p.close(v, member, Removed)
	return nil
}

// close puts the member in a state without access. An invitation that was
// accepted is remembered, so that accepting it can be repeated with its key.
func (p *Plan) close(v *View, member Entry, state State) {
	member.State, member.UpdatedAt = state, v.Now
	if member.User == "" {
		member.Invitation = nil
	}
	p.put(member)
}

// kindUnswept marks a removed staff member of whose grants some are left.
const kindUnswept = "unswept"

// sweepStaff drops what a removed staff member's grants left behind. The
// engine does it by itself.
type sweepStaff struct {
	Partner string `json:"partner"`
	Staff   string `json:"staff"`
}

func (*sweepStaff) Name() string { return "sweep_staff" }

func (*sweepStaff) chore() {}

func (o *sweepStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff)[:1] }

func (o *sweepStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.tx.Entry(ctx, schema.Obj(schema.TypeStaff, v.Domain, o.Staff))
	if err != nil {
		return nil, err
	}
	rows, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID, Limit: MaxUpdates})
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "swept what was granted to a removed staff member"}
	p.dropRows(rows)
	if len(rows) < MaxUpdates {
		member.Kind = ""
		p.put(member)
	}
	return p, nil
}
