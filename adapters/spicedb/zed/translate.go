package zed

import (
	"fmt"

	core "github.com/authzed/spicedb/pkg/proto/core/v1"

	"github.com/portico-authz/portico/schema"
)

// ellipsis is how SpiceDB says "the object itself" of a subject.
const ellipsis = "..."

func translate(name string, defs []*core.NamespaceDefinition) (*schema.Model, error) {
	m := &schema.Model{Types: make(map[string]*schema.Type, len(defs))}
	for _, d := range defs {
		t, err := translateType(d)
		if err != nil {
			return nil, schema.NewPortalError([]schema.Problem{{File: name, Line: lineOf(d), Message: err.Error()}})
		}
		m.Types[t.Name] = t
	}
	return m, nil
}

func translateType(d *core.NamespaceDefinition) (*schema.Type, error) {
	t := &schema.Type{
		Name:        d.GetName(),
		Relations:   make(map[string]*schema.Relation),
		Permissions: make(map[string]*schema.Permission),
		Line:        lineOf(d),
	}
	for _, r := range d.GetRelation() {
		// Only a permission is computed; SpiceDB keeps both in one list.
		if r.GetUsersetRewrite() == nil {
			t.Relations[r.GetName()] = translateRelation(r)
			continue
		}
		e, err := translateRewrite(r.GetUsersetRewrite())
		if err != nil {
			return nil, fmt.Errorf("permission %s#%s: %w", t.Name, r.GetName(), err)
		}
		t.Permissions[r.GetName()] = &schema.Permission{Name: r.GetName(), Expr: e, Line: lineOf(r)}
	}
	return t, nil
}

func translateRelation(r *core.Relation) *schema.Relation {
	out := &schema.Relation{Name: r.GetName(), Line: lineOf(r)}
	for _, a := range r.GetTypeInformation().GetAllowedDirectRelations() {
		allowed := schema.Allowed{
			Type:       a.GetNamespace(),
			Relation:   a.GetRelation(),
			Wildcard:   a.GetPublicWildcard() != nil,
			Caveat:     a.GetRequiredCaveat().GetCaveatName(),
			Expiration: a.GetRequiredExpiration() != nil,
		}
		if allowed.Relation == ellipsis {
			allowed.Relation = ""
		}
		out.Allowed = append(out.Allowed, allowed)
	}
	return out
}

func translateRewrite(rw *core.UsersetRewrite) (schema.Expr, error) {
	switch op := rw.GetRewriteOperation().(type) {
	case *core.UsersetRewrite_Union:
		parts, err := translateChildren(op.Union)
		// SpiceDB wraps a single expression in a union of one.
		if err == nil && len(parts) == 1 {
			return parts[0], nil
		}
		return schema.Union(parts), err
	case *core.UsersetRewrite_Intersection:
		parts, err := translateChildren(op.Intersection)
		return schema.Intersection(parts), err
	case *core.UsersetRewrite_Exclusion:
		return translateExclusion(op.Exclusion)
	default:
		return nil, fmt.Errorf("operation %T is unknown here", op)
	}
}

func translateExclusion(op *core.SetOperation) (schema.Expr, error) {
	parts, err := translateChildren(op)
	if err != nil {
		return nil, err
	}
	// a - b - c comes as (a - b) - c; a flat list would mean the same.
	e := parts[0]
	for _, subtract := range parts[1:] {
		e = schema.Exclusion{Base: e, Subtract: subtract}
	}
	return e, nil
}

func translateChildren(op *core.SetOperation) ([]schema.Expr, error) {
	children := op.GetChild()
	if len(children) == 0 {
		return nil, fmt.Errorf("an operation on nothing")
	}
	parts := make([]schema.Expr, 0, len(children))
	for _, child := range children {
		part, err := translateChild(child)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func translateChild(child *core.SetOperation_Child) (schema.Expr, error) {
	switch c := child.GetChildType().(type) {
	case *core.SetOperation_Child_ComputedUserset:
		return schema.Ref{Name: c.ComputedUserset.GetRelation()}, nil
	case *core.SetOperation_Child_TupleToUserset:
		arrow := c.TupleToUserset
		return schema.Arrow{
			Relation: arrow.GetTupleset().GetRelation(),
			Name:     arrow.GetComputedUserset().GetRelation(),
		}, nil
	case *core.SetOperation_Child_FunctionedTupleToUserset:
		arrow := c.FunctionedTupleToUserset
		return schema.Arrow{
			Relation: arrow.GetTupleset().GetRelation(),
			Name:     arrow.GetComputedUserset().GetRelation(),
			All:      arrow.GetFunction() == core.FunctionedTupleToUserset_FUNCTION_ALL,
		}, nil
	case *core.SetOperation_Child_UsersetRewrite:
		return translateRewrite(c.UsersetRewrite)
	case *core.SetOperation_Child_XSelf:
		return schema.Self{}, nil
	case *core.SetOperation_Child_XNil:
		return schema.Nil{}, nil
	default:
		return nil, fmt.Errorf("expression %T is unknown here", c)
	}
}
