// Package spicedb asks and feeds SpiceDB through its v1 gRPC API: the
// [engine.Graph] that a portal's decisions come from. It runs no SpiceDB
// itself and compiles none of its server; package embedded does.
//
// Start at [Dial], or at [New] for a connection that is there already.
package spicedb

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portico-authz/portico/engine"
)

// DefaultTimeout is how long one call to SpiceDB may take.
const DefaultTimeout = 10 * time.Second

// Options says how a [Graph] behaves. The zero Options work.
type Options struct {
	// Timeout bounds each call to SpiceDB, beside the context's deadline: each
	// page of a list, each part of a bulk check. Zero means DefaultTimeout.
	Timeout time.Duration
	// Newest returns the token of the newest snapshot, with all that was
	// acknowledged before the call, if there is a better way to learn that than
	// to ask SpiceDB (see [Graph.Head]). Nil means there is none.
	Newest func(context.Context) (engine.Token, error)
	// Unfenced leaves the fence out of questions: for a SpiceDB that nobody can
	// restore from a backup while we hold its tokens, since it ends with us.
	Unfenced bool
}

// Graph is SpiceDB behind the engine's port. It is safe for concurrent use.
type Graph struct {
	permissions v1.PermissionsServiceClient
	schema      v1.SchemaServiceClient
	timeout     time.Duration
	newest      func(context.Context) (engine.Token, error) // nil: SpiceDB is asked
	unfenced    bool
	probed      atomic.Bool
	conn        io.Closer // nil if the connection is the caller's
}

var _ engine.Graph = (*Graph)(nil)

// New returns a Graph over conn, which stays the caller's to close. A nil
// opts is the zero Options.
func New(conn grpc.ClientConnInterface, opts *Options) *Graph {
	g := &Graph{
		permissions: v1.NewPermissionsServiceClient(conn),
		schema:      v1.NewSchemaServiceClient(conn),
		timeout:     DefaultTimeout,
	}
	if opts != nil {
		g.newest, g.unfenced = opts.Newest, opts.Unfenced
	}
	if opts != nil && opts.Timeout > 0 {
		g.timeout = opts.Timeout
	}
	return g
}

// Ready reports whether SpiceDB answers, knows our key and reaches its
// datastore. A schema needn't be there yet.
func (g *Graph) Ready(ctx context.Context) error {
	_, err := g.Head(ctx)
	return err
}

// Head returns the token of the newest snapshot. Without a schema there is
// none: the token is then "".
//
// SpiceDB may miss a write that was acknowledged just before (its answer to
// "newest" is shared between requests, and on SQL datastores it isn't
// read-after-write); the token of a write is the one to trust.
func (g *Graph) Head(ctx context.Context) (engine.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	answer, err := g.schema.ReadSchema(ctx, &v1.ReadSchemaRequest{})
	if status.Code(err) == codes.NotFound {
		return "", nil
	}
	if err != nil {
		return "", translate("read schema", err)
	}
	return engine.Token(answer.GetReadAt().GetToken()), nil
}

// atNewest asks for the newest snapshot.
func (g *Graph) atNewest(ctx context.Context) (*v1.Consistency, error) {
	if g.newest == nil {
		return &v1.Consistency{Requirement: &v1.Consistency_FullyConsistent{FullyConsistent: true}}, nil
	}
	token, err := g.newest(ctx)
	if err != nil {
		return nil, err
	}
	return unbind(token).snapshot()
}

// Close closes what [Dial] opened.
func (g *Graph) Close() error {
	if g.conn == nil {
		return nil
	}
	return g.conn.Close()
}
