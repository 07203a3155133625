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
	"errors"
	"sync"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options says how the embedded SpiceDB behaves. The zero Options work.
type Options struct {
	// DispatchCache bounds, in bytes, what SpiceDB remembers of its work within
	// a snapshot. Zero means nothing. With it, a grant may outlive its expiry
	// in the snapshots that were made before.
	DispatchCache uint64
}

// timeout bounds one call. It is long because a call that is given up goes on
// in the server, and a write that goes on there must not meet the next one.
const timeout = 10 * time.Minute

// Graph is a SpiceDB in the process. It is safe for concurrent use.
type Graph struct {
	spicedb *spicedb.Graph
	tokens  tokens
	close   func() error

	// head is held for writing by whoever makes a new snapshot, and for reading
	// by whoever asks for the newest: SpiceDB v1.56.0's memdb numbers snapshots
	// before it orders them, and loses reads when writes overlap.
	head sync.RWMutex
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
		tokens:  newTokens(),
	}
	g.close = sync.OnceValue(func() error {
		disconnected := conn.Close() // ends what holds the lock
		g.head.Lock()
		defer g.head.Unlock()
		return errors.Join(disconnected, stop())
	})
	if err := g.Ready(ctx); err != nil {
		_ = g.Close() // the first error is the one that tells
		return nil, err
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

// Close stops SpiceDB and forgets everything. Calls under way fail. Closing
// again does nothing.
func (g *Graph) Close() error { return g.close() }
