package ginapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/schema"
)

// Portal is what there is to do in the portal: what a console needs to know.
type Portal struct {
	Name        string               `json:"name" example:"agency"`
	Title       string               `json:"title" example:"Agency portal"`
	Roles       []Role               `json:"roles" nullable:"false" doc:"The roles of staff, the highest first."`
	RoleChanges schema.RoleChanges   `json:"role_changes" doc:"free, or upward."`
	Staff       LifeCycle            `json:"staff"`
	Operations  []Operation          `json:"operations" nullable:"false"`
	Views       map[string]string    `json:"views" doc:"What each view requires, by name."`
	Types       map[string]TypeWords `json:"types" doc:"The types of objects, by name."`
}

// Role is one level of access of staff.
type Role struct {
	Name    string   `json:"name" example:"admin"`
	Title   string   `json:"title" example:"Admin"`
	Exactly int      `json:"exactly,omitempty" doc:"How many must hold it, always; missing for any number."`
	GivenBy []string `json:"given_by" nullable:"false" doc:"The operations that may give it."`
}

// LifeCycle is what may become of staff.
type LifeCycle struct {
	Removal      schema.Removal `json:"removal" doc:"at_once, or trash."`
	Deactivation bool           `json:"deactivation"`
	HandOver     []string       `json:"hand_over" nullable:"false" doc:"Relations that must be handed to somebody else before one can leave."`
}

// Operation is something that people do.
type Operation struct {
	Name     string `json:"name" example:"invite_staff"`
	Summary  string `json:"summary" example:"Invite somebody to the staff"`
	Requires string `json:"requires" doc:"The permission that it needs." example:"partner#manage_staff"`
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
			Removal: s.portal.Staff.Removal, Deactivation: s.portal.Staff.Deactivation, HandOver: nonNil(s.portal.Staff.HandOver),
		},
		Roles: mapped(s.portal.Roles, func(r schema.Role) Role { return Role{r.Name, r.Title, r.Exactly, nonNil(r.GivenBy)} }),
		Views: map[string]string{}, Types: map[string]TypeWords{},
	}
	for _, d := range s.engine.Operations() {
		p.Operations = append(p.Operations, Operation{d.Name, d.Summary, s.portal.Operations[d.Name].String()})
	}
	for name, requirement := range s.portal.Views {
		p.Views[name] = requirement.String()
	}
	for _, typ := range s.portal.Model.TypeNames() {
		p.Types[typ] = TypeWords{nonNil(s.portal.Model.PermissionNames(typ)), s.portal.Visible[typ]}
	}
	return p
}

// nonNil returns a list that JSON writes as [], not null.
func nonNil(list []string) []string { return append([]string{}, list...) }
