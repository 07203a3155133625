package spicedb

import (
	"context"
	"errors"
	"io"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// The fence: one relationship per domain, to the operation applied last. Each
// write requires the one before and replaces it, so that a late or repeated
// write is refused.
const (
	typeDomain      = "portico_domain"
	typeOperation   = "portico_op"
	relationApplied = "applied"
)

// fenceDefinitions declare the fence. The permission is applied by another
// name, one that has the schema's digest in it: a question for it is answered
// under that schema only, and a write that names it is refused, in its own
// transaction, where the schema is another. SpiceDB has no other way to say
// which schema one means.
func fenceDefinitions(schemaDigest string) string {
	return `
definition portico_op {}

definition portico_domain {
	relation applied: portico_op
	permission ` + appliedUnder(schemaDigest) + ` = applied
}
`
}

const (
	permissionPrefix = "at_"
	permissionDigits = 32 // of the digest; a name has at most 64 characters
)

// appliedUnder is the permission that only the schema with the digest has; ""
// means any schema.
func appliedUnder(schemaDigest string) string {
	if schemaDigest == "" {
		return relationApplied
	}
	return permissionPrefix + schemaDigest[:permissionDigits]
}

// schemaIs is a precondition that always holds where the schema is w's, and
// can't be asked where it isn't.
func schemaIs(w engine.Write) *v1.Precondition {
	p := &v1.Precondition{
		Operation: v1.Precondition_OPERATION_MUST_NOT_MATCH,
		Filter:    fenceFilter(w.Domain),
	}
	p.Filter.OptionalRelation = appliedUnder(w.Schema)
	return p
}

func fence(domain schema.Domain, operation string) *v1.Relationship {
	return &v1.Relationship{
		Resource: &v1.ObjectReference{ObjectType: typeDomain, ObjectId: string(domain)},
		Relation: relationApplied,
		Subject:  &v1.SubjectReference{Object: &v1.ObjectReference{ObjectType: typeOperation, ObjectId: operation}},
	}
}

func fenceFilter(domain schema.Domain) *v1.RelationshipFilter {
	return &v1.RelationshipFilter{
		ResourceType:       typeDomain,
		OptionalResourceId: string(domain),
		OptionalRelation:   relationApplied,
	}
}

// fenceAt returns what must hold before w: the fence stands at w.After.
func fenceAt(w engine.Write) *v1.Precondition {
	p := &v1.Precondition{
		Operation: v1.Precondition_OPERATION_MUST_NOT_MATCH,
		Filter:    fenceFilter(w.Domain),
	}
	if w.After != "" {
		p.Operation = v1.Precondition_OPERATION_MUST_MATCH
		p.Filter.OptionalSubjectFilter = &v1.SubjectFilter{SubjectType: typeOperation, OptionalSubjectId: w.After}
	}
	return p
}

// moveFence returns the updates that take the fence to w.Operation. When
// renewing, the relationship is there: touching it makes a new snapshot.
func moveFence(w engine.Write) []*v1.RelationshipUpdate {
	moves := []*v1.RelationshipUpdate{{
		Operation:    v1.RelationshipUpdate_OPERATION_TOUCH,
		Relationship: fence(w.Domain, w.Operation),
	}}
	if w.After != "" && w.After != w.Operation {
		moves = append(moves, &v1.RelationshipUpdate{
			Operation:    v1.RelationshipUpdate_OPERATION_DELETE,
			Relationship: fence(w.Domain, w.After),
		})
	}
	return moves
}

// Applied returns the operation at which the domain's fence stands, "" if it
// has none. It may miss a write acknowledged just before; see [Graph.Head].
func (g *Graph) Applied(ctx context.Context, domain schema.Domain) (string, error) {
	newest, err := g.atNewest(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	stream, err := g.permissions.ReadRelationships(ctx, &v1.ReadRelationshipsRequest{
		Consistency:        newest,
		RelationshipFilter: fenceFilter(domain),
	})
	if err != nil {
		return "", translateAt("applied "+string(domain), err)
	}
	answer, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	if err != nil {
		return "", translateAt("applied "+string(domain), err)
	}
	return answer.GetRelationship().GetSubject().GetObject().GetObjectId(), nil
}
