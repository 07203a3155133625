package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// seatedStates are the states of staff who have not been removed.
var seatedStates = []State{Active, Invited, Inactive, Trashed}

// aboutStaff is what an operation on one staff member is about.
func aboutStaff(partner, staff string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(schema.TypeStaff, d, staff)}
}

// seatStaff writes the member's row and the seat's own relationships; the
// person sits on it only while the member is active.
func (p *Plan) seatStaff(member Entry) {
	p.put(member)
	p.touch(member.Object, relPartner, schema.Subject{Object: member.Object.Domain().Root()}, noExpiry)
	if member.State == Active && member.User != "" {
		p.touch(member.Object, relUser, schema.Subject{Object: schema.User(member.User)}, noExpiry)
	}
}

// giveRole writes the relationship that is the member's role.
func (p *Plan) giveRole(portal *schema.Portal, member Entry) {
	if role, ok := portal.Role(member.Role); ok && role.Relation != "" {
		p.touch(member.Object.Domain().Root(), role.Relation, seat(member.Object), noExpiry)
	}
}

// swapRole takes the member's role away and gives another.
func (p *Plan) swapRole(v *View, member Entry, to string) {
	if old, ok := v.Portal.Role(member.Role); ok && old.Relation != "" {
		p.drop(v.Domain.Root(), old.Relation, seat(member.Object))
	}
	member.Role, member.UpdatedAt = to, v.Now
	p.put(member)
	p.giveRole(v.Portal, member)
}

func unknownRole(portal *schema.Portal, operation, role string) *Error {
	return Errorf(Invalid, "the role %q can't be given by %s; these can: %s",
		role, operation, strings.Join(portal.RolesGivenBy(operation), ", "))
}

// EditStaff changes a staff member's contact name or e-mail address.
type EditStaff struct {
	Partner     string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff       string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	ContactName string `json:"contact_name,omitempty" doc:"Their new contact name." example:"Ana Lima" maxLength:"200"`
	Email       string `json:"email,omitempty" doc:"Their new e-mail address. A pending invitation is sent to it instead, and what was granted to the seat meanwhile is dropped." example:"ana@acme.example" maxLength:"254"`
}

// Name implements [Operation].
func (*EditStaff) Name() string { return "edit_staff" }

// About implements [Operation].
func (o *EditStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *EditStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.Entry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	if o.ContactName == "" && o.Email == "" {
		return nil, Errorf(Invalid, "nothing to change: give a contact name or an e-mail address")
	}
	p := &Plan{Object: member.Object, Summary: "edited " + quote(member.Title)}
	if o.ContactName != "" {
		if member.Title, err = cleanTitle(o.ContactName); err != nil {
			return nil, err
		}
	}
	member.UpdatedAt = v.Now
	if o.Email == "" {
		p.put(member)
		return p, nil
	}
	email, err := cleanEmail(o.Email)
	if err != nil {
		return nil, err
	}
	moved := member.Email != email
	member.Email = email
	if moved && member.State == Invited {
		return p, p.redirect(ctx, v, member)
	}
	p.put(member)
	return p, nil
}

// redirect invites at another address, which may be another person's: what
// was granted to the seat meanwhile, by people who knew the former, is dropped.
// Otherwise who manages staff could turn an invitation into access that only
// others may give.
func (p *Plan) redirect(ctx context.Context, v *View, member Entry) error {
	grants, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID})
	if err != nil {
		return err
	}
	for _, r := range grants {
		if r.Resource != v.Domain.Root() { // but for the role
			p.drop(r.Resource, r.Relation, r.Subject)
		}
	}
	return p.invite(ctx, v, member)
}

// ChangeRole gives a staff member another role.
type ChangeRole struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	Role    string `json:"role" doc:"The new role's name." example:"admin"`
}

// Name implements [Operation].
func (*ChangeRole) Name() string { return "change_role" }

// About implements [Operation].
func (o *ChangeRole) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *ChangeRole) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.Entry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	role, ok := v.Portal.Role(o.Role)
	if !ok || !role.MayBeGivenBy(o.Name()) {
		return nil, unknownRole(v.Portal, o.Name(), o.Role)
	}
	from, to := v.Portal.RoleRank(member.Role), v.Portal.RoleRank(o.Role)
	if v.Portal.RoleChanges == schema.RoleChangesUpward && to > from {
		return nil, Errorf(Conflict, "roles change only upward, and %s is below %s: remove %s and add them again as %s",
			role.Title, v.Portal.Roles[from].Title, member.Title, role.Title)
	}
	p := &Plan{Object: member.Object, Summary: fmt.Sprintf("made %q %s", member.Title, role.Title)}
	if from != to {
		p.swapRole(v, member, o.Role)
	}
	return p, nil
}

// RemoveStaff takes a staff member out of the firm, with all of their access.
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
	member, err := v.Entry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "removed " + quote(member.Title)}
	return p, p.unseat(ctx, v, member)
}

// unseat removes the member. Taking the person off the seat ends all access;
// grants beyond what fits one write are swept later, and give nobody anything.
func (p *Plan) unseat(ctx context.Context, v *View, member Entry) error {
	own, err := v.Rows(ctx, RelationshipFilter{ResourceType: schema.TypeStaff, ResourceID: member.Object.ID})
	if err != nil {
		return err
	}
	room := MaxUpdates - len(own)
	grants, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID, Limit: room})
	if err != nil {
		return err
	}
	if len(grants) == room {
		member.Kind = kindUnswept
	}
	p.dropRows(own)
	p.dropRows(grants)
	member.State, member.Invitation, member.UpdatedAt = Removed, nil, v.Now
	p.put(member)
	return nil
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
