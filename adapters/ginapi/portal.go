package ginapi

import (
	"context"
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Portal is what there is to do in the portal: what a console needs to know.
type Portal struct {
	Name          string               `json:"name" example:"agency"`
	Title         string               `json:"title" example:"Agency portal"`
	Roles         []Role               `json:"roles" nullable:"false" doc:"The roles of staff, the highest first."`
	RoleChanges   schema.RoleChanges   `json:"role_changes" doc:"free, or upward."`
	Staff         LifeCycle            `json:"staff"`
	Capabilities  []Capability         `json:"capabilities" nullable:"false" doc:"What is switched one by one for who has a switched role, in the order in which people read it."`
	Kinds         map[string][]string  `json:"kinds" doc:"The kinds of objects of a type, by type, such as event and course."`
	Operations    []Operation          `json:"operations" nullable:"false"`
	Eligible      map[string]string    `json:"eligible" doc:"What a staff member must have to be given what an operation gives, by operation."`
	Relationships map[string]string    `json:"relationships" doc:"What writing a relationship of the operator's own types requires, by type#relation."`
	Views         map[string]string    `json:"views" doc:"What each view requires, by name."`
	Types         map[string]TypeWords `json:"types" doc:"The types of objects, by name."`
}

// Role is one level of access of staff.
type Role struct {
	Name     string   `json:"name" example:"admin"`
	Title    string   `json:"title" example:"Admin"`
	Exactly  int      `json:"exactly,omitempty" doc:"How many must hold it, always; missing for any number."`
	AtLeast  int      `json:"at_least,omitempty" doc:"How few may hold it, always; missing for none."`
	Invites  bool     `json:"invites" doc:"Whether who is given it is invited; otherwise the seat stays without a person, and without access."`
	Switched bool     `json:"switched,omitempty" doc:"Whether its capabilities are switched one by one."`
	GivenBy  []string `json:"given_by" nullable:"false" doc:"The operations that may give it."`
}

// LifeCycle is what may become of staff.
type LifeCycle struct {
	Removal      schema.Removal `json:"removal" doc:"at_once, or trash."`
	Deactivation bool           `json:"deactivation" doc:"Whether staff can be deactivated; then only the inactive are removed."`
	HandOver     []string       `json:"hand_over" nullable:"false" doc:"Relations that must be handed to somebody else before one can leave."`
	Names        schema.Names   `json:"names" doc:"contact, or first_and_last: which names staff must have."`
}

// Operation is something that people do.
type Operation struct {
	Name     string `json:"name" example:"invite_staff"`
	Summary  string `json:"summary" example:"Invite somebody to the staff"`
	Requires string `json:"requires,omitempty" doc:"The permission that it needs; missing if relationships says so, one by one." example:"partner#manage_staff"`
}

// TypeWords are the words that the schema has for a type.
type TypeWords struct {
	Permissions []string `json:"permissions" nullable:"false"`
	Visible     string   `json:"visible,omitempty" doc:"The permission without which an object of it isn't found."`
}

// plain is an answer that is about no single domain.
type plain[T any] struct{ Body T }

func (s *server) addPortal() {
	op := huma.Operation{
		Method: http.MethodGet, Path: "/v1/portal", OperationID: "view_portal", Tags: []string{"portal"},
		Summary: "View the portal's roles, operations and permissions",
	}
	portal := s.describePortal()
	register(s, op, func(context.Context, *struct{}) (*plain[Portal], error) { return &plain[Portal]{portal}, nil })
}

func (s *server) describePortal() Portal {
	p := Portal{
		Name: s.portal.Name, Title: s.portal.Title, RoleChanges: s.portal.RoleChanges,
		Staff: LifeCycle{
			Removal: s.portal.Staff.Removal, Deactivation: s.portal.Staff.Deactivation,
			HandOver: nonNil(s.portal.Staff.HandOver), Names: s.portal.Staff.Names,
		},
		Roles:        mapped(s.portal.Roles, roleOf),
		Capabilities: mapped(s.portal.Capabilities, capabilityOf),
		Kinds:        map[string][]string{}, Eligible: map[string]string{}, Types: map[string]TypeWords{},
		Operations:    mapped(s.engine.Operations(), s.describeOperation),
		Relationships: requirements(s.portal.Relationships), Views: requirements(s.portal.Views),
	}
	maps.Copy(p.Kinds, s.portal.Kinds)
	for operation, asked := range s.portal.Eligible {
		p.Eligible[operation] = schema.TypePartner + "#" + asked.Permission
	}
	for _, typ := range s.portal.Model.TypeNames() {
		p.Types[typ] = TypeWords{nonNil(s.portal.Model.PermissionNames(typ)), s.portal.Visible[typ]}
	}
	return p
}

func roleOf(r schema.Role) Role {
	return Role{
		Name: r.Name, Title: r.Title, Exactly: r.Exactly, AtLeast: r.AtLeast,
		Invites: r.Relation != "", Switched: r.Switched, GivenBy: nonNil(r.GivenBy),
	}
}

func (s *server) describeOperation(d engine.Definition) Operation {
	o := Operation{Name: d.Name, Summary: d.Summary}
	if requirement, ok := s.portal.Operations[d.Name]; ok {
		o.Requires = requirement.String()
	}
	return o
}

func requirements(asked map[string]schema.Requirement) map[string]string {
	words := map[string]string{}
	for name, requirement := range asked {
		words[name] = requirement.String()
	}
	return words
}

// nonNil returns a list that JSON writes as [], not null.
func nonNil(list []string) []string { return append([]string{}, list...) }
