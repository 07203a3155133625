package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/portico-authz/portico/schema"
)

var noExpiry time.Time

// InviteStaff gives somebody a seat that stays empty until they accept. If the
// role opens nothing to anybody, nothing is to be accepted.
type InviteStaff struct {
	Partner     string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff       string `json:"staff,omitempty" doc:"The name that the seat shall have at the partner; one is made up if it is missing." example:"ana" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	ContactName string `json:"contact_name,omitempty" doc:"The contact name; or give first and last name." example:"Ana Lima" maxLength:"200"`
	FirstName   string `json:"first_name,omitempty" doc:"The first name." example:"Ana" maxLength:"100"`
	LastName    string `json:"last_name,omitempty" doc:"The last name." example:"Lima" maxLength:"100"`
	Email       string `json:"email" doc:"The address that the invitation goes to; none is sent for a role that opens nothing." example:"ana@acme.example" maxLength:"254"`
	Role        string `json:"role" doc:"The role's name." example:"advisor"`
}

// Name implements [Operation].
func (*InviteStaff) Name() string { return "invite_staff" }

// About implements [Operation].
func (o *InviteStaff) About() []schema.Object {
	return []schema.Object{schema.Partner(schema.Domain(o.Partner))}
}

// Plan implements [Operation].
func (o *InviteStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	role, ok := v.Portal.Role(o.Role)
	if !ok || !role.MayBeGivenBy(o.Name()) {
		return nil, unknownRole(v.Portal, o.Name(), o.Role)
	}
	email, err := cleanEmail(o.Email)
	if err != nil {
		return nil, err
	}
	member, err := v.newMember(ctx, o.Staff, personName{o.ContactName, o.FirstName, o.LastName})
	if err != nil {
		return nil, err
	}
	member.Email, member.Role = email, role.Name
	p := &Plan{Object: member.Object, Summary: fmt.Sprintf("invited %q as %s", member.Title, role.Title)}
	if role.Relation == "" {
		p.Summary = fmt.Sprintf("added %q: %s", member.Title, role.Title)
	}
	p.addSeat(v, o.Name(), member)
	return p, p.admit(ctx, v, member)
}

// invite writes the member's row with a new invitation, and the mail with its
// token. An invitation sent before is void from then on.
func (p *Plan) invite(ctx context.Context, v *View, member Entry) error {
	return p.inviteUntil(ctx, v, member, v.Now.Add(v.InvitationLife).Truncate(time.Second))
}

func (p *Plan) inviteUntil(ctx context.Context, v *View, member Entry, expires time.Time) error {
	partner, err := v.Entry(ctx, v.Domain.Root())
	if err != nil {
		return err
	}
	token := invitationToken()
	member.Invitation = &Invitation{Hash: hashSecret(token), ExpiresAt: expires}
	member.UpdatedAt = v.Now
	p.put(member)
	role, _ := v.Portal.Role(member.Role)
	p.mail = &InvitationMail{
		Email: member.Email, ContactName: member.Title, Partner: partner.Title, Role: role.Title,
		Token: token, ExpiresAt: expires,
	}
	return nil
}

// ResendInvitation sends a new invitation in place of the former.
type ResendInvitation struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The invited staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*ResendInvitation) Name() string { return "resend_invitation" }

// About implements [Operation].
func (o *ResendInvitation) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *ResendInvitation) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.invited(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "sent the invitation of " + quote(member.Title) + " again"}
	return p, p.invite(ctx, v, member)
}

// WithdrawInvitation takes an invitation back; its seat is gone.
type WithdrawInvitation struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Staff   string `json:"staff" doc:"The invited staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*WithdrawInvitation) Name() string { return "withdraw_invitation" }

// About implements [Operation].
func (o *WithdrawInvitation) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

// Plan implements [Operation].
func (o *WithdrawInvitation) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.invited(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object, Summary: "withdrew the invitation of " + quote(member.Title)}
	return p, p.unseat(ctx, v, member)
}

func (v *View) invited(ctx context.Context, object schema.Object) (Entry, error) {
	member, err := v.Entry(ctx, object)
	if err == nil && member.State != Invited {
		return Entry{}, Errorf(Conflict, "%s is %s, not invited", member.Title, member.State)
	}
	return member, err
}

// AcceptInvitation seats the person who acts on the seat that the token is for.
type AcceptInvitation struct {
	Token string `json:"token" doc:"The token from the invitation; it works once." example:"invite_…"`

	member schema.Object
}

// Name implements [Operation].
func (*AcceptInvitation) Name() string { return "accept_invitation" }

// About implements [Operation]. It is known once the token has been looked up,
// and not more than the partner, so that whatever is wrong with the seat is
// said by Plan, in the same words.
func (o *AcceptInvitation) About() []schema.Object {
	return []schema.Object{o.member.Domain().Root()}
}

// errInvitation says the same whatever is wrong with a token, so that nothing
// can be learnt by trying.
func errInvitation() *Error {
	return Errorf(NotFound, "the invitation is unknown, used, withdrawn or expired; ask for another")
}

func (o *AcceptInvitation) resolve(ctx context.Context, tx Tx, _ minter) error {
	if o.Token == "" {
		return Errorf(Invalid, "the invitation's token is missing")
	}
	found, err := tx.Entries(ctx, EntryFilter{Type: schema.TypeStaff, InvitationHash: hashSecret(o.Token)})
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return errInvitation()
	}
	o.member = found[0].Object
	return nil
}

func (o *AcceptInvitation) journaled() any { return struct{}{} }

// Plan implements [Operation].
func (o *AcceptInvitation) Plan(ctx context.Context, v *View) (*Plan, error) {
	if v.Actor.Kind != Person {
		return nil, Errorf(Invalid, "a person accepts an invitation: name them")
	}
	member, err := v.Entry(ctx, o.member)
	if err != nil {
		return nil, errInvitation()
	}
	i := member.Invitation
	if member.State != Invited || i == nil || string(i.Hash) != string(hashSecret(o.Token)) || !v.Now.Before(i.ExpiresAt) {
		return nil, errInvitation()
	}
	if v.Actor.Email != "" && v.Actor.Email != member.Email {
		return nil, Errorf(Forbidden, "the invitation is for another e-mail address than yours")
	}
	// The hash stays, so that the request can be repeated with its idempotency
	// key; the state makes it single-use.
	member.User = v.Actor.User
	p := &Plan{Object: member.Object, Summary: quote(member.Title) + " accepted the invitation"}
	return p, p.admit(ctx, v, member)
}
