package engine

import (
	"context"
	"time"

	"github.com/portico-authz/portico/schema"
)

func aboutAccount(partner, account string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeAccount, d, account)}
}

// AddAccount puts a new account into a client folder. It starts on for
// everybody on the folder.
type AddAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client" doc:"The folder's name at the partner." example:"retail"`
	Account string `json:"account,omitempty" doc:"The name that the account shall have; one is made up if it is missing." example:"ledger" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the account." example:"Ledger" maxLength:"200"`
}

// Name implements [Operation].
func (*AddAccount) Name() string { return "add_account" }

// About implements [Operation].
func (o *AddAccount) About() []schema.Object { return aboutClient(o.Partner, o.Client) }

// Plan implements [Operation].
func (o *AddAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	client, err := v.ActiveEntry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	account, err := v.newEntry(ctx, typeAccount, o.Account, o.Title, client.Object)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: account.Object, Summary: "added the account " + quote(account.Title) + " to the folder " + quote(client.Title)}
	p.put(account)
	p.touch(account.Object, relClient, schema.Subject{Object: client.Object}, noExpiry)
	return p, nil
}

// CreateAccount makes an account that is in no folder.
type CreateAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account,omitempty" doc:"The name that the account shall have; one is made up if it is missing." example:"initech" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the account." example:"Initech" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateAccount) Name() string { return "create_account" }

// About implements [Operation].
func (o *CreateAccount) About() []schema.Object { return aboutAccount(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planAccount(ctx, v, o.Account, o.Title, "")
}

// planAccount makes an account of the partner's, of a kind.
func planAccount(ctx context.Context, v *View, chosen, title, kind string) (*Plan, error) {
	partner := v.Domain.Root()
	account, err := v.newEntry(ctx, typeAccount, chosen, title, partner)
	if err != nil {
		return nil, err
	}
	account.Kind = kind
	p := &Plan{Object: account.Object, Summary: "created the account " + quote(account.Title)}
	p.put(account)
	p.touch(account.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	return p, nil
}

// CreateInternalAccount makes an account of the firm's own.
type CreateInternalAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account,omitempty" doc:"The name that the account shall have; one is made up if it is missing." example:"payroll" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the account." example:"Our own payroll" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateInternalAccount) Name() string { return "create_internal_account" }

// About implements [Operation].
func (o *CreateInternalAccount) About() []schema.Object { return aboutAccount(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateInternalAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planAccount(ctx, v, o.Account, o.Title, kindInternal)
}

// RenameAccount gives an account another title.
type RenameAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account" doc:"The account's name at the partner." example:"ledger"`
	Title   string `json:"title" doc:"The account's new title." example:"General ledger" maxLength:"200"`
}

// Name implements [Operation].
func (*RenameAccount) Name() string { return "rename_account" }

// About implements [Operation].
func (o *RenameAccount) About() []schema.Object { return aboutAccount(o.Partner, o.Account) }

// Plan implements [Operation].
func (o *RenameAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, o.About()[1], o.Title)
}

// ArchiveAccount closes an account: nobody reaches it any more.
type ArchiveAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account" doc:"The account's name at the partner." example:"ledger"`
}

// Name implements [Operation].
func (*ArchiveAccount) Name() string { return "archive_account" }

// About implements [Operation].
func (o *ArchiveAccount) About() []schema.Object { return aboutAccount(o.Partner, o.Account) }

// Plan implements [Operation].
func (o *ArchiveAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// SwitchAccount turns one account of a folder on or off for one staff member.
type SwitchAccount struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account" doc:"The account's name at the partner." example:"ledger"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	Enabled bool   `json:"enabled" doc:"Whether the account is on for them." example:"false"`
}

// Name implements [Operation].
func (*SwitchAccount) Name() string { return "switch_account" }

// About implements [Operation].
func (o *SwitchAccount) About() []schema.Object {
	return append(aboutAccount(o.Partner, o.Account), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *SwitchAccount) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	account, member, err := v.pair(ctx, about[1], about[2])
	if err == nil && o.Enabled {
		err = v.eligible(ctx, o.Name(), member)
	}
	if err != nil {
		return nil, err
	}
	if account.Kind == kindInternal {
		return nil, Errorf(Conflict, "%q is an internal account: staff are added to it and removed", account.Title)
	}
	p := &Plan{Object: account.Object}
	if o.Enabled {
		p.Summary = "switched the account " + quote(account.Title) + " on for " + quote(member.Title)
		p.drop(account.Object, relBlocked, seat(member.Object))
		return p, nil
	}
	reach, err := v.mayReach(ctx, account, member)
	if err != nil {
		return nil, err
	}
	if !reach {
		return nil, Errorf(Conflict, "%s is neither on the folder of %q nor represents a group that it is in: there is nothing to switch off", member.Title, account.Title)
	}
	p.Summary = "switched the account " + quote(account.Title) + " off for " + quote(member.Title)
	p.touch(account.Object, relBlocked, seat(member.Object), noExpiry)
	return p, nil
}

// mayReach reports whether the member is on the account's folder, or
// represents a group that it is in.
func (v *View) mayReach(ctx context.Context, account, member Entry) (bool, error) {
	on, err := v.Has(ctx, account.Parent, relStaff, seat(member.Object))
	if on || err != nil {
		return on, err
	}
	groups, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeAccount, ResourceID: account.Object.ID, Relation: relGroup})
	for i := 0; err == nil && i < len(groups); i++ {
		if on, err = v.Has(ctx, groups[i].Subject.Object, relRepresentative, seat(member.Object)); on {
			return true, nil
		}
	}
	return false, err
}

// AddAccountStaff gives a staff member an internal account.
type AddAccountStaff struct {
	Partner   string    `json:"partner" doc:"The partner's id." example:"acme"`
	Account   string    `json:"account" doc:"The internal account's name at the partner." example:"payroll"`
	Staff     string    `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When the access ends by itself; never, if it is missing." example:"2027-01-31T18:00:00Z"`
}

// Name implements [Operation].
func (*AddAccountStaff) Name() string { return "add_account_staff" }

// About implements [Operation].
func (o *AddAccountStaff) About() []schema.Object {
	return append(aboutAccount(o.Partner, o.Account), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *AddAccountStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	account, member, err := v.grant(ctx, o.Name(), about[1], about[2], o.ExpiresAt)
	if err != nil {
		return nil, err
	}
	if account.Kind != kindInternal {
		return nil, Errorf(Conflict, "%q is a client's account: staff are added to its folder, and the account is switched on or off for them", account.Title)
	}
	p := &Plan{Object: account.Object, Summary: "added " + quote(member.Title) + " to the internal account " + quote(account.Title)}
	p.touch(account.Object, relStaff, seat(member.Object), o.ExpiresAt)
	return p, nil
}

// RemoveAccountStaff takes an internal account from a staff member.
type RemoveAccountStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Account string `json:"account" doc:"The internal account's name at the partner." example:"payroll"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*RemoveAccountStaff) Name() string { return "remove_account_staff" }

// About implements [Operation].
func (o *RemoveAccountStaff) About() []schema.Object {
	return append(aboutAccount(o.Partner, o.Account), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *RemoveAccountStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRevoke(ctx, v, grantOf{object: o.About()[1], relation: relStaff, staff: o.About()[2], words: "was not added to the account"})
}
