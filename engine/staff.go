package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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

// addSeat writes the relationships of a new seat, made by the operation: its
// partner, what every seat begins with, and its role.
func (p *Plan) addSeat(v *View, operation string, member Entry) {
	p.touch(member.Object, relPartner, schema.Subject{Object: v.Domain.Root()}, noExpiry)
	for _, g := range v.Portal.Staff.Begins {
		if len(g.By) == 0 || slices.Contains(g.By, operation) {
			p.Updates = append(p.Updates, Update{Relationship: begins(g, member.Object)})
		}
	}
	p.giveRole(v.Portal, member)
}

// begins returns what the grant is for one seat.
func begins(g schema.SeatGrant, staff schema.Object) schema.Relationship {
	of := map[string]schema.Object{schema.TypePartner: staff.Domain().Root(), schema.TypeStaff: staff}
	return schema.Relationship{
		Resource: of[g.Form.Type], Relation: g.Form.Relation,
		Subject: schema.Subject{Object: of[g.Form.Subject], Relation: g.Form.SubjectRelation},
	}
}

// admit puts the person on the member's seat. If nobody is known to sit there,
// somebody is invited to it, unless the role opens nothing to anybody.
func (p *Plan) admit(ctx context.Context, v *View, member Entry) error {
	role, _ := v.Portal.Role(member.Role)
	member.UpdatedAt = v.Now
	if member.User == "" && role.Relation != "" {
		member.State = Invited
		return p.invite(ctx, v, member)
	}
	member.State = Active
	p.put(member)
	if member.User != "" {
		p.touch(member.Object, relUser, schema.Subject{Object: schema.User(member.User)}, noExpiry)
	}
	return nil
}

// giveRole writes the relationship that is the member's role.
func (p *Plan) giveRole(portal *schema.Portal, member Entry) {
	if role, ok := portal.Role(member.Role); ok && role.Relation != "" {
		p.touch(member.Object.Domain().Root(), role.Relation, seat(member.Object), noExpiry)
	}
}

// swapRole takes the member's role away and gives another. It returns the
// member as they are then, to be put.
func (p *Plan) swapRole(v *View, member Entry, to string) Entry {
	if old, ok := v.Portal.Role(member.Role); ok && old.Relation != "" {
		p.drop(v.Domain.Root(), old.Relation, seat(member.Object))
	}
	member.Role, member.UpdatedAt = to, v.Now
	p.giveRole(v.Portal, member)
	return member
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
	FirstName   string `json:"first_name,omitempty" doc:"Their new first name." example:"Ana" maxLength:"100"`
	LastName    string `json:"last_name,omitempty" doc:"Their new last name." example:"Lima" maxLength:"100"`
	Email       string `json:"email,omitempty" doc:"Their new e-mail address. A pending invitation is sent to it instead, and what was granted to the seat meanwhile is dropped." example:"ana@acme.example" maxLength:"254"`
}

// Name implements [Operation].
func (*EditStaff) Name() string { return "edit_staff" }

// About implements [Operation].
func (o *EditStaff) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *EditStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.untrashed(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	name := personName{o.ContactName, o.FirstName, o.LastName}
	if name == (personName{}) && o.Email == "" {
		return nil, Errorf(Invalid, "nothing to change: give a name or an e-mail address")
	}
	p := &Plan{Object: member.Object, Summary: "edited " + quote(member.Title)}
	if name != (personName{}) {
		if member, err = v.renamed(member, name); err != nil {
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
	if moved && member.User == "" {
		if member, err = p.disown(ctx, v, member); err != nil {
			return nil, err
		}
	}
	if moved && member.State == Invited {
		return p, p.invite(ctx, v, member)
	}
	p.put(member)
	return p, nil
}

// disown drops what was granted to a seat on which nobody sits yet, by people
// who knew its former address: the new one may be another person's. Otherwise
// who manages staff could turn an invitation into access that only others may
// give. What is to be handed over, past or coming, and what holds them back,
// stays. It returns the member, marked so that nothing archived before is
// restored to them.
func (p *Plan) disown(ctx context.Context, v *View, member Entry) (Entry, error) {
	grants, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID})
	if err != nil {
		return Entry{}, err
	}
	for _, r := range grants {
		restricts := r.Resource.Type == typeGroup && r.Relation == relStaff
		duty := slices.Contains(v.Portal.Staff.HandOver, r.Resource.Type+"#"+r.Relation)
		if r.Resource != v.Domain.Root() && !restricts && !duty { // at the root are the role and its switches
			p.drop(r.Resource, r.Relation, r.Subject)
		}
	}
	return member.withAttributes(map[string]string{attrReaddressed: strconv.FormatInt(v.State.LastSeq+1, 10)}), nil
}

// attrReaddressed is the sequence number of the operation that gave an empty seat
// to another address.
const attrReaddressed = "readdressed"

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
	member, err := v.untrashed(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	role, ok := v.Portal.Role(o.Role)
	if !ok || !role.MayBeGivenBy(o.Name()) {
		return nil, unknownRole(v.Portal, o.Name(), o.Role)
	}
	from, to := v.Portal.RoleRank(member.Role), v.Portal.RoleRank(o.Role)
	if from < 0 {
		return nil, Errorf(Internal, "the portal has no role %q, which %s holds", member.Role, member.Object)
	}
	if held := v.Portal.Roles[from]; held.Exactly > 0 && to != from {
		return nil, errExactly(held)
	}
	if v.Portal.RoleChanges == schema.RoleChangesUpward && to > from {
		return nil, Errorf(Conflict, "roles change only upward, and %s is below %s: %s, and add them again as %s",
			role.Title, v.Portal.Roles[from].Title, v.wayToRemove(member), role.Title)
	}
	p := &Plan{Object: member.Object, Summary: fmt.Sprintf("made %q %s", member.Title, role.Title)}
	if from == to {
		return p, nil
	}
	member = p.swapRole(v, member, o.Role)
	switch opens := role.Relation != ""; {
	case member.State == Active && member.User == "" && opens:
		return p, p.admit(ctx, v, member)
	case member.State == Invited && !opens:
		member.State, member.Invitation = Active, nil
	}
	p.put(member)
	return p, nil
}

// wayToRemove says how the member is removed so that they can be added again.
func (v *View) wayToRemove(member Entry) string {
	switch {
	case member.State == Invited:
		return "withdraw the invitation of " + member.Title
	case v.Portal.Staff.Removal == schema.RemovalTrash:
		return "remove " + member.Title + ", delete them for good"
	case v.Portal.Staff.Deactivation:
		return "deactivate and remove " + member.Title
	}
	return "remove " + member.Title
}

// untrashed returns the row of a staff member who isn't in the trash.
func (v *View) untrashed(ctx context.Context, staff schema.Object) (Entry, error) {
	member, err := v.Entry(ctx, staff)
	if err == nil && member.State == Trashed {
		return Entry{}, Errorf(Conflict, "%s is in the trash: restore them first", member.Title)
	}
	return member, err
}
