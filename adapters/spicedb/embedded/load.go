package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Load implements [engine.Loader]. Each batch that next returns is one
// transaction, and costs about as much memory as it is large; some thousand
// relationships are a good size.
//
// SpiceDB's API would spend most of the time on comparing each relationship with
// the schema. It is shown the first of each form, which is all that a schema
// tells apart; the others go straight to the datastore.
func (g *Graph) Load(ctx context.Context, next func() ([]schema.Relationship, error), fences map[schema.Domain]string) (engine.Token, error) {
	known := map[form]bool{}
	for {
		batch, err := next()
		if err != nil {
			return "", err
		}
		if len(batch) == 0 {
			break
		}
		first, rest := split(batch, known)
		if err := g.spicedb.Import(ctx, first); err != nil {
			return "", err
		}
		if err := g.load(ctx, rest); err != nil {
			return "", err
		}
	}
	if err := g.spicedb.ImportFences(ctx, fences); err != nil {
		return "", err
	}
	newest, err := g.tokens.newest(ctx)
	if err != nil {
		return "", err
	}
	return g.tokens.seal(ctx, newest)
}

// form is what the schema allows or doesn't.
type form struct {
	resource, relation, subject, subjectRelation string
	expires                                      bool
}

// split returns the first relationship of each form that isn't known yet, and
// the others.
func split(batch []schema.Relationship, known map[form]bool) (first, rest []schema.Relationship) {
	rest = make([]schema.Relationship, 0, len(batch))
	for _, r := range batch {
		f := form{r.Resource.Type, r.Relation, r.Subject.Object.Type, r.Subject.Relation, !r.ExpiresAt.IsZero()}
		if known[f] {
			rest = append(rest, r)
			continue
		}
		known[f] = true
		first = append(first, r)
	}
	return first, rest
}

func (g *Graph) load(ctx context.Context, batch []schema.Relationship) error {
	_, err := g.store.ReadWriteTx(ctx, func(ctx context.Context, tx datastore.ReadWriteTransaction) error {
		_, err := tx.BulkLoad(ctx, &source{rest: batch})
		return err
	})
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(datastore.CreateRelationshipExistsError)), errors.Is(err, errID):
		return engine.WrapError(engine.Invalid, "load", err)
	case ctx.Err() != nil, errors.Is(err, memory.ErrClosed), errors.Is(err, memory.ErrConflict):
		return engine.WrapError(engine.Unavailable, "load", err)
	default:
		return engine.WrapError(engine.Internal, "load", err)
	}
}

// maxID is how long an id may be for SpiceDB, once it is encoded.
const maxID = 1024

// errID: a relationship with such an id could be loaded, but never deleted.
var errID = errors.New("the id is empty or too long")

// source gives relationships to a datastore, one after the other.
type source struct {
	rest    []schema.Relationship
	present tuple.Relationship
}

// Next implements [datastore.BulkWriteRelationshipSource].
func (s *source) Next(context.Context) (*tuple.Relationship, error) {
	if len(s.rest) == 0 {
		return nil, nil
	}
	r := &s.rest[0]
	s.rest = s.rest[1:]
	resource, err := objectAndRelation(r.Resource, r.Relation)
	if err != nil {
		return nil, err
	}
	subject, err := objectAndRelation(r.Subject.Object, cmp.Or(r.Subject.Relation, tuple.Ellipsis))
	if err != nil {
		return nil, err
	}
	s.present = tuple.Relationship{RelationshipReference: tuple.RelationshipReference{Resource: resource, Subject: subject}}
	if !r.ExpiresAt.IsZero() {
		s.present.OptionalExpiration = &r.ExpiresAt
	}
	return &s.present, nil
}

func objectAndRelation(o schema.Object, relation string) (tuple.ObjectAndRelation, error) {
	id := schema.EncodeID(o.ID)
	if id == "" || len(id) > maxID {
		return tuple.ObjectAndRelation{}, fmt.Errorf("%s: %w", o, errID)
	}
	return tuple.ObjectAndRelation{ObjectType: o.Type, ObjectID: id, Relation: relation}, nil
}
