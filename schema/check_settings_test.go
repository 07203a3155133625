package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

// settingsPortal has the settings that smallPortal leaves out. The tests of
// messages count its lines.
const settingsPortal = `portal: settings
title: Settings portal
roles:
  - name: owner
    at_least: 1
    given_by: [sign_up]
  - name: custom
    switched: true
    given_by: [sign_up]
staff:
  names: first_and_last
  begins:
    - relationship: partner#pool@staff
      while: active
    - relationship: staff#team@partner
      by: [sign_up]
capabilities:
  - {name: view_team, title: See the team, switch: custom_view_team}
  - {name: manage_team, title: Manage the team, switch: custom_manage_team, with: view_team}
kinds:
  document: [letter, plan]
operations:
  sign_up: anyone
  set_leader: partner#manage_team
eligible:
  set_leader: partner#view_team@staff#user
relationships:
  document#partner: partner#manage_team
  document#editor: document#share
visible:
  partner: view_team
  document: share
`

func settingsModel() *schema.Model {
	seat := []schema.Allowed{{Type: "staff", Relation: "user"}}
	return &schema.Model{Types: map[string]*schema.Type{
		"user": definition("user", 1, nil),
		"partner": definition("partner", 3, relations{
			"owner": seat, "custom": seat, "pool": {{Type: "staff"}}, "custom_view_team": seat, "custom_manage_team": seat,
		}, "view_team", "manage_team", "fly"),
		"staff": definition("staff", 4, relations{
			"partner": {{Type: "partner"}}, "user": {{Type: "user"}}, "team": {{Type: "partner"}},
		}, "view"),
		"document": definition("document", 5, relations{"partner": {{Type: "partner"}}, "editor": seat}, "share"),
	}}
}

func loadSettings(t *testing.T, portal string) (*schema.Portal, error) {
	t.Helper()
	return schema.Load(folder(portal), compiles(settingsModel()))
}

func TestLoadSettings(t *testing.T) {
	got, err := loadSettings(t, settingsPortal)
	if err != nil {
		t.Fatal(err)
	}
	begins := []schema.SeatGrant{
		{Form: schema.Form{Type: "partner", Relation: "pool", Subject: "staff"}, WhileActive: true},
		{Form: schema.Form{Type: "staff", Relation: "team", Subject: "partner"}, By: []string{"sign_up"}},
	}
	if diff := cmp.Diff(begins, got.Staff.Begins); diff != "" {
		t.Error(diff)
	}
	if owner, _ := got.Role("owner"); owner.AtLeast != 1 || owner.Switched || got.Staff.Names != schema.NamesFirstAndLast {
		t.Errorf("owner is %+v, names are %q", owner, got.Staff.Names)
	}
	if custom, _ := got.Role("custom"); !custom.Switched {
		t.Errorf("custom is %+v", custom)
	}
	manage, ok := got.Capability("manage_team")
	want := schema.Capability{Name: "manage_team", Title: "Manage the team", Switch: "custom_manage_team", With: "view_team"}
	if !ok || manage != want {
		t.Errorf("manage_team is %+v", manage)
	}
	if diff := cmp.Diff(map[string][]string{"document": {"letter", "plan"}}, got.Kinds); diff != "" {
		t.Error(diff)
	}
	if got.Eligible["set_leader"] != (schema.Eligibility{Permission: "view_team", Relation: "user"}) {
		t.Errorf("eligible: %+v", got.Eligible)
	}
	if r := got.Relationships["document#editor"]; r.String() != "document#share" {
		t.Errorf("relationships: %+v", got.Relationships)
	}
}

func TestSettingsMessages(t *testing.T) {
	tests := map[string]struct {
		edit []string // old, new
		want string
	}{
		"how many, twice": {
			[]string{"at_least: 1", "at_least: 1\n    exactly: 1"},
			`portal.yaml:4: role "owner": exactly and at_least: want one of them`,
		},
		"holders of nothing": {
			[]string{"at_least: 1", "at_least: 1\n    relation: none"},
			`portal.yaml:4: role "owner": it gives no access, so that nothing can be switched, and nobody needs to hold it`,
		},
		"names": {
			[]string{"first_and_last", "given"},
			`portal.yaml:11: staff.names: "given" is unknown; want contact or first_and_last`,
		},
		"a seat that begins with no relationship": {
			[]string{"partner#pool@staff\n", "pool\n"},
			`portal.yaml:13: staff.begins: relationship: "pool": want type#relation@type or type#relation@type#relation, such as client#staff@staff#user`,
		},
		"a seat that begins with what isn't there": {
			[]string{"partner#pool@staff\n", "partner#pol@staff\n"},
			`portal.yaml:13: staff.begins.partner#pol@staff: no relation or permission pol on partner; did you mean pool?`,
		},
		"a seat that begins with what isn't taken": {
			[]string{"partner#pool@staff\n", "partner#pool@staff#user\n"},
			`portal.yaml:13: staff.begins: the schema has no place for partner#pool@staff#user`,
		},
		"a seat that begins with something else's": {
			[]string{"partner#pool@staff\n", "document#editor@staff#user\n"},
			`portal.yaml:13: staff.begins: document#editor@staff#user: want a relationship between the partner and the seat`,
		},
		"by an operation that makes no seats": {
			[]string{"      by: [sign_up]", "      by: [set_leader]"},
			`portal.yaml:15: staff.begins: by: set_leader makes no seats; want sign_up or invite_staff`,
		},
		"by and while": {
			[]string{"      by: [sign_up]", "      by: [sign_up]\n      while: active"},
			`portal.yaml:15: staff.begins: staff#team@partner: by and while don't go together: a seat that comes back would have it whoever made it`,
		},
		"what every seat has": {
			[]string{"staff#team@partner", "staff#partner@partner"},
			`portal.yaml:15: staff.begins: staff#partner@partner: every seat has it anyway`,
		},
		"a seat that begins with a role": {
			[]string{"partner#pool@staff\n", "partner#owner@staff#user\n"},
			`portal.yaml:13: staff.begins: partner#owner@staff#user: it is the role owner already`,
		},
		"a seat that begins with a switch": {
			[]string{"partner#pool@staff\n", "partner#custom_view_team@staff#user\n"},
			`portal.yaml:13: staff.begins: partner#custom_view_team@staff#user: it is the switch of view_team already`,
		},
		"too many to begin with": {
			[]string{"at_least: 1", "at_least: 2"},
			`portal.yaml:4: role "owner": a partner begins with one member of staff: sign_up must give the role, and no more than 1 can be asked`,
		},
		"while what": {
			[]string{"while: active", "while: asleep"},
			`portal.yaml:13: staff.begins: while: "asleep" is unknown; want active, or leave it out`,
		},
		"capabilities that no role switches": {
			[]string{"    switched: true\n", ""},
			`portal.yaml:17: capabilities: they go with a role that is switched: want both, or neither`,
		},
		"a capability that isn't there": {
			[]string{"name: manage_team", "name: mange_team"},
			`portal.yaml:19: capabilities.mange_team: no permission mange_team on partner; did you mean manage_team?`,
		},
		"a capability without its switch": {
			[]string{"switch: custom_manage_team", "switch: custom_fly"},
			`portal.yaml:19: capabilities.manage_team: the schema has no place for its switch, partner#custom_fly@staff#user`,
		},
		"a capability without a switch's name": {
			[]string{"switch: custom_manage_team, ", ""},
			`portal.yaml:19: capabilities.manage_team: switch: the relation of the partner that switches it is missing`,
		},
		"two capabilities with one switch": {
			[]string{"switch: custom_manage_team", "switch: custom"},
			`portal.yaml:19: capabilities.manage_team: partner#custom is something else's already; each switch needs its own`,
		},
		"a capability with itself": {
			[]string{"with: view_team", "with: manage_team"},
			`portal.yaml:19: capabilities.manage_team: with: manage_team goes with another itself; only one step is followed`,
		},
		"a capability with another": {
			[]string{"with: view_team", "with: view"},
			`portal.yaml:19: capabilities.manage_team: with: no capability view`,
		},
		"a capability twice": {
			[]string{"name: manage_team", "name: view_team"},
			`portal.yaml:19: capability "view_team" is there already, on line 18`,
		},
		"a capability without a name": {
			[]string{"name: manage_team, ", ""},
			`portal.yaml:19: capability: name is missing`,
		},
		"kinds of what isn't there": {
			[]string{"  document: [letter, plan]", "  documnt: [letter, plan]"},
			`portal.yaml:21: kinds.documnt: no definition documnt; did you mean document?`,
		},
		"a kind twice": {
			[]string{"[letter, plan]", "[plan, plan]"},
			`portal.yaml:21: kinds.document: "plan": want 3 to 64 of a-z, 0-9 and _, each once`,
		},
		"no kinds": {
			[]string{"[letter, plan]", "[]"},
			`portal.yaml:21: kinds.document: name at least one`,
		},
		"eligible for what isn't there": {
			[]string{"eligible:\n  set_leader", "eligible:\n  set_leadr"},
			`portal.yaml:26: eligible.set_leadr: no operation set_leadr; did you mean set_leader?`,
		},
		"eligible by what isn't there": {
			[]string{"partner#view_team@staff#user", "partner#view_tem@staff#user"},
			`portal.yaml:26: eligible.set_leader: no permission view_tem on partner; did you mean view_team?`,
		},
		"eligible in no form": {
			[]string{"partner#view_team@staff#user", "partner#view_team"},
			`portal.yaml:26: eligible.set_leader: "partner#view_team": want a permission of the partner that the seat has, such as partner#lead_projects@staff#user`,
		},
		"a relationship that isn't there": {
			[]string{"document#editor:", "document#editr:"},
			`portal.yaml:29: relationships.document#editr: no relation or permission editr on document; did you mean editor?`,
		},
		"a permission as a relationship": {
			[]string{"document#editor:", "document#share:"},
			`portal.yaml:29: relationships.document#share: it is a permission; only relationships are written`,
		},
		"a relationship in no form": {
			[]string{"document#editor:", "document:"},
			`portal.yaml:29: relationships: "document": want type#relation, such as document#editor`,
		},
		"a relationship that anyone writes": {
			[]string{"document#editor: document#share", "document#editor: anyone"},
			`portal.yaml:29: relationships.document#editor: anyone could write it; name a permission`,
		},
		"own objects that nobody sees": {
			[]string{"  document#editor: document#share\n", "", "  document: share\n", ""},
			`portal.yaml:28: relationships.document#partner: nothing says who sees a document; add it to visible`,
		},
		"a relationship asked elsewhere": {
			[]string{"document#editor: document#share", "document#editor: partner#view_team"},
			`portal.yaml:29: relationships.document#editor: partner#view_team is asked neither on the document nor on what the relation leads to`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadSettings(t, edited(t, settingsPortal, tt.edit...))
			wantProblems(t, err, tt.want)
		})
	}
}

func TestParseForm(t *testing.T) {
	for _, s := range []string{"client#staff@staff#user", "client#partner@partner"} {
		f, err := schema.ParseForm(s)
		if err != nil || f.String() != s {
			t.Errorf("%s: %v, %v", s, f, err)
		}
	}
	for _, s := range []string{"", "client", "client#staff", "client@staff", "client#staff@", "client#staff@staff#", "client#staff@staff#user#x", "Client#staff@staff"} {
		if f, err := schema.ParseForm(s); err == nil {
			t.Errorf("%s is read as %v", s, f)
		}
	}
}
