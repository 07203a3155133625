package ginapi

import (
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Entry is a directory entry: what people read of an object.
type Entry struct {
	Object schema.Object `json:"object" example:"staff:acme/ana" doc:"The object."`
	Parent schema.Object `json:"parent,omitzero" example:"partner:acme" doc:"What it belongs to: an account's folder, and the partner of all else."`
	Title  string        `json:"title" example:"Ana Lima" doc:"What people call it; a staff member's contact name."`
	State  engine.State  `json:"state" example:"active" doc:"active, invited, inactive, trashed, removed or archived."`
	Kind   string        `json:"kind,omitempty" doc:"What tells entries of one type apart: internal accounts."`

	Email      string      `json:"email,omitempty" example:"ana@acme.example" doc:"Staff: their address."`
	User       string      `json:"user,omitempty" example:"ana" doc:"Staff: the person, once the invitation is accepted."`
	Role       string      `json:"role,omitempty" example:"admin" doc:"Staff: the role's name."`
	Invitation *Invitation `json:"invitation,omitempty" doc:"Staff: how the invitation stands."`

	Attributes map[string]string `json:"attributes,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// Invitation is what anybody may know of an invitation.
type Invitation struct {
	ExpiresAt time.Time `json:"expires_at" doc:"Until when it can be accepted."`
	SentAt    time.Time `json:"sent_at,omitzero" doc:"When it was delivered."`
}

func entryOf(e engine.Entry) Entry {
	out := Entry{
		Object: e.Object, Parent: e.Parent, Title: e.Title, State: e.State, Kind: e.Kind,
		Email: e.Email, User: e.User, Role: e.Role,
		Attributes: e.Attributes, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if i := e.Invitation; i != nil && e.State == engine.Invited {
		out.Invitation = &Invitation{ExpiresAt: i.ExpiresAt, SentAt: i.SentAt}
	}
	return out
}

// EntryList is a page of directory entries.
type EntryList struct {
	Entries []Entry `json:"entries" nullable:"false" doc:"The entries, by id."`
	Total   int     `json:"total" doc:"How many the whole list has."`
	Next    string  `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
}

func entryList(p engine.EntryPage, err error) (*reply[EntryList], error) {
	if err != nil {
		return nil, err
	}
	return &reply[EntryList]{p.Epoch, EntryList{Entries: mapped(p.Entries, entryOf), Total: p.Total, Next: p.Next}}, nil
}

// Grant is one staff member's access to something, as it was given.
type Grant struct {
	Staff     Entry     `json:"staff"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When it ends by itself; missing if never."`
	GrantedAt time.Time `json:"granted_at"`
	GrantedBy string    `json:"granted_by,omitempty" doc:"The user id of who gave it; missing for the operator."`
	Role      string    `json:"role,omitempty" doc:"The title of the giver's role at the time." example:"Owner"`
	Reason    string    `json:"reason,omitempty"`
	Record    string    `json:"record,omitempty" doc:"The journal record's id."`
}

func grantOf(g engine.Grant) Grant {
	return Grant{
		Staff: entryOf(g.Staff), ExpiresAt: g.ExpiresAt, GrantedAt: g.GrantedAt,
		GrantedBy: g.GrantedBy, Role: g.Role, Reason: g.Reason, Record: g.Record,
	}
}

// GrantList is who was given access to something.
type GrantList struct {
	Grants []Grant `json:"grants" nullable:"false" doc:"The grants, by staff member."`
}

func grantList(p engine.GrantPage, err error) (*reply[GrantList], error) {
	if err != nil {
		return nil, err
	}
	return &reply[GrantList]{p.Epoch, GrantList{Grants: mapped(p.Grants, grantOf)}}, nil
}
