package schema

import (
	"fmt"
	"strings"
	"time"
)

// Subject is an object, or the set of subjects that have a relation on it:
// user:ana, or staff:acme/ana#user.
type Subject struct {
	Object
	Relation string // empty for the object itself
}

// ParseSubject reads type:id or type:id#relation. A user's id may hold a '#',
// since users have no relations.
func ParseSubject(s string) (Subject, error) {
	if strings.HasPrefix(s, TypeUser+":") {
		o, err := ParseObject(s)
		return Subject{Object: o}, err
	}
	object, relation, has := strings.Cut(s, "#")
	o, err := ParseObject(object)
	if err != nil {
		return Subject{}, err
	}
	if has && !typeForm.MatchString(relation) {
		return Subject{}, fmt.Errorf("subject %q: relation %q: want 3 to 64 of a-z, 0-9 and _", s, relation)
	}
	return Subject{Object: o, Relation: relation}, nil
}

// String returns type:id or type:id#relation.
func (s Subject) String() string {
	if s.Relation == "" {
		return s.Object.String()
	}
	return s.Object.String() + "#" + s.Relation
}

// MarshalText writes what [Subject.String] returns.
func (s Subject) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseSubject] takes.
func (s *Subject) UnmarshalText(text []byte) error {
	parsed, err := ParseSubject(string(text))
	*s = parsed
	return err
}

// Relationship says that a subject has a relation on a resource, for ever or
// until it expires.
type Relationship struct {
	Resource  Object    `json:"resource"`
	Relation  string    `json:"relation"`
	Subject   Subject   `json:"subject"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // UTC, whole seconds; zero means never
}

// ParseRelationship reads resource#relation@subject, without an expiry.
func ParseRelationship(s string) (Relationship, error) {
	resource, rest, ok := strings.Cut(s, "#")
	relation, subject, ok2 := strings.Cut(rest, "@")
	if !ok || !ok2 {
		return Relationship{}, fmt.Errorf("relationship %q: want resource#relation@subject", s)
	}
	var (
		r   = Relationship{Relation: relation}
		err error
	)
	if r.Resource, err = ParseObject(resource); err != nil {
		return Relationship{}, err
	}
	if !typeForm.MatchString(relation) {
		return Relationship{}, fmt.Errorf("relationship %q: relation %q: want 3 to 64 of a-z, 0-9 and _", s, relation)
	}
	if r.Subject, err = ParseSubject(subject); err != nil {
		return Relationship{}, err
	}
	return r, nil
}

// String returns resource#relation@subject, and the expiry as SpiceDB writes it.
func (r Relationship) String() string {
	s := r.Resource.String() + "#" + r.Relation + "@" + r.Subject.String()
	if !r.ExpiresAt.IsZero() {
		s += "[expiration:" + r.ExpiresAt.UTC().Format(time.RFC3339) + "]"
	}
	return s
}

// Key returns r without its expiry: what identifies a relationship.
func (r Relationship) Key() Relationship {
	r.ExpiresAt = time.Time{}
	return r
}

// Crosses reports whether r joins two domains. A user belongs to none, so a
// relationship to a user never crosses.
func (r Relationship) Crosses() bool {
	d := r.Subject.Domain()
	return d != "" && d != r.Resource.Domain()
}
