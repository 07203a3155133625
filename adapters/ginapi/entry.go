package ginapi

import (
	"maps"
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
	Kind   string        `json:"kind,omitempty" doc:"What tells entries of one type apart: internal accounts; the portal's kinds of records and events."`

	StartsAt time.Time `json:"starts_at,omitzero" doc:"Events: when it begins."`
	EndsAt   time.Time `json:"ends_at,omitzero" doc:"Events: when it is over."`

	FirstName  string      `json:"first_name,omitempty" example:"Ana" doc:"Staff: their first name, if it was given apart."`
	LastName   string      `json:"last_name,omitempty" example:"Lima" doc:"Staff: their last name, if it was given apart."`
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
		StartsAt: e.StartsAt(), EndsAt: e.EndsAt(),
		FirstName: e.Attributes[firstName], LastName: e.Attributes[lastName],
		Email: e.Email, User: e.User, Role: e.Role,
		Attributes: otherAttributes(e), CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if i := e.Invitation; i != nil && e.State == engine.Invited {
		out.Invitation = &Invitation{ExpiresAt: i.ExpiresAt, SentAt: i.SentAt}
	}
	return out
}

// The attributes for which an [Entry] has fields of their own.
const (
	startsAt  = "starts_at"
	endsAt    = "ends_at"
	firstName = "first_name"
	lastName  = "last_name"
)

// otherAttributes returns those for which an [Entry] has no field.
func otherAttributes(e engine.Entry) map[string]string {
	others := maps.Clone(e.Attributes)
	for _, name := range []string{startsAt, endsAt, firstName, lastName} {
		delete(others, name)
	}
	return others
}

// Engine returns the entry as the engine has it, but for an invitation's secret.
func (e Entry) Engine() engine.Entry {
	out := engine.Entry{
		Object: e.Object, Parent: e.Parent, Title: e.Title, State: e.State, Kind: e.Kind,
		Email: e.Email, User: e.User, Role: e.Role,
		Attributes: maps.Clone(e.Attributes), CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if i := e.Invitation; i != nil {
		out.Invitation = &engine.Invitation{ExpiresAt: i.ExpiresAt, SentAt: i.SentAt}
	}
	fields := map[string]string{firstName: e.FirstName, lastName: e.LastName}
	if !e.EndsAt.IsZero() {
		fields[startsAt], fields[endsAt] = e.StartsAt.Format(time.RFC3339), e.EndsAt.Format(time.RFC3339)
	}
	maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
	if out.Attributes == nil && len(fields) > 0 {
		out.Attributes = map[string]string{}
	}
	maps.Copy(out.Attributes, fields)
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

// Candidate is a staff member, and what they could be given.
type Candidate struct {
	Staff Entry    `json:"staff" doc:"Their name and role; more for whoever may view them."`
	For   []string `json:"for" nullable:"false" example:"[\"assign_project_staff\",\"set_leader\"]" doc:"The operations that could give them something."`
}

// CandidateList is who could be given something.
type CandidateList struct {
	Candidates []Candidate `json:"candidates" nullable:"false" doc:"By staff member."`
}

func candidateList(p engine.CandidatePage, err error) (*reply[CandidateList], error) {
	if err != nil {
		return nil, err
	}
	list := mapped(p.Candidates, func(c engine.Candidate) Candidate { return Candidate{entryOf(c.Staff), nonNil(c.For)} })
	return &reply[CandidateList]{p.Epoch, CandidateList{list}}, nil
}

// Assignment is something that a staff member was given, and how.
type Assignment struct {
	Entry     Entry    `json:"entry"`
	Relations []string `json:"relations" nullable:"false" example:"[\"leader\"]" doc:"What they are of it: leader or member of a project, instructor of an event."`
}

// AssignmentList is what a staff member was given, of what the acting person
// may see.
type AssignmentList struct {
	Assignments []Assignment `json:"assignments" nullable:"false" doc:"By id."`
}

func assignmentList(p engine.AssignmentPage, err error) (*reply[AssignmentList], error) {
	if err != nil {
		return nil, err
	}
	list := mapped(p.Assignments, func(a engine.Assignment) Assignment { return Assignment{entryOf(a.Entry), nonNil(a.Relations)} })
	return &reply[AssignmentList]{p.Epoch, AssignmentList{list}}, nil
}
