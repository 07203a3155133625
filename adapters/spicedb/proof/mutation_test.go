package proof_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/proof"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

// fewestMutations keeps a change of the mutator, or of a schema, from quietly
// proving less.
var fewestMutations = map[string]int{
	"agency":    230,
	"program":   2400,
	"workspace": 990,
	"studio":    170,
}

// unnoticed has the mutations that a proof doesn't notice, and why: they change
// nobody's access, whatever relationships the operations write.
var unnoticed = map[string]string{
	"agency account#access = (oversee + staff + ((client->access + group->representative) - blocked))":       "who has access to the folder beyond its staff oversees the account",
	"agency account#access = (oversee + staff + ((client->add_accounts + group->representative) - blocked))": "add_accounts is access",
	"agency account#access = (oversee + staff + ((client->staff + group->view) - blocked))":                  "who manages the group oversees its accounts: none is an internal one",
	"workspace record#view = (edit + company->salesperson + contact->view_crm)":                              "the others who view the CRM manage it, and edit every record",
	"workspace record#view = (edit + company->view_crm + contact->salesperson)":                              "the others who view the CRM manage it, and edit every record",
	"workspace staff#manage = (partner->oversee_staff + team->admin)":                                        "the team is the partner's, whose super admin oversees all staff",
	"workspace staff#see = (user + team->manage_projects)":                                                   "who manages staff manages projects; the super admin's own seat is theirs",
	"workspace staff#see = (view + team->project_manager)":                                                   "the others who manage projects manage staff",
}

// TestMutations: a proof is worth what it would catch. Each permission of each
// portal is taken away, narrowed, widened and switched in every way that
// [mutator] knows; the proof must fail every time, but for what is [unnoticed].
//
// There are thousands of them, and SpiceDB takes a moment for each. So an
// [evaluator] tries the assertions first, and SpiceDB gets what they let
// through: that is for the lists under `validation` to notice.
func TestMutations(t *testing.T) {
	for _, name := range portals(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := load(t, name)
			model := compiled(t, portal.Source)
			asserted := newAssertions(t, model, portal.Proof)
			if failing := asserted.failing(mutation{}); failing != "" {
				t.Fatalf("the evaluator disagrees with the schema itself on %s", failing)
			}
			list, survivors := mutations(model), 0
			for _, m := range list {
				noticed := asserted.failing(m) != ""
				if !noticed {
					noticed = notices(t, portal, m)
					survivors++
				}
				reason, excused := unnoticed[name+" "+m.String()]
				switch {
				case !noticed && !excused:
					t.Errorf("the proof doesn't notice %s", m)
				case noticed && excused:
					t.Errorf("the proof notices %s; it is listed as unnoticed: %s", m, reason)
				}
			}
			if len(list) < fewestMutations[name] || fewestMutations[name] == 0 {
				t.Errorf("%d mutations, want at least %d", len(list), fewestMutations[name])
			}
			t.Logf("%d mutations, %d of them not noticed by an assertion", len(list), survivors)
		})
	}
}

// notices reports whether the proof fails, in SpiceDB, on the mutated schema.
func notices(t *testing.T, portal *schema.Portal, m mutation) bool {
	t.Helper()
	mutant := *portal
	mutant.Source = m.in(compiled(t, portal.Source), portal.Source)
	if diff := cmp.Diff(m.expr, compiled(t, mutant.Source).Types[m.typ].Permissions[m.permission].Expr); diff != "" {
		t.Fatalf("%s isn't what is written (-want +written):\n%s", m, diff)
	}
	report, err := proof.Run(t.Context(), &mutant)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Failures {
		if f.File != schema.ProofFile {
			t.Errorf("%s is no schema: %v", m, f)
		}
	}
	return !report.OK()
}

func compiled(t *testing.T, source string) *schema.Model {
	t.Helper()
	model, err := zed.Compile(schema.SchemaFile, source)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// mutation is a permission computed otherwise; the zero mutation changes nothing.
type mutation struct {
	typ, permission string
	expr            schema.Expr
}

// String says the mutation as a schema would.
func (m mutation) String() string {
	return fmt.Sprintf("%s#%s = %s", m.typ, m.permission, written(m.expr))
}

// in returns the source of model with the permission's line mutated.
func (m mutation) in(model *schema.Model, source string) string {
	lines := strings.Split(source, "\n")
	lines[model.Types[m.typ].Permissions[m.permission].Line-1] = "permission " + m.permission + " = " + written(m.expr)
	return strings.Join(lines, "\n")
}

// written returns an expression in SpiceDB's language.
func written(expr schema.Expr) string {
	switch x := expr.(type) {
	case schema.Union:
		return joined(x, " + ")
	case schema.Intersection:
		return joined(x, " & ")
	case schema.Exclusion:
		return joined([]schema.Expr{x.Base, x.Subtract}, " - ")
	case schema.Ref:
		return x.Name
	case schema.Arrow:
		return x.Relation + "->" + x.Name
	case schema.Nil:
		return "nil"
	}
	panic(fmt.Sprintf("no portal has had a %T", expr))
}

func joined(parts []schema.Expr, operator string) string {
	list := make([]string, len(parts))
	for i, part := range parts {
		list[i] = written(part)
	}
	return "(" + strings.Join(list, operator) + ")"
}
