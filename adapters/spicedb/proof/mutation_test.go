package proof_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/proof"
	"github.com/portico-authz/portico/schema"
)

// TestAgencyMutations: a proof is worth what it would catch. Each permission is
// taken away, narrowed by each of its parts, and widened by each role that it
// leaves out; the proof must fail every time.
func TestAgencyMutations(t *testing.T) {
	portal := load(t, "agency")
	mutations := mutate(portal.Source)
	if len(mutations) < 60 {
		t.Fatalf("only %d mutations", len(mutations))
	}
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			mutant := *portal
			mutant.Source = m.source
			report, err := proof.Run(t.Context(), &mutant)
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() {
				t.Errorf("the proof doesn't notice")
			}
			for _, f := range report.Failures {
				if f.File != schema.ProofFile {
					t.Errorf("the mutation is no schema: %v", f)
				}
			}
		})
	}
}

type mutation struct{ name, source string }

var (
	definitionLine = regexp.MustCompile(`^definition (\w+)`)
	permissionLine = regexp.MustCompile(`^(\s*permission (\w+) = )([^/]*?)(\s*//.*)?$`)
)

// mutate returns the source with one permission changed, in every way that
// mutateExpr knows.
func mutate(source string) []mutation {
	var (
		list  []mutation
		typ   string
		lines = strings.Split(source, "\n")
	)
	for i, line := range lines {
		if m := definitionLine.FindStringSubmatch(line); m != nil {
			typ = m[1]
		}
		m := permissionLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, expr := range mutateExpr(typ, m[3]) {
			changed := slices.Clone(lines)
			changed[i] = m[1] + expr
			list = append(list, mutation{fmt.Sprintf("%s#%s=%s", typ, m[2], expr), strings.Join(changed, "\n")})
		}
	}
	return list
}

// switched is the one parenthesis in agency: (a + b) - c, in brackets itself.
var switched = regexp.MustCompile(`\(\((\S+) \+ (\S+)\) - (\S+)\)`)

// mutateExpr returns expr taken away, narrowed and widened.
func mutateExpr(typ, expr string) []string {
	list := []string{"nil"}
	whole, placeholder := "", "WHOLE"
	if m := switched.FindStringSubmatch(expr); m != nil {
		whole = m[0]
		for _, changed := range []string{"(" + m[1] + " - " + m[3] + ")", "(" + m[2] + " - " + m[3] + ")", "(" + m[1] + " + " + m[2] + ")"} {
			list = append(list, strings.Replace(expr, whole, changed, 1))
		}
		expr = strings.Replace(expr, whole, placeholder, 1) // one part of the sum
	}
	parts := strings.Split(expr, " + ")
	for i := range parts {
		if len(parts) > 1 {
			without := strings.Join(slices.Concat(parts[:i], parts[i+1:]), " + ")
			list = append(list, strings.Replace(without, placeholder, whole, 1))
		}
	}
	for _, role := range []string{"admin", "advisor"} {
		if typ == schema.TypePartner && !slices.Contains(parts, role) {
			list = append(list, expr+" + "+role)
		}
	}
	return list
}
