package schema

import (
	"fmt"
	"slices"
	"strings"
)

// reservedPrefix starts the names of Portico's own definitions, such as the
// fence's.
const reservedPrefix = "portico_"

// checkModel reports where a schema breaks what the engine relies on: seats
// that name people, users without relations, no wildcards, and domains that
// nothing joins.
func checkModel(m *Model) []Problem {
	c := modelChecker{model: m}
	for _, name := range []string{TypeUser, TypePartner, TypeStaff} {
		if m.Types[name] == nil {
			c.fail(0, "there is no definition %s; every portal has one", name)
		}
	}
	for _, name := range m.TypeNames() {
		c.typ(m.Types[name])
	}
	if staff := m.Types[TypeStaff]; staff != nil {
		c.only(staff, "user", TypeUser, "the seat points to its person")
		c.only(staff, "partner", TypePartner, "the seat is at one partner")
	}
	return c.problems
}

type modelChecker struct {
	model    *Model
	problems []Problem
}

func (c *modelChecker) fail(line int, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: SchemaFile, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (c *modelChecker) typ(t *Type) {
	switch {
	case strings.HasPrefix(t.Name, reservedPrefix):
		c.fail(t.Line, "definition %s: names that start with %s are Portico's own; choose another", t.Name, reservedPrefix)
	case !typeForm.MatchString(t.Name):
		c.fail(t.Line, "definition %s: want 3 to 64 of a-z, 0-9 and _, without a prefix", t.Name)
	case t.Name == TypeUser && len(t.Relations)+len(t.Permissions) > 0:
		c.fail(t.Line, "definition user must be empty: partners share users, and what is written on one would cross")
	}
	for _, r := range t.Relations {
		for _, a := range r.Allowed {
			c.allowed(t, r, a)
		}
	}
}

func (c *modelChecker) allowed(t *Type, r *Relation, a Allowed) {
	at := t.Name + "#" + r.Name
	subject := c.model.Types[a.Type]
	switch {
	case subject == nil:
		c.fail(r.Line, "relation %s: there is no definition %s%s", at, a.Type, hint(a.Type, c.model.TypeNames()))
	case a.Wildcard:
		c.fail(r.Line, "relation %s: %s:* is everybody, at every partner; name who", at, a.Type)
	case a.Relation != "" && !c.model.Has(a.Type, a.Relation):
		c.fail(r.Line, "relation %s: no relation or permission %s on %s%s", at, a.Relation, a.Type, hint(a.Relation, subject.names()))
	case a.Type != TypeUser && (t.Name == TypePlatform) != (a.Type == TypePlatform):
		c.fail(r.Line, "relation %s: joins the platform and a partner with %s; ask the platform on %s instead", at, a.Type, Platform())
	}
}

// only demands that a relation takes one kind of subject: the objects of a type.
func (c *modelChecker) only(t *Type, relation, subject, why string) {
	r := t.Relations[relation]
	if r == nil {
		c.fail(t.Line, "definition %s: add relation %s: %s; %s", t.Name, relation, subject, why)
		return
	}
	if !slices.Equal(r.Allowed, []Allowed{{Type: subject}}) {
		c.fail(r.Line, "relation %s#%s: want %s and nothing else; %s", t.Name, relation, subject, why)
	}
}

// names returns the names of t's relations and permissions.
func (t *Type) names() []string {
	var names []string
	for name := range t.Relations {
		names = append(names, name)
	}
	for name := range t.Permissions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
