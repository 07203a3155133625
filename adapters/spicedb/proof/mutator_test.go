package proof_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// TestMutator: what the mutator makes of an expression, and that it leaves out
// what would change nothing.
func TestMutator(t *testing.T) {
	tests := map[string]struct{ expr, has, hasNot string }{
		"a relation":      {"reader", "nil; (reader + blocked); (reader + partner->owner); blocked; partner->admin", "reader; (reader + reader)"},
		"a role, implied": {"partner->manage", "(partner->manage + reader)", "(partner->manage + partner->owner)"},
		"an arrow":        {"partner->manage", "partner->owner; partner->pay; parent->manage", "partner->partner"},
		"a union":         {"reader + partner->owner", "reader; partner->owner; (reader + partner->owner + blocked); (blocked + partner->owner)", "(partner->owner + reader)"},
		"an intersection": {"reader & partner->manage", "reader; partner->manage; (reader + partner->manage); (blocked & partner->manage)", "(reader & partner->manage)"},
		"an exclusion": {
			"partner->owner + ((reader + parent->pay) - blocked)",
			"(partner->owner + reader + parent->pay); (partner->owner + (blocked - (reader + parent->pay))); " +
				"(partner->owner + reader + parent->pay + blocked); (partner->owner + (reader - blocked)); (partner->owner + (parent->pay - blocked))",
			"(partner->owner + ((reader + parent->pay) - blocked))",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			made := make(map[string]bool)
			for _, m := range mutations(compiled(t, `
definition user {}
definition partner {
	relation owner: user
	relation admin: user
	permission manage = owner + admin
	permission pay = owner
}
definition folder {
	relation partner: partner
	relation parent: partner
	relation reader: user
	relation blocked: user
	permission read = `+tt.expr+`
}`)) {
				made[m.String()] = true
			}
			for i, list := range []string{tt.has, tt.hasNot} {
				for text := range strings.SplitSeq(list, "; ") {
					if want := i == 0; made["folder#read = "+text] != want {
						t.Errorf("has %s: %v", text, !want)
					}
				}
			}
		})
	}
}

// mutations returns every mutation of every permission, each once, but for
// those that provably change nothing.
func mutations(model *schema.Model) []mutation {
	var list []mutation
	proves := newProver(model)
	for _, typ := range model.TypeNames() {
		m := mutator{model, typ, candidates(model, typ)}
		for _, permission := range model.PermissionNames(typ) {
			expr := model.Types[typ].Permissions[permission].Expr
			seen := make(map[string]bool)
			for _, mutated := range m.whole(expr) {
				text := written(mutated)
				if !seen[text] && !proves.same(typ, expr, mutated) {
					list = append(list, mutation{typ, permission, mutated})
				}
				seen[text] = true
			}
		}
	}
	return list
}

// candidates returns what a permission of typ could be widened by: the
// relations by which people are named, and each role at the partner.
func candidates(model *schema.Model, typ string) []schema.Expr {
	var list []schema.Expr
	for _, name := range slices.Sorted(maps.Keys(model.Types[typ].Relations)) {
		relation := model.Types[typ].Relations[name]
		if namesPeople(relation) {
			list = append(list, schema.Ref{Name: name})
		}
		if name != schema.TypePartner {
			continue
		}
		for _, role := range slices.Sorted(maps.Keys(model.Types[schema.TypePartner].Relations)) {
			list = append(list, schema.Arrow{Relation: name, Name: role})
		}
	}
	return list
}

func namesPeople(r *schema.Relation) bool {
	return slices.ContainsFunc(r.Allowed, func(a schema.Allowed) bool {
		return a.Type == schema.TypeUser || a.Type == schema.TypeStaff
	})
}

// mutator makes other expressions of an expression of one type.
type mutator struct {
	model      *schema.Model
	typ        string
	candidates []schema.Expr
}

// whole returns a permission's expression taken away, widened, and mutated
// inside.
func (m mutator) whole(expr schema.Expr) []schema.Expr {
	list := []schema.Expr{schema.Nil{}}
	for _, more := range m.candidates {
		list = append(list, union(expr, more))
	}
	return append(list, m.inside(expr)...)
}

// inside returns an expression with one of its operators or names changed.
func (m mutator) inside(expr schema.Expr) []schema.Expr {
	switch x := expr.(type) {
	case schema.Union:
		join := func(parts []schema.Expr) schema.Expr { return union(parts...) }
		return append(without(x, join), each(x, m.inside, join)...)
	case schema.Intersection:
		join := func(parts []schema.Expr) schema.Expr { return schema.Intersection(parts) }
		list := append(without(x, join), union(x...))
		return append(list, each(x, m.inside, join)...)
	case schema.Exclusion:
		join := func(parts []schema.Expr) schema.Expr { return schema.Exclusion{Base: parts[0], Subtract: parts[1]} }
		list := []schema.Expr{x.Base, schema.Exclusion{Base: x.Subtract, Subtract: x.Base}, union(x.Base, x.Subtract)}
		return append(list, each([]schema.Expr{x.Base, x.Subtract}, m.inside, join)...)
	case schema.Arrow:
		return m.arrows(x)
	case schema.Ref:
		return m.candidates
	}
	return nil
}

// arrows returns an arrow to each other relation or permission that people
// have there, and over each other relation that leads there.
func (m mutator) arrows(x schema.Arrow) []schema.Expr {
	var (
		list   []schema.Expr
		typ    = m.model.Types[m.typ]
		target = m.model.Types[typ.Relations[x.Relation].Allowed[0].Type]
	)
	for _, name := range slices.Sorted(maps.Keys(target.Relations)) {
		if namesPeople(target.Relations[name]) {
			list = append(list, schema.Arrow{Relation: x.Relation, Name: name})
		}
	}
	for _, name := range m.model.PermissionNames(target.Name) {
		list = append(list, schema.Arrow{Relation: x.Relation, Name: name})
	}
	for _, name := range slices.Sorted(maps.Keys(typ.Relations)) {
		if typ.Relations[name].Takes(target.Name, "", false) {
			list = append(list, schema.Arrow{Relation: name, Name: x.Name})
		}
	}
	return list
}

// union joins parts, and the parts of those that are unions themselves.
func union(parts ...schema.Expr) schema.Expr {
	var flat schema.Union
	for _, part := range parts {
		if nested, ok := part.(schema.Union); ok {
			flat = append(flat, nested...)
		} else {
			flat = append(flat, part)
		}
	}
	return flat
}

// without returns the parts joined without each of them.
func without(parts []schema.Expr, join func([]schema.Expr) schema.Expr) []schema.Expr {
	var list []schema.Expr
	for i := range parts {
		rest := slices.Delete(slices.Clone(parts), i, i+1)
		if len(rest) == 1 {
			list = append(list, rest[0])
		} else {
			list = append(list, join(rest))
		}
	}
	return list
}

// each returns the parts joined with each of them changed in every way.
func each(parts []schema.Expr, change func(schema.Expr) []schema.Expr, join func([]schema.Expr) schema.Expr) []schema.Expr {
	var list []schema.Expr
	for i := range parts {
		for _, changed := range change(parts[i]) {
			all := slices.Clone(parts)
			all[i] = changed
			list = append(list, join(all))
		}
	}
	return list
}
