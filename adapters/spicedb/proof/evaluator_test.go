package proof_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/authzed/spicedb/pkg/validationfile"

	"github.com/portico-authz/portico/schema"
)

// evaluator checks permissions in memory, as far as the portals go: no caveats,
// no wildcards, and no grants to the holders of a permission.
type evaluator struct {
	model *schema.Model
	// direct has the subjects of each object's relation as they are written,
	// for arrows; held also has who is behind those that are sets.
	direct map[tuple.ObjectAndRelation][]tuple.ObjectAndRelation
	held   map[tuple.RelationshipReference]bool
	// mutated takes the place of one permission.
	mutated mutation
}

// newEvaluator leaves out the relationships that have expired by now.
func newEvaluator(model *schema.Model, relationships []tuple.Relationship, now time.Time) *evaluator {
	e := &evaluator{
		model:  model,
		direct: make(map[tuple.ObjectAndRelation][]tuple.ObjectAndRelation),
		held:   make(map[tuple.RelationshipReference]bool),
	}
	for _, r := range relationships {
		if r.OptionalExpiration == nil || r.OptionalExpiration.After(now) {
			e.direct[r.Resource] = append(e.direct[r.Resource], r.Subject)
		}
	}
	for resource := range e.direct {
		e.hold(resource, resource)
	}
	return e
}

// hold adds to resource's subjects those of set.
func (e *evaluator) hold(resource, set tuple.ObjectAndRelation) {
	for _, subject := range e.direct[set] {
		e.held[tuple.RelationshipReference{Resource: resource, Subject: subject}] = true
		e.hold(resource, subject)
	}
}

// has reports whether the subject has the relation or permission on the object.
func (e *evaluator) has(on, subject tuple.ObjectAndRelation) bool {
	if e.mutated.typ == on.ObjectType && e.mutated.permission == on.Relation {
		return e.in(e.mutated.expr, on, subject)
	}
	if p := e.model.Types[on.ObjectType].Permissions[on.Relation]; p != nil {
		return e.in(p.Expr, on, subject)
	}
	return on == subject || e.held[tuple.RelationshipReference{Resource: on, Subject: subject}]
}

// in reports whether the expression, on the object, has the subject.
func (e *evaluator) in(expr schema.Expr, on, subject tuple.ObjectAndRelation) bool {
	isIn := func(part schema.Expr) bool { return e.in(part, on, subject) }
	switch x := expr.(type) {
	case schema.Union:
		return slices.ContainsFunc(x, isIn)
	case schema.Intersection:
		return all(x, isIn)
	case schema.Exclusion:
		return isIn(x.Base) && !isIn(x.Subtract)
	case schema.Ref:
		return e.has(on.WithRelation(x.Name), subject)
	case schema.Arrow:
		return slices.ContainsFunc(e.direct[on.WithRelation(x.Relation)], func(o tuple.ObjectAndRelation) bool {
			return e.model.Has(o.ObjectType, x.Name) && e.has(o.WithRelation(x.Name), subject)
		})
	case schema.Nil:
		return false
	}
	panic(fmt.Sprintf("no portal has had a %T", expr))
}

// assertions are a proof's, over its relationships.
type assertions struct {
	evaluator *evaluator
	list      []assertion
}

type assertion struct {
	tuple.RelationshipReference
	want bool
}

func newAssertions(t *testing.T, model *schema.Model, proof string) *assertions {
	t.Helper()
	file, err := validationfile.DecodeValidationFile([]byte(proof))
	if err != nil {
		t.Fatal(err)
	}
	a := &assertions{evaluator: newEvaluator(model, file.Relationships.Relationships, time.Now())}
	for _, is := range file.Assertions.AssertTrue {
		a.list = append(a.list, assertion{is.Relationship.RelationshipReference, true})
	}
	for _, isnt := range file.Assertions.AssertFalse {
		a.list = append(a.list, assertion{isnt.Relationship.RelationshipReference, false})
	}
	return a
}

// failing returns the first assertion that doesn't hold under the mutation, or
// the empty string.
func (a *assertions) failing(m mutation) string {
	a.evaluator.mutated = m
	for i, is := range a.list {
		if a.evaluator.has(is.Resource, is.Subject) != is.want {
			// What notices one mutation of a permission often notices the next.
			copy(a.list[1:i+1], a.list[:i])
			a.list[0] = is
			return is.String()
		}
	}
	return ""
}
