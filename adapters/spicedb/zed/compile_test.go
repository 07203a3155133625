package zed_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

// TestCompileExpressions: every kind of expression, in the model's own terms.
func TestCompileExpressions(t *testing.T) {
	ref := func(name string) schema.Expr { return schema.Ref{Name: name} }
	tests := map[string]struct {
		expr string
		want schema.Expr
	}{
		"a relation":      {"a1a", ref("a1a")},
		"a union":         {"a1a + b1b + c1c", schema.Union{ref("a1a"), ref("b1b"), ref("c1c")}},
		"an intersection": {"a1a & b1b & c1c", schema.Intersection{ref("a1a"), ref("b1b"), ref("c1c")}},
		"an exclusion":    {"a1a - b1b", schema.Exclusion{Base: ref("a1a"), Subtract: ref("b1b")}},
		"two exclusions": {"(a1a - b1b) - c1c", schema.Exclusion{
			Base: schema.Exclusion{Base: ref("a1a"), Subtract: ref("b1b")}, Subtract: ref("c1c"),
		}},
		"an exclusion of an exclusion": {"a1a - (b1b - c1c)", schema.Exclusion{
			Base: ref("a1a"), Subtract: schema.Exclusion{Base: ref("b1b"), Subtract: ref("c1c")},
		}},
		"nested": {"a1a + (b1b & (c1c - a1a))", schema.Union{
			ref("a1a"), schema.Intersection{ref("b1b"), schema.Exclusion{Base: ref("c1c"), Subtract: ref("a1a")}},
		}},
		"an arrow":    {"parent->see", schema.Arrow{Relation: "parent", Name: "see"}},
		"an any":      {"parent.any(see)", schema.Arrow{Relation: "parent", Name: "see"}},
		"an all":      {"parent.all(see)", schema.Arrow{Relation: "parent", Name: "see", All: true}},
		"nobody":      {"nil", schema.Nil{}},
		"the object":  {"self", schema.Self{}},
		"parts alike": {"a1a + nil + parent->see", schema.Union{ref("a1a"), schema.Nil{}, schema.Arrow{Relation: "parent", Name: "see"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := zed.Compile("schema.zed", `use self
definition user {}
definition folder {
	relation a1a: user
	relation b1b: user
	relation c1c: user
	relation parent: folder
	permission see = `+tt.expr+`
}`)
			if err != nil {
				t.Fatal(err)
			}
			got := m.Types["folder"].Permissions["see"]
			if diff := cmp.Diff(&schema.Permission{Name: "see", Expr: tt.want, Line: 8}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCompileRelations: every kind of subject.
func TestCompileRelations(t *testing.T) {
	m, err := zed.Compile("schema.zed", `use expiration

caveat office_hours(hour int) { hour > 8 }

definition user {}

definition staff {
	relation user: user
}

definition folder {
	relation reader: user | user:* | staff#user with expiration | user with office_hours | staff with office_hours and expiration
}`)
	if err != nil {
		t.Fatal(err)
	}
	want := &schema.Relation{Name: "reader", Line: 12, Allowed: []schema.Allowed{
		{Type: "user"},
		{Type: "user", Wildcard: true},
		{Type: "staff", Relation: "user", Expiration: true},
		{Type: "user", Caveat: "office_hours"},
		{Type: "staff", Caveat: "office_hours", Expiration: true},
	}}
	if diff := cmp.Diff(want, m.Relation("folder", "reader")); diff != "" {
		t.Error(diff)
	}
	lines := map[string]int{}
	for name, typ := range m.Types {
		lines[name] = typ.Line
	}
	if diff := cmp.Diff(map[string]int{"user": 5, "staff": 7, "folder": 11}, lines); diff != "" {
		t.Error(diff)
	}
}

// TestCompilePartials: what SpiceDB expands, the model has expanded.
func TestCompilePartials(t *testing.T) {
	m, err := zed.Compile("schema.zed", `use partial
definition user {}
partial readable {
	relation reader: user
	permission read = reader
}
definition folder {
	...readable
}`)
	if err != nil {
		t.Fatal(err)
	}
	if m.Relation("folder", "reader") == nil || !m.HasPermission("folder", "read") {
		t.Errorf("folder is %+v", m.Types["folder"])
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := map[string]struct{ source, want string }{
		"no sense":                  {"definition user {\n\trelashun friend: user\n}", "schema.zed:2: "},
		"an unknown relation":       {"definition user {}\n\ndefinition folder {\n\tpermission read = reader\n}", "schema.zed:4: "},
		"an unknown subject":        {"definition folder {\n\trelation reader: usr\n}", "schema.zed:2: "},
		"an arrow over nothing":     {"definition user {}\ndefinition folder {\n\trelation reader: user\n\n\tpermission read = readr->see\n}", "schema.zed:5: "},
		"a name twice":              {"definition user {}\ndefinition user {}", "schema.zed:2: "},
		"expiration without use":    {"definition user {}\ndefinition folder {\n\trelation reader: user with expiration\n}", "schema.zed:3: "},
		"an import":                 {"use import\nimport \"other.zed\"\ndefinition user {}", "schema.zed:2: import statements are not allowed in this context"},
		"two definitions are wrong": {"definition one1 {\n\trelation reader: usr\n}\ndefinition two2 {\n\tpermission read = reader\n}", "schema.zed:2: …schema.zed:5: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := zed.Compile("schema.zed", tt.source)
			var list *schema.PortalError
			if !errors.As(err, &list) || m != nil {
				t.Fatalf("Compile() = %v, %v, want a PortalError", m, err)
			}
			want := strings.Split(tt.want, "…")
			if len(list.Problems) != len(want) {
				t.Fatalf("got %d problems, want %d:\n%v", len(list.Problems), len(want), err)
			}
			for i, p := range list.Problems {
				if !strings.HasPrefix(p.String(), want[i]) {
					t.Errorf("got %q, want %q…", p, want[i])
				}
			}
		})
	}
}

// FuzzCompile: no schema makes the translation panic or lose a definition.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"", "definition user {}", "use expiration\ndefinition a1a { relation b1b: a1a with expiration }",
		"definition a1a { relation b1b: a1a\n permission c1c = (b1b - nil) & b1b->c1c }", "definition a/b {}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		m, err := zed.Compile("schema.zed", source)
		if (m == nil) != (err != nil) {
			t.Fatalf("Compile(%q) = %v, %v", source, m, err)
		}
	})
}

func ExampleCompile() {
	files, err := schema.Builtin("agency")
	if err != nil {
		fmt.Println(err)
		return
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(portal.Title, portal.Model.PermissionNames("client"))
	// Output:
	// Agency portal [access add_accounts oversee share]
}

func BenchmarkCompile(b *testing.B) {
	const source = "definition user {}\ndefinition folder {\n\trelation reader: user\n\tpermission read = reader\n}"
	for b.Loop() {
		if _, err := zed.Compile("schema.zed", source); err != nil {
			b.Fatal(err)
		}
	}
}
