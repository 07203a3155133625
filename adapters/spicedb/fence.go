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

	fenceDefinitions = `
definition portico_op {}

definition portico_domain {
	relation applied: portico_op
}
`
)

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
	var moves []*v1.RelationshipUpdate
	if w.Operation != "" {
		moves = append(moves, &v1.RelationshipUpdate{
			Operation:    v1.RelationshipUpdate_OPERATION_TOUCH,
			Relationship: fence(w.Domain, w.Operation),
		})
	}
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
