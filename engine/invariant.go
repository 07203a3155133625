package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// checkInvariants refuses a plan that would leave the domain in a state that
// must never be, whichever operation made it. It runs in the transaction that
// journals the plan, under the domain's lock.
func checkInvariants(ctx context.Context, v *View, p *Plan) error {
	if len(p.Updates) > MaxUpdates {
		return Errorf(Conflict, "this would change %d relationships at once, and %d is the most: do it in parts", len(p.Updates), MaxUpdates)
	}
	if err := checkRelationships(v, p); err != nil {
		return err
	}
	for _, c := range p.Entries {
		if c.Delete || closed(c.Entry) {
			continue
		}
		if err := checkUnique(ctx, v, p, c.Entry); err != nil {
			return err
		}
	}
	if v.Domain == schema.PlatformDomain {
		return nil
	}
	return checkHolders(ctx, v, p)
}

// closed entries no longer take part in what must be unique.
func closed(e Entry) bool { return e.State == Removed || e.State == Archived }

// checkRelationships refuses what leaves the domain, what the schema has no
// place for, and one relationship changed twice.
func checkRelationships(v *View, p *Plan) error {
	seen := map[schema.Relationship]bool{}
	for _, u := range p.Updates {
		r := u.Relationship
		if r.Resource.Domain() != v.Domain || r.Crosses() {
			return Errorf(Internal, "%s leaves %q", r, v.Domain)
		}
		if seen[r.Key()] {
			return Errorf(Internal, "%s is changed twice", r.Key())
		}
		seen[r.Key()] = true
		if u.Delete {
			continue
		}
		if r.Subject.ID == "*" {
			return Errorf(Invalid, "everybody can't be given anything")
		}
		if form := r.Form(); !v.Portal.Model.Takes(form) {
			return Errorf(Conflict, "the portal's schema has no place for %s", form)
		}
	}
	return nil
}

// uniqueTitles has the types whose open objects have titles of their own among
// their siblings. Two people in a register, or two classes a week, may share one.
var uniqueTitles = map[string]bool{typeClient: true, typeAccount: true, typeGroup: true, typeProject: true}

// checkUnique refuses a second entry where people expect one: a title among
// its siblings, an address or a person among the staff.
func checkUnique(ctx context.Context, v *View, p *Plan, e Entry) error {
	if e.Object.Type != schema.TypeStaff {
		if !uniqueTitles[e.Object.Type] {
			return nil
		}
		twin, err := v.twin(ctx, p, e, EntryFilter{Type: e.Object.Type, Parent: e.Parent, Kind: e.Kind, Title: e.Title})
		if err == nil && !twin.Object.IsZero() {
			return Errorf(Conflict, "there is a %s called %q already", e.Object.Type, e.Title)
		}
		return err
	}
	if e.Email != "" {
		twin, err := v.twin(ctx, p, e, EntryFilter{Type: schema.TypeStaff, Email: e.Email})
		if err != nil {
			return err
		}
		if twin.State == Trashed {
			return Errorf(Conflict, "%s, in the trash, has this e-mail address: restore them, or delete them for good first", twin.Title)
		}
		if !twin.Object.IsZero() {
			return Errorf(Conflict, "a staff member has this e-mail address already")
		}
	}
	if e.User == "" {
		return nil
	}
	twin, err := v.twin(ctx, p, e, EntryFilter{Type: schema.TypeStaff, User: e.User})
	if err == nil && !twin.Object.IsZero() {
		return Errorf(Conflict, "this person has a seat at the partner already")
	}
	return err
}

// twin returns another open entry that, after the plan, matches the filter that
// e matches; zero if there is none.
func (v *View) twin(ctx context.Context, p *Plan, e Entry, f EntryFilter) (Entry, error) {
	found, err := v.Entries(ctx, f)
	if err != nil {
		return Entry{}, err
	}
	for _, other := range found {
		if other = p.after(other); other.Object != e.Object && !closed(other) {
			return other, nil
		}
	}
	return Entry{}, nil
}

// after returns the entry as the plan leaves it.
func (p *Plan) after(e Entry) Entry {
	for _, c := range p.Entries {
		if c.Entry.Object == e.Object {
			if c.Delete {
				c.Entry.State = Removed
			}
			return c.Entry
		}
	}
	return e
}

// checkHolders counts who holds each role of which there must be so many, or so
// many at least, and refuses to go further from that. A holder counts only while
// active.
func checkHolders(ctx context.Context, v *View, p *Plan) error {
	for _, role := range v.Portal.Roles {
		if role.Exactly+role.AtLeast == 0 {
			continue
		}
		before, err := holders(ctx, v, &Plan{}, role)
		if err != nil {
			return err
		}
		after, err := holders(ctx, v, p, role)
		if err != nil {
			return err
		}
		switch {
		case after < before && after < role.AtLeast:
			return Errorf(Conflict, "there must be at least %d active staff with the role %s, always", role.AtLeast, role.Title)
		case role.Exactly > 0 && after != before && after != role.Exactly:
			return errExactly(role)
		}
	}
	return nil
}

// holders counts the role's holders after the plan.
func holders(ctx context.Context, v *View, p *Plan, role schema.Role) (int, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: schema.TypePartner, ResourceID: v.Domain.Root().ID, Relation: role.Relation,
	})
	if err != nil {
		return 0, err
	}
	subjects := map[schema.Subject]bool{}
	for _, r := range rows {
		subjects[r.Subject] = true
	}
	for _, u := range p.Updates {
		if r := u.Relationship; r.Resource == v.Domain.Root() && r.Relation == role.Relation {
			subjects[r.Subject] = !u.Delete
		}
	}
	n := 0
	for s, holds := range subjects {
		if !holds {
			continue
		}
		e, err := v.tx.Entry(ctx, s.Object)
		if err != nil && CodeOf(err) != NotFound {
			return 0, err
		}
		if e.Object.IsZero() {
			e.Object = s.Object
		}
		if p.after(e).State == Active {
			n++
		}
	}
	return n, nil
}

// errExactly says how many must hold the role, and by which operations it changes
// hands.
func errExactly(role schema.Role) *Error {
	var ways []string
	for _, op := range role.GivenBy {
		if op != "sign_up" {
			ways = append(ways, op)
		}
	}
	text := fmt.Sprintf("there must be exactly %d %s, always", role.Exactly, role.Title)
	if len(ways) > 0 {
		text += "; it changes hands by " + strings.Join(ways, " or ") + " only"
	}
	return Errorf(Conflict, "%s", text)
}
