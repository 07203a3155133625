package schema

import (
	"slices"
	"sort"
)

// Model is a compiled schema.zed: which types there are, which subjects each
// relation takes, and how each permission is computed.
type Model struct {
	Types map[string]*Type
}

// Type is one definition.
type Type struct {
	Name        string
	Relations   map[string]*Relation
	Permissions map[string]*Permission
	Line        int // in schema.zed, from 1
}

// Relation is a relation and the subjects that it takes.
type Relation struct {
	Name    string
	Allowed []Allowed
	Line    int
}

// Allowed is one kind of subject that a relation takes.
type Allowed struct {
	Type       string
	Relation   string // empty for the object itself
	Wildcard   bool
	Caveat     string
	Expiration bool
}

// Permission is a name and the expression that computes it.
type Permission struct {
	Name string
	Expr Expr
	Line int
}

// Expr computes a set of subjects: one of Union, Intersection, Exclusion, Ref,
// Arrow, Self and Nil.
type Expr interface{ expr() }

type (
	// Union is the subjects of any of its parts.
	Union []Expr
	// Intersection is the subjects of all of its parts.
	Intersection []Expr
	// Exclusion is the subjects of Base that are not in Subtract.
	Exclusion struct{ Base, Subtract Expr }
	// Ref is the subjects of a relation or permission of the same object.
	Ref struct{ Name string }
	// Arrow is the subjects that have Name on any of the objects (on all of
	// them, if All) that Relation leads to.
	Arrow struct {
		Relation, Name string
		All            bool
	}
	// Self is the object itself, as a subject.
	Self struct{}
	// Nil is nobody.
	Nil struct{}
)

func (Union) expr()        {}
func (Intersection) expr() {}
func (Exclusion) expr()    {}
func (Ref) expr()          {}
func (Arrow) expr()        {}
func (Self) expr()         {}
func (Nil) expr()          {}

// HasPermission reports whether typ has a permission called name.
func (m *Model) HasPermission(typ, name string) bool {
	t := m.Types[typ]
	return t != nil && t.Permissions[name] != nil
}

// Relation returns a relation of typ, or nil.
func (m *Model) Relation(typ, name string) *Relation {
	t := m.Types[typ]
	if t == nil {
		return nil
	}
	return t.Relations[name]
}

// Has reports whether typ has a relation or permission called name.
func (m *Model) Has(typ, name string) bool {
	return m.HasPermission(typ, name) || m.Relation(typ, name) != nil
}

// PermissionNames returns the names of typ's permissions, sorted.
func (m *Model) PermissionNames(typ string) []string {
	t := m.Types[typ]
	if t == nil {
		return nil
	}
	names := make([]string, 0, len(t.Permissions))
	for name := range t.Permissions {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// TypeNames returns the names of all types, sorted.
func (m *Model) TypeNames() []string {
	names := make([]string, 0, len(m.Types))
	for name := range m.Types {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Takes reports whether the relation takes a subject of this type and
// subject relation; expiring says that the relationship would expire.
func (r *Relation) Takes(typ, relation string, expiring bool) bool {
	return slices.ContainsFunc(r.Allowed, func(a Allowed) bool {
		return a.Type == typ && a.Relation == relation && !a.Wildcard && a.Caveat == "" && a.Expiration == expiring
	})
}
