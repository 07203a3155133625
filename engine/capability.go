package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// SetCapability switches a capability on or off for one staff member whose role
// is made of such switches.
type SetCapability struct {
	Partner    string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff      string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	Capability string `json:"capability" doc:"The capability's name." example:"manage_partners"`
	Enabled    bool   `json:"enabled" doc:"Whether it is on for them." example:"true"`
}

// Name implements [Operation].
func (*SetCapability) Name() string { return "set_capability" }

// About implements [Operation].
func (o *SetCapability) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *SetCapability) Plan(ctx context.Context, v *View) (*Plan, error) {
	capability, ok := v.Portal.Capability(o.Capability)
	if !ok {
		return nil, Errorf(Invalid, "there is no capability %q; want %s", o.Capability, strings.Join(capabilityNames(v.Portal), ", "))
	}
	member, err := v.untrashed(ctx, o.About()[1])
	if err == nil && o.Enabled {
		err = v.eligible(ctx, o.Name(), member)
	}
	if err != nil {
		return nil, err
	}
	if role, _ := v.Portal.Role(member.Role); !role.Switched {
		return nil, Errorf(Conflict, "%s is %s, whose capabilities are fixed; they are switched for %s only", member.Title, role.Title, switchedTitles(v.Portal))
	}
	p := &Plan{Object: member.Object}
	if o.Enabled {
		p.Summary = "switched " + quote(capability.Title) + " on for " + quote(member.Title)
		p.switchOn(v, capability, member)
	} else {
		p.Summary = "switched " + quote(capability.Title) + " off for " + quote(member.Title)
		p.switchOff(v, capability, member)
	}
	return p, nil
}

func capabilityNames(p *schema.Portal) []string {
	var names []string
	for _, c := range p.Capabilities {
		names = append(names, c.Name)
	}
	return names
}

func switchedTitles(p *schema.Portal) string {
	var titles []string
	for _, r := range p.Roles {
		if r.Switched {
			titles = append(titles, r.Title)
		}
	}
	return joinWords(titles)
}

// switchOn switches a capability on, and the one that goes with it.
func (p *Plan) switchOn(v *View, c schema.Capability, member Entry) {
	p.touch(v.Domain.Root(), c.Switch, seat(member.Object), noExpiry)
	if with, ok := v.Portal.Capability(c.With); ok {
		p.touch(v.Domain.Root(), with.Switch, seat(member.Object), noExpiry)
	}
}

// switchOff switches a capability off, and those that it goes with.
func (p *Plan) switchOff(v *View, c schema.Capability, member Entry) {
	for _, other := range v.Portal.Capabilities {
		if other.Name == c.Name || other.With == c.Name {
			p.drop(v.Domain.Root(), other.Switch, seat(member.Object))
		}
	}
}

// RestrictStaff lets a staff member's role count on the accounts of some groups
// only, in place of any earlier restriction.
type RestrictStaff struct {
	Partner   string    `json:"partner" doc:"The partner's id." example:"acme"`
	Staff     string    `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	Groups    []string  `json:"groups" doc:"The names of the groups, at least one." example:"[\"north\"]" minItems:"1" maxItems:"100" nullable:"false"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When access to the groups ends; from then on the role counts nowhere until the restriction is lifted or replaced. Never, if it is missing." example:"2027-01-31T18:00:00Z"`
}

// Name implements [Operation].
func (*RestrictStaff) Name() string { return "restrict_staff" }

// About implements [Operation].
func (o *RestrictStaff) About() []schema.Object {
	return append(aboutStaff(o.Partner, o.Staff), objectsOf(typeGroup, o.Partner, o.Groups)...)
}

// Plan implements [Operation].
func (o *RestrictStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	if len(about) == 2 {
		return nil, Errorf(Invalid, "name at least one group")
	}
	if err := v.checkExpiry(o.ExpiresAt); err != nil {
		return nil, err
	}
	member, err := v.untrashed(ctx, about[1])
	if err != nil {
		return nil, err
	}
	if !restrictable(v.Portal, member.Role) {
		role, _ := v.Portal.Role(member.Role)
		return nil, Errorf(Conflict, "%s is %s, whom a restriction doesn't hold back", member.Title, role.Title)
	}
	p := &Plan{Object: member.Object}
	titles, err := p.restrict(ctx, v, member, about[2:], o.ExpiresAt)
	p.Summary = "restricted " + quote(member.Title) + " to " + joinWords(titles)
	return p, err
}

// restrict lets the member's role count in the groups and nowhere else. It
// returns the groups' titles.
func (p *Plan) restrict(ctx context.Context, v *View, member Entry, groups []schema.Object, expires time.Time) ([]string, error) {
	former, err := v.restrictions(ctx, member)
	if err != nil {
		return nil, err
	}
	p.dropRows(slices.DeleteFunc(former, func(r Row) bool { return slices.Contains(groups, r.Resource) }))
	p.drop(v.Domain.Root(), relUnrestricted, seat(member.Object))
	var titles []string
	for _, g := range groups {
		group, err := v.ActiveEntry(ctx, g)
		if err != nil {
			return nil, err
		}
		titles = append(titles, quote(group.Title))
		p.touch(g, relStaff, seat(member.Object), expires)
	}
	return titles, nil
}

// restrictions returns what restricts the member to groups.
func (v *View) restrictions(ctx context.Context, member Entry) ([]Row, error) {
	return v.Rows(ctx, RelationshipFilter{
		ResourceType: typeGroup, Relation: relStaff, SubjectType: schema.TypeStaff, SubjectID: member.Object.ID,
	})
}

// LiftRestriction lets a staff member's role count everywhere again.
type LiftRestriction struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The restricted staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*LiftRestriction) Name() string { return "lift_restriction" }

// About implements [Operation].
func (o *LiftRestriction) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *LiftRestriction) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.untrashed(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	free, err := v.Has(ctx, v.Domain.Root(), relUnrestricted, seat(member.Object))
	if err != nil {
		return nil, err
	}
	if free {
		return nil, Errorf(Conflict, "%s isn't restricted", member.Title)
	}
	rows, err := v.restrictions(ctx, member)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "lifted the restriction of " + quote(member.Title)}
	p.dropRows(rows)
	p.touch(v.Domain.Root(), relUnrestricted, seat(member.Object), noExpiry)
	return p, nil
}

// SetManagedPayouts says whether a group's representative receives the
// commissions of all its accounts.
type SetManagedPayouts struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
	Staff   string `json:"staff" doc:"The name of the staff member who represents the group." example:"ana"`
	Enabled bool   `json:"enabled" doc:"Whether they receive the commissions." example:"true"`
}

// Name implements [Operation].
func (*SetManagedPayouts) Name() string { return "set_managed_payouts" }

// About implements [Operation].
func (o *SetManagedPayouts) About() []schema.Object {
	return append(aboutGroup(o.Partner, o.Group), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *SetManagedPayouts) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	group, member, err := v.pair(ctx, about[1], about[2])
	if err == nil && o.Enabled {
		err = v.eligible(ctx, o.Name(), member)
	}
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: group.Object}
	if !o.Enabled {
		p.Summary = "switched managed payouts for the group " + quote(group.Title) + " off for " + quote(member.Title)
		p.drop(group.Object, relPayouts, seat(member.Object))
		return p, nil
	}
	represents, err := v.Has(ctx, group.Object, relRepresentative, seat(member.Object))
	if err != nil {
		return nil, err
	}
	if !represents {
		return nil, Errorf(Conflict, "%s doesn't represent the group %q", member.Title, group.Title)
	}
	if err := v.onlyPayee(ctx, group, member); err != nil {
		return nil, err
	}
	p.Summary = "switched managed payouts for the group " + quote(group.Title) + " on for " + quote(member.Title)
	p.touch(group.Object, relPayouts, seat(member.Object), noExpiry)
	return p, nil
}

// onlyPayee refuses a second recipient of all of a group's commissions. A
// switch counts only for who represents the group still.
func (v *View) onlyPayee(ctx context.Context, group, member Entry) error {
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeGroup, ResourceID: group.Object.ID, Relation: relPayouts})
	if err != nil {
		return err
	}
	for _, r := range rows {
		represents, err := v.Has(ctx, group.Object, relRepresentative, r.Subject)
		if err != nil {
			return err
		}
		if r.Subject == seat(member.Object) || !represents {
			continue
		}
		other, err := v.Entry(ctx, r.Subject.Object)
		if err != nil {
			return err
		}
		return Errorf(Conflict, "%s receives all commissions of the group %q: switch that off first", other.Title, group.Title)
	}
	return nil
}
