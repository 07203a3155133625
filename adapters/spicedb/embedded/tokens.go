package embedded

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync/atomic"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	impl "github.com/authzed/spicedb/pkg/proto/impl/v1"
	"github.com/authzed/spicedb/pkg/zedtoken"

	"github.com/portico-authz/portico/engine"
)

// tokens turns SpiceDB's tokens into ours and back. Ours name the incarnation:
// memdb's snapshots are numbered by the clock, so a token of an earlier process
// looks like one of this one's past. It knows its datastore by 32 bits; we want
// more.
type tokens struct {
	incarnation string
	// schemaHash is the hash of the schema that is in force.
	schemaHash *atomic.Pointer[[]byte]
}

func newTokens() tokens {
	return tokens{incarnation: rand.Text(), schemaHash: new(atomic.Pointer[[]byte])}
}

// learn takes the schema's hash from the token of a read, which has it.
func (t tokens) learn(head engine.Token) error {
	if head == "" {
		return nil
	}
	decoded, err := decode(head)
	if err != nil {
		return err
	}
	if hash := decoded.GetV1().GetSchemaHash(); len(hash) > 0 {
		t.schemaHash.Store(&hash)
	}
	return nil
}

// seal makes a token of ours from SpiceDB's. The token of a write lacks the
// schema's hash, without which SpiceDB reads and compiles the schema again in
// each step of each check; as nobody else writes, we know it.
func (t tokens) seal(token engine.Token) (engine.Token, error) {
	decoded, err := decode(token)
	if err != nil {
		return "", err
	}
	if hash := t.schemaHash.Load(); hash != nil && len(decoded.GetV1().GetSchemaHash()) == 0 {
		decoded.GetV1().SchemaHash = *hash
	}
	encoded, err := zedtoken.Encode(decoded)
	if err != nil {
		return "", engine.WrapError(engine.Internal, "encode token", err)
	}
	return engine.Token(t.incarnation + "." + encoded.GetToken()), nil
}

// open reverses seal, and refuses tokens of other incarnations.
func (t tokens) open(token engine.Token) (engine.Token, error) {
	incarnation, inner, ok := strings.Cut(string(token), ".")
	if !ok || incarnation != t.incarnation {
		return "", engine.WrapError(engine.Stale, "snapshot", fmt.Errorf("%w: another incarnation", engine.ErrExpired))
	}
	return engine.Token(inner), nil
}

func decode(token engine.Token) (*impl.DecodedZedToken, error) {
	decoded, err := zedtoken.Decode(&v1.ZedToken{Token: string(token)})
	if err == nil && decoded.GetV1() == nil {
		err = fmt.Errorf("not of version 1")
	}
	if err != nil {
		return nil, engine.WrapError(engine.Internal, "decode token", err)
	}
	return decoded, nil
}
