package spicedb

import (
	"context"
	"errors"
	"io"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Relationships returns every relationship of the domain, without the fence,
// all from one snapshot. Those that have expired are not among them.
func (g *Graph) Relationships(ctx context.Context, domain schema.Domain) ([]schema.Relationship, error) {
	if err := domain.Validate(); err != nil {
		return nil, engine.WrapError(engine.Invalid, "relationships", err)
	}
	types, head, err := g.resourceTypes(ctx)
	if err != nil {
		return nil, err
	}
	var all []schema.Relationship
	for _, typ := range types {
		filter := domainFilter(domain, typ)
		if filter == nil {
			continue
		}
		all, err = g.read(ctx, head, filter, all)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// domainFilter matches the domain's objects of the type, by their ids. It
// names the type because SQL datastores' indexes begin with it. It is nil if
// the domain has none.
func domainFilter(domain schema.Domain, typ string) *v1.RelationshipFilter {
	root := domain.Root()
	switch {
	case typ == root.Type:
		return &v1.RelationshipFilter{ResourceType: typ, OptionalResourceId: root.ID}
	case domain == schema.PlatformDomain, typ == schema.TypePartner, typ == schema.TypePlatform:
		return nil
	default:
		return &v1.RelationshipFilter{ResourceType: typ, OptionalResourceIdPrefix: string(domain) + "/"}
	}
}

// resourceTypes returns the types that have relations, but the fence's, and
// the head's token.
func (g *Graph) resourceTypes(ctx context.Context) ([]string, engine.Token, error) {
	newest, err := g.atNewest(ctx)
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	answer, err := g.schema.ReflectSchema(ctx, &v1.ReflectSchemaRequest{Consistency: newest})
	if err != nil {
		return nil, "", translateAt("reflect schema", err)
	}
	var types []string
	for _, definition := range answer.GetDefinitions() {
		if len(definition.GetRelations()) > 0 && definition.GetName() != typeDomain {
			types = append(types, definition.GetName())
		}
	}
	return types, engine.Token(answer.GetReadAt().GetToken()), nil
}

// read appends all that matches the filter to into.
func (g *Graph) read(ctx context.Context, at engine.Token, filter *v1.RelationshipFilter, into []schema.Relationship) ([]schema.Relationship, error) {
	snapshot, err := unbind(at).snapshot()
	if err != nil {
		return nil, err
	}
	request := &v1.ReadRelationshipsRequest{
		Consistency:        snapshot,
		RelationshipFilter: filter,
		OptionalLimit:      pageSize,
	}
	for {
		before := len(into)
		if into, err = g.readPage(ctx, request, into); err != nil {
			return nil, err
		}
		if len(into)-before < pageSize {
			return into, nil
		}
	}
}

func (g *Graph) readPage(ctx context.Context, request *v1.ReadRelationshipsRequest, into []schema.Relationship) ([]schema.Relationship, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	stream, err := g.permissions.ReadRelationships(ctx, request)
	if err != nil {
		return nil, translateAt("read relationships", err)
	}
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return into, nil
		}
		if err != nil {
			return nil, translateAt("read relationships", err)
		}
		request.OptionalCursor = answer.GetAfterResultCursor()
		relationship, err := decodeRelationship(answer.GetRelationship())
		if err != nil {
			return nil, err
		}
		into = append(into, relationship)
	}
}
