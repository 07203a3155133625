package engine

import (
	"context"
	"encoding/json"

	"github.com/portico-authz/portico/schema"
)

// SignUp creates a partner; the person who signs up gets the first role that
// portal.yaml lets sign_up give.
type SignUp struct {
	Partner     string `json:"partner,omitempty" doc:"The id that the partner shall have; one is made up if it is missing." example:"acme" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Staff       string `json:"staff,omitempty" doc:"The name that the person's seat shall have at the partner; one is made up if it is missing." example:"ana" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title       string `json:"title" doc:"The firm's name." example:"Acme Payroll" maxLength:"200"`
	ContactName string `json:"contact_name,omitempty" doc:"The name of the person who signs up; or give first and last name." example:"Ana Lima" maxLength:"200"`
	FirstName   string `json:"first_name,omitempty" doc:"Their first name." example:"Ana" maxLength:"100"`
	LastName    string `json:"last_name,omitempty" doc:"Their last name." example:"Lima" maxLength:"100"`
	Email       string `json:"email" doc:"Their e-mail address." example:"ana@acme.example" maxLength:"254"`
}

// Name implements [Operation].
func (*SignUp) Name() string { return "sign_up" }

// About implements [Operation].
func (o *SignUp) About() []schema.Object {
	return []schema.Object{schema.Partner(schema.Domain(o.Partner))}
}

func (*SignUp) founds() {}

func (o *SignUp) resolve(_ context.Context, _ Tx, mint minter) error { //nolint:unparam // resolver's signature
	if o.Partner == "" {
		o.Partner = mint.name()
	}
	return nil
}

// Plan implements [Operation].
func (o *SignUp) Plan(ctx context.Context, v *View) (*Plan, error) {
	if v.State.Epoch > 0 {
		return nil, Errorf(Conflict, "the partner id %q is taken", o.Partner)
	}
	if v.Actor.Kind != Person {
		return nil, Errorf(Invalid, "a person signs up: name them")
	}
	roles := v.Portal.RolesGivenBy(o.Name())
	if len(roles) == 0 {
		return nil, Errorf(Invalid, "portal.yaml has no role that sign_up gives")
	}
	title, err := cleanTitle(o.Title)
	if err != nil {
		return nil, err
	}
	email, err := cleanEmail(o.Email)
	if err != nil {
		return nil, err
	}
	partner := v.Domain.Root()
	member, err := v.newMember(ctx, o.Staff, personName{o.ContactName, o.FirstName, o.LastName})
	if err != nil {
		return nil, err
	}
	member.Email, member.User, member.Role = email, v.Actor.User, roles[0]

	p := &Plan{Object: partner, Summary: "signed up " + quote(title)}
	p.put(Entry{Object: partner, Title: title, State: Active, CreatedAt: v.Now, UpdatedAt: v.Now})
	p.addSeat(v, o.Name(), member)
	return p, p.admit(ctx, v, member)
}

// EditPartner changes the firm's name.
type EditPartner struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Title   string `json:"title" doc:"The firm's new name." example:"Acme Payroll Ltd" maxLength:"200"`
}

// Name implements [Operation].
func (*EditPartner) Name() string { return "edit_partner" }

// About implements [Operation].
func (o *EditPartner) About() []schema.Object {
	return []schema.Object{schema.Partner(schema.Domain(o.Partner))}
}

// Plan implements [Operation].
func (o *EditPartner) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, v.Domain.Root(), o.Title)
}

// TransferOwnership gives the role that exactly one staff member holds to
// another, and the former holder a role that change_role may give.
type TransferOwnership struct {
	Partner    string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff      string `json:"staff" doc:"The active staff member who becomes the owner." example:"ana"`
	FormerRole string `json:"former_role,omitempty" doc:"The role of the former owner; the highest that can be given, if it is missing." example:"admin"`
}

// Name implements [Operation].
func (*TransferOwnership) Name() string { return "transfer_ownership" }

// About implements [Operation].
func (o *TransferOwnership) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *TransferOwnership) Plan(ctx context.Context, v *View) (*Plan, error) {
	given := v.Portal.RolesGivenBy(o.Name())
	former := v.Portal.RolesGivenBy("change_role")
	if o.FormerRole != "" {
		former = []string{o.FormerRole}
	}
	if len(given) == 0 || len(former) == 0 {
		return nil, Errorf(Invalid, "portal.yaml has no role to give")
	}
	role, ok := v.Portal.Role(former[0])
	if !ok || !role.MayBeGivenBy("change_role") {
		return nil, unknownRole(v.Portal, "change_role", o.FormerRole)
	}
	next, err := v.Entry(ctx, schema.Obj(schema.TypeStaff, v.Domain, o.Staff))
	if err != nil {
		return nil, err
	}
	if next.State != Active {
		return nil, Errorf(Conflict, "%s is %s; only active staff can become the owner", next.Title, next.State.words())
	}
	if next.Role == given[0] {
		return nil, Errorf(Conflict, "%s holds the role already", next.Title)
	}
	p := &Plan{Object: next.Object, Summary: "transferred ownership to " + quote(next.Title)}
	holders, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
	if err != nil {
		return nil, err
	}
	for _, h := range holders {
		if h.Role == given[0] {
			p.put(p.swapRole(v, h, former[0]))
		}
	}
	p.put(p.swapRole(v, next, given[0]))
	return p, nil
}

// planRename gives an entry another title.
func planRename(ctx context.Context, v *View, object schema.Object, title string) (*Plan, error) {
	e, err := v.ActiveEntry(ctx, object)
	if err != nil {
		return nil, err
	}
	title, err = cleanTitle(title)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: object, Summary: "renamed " + quote(e.Title) + " to " + quote(title)}
	e.Title, e.UpdatedAt = title, v.Now
	p.put(e)
	return p, nil
}

func paramsOf(op Operation) (json.RawMessage, error) {
	var params any = op
	if s, ok := op.(secretive); ok {
		params = s.journaled()
	}
	return json.Marshal(params)
}
