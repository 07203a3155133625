package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Form is a kind of relationship: what is left of one without its objects.
type Form struct {
	Type, Relation  string // account, staff
	Subject         string // staff
	SubjectRelation string // user; empty for the object itself
	Expiring        bool
}

// ParseForm reads type#relation@subject or type#relation@subject#relation, such
// as account#staff@staff#user.
func ParseForm(s string) (Form, error) {
	resource, subject, ok := strings.Cut(s, "@")
	typ, relation, named := strings.Cut(resource, "#")
	f := Form{Type: typ, Relation: relation}
	var userset bool
	f.Subject, f.SubjectRelation, userset = strings.Cut(subject, "#")
	names := []string{f.Type, f.Relation, f.Subject}
	if userset {
		names = append(names, f.SubjectRelation)
	}
	if !ok || !named || slices.ContainsFunc(names, func(n string) bool { return !typeForm.MatchString(n) }) {
		return Form{}, fmt.Errorf("%q: want type#relation@type or type#relation@type#relation, such as client#staff@staff#user", s)
	}
	return f, nil
}

// String returns what [ParseForm] reads, and " with expiration" if it expires.
func (f Form) String() string {
	s := f.Type + "#" + f.Relation + "@" + f.Subject
	if f.SubjectRelation != "" {
		s += "#" + f.SubjectRelation
	}
	if f.Expiring {
		s += " with expiration"
	}
	return s
}

// Form returns the kind of the relationship.
func (r Relationship) Form() Form {
	return Form{
		Type: r.Resource.Type, Relation: r.Relation,
		Subject: r.Subject.Type, SubjectRelation: r.Subject.Relation, Expiring: !r.ExpiresAt.IsZero(),
	}
}

// Takes reports whether the schema has a place for relationships of the form.
func (m *Model) Takes(f Form) bool {
	relation := m.Relation(f.Type, f.Relation)
	return relation != nil && relation.Takes(f.Subject, f.SubjectRelation, f.Expiring)
}
