package schema_test

import (
	"testing"
	"testing/fstest"

	"github.com/portico-authz/portico/schema"
)

// smallPortal is a portal.yaml that smallModel allows. The tests of messages
// count its lines.
const smallPortal = `portal: small
title: Small portal
roles:
  - name: owner
    title: Owner
    exactly: 1
    given_by: [sign_up]
  - name: advisor
    given_by: [invite_staff]
  - name: guest
    relation: none
    given_by: [invite_staff]
role_changes: upward
staff:
  removal: trash
  deactivation: true
  hand_over: [client#staff]
operations:
  sign_up: anyone
  invite_staff: partner#manage_staff
  add_support: platform#manage_support or operator
views:
  clients: client#access
visible:
  partner: enter
  platform: manage_support
  client: access
words:
  client#staff:
    has: are on the folder {resource}
    lacks: aren't on the folder {resource}
    act: added there
`

// smallModel is the model that the stub of a compiler returns.
func smallModel() *schema.Model {
	seat := []schema.Allowed{{Type: "staff", Relation: "user"}}
	return &schema.Model{Types: map[string]*schema.Type{
		"user": definition("user", 1, nil),
		"platform": definition("platform", 2, relations{
			"support": {{Type: "user"}},
		}, "manage_support"),
		"partner": definition("partner", 3, relations{
			"owner": seat, "advisor": seat, "logo": {{Type: "user"}},
		}, "enter", "manage_staff"),
		"staff": definition("staff", 4, relations{
			"partner": {{Type: "partner"}}, "user": {{Type: "user"}},
		}, "view"),
		"client": definition("client", 5, relations{
			"partner": {{Type: "partner"}},
			"staff":   {{Type: "staff", Relation: "user"}, {Type: "staff", Relation: "user", Expiration: true}},
		}, "access", "oversee"),
	}}
}

type relations map[string][]schema.Allowed

// definition returns a type whose relations and permissions stand on the
// definition's line times ten.
func definition(name string, line int, rels relations, permissions ...string) *schema.Type {
	t := &schema.Type{
		Name: name, Line: line,
		Relations: map[string]*schema.Relation{}, Permissions: map[string]*schema.Permission{},
	}
	for relation, allowed := range rels {
		t.Relations[relation] = &schema.Relation{Name: relation, Allowed: allowed, Line: line * 10}
	}
	for _, permission := range permissions {
		t.Permissions[permission] = &schema.Permission{Name: permission, Expr: schema.Nil{}, Line: line * 10}
	}
	return t
}

// compiles returns a compiler that knows one model only.
func compiles(m *schema.Model) schema.Compiler {
	return func(string, string) (*schema.Model, error) { return m, nil }
}

// folder returns a portal's folder with this portal.yaml.
func folder(portal string) fstest.MapFS {
	return fstest.MapFS{
		schema.SchemaFile: {Data: []byte("definition user {}")},
		schema.PortalFile: {Data: []byte(portal)},
		schema.ProofFile:  {Data: []byte("schemaFile: schema.zed")},
	}
}

// loadSmall loads a portal.yaml against smallModel.
func loadSmall(t *testing.T, portal string) (*schema.Portal, error) {
	t.Helper()
	return schema.Load(folder(portal), compiles(smallModel()))
}
