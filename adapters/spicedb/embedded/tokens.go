package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datalayer"
	"github.com/authzed/spicedb/pkg/datastore"
	impl "github.com/authzed/spicedb/pkg/proto/impl/v1"
	"github.com/authzed/spicedb/pkg/zedtoken"

	"github.com/portico-authz/portico/engine"
)

// tokens turns SpiceDB's tokens into ours and back. Ours name the incarnation,
// so that one of an earlier process is refused. SpiceDB's own know their
// datastore by 32 bits; we want more.
type tokens struct {
	incarnation string
	store       datastore.Datastore
}

func newTokens(store datastore.Datastore) tokens {
	return tokens{incarnation: rand.Text(), store: store}
}

// newest returns SpiceDB's token of the snapshot that has everything that was
// acknowledged before. SpiceDB itself would share its answer between requests,
// also with one that asked earlier.
func (t tokens) newest(ctx context.Context) (engine.Token, error) {
	head, err := t.store.HeadRevision(ctx)
	if err != nil {
		return "", engine.WrapError(engine.Unavailable, "newest snapshot", err)
	}
	token, err := zedtoken.NewFromRevision(ctx, head.Revision, datalayer.SchemaHash(head.SchemaHash), t.store)
	if err != nil {
		return "", engine.WrapError(engine.Internal, "newest snapshot", err)
	}
	return engine.Token(token.GetToken()), nil
}

// seal makes a token of ours from SpiceDB's. The token of a write lacks the
// schema's hash, without which SpiceDB reads and compiles the schema again in
// each step of each check.
func (t tokens) seal(ctx context.Context, token engine.Token) (engine.Token, error) {
	decoded, err := zedtoken.Decode(&v1.ZedToken{Token: string(token)})
	if err == nil && decoded.GetV1() == nil {
		err = errors.New("not of version 1")
	}
	if err != nil {
		return "", engine.WrapError(engine.Internal, "decode token", err)
	}
	if len(decoded.GetV1().GetSchemaHash()) == 0 {
		if err := t.addHash(ctx, decoded.GetV1()); err != nil {
			return "", engine.WrapError(engine.Unavailable, "schema of the snapshot", err)
		}
	}
	encoded, err := zedtoken.Encode(decoded)
	if err != nil {
		return "", engine.WrapError(engine.Internal, "encode token", err)
	}
	return engine.Token(t.incarnation + "." + encoded.GetToken()), nil
}

func (t tokens) addHash(ctx context.Context, token *impl.DecodedZedToken_V1ZedToken) error {
	revision, err := t.store.RevisionFromString(token.GetRevision())
	if err != nil {
		return err
	}
	schema, err := t.store.SnapshotReader(revision).ReadStoredSchema(ctx)
	if err != nil {
		return err
	}
	token.SchemaHash = []byte(schema.Get().GetV1().GetSchemaHash())
	return nil
}

// open reverses seal, and refuses tokens of other incarnations.
func (t tokens) open(token engine.Token) (engine.Token, error) {
	incarnation, inner, ok := strings.Cut(string(token), ".")
	if !ok || incarnation != t.incarnation {
		return "", engine.WrapError(engine.Stale, "snapshot", fmt.Errorf("%w: another incarnation", engine.ErrExpired))
	}
	return engine.Token(inner), nil
}
