// Package embedded runs SpiceDB inside the process, in memory, behind the
// engine's port. Nothing survives Close: the engine loads it from the store at
// start ([engine.Loader]).
//
// It opens no port, sends no telemetry and logs nothing. SpiceDB's packages
// register some metrics with Prometheus's default registry when the process
// starts; what a server would add to them for itself is held back.
//
// Start at [New].
package embedded

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options says how the embedded SpiceDB behaves. The zero Options work.
type Options struct {
	// DispatchCache bounds, in bytes, what SpiceDB remembers of its work
	// within a snapshot. Zero means none: see the note on expiry at server.
	DispatchCache uint64
}

// timeout bounds one call. It is long because a call that is given up goes on
// in the server, and a write that goes on there must not meet the next one.
const timeout = 10 * time.Minute

// Graph is a SpiceDB in the process. It is safe for concurrent use.
type Graph struct {
	spicedb *spicedb.Graph
	conn    *grpc.ClientConn
	stop    func() error
	tokens  tokens

	// head is held for writing by whoever makes a new snapshot, and for reading
	// by whoever asks for the newest: SpiceDB v1.56.0's memdb numbers snapshots
	// before it orders them, and loses reads when writes overlap.
	head sync.RWMutex
	// calls counts what goes on in the server, for Close.
	calls sync.WaitGroup
}

var _ engine.Loader = (*Graph)(nil)

// New starts a SpiceDB, which has no schema yet. ctx bounds the start only. A
// nil opts is the zero Options.
func New(ctx context.Context, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	conn, stop, err := serve(ctx, opts)
	if err != nil {
		return nil, engine.WrapError(engine.Internal, "start embedded SpiceDB", err)
	}
	g := &Graph{
		spicedb: spicedb.New(conn, &spicedb.Options{Timeout: timeout}),
		conn:    conn,
		stop:    stop,
		tokens:  newTokens(),
	}
	if err := g.Ready(ctx); err != nil {
		return nil, fmt.Errorf("%w (and stopping it: %v)", err, g.Close()) //nolint:errorlint // the first error tells
	}
	return g, nil
}

// WriteSchema implements [engine.Graph].
func (g *Graph) WriteSchema(ctx context.Context, source string) error {
	_, err := alone(ctx, g, func(ctx context.Context) (struct{}, error) {
		if err := g.spicedb.WriteSchema(ctx, source); err != nil {
			return struct{}{}, err
		}
		head, err := g.spicedb.Head(ctx)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, g.tokens.learn(head)
	})
	return err
}

// Write implements [engine.Graph].
func (g *Graph) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	return alone(ctx, g, func(ctx context.Context) (engine.Token, error) {
		token, err := g.spicedb.Write(ctx, w)
		if err != nil {
			return "", err
		}
		return g.tokens.seal(token)
	})
}

// Applied implements [engine.Graph].
func (g *Graph) Applied(ctx context.Context, domain schema.Domain) (string, error) {
	g.head.RLock()
	defer g.head.RUnlock()
	return g.spicedb.Applied(ctx, domain)
}

// Check implements [engine.Graph].
func (g *Graph) Check(ctx context.Context, at engine.Token, queries []engine.Query) ([]engine.Decision, error) {
	at, err := g.tokens.open(at)
	if err != nil {
		return nil, err
	}
	return g.spicedb.Check(ctx, at, queries)
}

// LookupResources implements [engine.Graph].
func (g *Graph) LookupResources(ctx context.Context, at engine.Token, typ, permission string, subject schema.Subject) ([]string, error) {
	at, err := g.tokens.open(at)
	if err != nil {
		return nil, err
	}
	return g.spicedb.LookupResources(ctx, at, typ, permission, subject)
}

// LookupSubjects implements [engine.Graph].
func (g *Graph) LookupSubjects(ctx context.Context, at engine.Token, resource schema.Object, permission, subjectType string) ([]string, error) {
	at, err := g.tokens.open(at)
	if err != nil {
		return nil, err
	}
	return g.spicedb.LookupSubjects(ctx, at, resource, permission, subjectType)
}

// Relationships implements [engine.Graph].
func (g *Graph) Relationships(ctx context.Context, domain schema.Domain) ([]schema.Relationship, error) {
	g.head.RLock()
	defer g.head.RUnlock()
	return g.spicedb.Relationships(ctx, domain)
}

// Ready implements [engine.Graph].
func (g *Graph) Ready(ctx context.Context) error {
	g.head.RLock()
	defer g.head.RUnlock()
	return g.spicedb.Ready(ctx)
}

// Close stops SpiceDB and forgets everything. Calls under way fail.
func (g *Graph) Close() error {
	closed := g.conn.Close()
	g.calls.Wait()
	if err := g.stop(); err != nil {
		return err
	}
	return closed
}
