package spicedb

import (
	"cmp"
	"context"
	"errors"
	"io"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// pageSize is how many results one page of a list holds: SpiceDB's limit.
const pageSize = 1000

// LookupResources returns the ids of all resources of the type on which the
// subject has the permission. Those on which it depends on a caveat are not
// among them.
func (g *Graph) LookupResources(ctx context.Context, at engine.Token, typ, permission string, subject schema.Subject) ([]string, error) {
	b := unbind(at)
	snapshot, err := b.snapshot()
	if err != nil {
		return nil, err
	}
	request := &v1.LookupResourcesRequest{
		Consistency:        snapshot,
		ResourceObjectType: typ,
		Permission:         permission,
		Subject:            encodeSubject(subject),
		OptionalLimit:      pageSize,
	}
	ids := idSet{}
	for {
		n, err := g.resourcesPage(ctx, request, ids)
		if err != nil {
			return nil, cmp.Or(g.verify(ctx, b), err)
		}
		if n < pageSize {
			return ids.list(), g.verify(ctx, b)
		}
	}
}

// verify checks that the snapshot that was asked is the one that was written:
// after the answer, or the failure, which it explains if it isn't.
func (g *Graph) verify(ctx context.Context, at bound) error {
	if at.operation == "" {
		return nil
	}
	_, err := g.checkBulk(ctx, at, nil)
	return err
}

// resourcesPage adds one page to ids, and moves the request's cursor behind
// it. It returns how many results the page had.
func (g *Graph) resourcesPage(ctx context.Context, request *v1.LookupResourcesRequest, ids idSet) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	stream, err := g.permissions.LookupResources(ctx, request)
	if err != nil {
		return 0, translateAt("lookup resources", err)
	}
	for n := 0; ; n++ {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, translateAt("lookup resources", err)
		}
		request.OptionalCursor = answer.GetAfterResultCursor()
		if err := ids.add(answer.GetResourceObjectId(), answer.GetPermissionship()); err != nil {
			return n, err
		}
	}
}

// LookupSubjects returns the ids of all subjects of the type that have the
// permission on the resource.
func (g *Graph) LookupSubjects(ctx context.Context, at engine.Token, resource schema.Object, permission, subjectType string) ([]string, error) {
	b := unbind(at)
	snapshot, err := b.snapshot()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	stream, err := g.permissions.LookupSubjects(ctx, &v1.LookupSubjectsRequest{
		Consistency:       snapshot,
		Resource:          encodeObject(resource),
		Permission:        permission,
		SubjectObjectType: subjectType,
	})
	if err != nil {
		return nil, translateAt("lookup subjects", err)
	}
	ids := idSet{}
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return ids.list(), g.verify(ctx, b)
		}
		if err != nil {
			return nil, cmp.Or(g.verify(ctx, b), translateAt("lookup subjects", err))
		}
		subject := answer.GetSubject()
		if err := ids.add(subject.GetSubjectObjectId(), subject.GetPermissionship()); err != nil {
			return nil, err
		}
	}
}

// idSet holds each id once: SpiceDB may find a result by several paths.
type idSet map[string]struct{}

func (s idSet) add(code string, p v1.LookupPermissionship) error {
	id, err := decodeID(code) // first: a wildcard is refused whatever it is worth
	if err != nil {
		return err
	}
	if p == v1.LookupPermissionship_LOOKUP_PERMISSIONSHIP_HAS_PERMISSION {
		s[id] = struct{}{}
	}
	return nil
}

func (s idSet) list() []string {
	ids := make([]string, 0, len(s))
	for id := range s {
		ids = append(ids, id)
	}
	return ids
}
