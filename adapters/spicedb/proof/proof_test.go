package proof_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/proof"
	"github.com/portico-authz/portico/schema"
)

// TestPortals: every portal proves its rules, also those that don't ship yet.
func TestPortals(t *testing.T) {
	for _, name := range portals(t) {
		t.Run(name, func(t *testing.T) {
			report, err := proof.Run(t.Context(), load(t, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Failures {
				t.Error(f)
			}
			// A proof that lost its assertions would pass too.
			if report.Relationships < 10 || report.Assertions < 50 || report.Expectations < 5 {
				t.Errorf("that is no proof: %+v", report)
			}
			t.Logf("%d relationships, %d assertions, %d expectations", report.Relationships, report.Assertions, report.Expectations)
		})
	}
}

// TestBrokenSchema: each way of breaking agency's rules fails in the proof, at
// the assertions of that rule.
func TestBrokenSchema(t *testing.T) {
	tests := map[string]struct {
		old, new string
		failing  []string // texts of proof.yaml whose lines must fail
	}{
		"AG-22 admins lose the groups": {
			"permission manage_groups = owner + admin", "permission manage_groups = owner",
			[]string{`"partner:acme#manage_groups@user:adam"`, `"group:acme/north#manage@user:adam"`, `"[user:adam] is <staff:acme/adam#user>"`},
		},
		"AG-5 admins pay": {
			"permission manage_payment_method = owner", "permission manage_payment_method = owner + admin",
			[]string{`"partner:acme#manage_payment_method@user:adam"`, `  partner:acme#manage_payment_method:`},
		},
		"AG-18 switches do nothing": {
			"((client->staff + group->representative) - blocked)", "(client->staff + group->representative)",
			[]string{`"account:acme/payroll#access@user:vera"`, `"account:acme/payroll#access@user:greta"`, `  account:acme/payroll#access:`},
		},
		"AG-19 switches hold back the owner": {
			"oversee + staff + ((client->staff + group->representative) - blocked)", "(oversee + staff + client->staff + group->representative) - blocked",
			[]string{`"account:acme/payroll#access@user:olga"`, `"account:acme/payroll#access@user:adam"`},
		},
		"AG-20 admins reach internal accounts": {
			"permission manage_internal_accounts = owner", "permission manage_internal_accounts = owner + admin",
			[]string{`"account:acme/vault#access@user:adam"`, `"account:acme/books#access@user:adam"`, `  account:acme/vault#access:`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			portal := load(t, "agency")
			portal.Source = edited(t, portal.Source, tt.old, tt.new)
			report, err := proof.Run(t.Context(), portal)
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() {
				t.Fatal("the proof holds all the same")
			}
			for _, text := range tt.failing {
				if !failsAt(portal.Proof, report.Failures, text) {
					t.Errorf("%s doesn't fail; what does:\n%v", text, schema.NewPortalError(report.Failures))
				}
			}
		})
	}
}

// failsAt reports whether some failure stands on a line of proof.yaml that has the text.
func failsAt(text string, failures []schema.Problem, want string) bool {
	lines := strings.Split(text, "\n")
	for _, f := range failures {
		if f.File == schema.ProofFile && f.Line > 0 && strings.Contains(lines[f.Line-1], want) {
			return true
		}
	}
	return false
}

// TestMessages: what can't be read or run is named with file and line.
func TestMessages(t *testing.T) {
	const relationships = "relationships: |-\n  partner:acme#owner@user:olga\n"
	const assertions = "assertions:\n  assertTrue:\n    - \"partner:acme#enter@user:olga\"\n"
	const head = "schemaFile: schema.zed\n"
	tests := map[string]struct{ proof, want string }{
		"all is well": {head + relationships + assertions, ""},
		"a false assertion": {
			head + relationships + edited(t, assertions, "olga", "adam"),
			"proof.yaml:6: Expected relation or permission partner:acme#enter@user:adam to exist",
		},
		"an unknown permission": {
			head + relationships + edited(t, assertions, "enter", "entr"),
			"proof.yaml:6: relation/permission `entr` not found under definition `partner`",
		},
		"an unknown relation in a relationship": {
			head + edited(t, relationships, "owner", "ownr") + assertions,
			"proof.yaml:3: relation/permission `ownr` not found under definition `partner`",
		},
		"a relationship in no form": {
			head + edited(t, relationships, "  partner:acme#owner@user:olga", "  partner:acme#owner@user:olga\n  olga owns acme") + assertions,
			"proof.yaml:4: error parsing relationship `olga owns acme`: invalid relationship string",
		},
		"an unexpected subject": {
			head + relationships + assertions + "validation:\n  partner:acme#enter:\n    - \"[user:adam] is <partner:acme#owner>\"\n", `
proof.yaml:8: For object and permission/relation ` + "`partner:acme#enter`, subject `user:olga` found but not listed in expected subjects" + `
proof.yaml:9: For object and permission/relation ` + "`partner:acme#enter`, missing expected subject `user:adam`",
		},
		"validation of an unknown permission": {
			head + relationships + assertions + "validation:\n  partner:acme#entr: []\n",
			"proof.yaml:8: relation/permission `entr` not found under definition `partner`",
		},
		"a misspelt list, which SpiceDB would pass over": {
			head + relationships + edited(t, assertions, "assertTrue", "assertTru"),
			`proof.yaml:5: no key is called "assertTru" here; there is assertTrue, assertFalse, assertCaveated`,
		},
		"a misspelt section": {
			head + edited(t, relationships, "relationships", "relationship") + assertions,
			`proof.yaml:2: no key is called "relationship" here; there is schemaFile, relationships, assertions, validation`,
		},
		"another schema": {
			edited(t, head, "schema.zed", "other.zed") + relationships + assertions,
			`proof.yaml:1: schemaFile: want schema.zed, so that every tool proves the same schema`,
		},
		"nothing proved": {head + relationships, `proof.yaml: assertions: nothing is proved`},
		"no mapping":     {"- one", `proof.yaml: want a mapping of keys to values`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			portal := &schema.Portal{Name: "small", Proof: tt.proof, Source: "definition user {}\ndefinition partner {\n\trelation owner: user\n\tpermission enter = owner\n}\n"}
			report, err := proof.Run(t.Context(), portal)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range report.Failures {
				got += f.String() + "\n"
			}
			if diff := cmp.Diff(strings.TrimSpace(tt.want), strings.TrimSpace(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSchemaError: a schema that SpiceDB doesn't take fails under its own name.
func TestSchemaError(t *testing.T) {
	portal := load(t, "agency")
	portal.Source = edited(t, portal.Source, "permission add_accounts = access", "permission add_accounts = acces")
	report, err := proof.Run(t.Context(), portal)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(portal.Source, "permission add_accounts")
	want := fmt.Sprintf("schema.zed:%d: ", strings.Count(before, "\n")+1)
	if len(report.Failures) != 1 || !strings.HasPrefix(report.Failures[0].String(), want) {
		t.Errorf("got %v, want %s…", report.Failures, want)
	}
}

// folders has a folder for each portal.
var folders = os.DirFS("../../../schema")

// portals returns the names of the folders that have a proof, sorted; those
// that ship must be among them.
func portals(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(folders, "*/"+schema.ProofFile)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, path.Dir(file))
	}
	for _, name := range schema.Portals() {
		if !slices.Contains(names, name) {
			t.Fatalf("%s ships; the folders are %q", name, names)
		}
	}
	return names
}

// load returns of a portal what its proof needs.
func load(t *testing.T, name string) *schema.Portal {
	t.Helper()
	read := func(file string) string {
		text, err := fs.ReadFile(folders, path.Join(name, file))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return &schema.Portal{Name: name, Source: read(schema.SchemaFile), Proof: read(schema.ProofFile)}
}

// edited returns text with old, which must be there, replaced once.
func edited(t *testing.T, text, old, replacement string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q to replace", old)
	}
	return strings.Replace(text, old, replacement, 1)
}
