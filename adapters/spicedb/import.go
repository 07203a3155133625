package spicedb

import (
	"context"
	"errors"
	"io"
	"slices"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// importSize is how many relationships go into one message of an import.
const importSize = 1000

// Import adds relationships in one transaction, without regard to fences: for
// filling an empty SpiceDB. A relationship that is there already fails it.
func (g *Graph) Import(ctx context.Context, rels []schema.Relationship) error {
	encoded := make([]*v1.Relationship, len(rels))
	for i, r := range rels {
		encoded[i] = encodeRelationship(r)
	}
	return g.importAll(ctx, encoded)
}

// ImportFences sets the fences of domains that have none.
func (g *Graph) ImportFences(ctx context.Context, fences map[schema.Domain]string) error {
	var encoded []*v1.Relationship
	for domain, operation := range fences {
		if operation == "" {
			continue // nothing was applied yet
		}
		if err := validate(engine.Write{Domain: domain, Operation: operation}); err != nil {
			return engine.WrapError(engine.Invalid, "import fences", err)
		}
		encoded = append(encoded, fence(domain, operation))
	}
	return g.importAll(ctx, encoded)
}

func (g *Graph) importAll(ctx context.Context, rels []*v1.Relationship) error {
	if len(rels) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	stream, err := g.permissions.ImportBulkRelationships(ctx)
	if err != nil {
		return translate("import", err)
	}
	for chunk := range slices.Chunk(rels, importSize) {
		err := stream.Send(&v1.ImportBulkRelationshipsRequest{Relationships: chunk})
		if errors.Is(err, io.EOF) {
			break // SpiceDB gave up; the cause is in the answer
		}
		if err != nil {
			return translate("import", err)
		}
	}
	if _, err := stream.CloseAndRecv(); err != nil {
		return translate("import", err)
	}
	return nil
}
