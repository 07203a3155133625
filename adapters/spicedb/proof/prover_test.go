package proof_test

import (
	"slices"

	"github.com/portico-authz/portico/schema"
)

// prover compares expressions by what they say alone. It doesn't see every
// equality, but those that it sees hold for any relationships.
type prover struct {
	model *schema.Model
	known map[[3]string]bool // what was compared before, lest it take forever
}

func newProver(model *schema.Model) prover { return prover{model, make(map[[3]string]bool)} }

// same reports that two expressions of typ have the same subjects.
func (p prover) same(typ string, x, y schema.Expr) bool {
	return p.within(typ, x, y) && p.within(typ, y, x)
}

// within reports that whoever is in x is in y.
func (p prover) within(typ string, x, y schema.Expr) bool {
	key := [3]string{typ, written(x), written(y)}
	is, compared := p.known[key]
	if !compared {
		is = key[1] == key[2] || p.narrower(typ, x, y) || p.wider(typ, x, y)
		p.known[key] = is
	}
	return is
}

// narrower takes x apart: something that it lies within lies within y.
func (p prover) narrower(typ string, x, y schema.Expr) bool {
	isWithin := func(part schema.Expr) bool { return p.within(typ, part, y) }
	switch x := x.(type) {
	case schema.Nil:
		return true
	case schema.Union:
		return all(x, isWithin)
	case schema.Intersection:
		return slices.ContainsFunc(x, isWithin)
	case schema.Exclusion:
		return isWithin(x.Base)
	case schema.Ref:
		permission := p.model.Types[typ].Permissions[x.Name]
		return permission != nil && isWithin(permission.Expr)
	}
	return false
}

// wider takes y apart: x lies within something that lies within it.
func (p prover) wider(typ string, x, y schema.Expr) bool {
	hasWithin := func(part schema.Expr) bool { return p.within(typ, x, part) }
	switch y := y.(type) {
	case schema.Union:
		return slices.ContainsFunc(y, hasWithin)
	case schema.Intersection:
		return all(y, hasWithin)
	case schema.Exclusion:
		x, ok := x.(schema.Exclusion)
		return ok && p.within(typ, x.Base, y.Base) && p.within(typ, y.Subtract, x.Subtract)
	case schema.Ref:
		permission := p.model.Types[typ].Permissions[y.Name]
		return permission != nil && hasWithin(permission.Expr)
	case schema.Arrow:
		x, ok := x.(schema.Arrow)
		return ok && x.Relation == y.Relation && all(p.model.Relation(typ, y.Relation).Allowed, func(a schema.Allowed) bool {
			return p.within(a.Type, schema.Ref{Name: x.Name}, schema.Ref{Name: y.Name})
		})
	}
	return false
}

func all[S ~[]E, E any](list S, holds func(E) bool) bool {
	return !slices.ContainsFunc(list, func(e E) bool { return !holds(e) })
}
