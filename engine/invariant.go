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
		relation := v.Portal.Model.Relation(r.Resource.Type, r.Relation)
		if relation == nil || !relation.Takes(r.Subject.Type, r.Subject.Relation, !r.ExpiresAt.IsZero()) {
			return Errorf(Conflict, "the portal's schema takes no %s as %s of a %s", describeSubject(r), r.Relation, r.Resource.Type)
		}
	}
	return nil
}

func describeSubject(r schema.Relationship) string {
	s := r.Subject.Type
	if r.Subject.Relation != "" {
		s += "#" + r.Subject.Relation
	}
	if !r.ExpiresAt.IsZero() {
		s += " with an expiry"
	}
	return s
}

// checkUnique refuses a second entry where people expect one: a title among
// its siblings, an address or a person among the staff.
func checkUnique(ctx context.Context, v *View, p *Plan, e Entry) error {
	if e.Object.Type != schema.TypeStaff {
		twins, err := v.twins(ctx, p, e, EntryFilter{Type: e.Object.Type, Parent: e.Parent, Kind: e.Kind, Title: e.Title})
		if err != nil {
			return err
		}
		if twins && e.Object.Type != schema.TypePartner {
			return Errorf(Conflict, "there is a %s called %q already", e.Object.Type, e.Title)
		}
		return nil
	}
	twins, err := v.twins(ctx, p, e, EntryFilter{Type: schema.TypeStaff, Email: e.Email})
	if err != nil {
		return err
	}
	if twins && e.Email != "" {
		return Errorf(Conflict, "a staff member has this e-mail address already")
	}
	if e.User == "" {
		return nil
	}
	twins, err = v.twins(ctx, p, e, EntryFilter{Type: schema.TypeStaff, User: e.User})
	if err == nil && twins {
		return Errorf(Conflict, "this person has a seat at the partner already")
	}
	return err
}

// twins reports whether, after the plan, another open entry matches the filter
// that e matches.
func (v *View) twins(ctx context.Context, p *Plan, e Entry, f EntryFilter) (bool, error) {
	found, err := v.Entries(ctx, f)
	if err != nil {
		return false, err
	}
	for _, other := range found {
		if other = p.after(other); other.Object != e.Object && !closed(other) {
			return true, nil
		}
	}
	return false, nil
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

// checkHolders counts who holds each role of which there must be so many.
// A holder counts only while active.
func checkHolders(ctx context.Context, v *View, p *Plan) error {
	for _, role := range v.Portal.Roles {
		if role.Exactly == 0 {
			continue
		}
		n, err := holders(ctx, v, p, role)
		if err != nil {
			return err
		}
		if n != role.Exactly {
			return Errorf(Conflict, "there must be exactly %d %s, always%s", role.Exactly, role.Title, wayOut(role))
		}
	}
	return nil
}

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

// wayOut names the operations that change who holds the role.
func wayOut(role schema.Role) string {
	var ways []string
	for _, op := range role.GivenBy {
		if op != "sign_up" {
			ways = append(ways, op)
		}
	}
	if len(ways) == 0 {
		return ""
	}
	return fmt.Sprintf("; it changes hands by %s only", strings.Join(ways, " or "))
}
