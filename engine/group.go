package engine

import (
	"context"
	"time"

	"github.com/portico-authz/portico/schema"
)

func aboutGroup(partner, group string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeGroup, d, group)}
}

// CreateGroup makes a group, which gathers accounts.
type CreateGroup struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group,omitempty" doc:"The name that the group shall have; one is made up if it is missing." example:"north" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the group." example:"North" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateGroup) Name() string { return "create_group" }

// About implements [Operation].
func (o *CreateGroup) About() []schema.Object { return aboutGroup(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateGroup) Plan(ctx context.Context, v *View) (*Plan, error) {
	partner := v.Domain.Root()
	group, err := v.newEntry(ctx, typeGroup, o.Group, o.Title, partner)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: group.Object, Summary: "created the group " + quote(group.Title)}
	p.put(group)
	p.touch(group.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	return p, nil
}

// RenameGroup gives a group another title.
type RenameGroup struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
	Title   string `json:"title" doc:"The group's new title." example:"North and east" maxLength:"200"`
}

// Name implements [Operation].
func (*RenameGroup) Name() string { return "rename_group" }

// About implements [Operation].
func (o *RenameGroup) About() []schema.Object { return aboutGroup(o.Partner, o.Group) }

// Plan implements [Operation].
func (o *RenameGroup) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, o.About()[1], o.Title)
}

// ArchiveGroup closes a group: it gives nobody anything any more.
type ArchiveGroup struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
}

// Name implements [Operation].
func (*ArchiveGroup) Name() string { return "archive_group" }

// About implements [Operation].
func (o *ArchiveGroup) About() []schema.Object { return aboutGroup(o.Partner, o.Group) }

// Plan implements [Operation].
func (o *ArchiveGroup) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// AddGroupAccount puts a client's account into a group.
type AddGroupAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
	Account string `json:"account" doc:"The account's name at the partner." example:"ledger"`
}

// Name implements [Operation].
func (*AddGroupAccount) Name() string { return "add_group_account" }

// About implements [Operation].
func (o *AddGroupAccount) About() []schema.Object {
	return append(aboutGroup(o.Partner, o.Group), aboutAccount(o.Partner, o.Account)[1])
}

// Plan implements [Operation].
func (o *AddGroupAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	group, err := v.ActiveEntry(ctx, about[1])
	if err != nil {
		return nil, err
	}
	account, err := v.ActiveEntry(ctx, about[2])
	if err != nil {
		return nil, err
	}
	if account.Kind == kindInternal {
		return nil, Errorf(Conflict, "%q is an internal account: it can't be in a group", account.Title)
	}
	if _, err := v.ActiveEntry(ctx, account.Parent); err != nil {
		return nil, err
	}
	p := &Plan{Object: group.Object, Summary: "put the account " + quote(account.Title) + " into the group " + quote(group.Title)}
	p.touch(account.Object, relGroup, schema.Subject{Object: group.Object}, noExpiry)
	return p, nil
}

// RemoveGroupAccount takes an account out of a group.
type RemoveGroupAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
	Account string `json:"account" doc:"The account's name at the partner." example:"ledger"`
}

// Name implements [Operation].
func (*RemoveGroupAccount) Name() string { return "remove_group_account" }

// About implements [Operation].
func (o *RemoveGroupAccount) About() []schema.Object {
	return append(aboutGroup(o.Partner, o.Group), aboutAccount(o.Partner, o.Account)[1])
}

// Plan implements [Operation].
func (o *RemoveGroupAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	group, err := v.Entry(ctx, about[1])
	if err != nil {
		return nil, err
	}
	account, err := v.Entry(ctx, about[2])
	if err != nil {
		return nil, err
	}
	in, err := v.Has(ctx, account.Object, relGroup, schema.Subject{Object: group.Object})
	if err != nil {
		return nil, err
	}
	if !in {
		return nil, Errorf(NotFound, "the account %q is not in the group %q", account.Title, group.Title)
	}
	p := &Plan{Object: group.Object, Summary: "took the account " + quote(account.Title) + " out of the group " + quote(group.Title)}
	p.drop(account.Object, relGroup, schema.Subject{Object: group.Object})
	return p, nil
}

// AddRepresentative names a staff member who represents a group: they reach
// its accounts, but for those that are switched off for them.
type AddRepresentative struct {
	Partner   string    `json:"partner" doc:"The partner's id." example:"acme"`
	Group     string    `json:"group" doc:"The group's name at the partner." example:"north"`
	Staff     string    `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When this ends by itself; never, if it is missing." example:"2027-01-31T18:00:00Z"`
}

// Name implements [Operation].
func (*AddRepresentative) Name() string { return "add_representative" }

// About implements [Operation].
func (o *AddRepresentative) About() []schema.Object {
	return append(aboutGroup(o.Partner, o.Group), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *AddRepresentative) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	group, member, err := v.grant(ctx, o.Name(), about[1], about[2], o.ExpiresAt)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: group.Object, Summary: "named " + quote(member.Title) + " representative of the group " + quote(group.Title)}
	represents, err := v.Has(ctx, group.Object, relRepresentative, seat(member.Object))
	if err != nil {
		return nil, err
	}
	if !represents {
		// What an earlier time that expired left behind counts no more.
		if err := p.dropPayouts(ctx, v, group.Object, member.Object); err != nil {
			return nil, err
		}
	}
	p.touch(group.Object, relRepresentative, seat(member.Object), o.ExpiresAt)
	return p, nil
}

// RemoveRepresentative ends a staff member's representing of a group.
type RemoveRepresentative struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Group   string `json:"group" doc:"The group's name at the partner." example:"north"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*RemoveRepresentative) Name() string { return "remove_representative" }

// About implements [Operation].
func (o *RemoveRepresentative) About() []schema.Object {
	return append(aboutGroup(o.Partner, o.Group), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *RemoveRepresentative) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	p, err := planRevoke(ctx, v, grantOf{
		object: about[1], relation: relRepresentative, staff: about[2],
		words: "does not represent the group", done: "ended %q representing the group %q",
	})
	if err != nil {
		return nil, err
	}
	return p, p.dropPayouts(ctx, v, about[1], about[2])
}

// dropPayouts switches managed payouts off, which go with representing a group.
func (p *Plan) dropPayouts(ctx context.Context, v *View, group, staff schema.Object) error {
	rows, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: typeGroup, ResourceID: group.ID, Relation: relPayouts,
		SubjectType: schema.TypeStaff, SubjectID: staff.ID,
	})
	p.dropRows(rows)
	return err
}
