package zed_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

// TestRoundTrip: a model printed in SpiceDB's language compiles to itself, so
// the translation loses nothing.
func TestRoundTrip(t *testing.T) {
	sources := map[string]string{
		"agency": agency(t).Source,
		"every kind": `use expiration
use self
caveat office_hours(hour int) { hour > 8 }
definition user {}
definition folder {
	relation parent: folder
	relation reader: user | user:* | folder#reader with expiration | user with office_hours
	relation banned: user
	permission one1 = (reader + parent->one1) - (banned & parent.all(two2))
	permission two2 = reader & (parent.any(one1) - (banned - nil)) & self
	permission none = nil
}`,
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			want, err := zed.Compile("schema.zed", source)
			if err != nil {
				t.Fatal(err)
			}
			printed := printModel(want)
			got, err := zed.Compile("printed.zed", printed)
			if err != nil {
				t.Fatalf("%v in\n%s", err, printed)
			}
			lines := []cmp.Option{
				cmpopts.IgnoreFields(schema.Type{}, "Line"),
				cmpopts.IgnoreFields(schema.Relation{}, "Line"),
				cmpopts.IgnoreFields(schema.Permission{}, "Line"),
			}
			if diff := cmp.Diff(want, got, lines...); diff != "" {
				t.Errorf("%s\nin\n%s", diff, printed)
			}
		})
	}
}

func printModel(m *schema.Model) string {
	var b strings.Builder
	b.WriteString("use expiration\nuse self\ncaveat office_hours(hour int) { hour > 8 }\n")
	for _, name := range m.TypeNames() {
		t := m.Types[name]
		fmt.Fprintf(&b, "definition %s {\n", name)
		for _, r := range slices.Sorted(maps.Keys(t.Relations)) {
			fmt.Fprintf(&b, "\trelation %s: %s\n", r, printAllowed(t.Relations[r].Allowed))
		}
		for _, p := range m.PermissionNames(name) {
			fmt.Fprintf(&b, "\tpermission %s = %s\n", p, printExpr(t.Permissions[p].Expr))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func printAllowed(allowed []schema.Allowed) string {
	parts := make([]string, len(allowed))
	for i, a := range allowed {
		s := a.Type
		if a.Wildcard {
			s += ":*"
		}
		if a.Relation != "" {
			s += "#" + a.Relation
		}
		var with []string
		if a.Caveat != "" {
			with = append(with, a.Caveat)
		}
		if a.Expiration {
			with = append(with, "expiration")
		}
		if len(with) > 0 {
			s += " with " + strings.Join(with, " and ")
		}
		parts[i] = s
	}
	return strings.Join(parts, " | ")
}

func printExpr(e schema.Expr) string {
	switch e := e.(type) {
	case schema.Union:
		return printParts(e, " + ")
	case schema.Intersection:
		return printParts(e, " & ")
	case schema.Exclusion:
		return "(" + printExpr(e.Base) + " - " + printExpr(e.Subtract) + ")"
	case schema.Ref:
		return e.Name
	case schema.Arrow:
		if e.All {
			return e.Relation + ".all(" + e.Name + ")"
		}
		return e.Relation + "->" + e.Name
	case schema.Self:
		return "self"
	case schema.Nil:
		return "nil"
	default:
		panic(fmt.Sprintf("expression %T", e))
	}
}

func printParts(parts []schema.Expr, operator string) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = printExpr(p)
	}
	return "(" + strings.Join(list, operator) + ")"
}
