package spicedb

import (
	"context"
	"fmt"
	"slices"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/grpc/status"

	"github.com/portico-authz/portico/engine"
)

// bulkSize is how many queries go into one call. SpiceDB takes 10,000, but
// holds up its other work meanwhile.
const bulkSize = 1000

// Check answers each query at the snapshot, in order.
func (g *Graph) Check(ctx context.Context, at engine.Token, queries []engine.Query) ([]engine.Decision, error) {
	b := unbind(at)
	if len(queries) == 1 && b.operation == "" {
		decision, err := g.checkOne(ctx, b, queries[0])
		if err != nil {
			return nil, err
		}
		return []engine.Decision{decision}, nil
	}
	decisions := make([]engine.Decision, 0, len(queries))
	for chunk := range slices.Chunk(queries, bulkSize) {
		some, err := g.checkBulk(ctx, b, chunk)
		if err != nil {
			return nil, err
		}
		decisions = append(decisions, some...)
	}
	return decisions, nil
}

func (g *Graph) checkOne(ctx context.Context, at bound, q engine.Query) (engine.Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	snapshot, err := at.snapshot()
	if err != nil {
		return "", err
	}
	answer, err := g.permissions.CheckPermission(ctx, &v1.CheckPermissionRequest{
		Consistency: snapshot,
		Resource:    encodeObject(q.Resource),
		Permission:  q.Permission,
		Subject:     encodeSubject(q.Subject),
	})
	if err != nil {
		return "", translateAt("check", err)
	}
	return decisionOf(answer.GetPermissionship())
}

// checkBulk asks for the fence beside the queries: one snapshot, one answer.
func (g *Graph) checkBulk(ctx context.Context, at bound, queries []engine.Query) ([]engine.Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	snapshot, err := at.snapshot()
	if err != nil {
		return nil, err
	}
	request := &v1.CheckBulkPermissionsRequest{Consistency: snapshot}
	for _, q := range queries {
		request.Items = append(request.Items, &v1.CheckBulkPermissionsRequestItem{
			Resource:   encodeObject(q.Resource),
			Permission: q.Permission,
			Subject:    encodeSubject(q.Subject),
		})
	}
	fence := at.fence()
	if fence != nil {
		request.Items = append(request.Items, fence)
	}
	answer, err := g.permissions.CheckBulkPermissions(ctx, request)
	if err != nil {
		return nil, translateAt("bulk check", err)
	}
	items, pairs := request.GetItems(), answer.GetPairs()
	if fence != nil && len(pairs) == len(items) {
		// Before the rest: where it doesn't stand, what else failed says nothing.
		if err := at.stands(pairs[len(queries)]); err != nil {
			return nil, err
		}
	}
	decisions, err := bulkDecisions(items, pairs)
	if err != nil {
		return nil, err
	}
	return decisions[:len(queries)], nil
}

// stands reads the answer to the fence's question.
func (b bound) stands(pair *v1.CheckBulkPermissionsPair) error {
	if failed := pair.GetError(); failed != nil {
		return translateAt("fence of "+string(b.domain), status.FromProto(failed).Err())
	}
	decision, err := decisionOf(pair.GetItem().GetPermissionship())
	if err == nil && decision != engine.Allow {
		err = b.lost()
	}
	return err
}

// bulkDecisions reads the answers. That they come in the order of the
// questions is promised nowhere but in prose, so it is verified.
func bulkDecisions(items []*v1.CheckBulkPermissionsRequestItem, pairs []*v1.CheckBulkPermissionsPair) ([]engine.Decision, error) {
	if len(pairs) != len(items) {
		return nil, internal("bulk check", fmt.Errorf("%d answers to %d questions", len(pairs), len(items)))
	}
	decisions := make([]engine.Decision, len(pairs))
	for i, pair := range pairs {
		if failed := pair.GetError(); failed != nil {
			return nil, translateAt("bulk check", status.FromProto(failed).Err())
		}
		if !sameItem(items[i], pair.GetRequest()) {
			return nil, internal("bulk check", fmt.Errorf("answer %d is to another question", i))
		}
		decision, err := decisionOf(pair.GetItem().GetPermissionship())
		if err != nil {
			return nil, err
		}
		decisions[i] = decision
	}
	return decisions, nil
}

func sameItem(a, b *v1.CheckBulkPermissionsRequestItem) bool {
	return a.GetPermission() == b.GetPermission() &&
		a.GetSubject().GetOptionalRelation() == b.GetSubject().GetOptionalRelation() &&
		sameObject(a.GetResource(), b.GetResource()) &&
		sameObject(a.GetSubject().GetObject(), b.GetSubject().GetObject())
}

func sameObject(a, b *v1.ObjectReference) bool {
	return a.GetObjectType() == b.GetObjectType() && a.GetObjectId() == b.GetObjectId()
}

func decisionOf(p v1.CheckPermissionResponse_Permissionship) (engine.Decision, error) {
	switch p {
	case v1.CheckPermissionResponse_PERMISSIONSHIP_HAS_PERMISSION:
		return engine.Allow, nil
	case v1.CheckPermissionResponse_PERMISSIONSHIP_NO_PERMISSION:
		return engine.Deny, nil
	case v1.CheckPermissionResponse_PERMISSIONSHIP_CONDITIONAL_PERMISSION:
		return engine.Conditional, nil
	default:
		return "", internal("check", fmt.Errorf("unknown answer %v", p))
	}
}

func internal(op string, err error) error { return engine.WrapError(engine.Internal, op, err) }
