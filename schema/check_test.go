package schema_test

import (
	"maps"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// TestPortalMessages: each mistake is named with its line and its mend.
func TestPortalMessages(t *testing.T) {
	tests := map[string]struct {
		edit []string // old, new
		want string
	}{
		"a role's relation": {
			[]string{"name: advisor", "name: advisr"},
			`portal.yaml:8: role "advisr": no relation advisr on partner; did you mean advisor?`,
		},
		"a role that seats can't hold": {
			[]string{"name: advisor", "name: logo"},
			`portal.yaml:8: role "logo": partner#logo doesn't take staff#user, which is who holds a role; add it in schema.zed:30`,
		},
		"a role twice": {
			[]string{"name: advisor", "name: owner"},
			`portal.yaml:8: role "owner" is there already, on line 4`,
		},
		"two roles, one relation": {
			[]string{"name: advisor", "name: helper\n    relation: owner"},
			`portal.yaml:8: role "helper": relation owner is that of role "owner"; each role needs its own`,
		},
		"a role without a name": {
			[]string{"- name: advisor\n    given_by", "- given_by"},
			`portal.yaml:8: role: name is missing`,
		},
		"a role that nobody can hold": {
			[]string{"given_by: [sign_up]", "given_by: []"},
			`
portal.yaml:4: role "owner": a partner begins with one member of staff: sign_up must give the role, and no more than 1 can be asked
portal.yaml:4: role "owner": given_by is missing; name the operations that give it, or nobody will ever hold it`,
		},
		"a role given by an operation that isn't there": {
			[]string{"given_by: [sign_up]", "given_by: [signup]"},
			`
portal.yaml:4: role "owner": a partner begins with one member of staff: sign_up must give the role, and no more than 1 can be asked
portal.yaml:4: role "owner": given_by: no operation signup; did you mean sign_up?`,
		},
		"how many": {
			[]string{"exactly: 1", "exactly: none"},
			`portal.yaml:6: exactly: want a whole number from 1; leave it out for any number`,
		},
		"role changes": {
			[]string{"upward", "up"},
			`portal.yaml:13: role_changes: "up" is unknown; want free or upward`,
		},
		"removal": {
			[]string{"removal: trash", "removal: bin"},
			`portal.yaml:15: staff.removal: "bin" is unknown; want at_once or trash`,
		},
		"deactivation": {
			[]string{"deactivation: true", "deactivation: maybe"},
			`portal.yaml:16: staff.deactivation: want true or false`,
		},
		"deactivation in capitals": {
			[]string{"deactivation: true", "deactivation: True"},
			`portal.yaml:16: staff.deactivation: want true or false`,
		},
		"hand over what isn't there": {
			[]string{"[client#staff]", "[client#stuff]"},
			`portal.yaml:17: staff.hand_over: no relation or permission stuff on client; did you mean staff?`,
		},
		"hand over a permission": {
			[]string{"[client#staff]", "[client#access]"},
			`portal.yaml:17: staff.hand_over: client#access is a permission; only a relation can be handed over`,
		},
		"hand over in no form": {
			[]string{"[client#staff]", "[client]"},
			`portal.yaml:17: staff.hand_over: "client": want type#relation, such as event#instructor`,
		},
		"a requirement's type": {
			[]string{"partner#manage_staff", "partnr#manage_staff"},
			`portal.yaml:20: operations.invite_staff: no definition partnr; did you mean partner?`,
		},
		"a requirement's permission": {
			[]string{"partner#manage_staff", "partner#mange_staff"},
			`portal.yaml:20: operations.invite_staff: no permission mange_staff on partner; did you mean manage_staff?`,
		},
		"a permission like no other": {
			[]string{"partner#manage_staff", "partner#fly"},
			`portal.yaml:20: operations.invite_staff: no permission fly on partner; there is enter, manage_staff`,
		},
		"a relation as a requirement": {
			[]string{"partner#manage_staff", "partner#owner"},
			`portal.yaml:20: operations.invite_staff: partner#owner is a relation; name a permission, and let the schema say who has it`,
		},
		"a requirement in no form": {
			[]string{"partner#manage_staff", "managers"},
			`portal.yaml:20: operations.invite_staff: requirement "managers": want type#permission, such as client#oversee, or "anyone"`,
		},
		"an operation's name": {
			[]string{"add_support:", "Add-Support:"},
			`portal.yaml:21: operations: name "Add-Support": want 3 to 64 of a-z, 0-9 and _`,
		},
		"an operation twice": {
			[]string{"  sign_up: anyone\n", "  sign_up: anyone\n  sign_up: anyone\n"},
			`portal.yaml:20: operations: sign_up is there already, on line 19`,
		},
		"a view": {
			[]string{"client#access", "client#acess"},
			`portal.yaml:23: views.clients: no permission acess on client; did you mean access?`,
		},
		"nothing visible": {
			[]string{"  client: access\n", ""},
			`portal.yaml:23: views.clients: nothing says who sees a client; add to visible, for example, client: access`,
		},
		"visible by a permission that isn't there": {
			[]string{"client: access", "client: see"},
			`portal.yaml:27: visible.client: no permission see on client; there is access, oversee`,
		},
		"words for nothing": {
			[]string{"client#staff:", "client#stuff:"},
			`portal.yaml:29: words.client#stuff: no relation or permission stuff on client; did you mean staff?`,
		},
		"words in no form": {
			[]string{"client#staff:", "client:"},
			`portal.yaml:29: words: "client": want type#relation, such as client#staff`,
		},
		"words with a wrong placeholder": {
			[]string{"has: are on the folder {resource}", "has: are on the folder {folder}"},
			`portal.yaml:29: words.client#staff: {folder} stands for nothing; there is {resource} and {subject}`,
		},
		"all at once": {
			[]string{"name: advisor", "name: advisr", "removal: trash", "removal: bin", "partner#manage_staff", "partner#fly"}, `
portal.yaml:8: role "advisr": no relation advisr on partner; did you mean advisor?
portal.yaml:15: staff.removal: "bin" is unknown; want at_once or trash
portal.yaml:20: operations.invite_staff: no permission fly on partner; there is enter, manage_staff`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadSmall(t, edited(t, smallPortal, tt.edit...))
			wantProblems(t, err, tt.want)
		})
	}
}

// TestModelMessages: what the engine relies on, the schema must keep to.
func TestModelMessages(t *testing.T) {
	seat := schema.Allowed{Type: "staff", Relation: "user"}
	tests := map[string]struct {
		typ  *schema.Type // replaces the one of its name, or is added
		want string
	}{
		"a reserved name": {
			definition("portico_domain", 9, nil),
			`schema.zed:9: definition portico_domain: names that start with portico_ are Portico's own; choose another`,
		},
		"a prefixed name": {
			definition("acme/document", 9, nil),
			`schema.zed:9: definition acme/document: want 3 to 64 of a-z, 0-9 and _, without a prefix`,
		},
		"XP-1 a user with relations": {
			definition("user", 1, relations{"friend": {{Type: "user"}}}),
			`schema.zed:1: definition user must be empty: partners share users, and what is written on one would cross`,
		},
		"XP-1 a wildcard": {
			definition("document", 9, relations{"reader": {{Type: "user", Wildcard: true}}}),
			`schema.zed:90: relation document#reader: user:* is everybody, at every partner; name who`,
		},
		"XP-1 a partner's object leads to the platform": {
			definition("document", 9, relations{"platform": {{Type: "platform"}}}),
			`schema.zed:90: relation document#platform: joins the platform and a partner with platform; ask the platform on platform:main instead`,
		},
		"XP-1 the platform leads to a partner's": {
			definition("platform", 2, relations{"support": {seat}}, "manage_support"),
			`schema.zed:20: relation platform#support: joins the platform and a partner with staff; ask the platform on platform:main instead`,
		},
		"an unknown subject": {
			definition("document", 9, relations{"reader": {{Type: "stafff"}}}),
			`schema.zed:90: relation document#reader: there is no definition stafff; did you mean staff?`,
		},
		"an unknown subject relation": {
			definition("document", 9, relations{"reader": {{Type: "staff", Relation: "usr"}}}),
			`schema.zed:90: relation document#reader: no relation or permission usr on staff; did you mean user?`,
		},
		"a seat without a person": {
			definition("staff", 4, relations{"partner": {{Type: "partner"}}, "user": {{Type: "user", Expiration: true}}}),
			`schema.zed:40: relation staff#user: want user and nothing else; the seat points to its person`,
		},
		"a seat without a partner": {
			definition("staff", 4, relations{"user": {{Type: "user"}}}),
			`schema.zed:4: definition staff: add relation partner: partner; the seat is at one partner`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := smallModel()
			m.Types[tt.typ.Name] = tt.typ
			_, err := schema.Load(folder(smallPortal), compiles(m))
			wantProblems(t, err, tt.want)
		})
	}
}

func TestModelNeedsItsTypes(t *testing.T) {
	m := smallModel()
	maps.DeleteFunc(m.Types, func(name string, _ *schema.Type) bool { return name != "platform" })
	_, err := schema.Load(folder("portal: small\ntitle: Small\nroles: []\noperations: {}\n"), compiles(m))
	wantProblems(t, err, `
schema.zed: there is no definition partner; every portal has one
schema.zed: there is no definition staff; every portal has one
schema.zed: there is no definition user; every portal has one
schema.zed:20: relation platform#support: there is no definition user; there is platform
portal.yaml:3: roles: a portal needs at least one
portal.yaml:4: operations: a portal needs at least one`)
}
