package schema_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/portico-authz/portico/schema"
)

func TestLoad(t *testing.T) {
	got, err := loadSmall(t, smallPortal)
	if err != nil {
		t.Fatal(err)
	}
	want := &schema.Portal{
		Name:  "small",
		Title: "Small portal",
		Roles: []schema.Role{
			{Name: "owner", Title: "Owner", Relation: "owner", Exactly: 1, GivenBy: []string{"sign_up"}},
			{Name: "advisor", Title: "advisor", Relation: "advisor", GivenBy: []string{"invite_staff"}},
			{Name: "guest", Title: "guest", GivenBy: []string{"invite_staff"}},
		},
		RoleChanges: schema.RoleChangesUpward,
		Staff: schema.LifeCycle{
			Removal: schema.RemovalTrash, Deactivation: true, HandOver: []string{"client#staff"}, Names: schema.NamesContact,
		},
		Operations: map[string]schema.Requirement{
			"sign_up":      {Anyone: true},
			"invite_staff": {Type: "partner", Permission: "manage_staff"},
			"add_support":  {Type: "platform", Permission: "manage_support", Operator: true},
		},
		Views:   map[string]schema.Requirement{"clients": {Type: "client", Permission: "access"}},
		Visible: map[string]string{"partner": "enter", "platform": "manage_support", "client": "access"},
		Words: map[string]schema.Words{"client#staff": {
			Has: "are on the folder {resource}", Lacks: "aren't on the folder {resource}", Act: "added there",
		}},
		Model:  smallModel(),
		Source: "definition user {}",
		Proof:  "schemaFile: schema.zed",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(schema.Portal{})); diff != "" {
		t.Error(diff)
	}
}

func TestLoadDefaults(t *testing.T) {
	got, err := loadSmall(t, edited(t, smallPortal,
		"role_changes: upward\n", "",
		"staff:\n  removal: trash\n  deactivation: true\n  hand_over: [client#staff]\n", "",
	))
	if err != nil {
		t.Fatal(err)
	}
	if got.RoleChanges != schema.RoleChangesFree {
		t.Errorf("role changes are %q", got.RoleChanges)
	}
	if diff := cmp.Diff(schema.LifeCycle{Removal: schema.RemovalAtOnce, Names: schema.NamesContact}, got.Staff); diff != "" {
		t.Error(diff)
	}
}

func TestPortalDigest(t *testing.T) {
	one, two := schema.Portal{Source: "definition user {}"}, schema.Portal{Source: "definition user {} "}
	const want = "5e0391289cada7ba735ab31c8c9e3bfc1559303f6e9e72affb2f2cdead3c05de"
	if got := one.Digest(); got != want || got == two.Digest() {
		t.Errorf("Digest() = %q, and of another schema %q", got, two.Digest())
	}
}

func TestPortalProblem(t *testing.T) {
	portal, err := loadSmall(t, smallPortal)
	if err != nil {
		t.Fatal(err)
	}
	got := portal.Problem("operations", "invite_staff", "the engine has no such operation").String()
	if want := "portal.yaml:20: the engine has no such operation"; got != want {
		t.Errorf("Problem() = %q, want %q", got, want)
	}
}

func TestLoadReportsEveryFile(t *testing.T) {
	broken := func(string, string) (*schema.Model, error) {
		return nil, schema.NewPortalError([]schema.Problem{{File: schema.SchemaFile, Line: 7, Message: "what is this?"}})
	}
	silent := func(string, string) (*schema.Model, error) { return nil, errors.New("no compiler today") }
	tests := map[string]struct {
		fsys    fstest.MapFS
		compile schema.Compiler
		want    string
	}{
		"nothing there": {fstest.MapFS{}, compiles(smallModel()), `
schema.zed: there is no such file; a portal is schema.zed, portal.yaml and proof.yaml
portal.yaml: there is no such file; a portal is schema.zed, portal.yaml and proof.yaml
proof.yaml: there is no such file; a portal is schema.zed, portal.yaml and proof.yaml`},
		"empty files": {fstest.MapFS{"schema.zed": {}, "portal.yaml": {Data: []byte("\n")}, "proof.yaml": {}}, compiles(smallModel()), `
schema.zed: the file is empty
portal.yaml: the file is empty
proof.yaml: the file is empty`},
		"a schema that doesn't compile, and a portal that is wrong without it": {
			folder(edited(t, smallPortal, "upward", "sideways")), broken, `
schema.zed:7: what is this?
portal.yaml:13: role_changes: "sideways" is unknown; want free or upward`,
		},
		"a compiler without lines": {folder(smallPortal), silent, `
schema.zed: no compiler today`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := schema.Load(tt.fsys, tt.compile)
			wantProblems(t, err, tt.want)
		})
	}
}

// edited returns text with pairs of old and new replaced; each old must be there.
func edited(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q to replace", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// wantProblems demands a PortalError with exactly these lines.
func wantProblems(t *testing.T, err error, want string) {
	t.Helper()
	var list *schema.PortalError
	if !errors.As(err, &list) {
		t.Fatalf("the error is %v, want a PortalError", err)
	}
	if diff := cmp.Diff(strings.TrimSpace(want), list.Error()); diff != "" {
		t.Error(diff)
	}
}
