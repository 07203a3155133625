// Package embedded runs SpiceDB inside the process, on package memory, behind
// the engine's port. Nothing survives Close: the engine loads it from the store
// at start ([engine.Loader]).
//
// It opens no port, sends no telemetry and logs nothing. SpiceDB's packages
// register some metrics with Prometheus's default registry when the process
// starts; what a server would add to them for itself is held back.
//
// Start at [New].
package embedded

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"

	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/adapters/spicedb/memory"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options says how the embedded SpiceDB behaves. The zero Options work.
type Options struct {
	// DispatchCache bounds, in bytes, what SpiceDB remembers of its work within
	// a snapshot. Zero means nothing. With it, a grant may outlive its expiry
	// in the snapshots that were made before.
	DispatchCache uint64
	// Window is how long a snapshot that isn't the newest can be asked. Domains
	// that are idle for longer get a new one when they are asked, which costs a
	// write; what was overwritten in the window takes memory. Zero means
	// DefaultWindow.
	Window time.Duration
}

// DefaultWindow is the window of the zero [Options].
const DefaultWindow = 10 * time.Minute

// timeout bounds one call. It is long because in the process nobody needs to
// guess whether the other side is still there.
const timeout = 10 * time.Minute

// Graph is a SpiceDB in the process. It is safe for concurrent use.
type Graph struct {
	conn    *direct
	spicedb *spicedb.Graph
	store   datastore.Datastore
	tokens  tokens
	close   func() error
}

var _ engine.Loader = (*Graph)(nil)

// New starts a SpiceDB, which has no schema yet. ctx bounds the start only. A
// nil opts is the zero Options.
func New(ctx context.Context, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	store, err := memory.New(&memory.Options{Window: cmp.Or(opts.Window, DefaultWindow), Lasting: true})
	if err != nil {
		return nil, engine.WrapError(engine.Internal, "start embedded SpiceDB", err)
	}
	return newOn(ctx, opts, store)
}

// newOn starts a SpiceDB on a datastore, which is the Graph's to close.
func newOn(ctx context.Context, opts *Options, store datastore.Datastore) (*Graph, error) {
	conn, stop, err := serve(ctx, opts, store)
	if err != nil {
		return nil, engine.WrapError(engine.Internal, "start embedded SpiceDB", errors.Join(err, store.Close()))
	}
	g := &Graph{
		conn:   conn,
		store:  store,
		tokens: newTokens(store),
		close:  sync.OnceValue(func() error { return errors.Join(conn.Close(), stop(), store.Close()) }),
	}
	g.spicedb = spicedb.New(conn, &spicedb.Options{Timeout: timeout, Newest: g.tokens.newest, Unfenced: true})
	if err := g.Ready(ctx); err != nil {
		_ = g.Close() // the first error is the one that tells
		return nil, err
	}
	return g, nil
}

// WriteSchema implements [engine.Graph].
func (g *Graph) WriteSchema(ctx context.Context, source string) error {
	return g.spicedb.WriteSchema(ctx, source)
}

// Write implements [engine.Graph].
func (g *Graph) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	token, err := g.spicedb.Write(ctx, w)
	if err != nil {
		return "", err
	}
	return g.tokens.seal(ctx, token)
}

// Applied implements [engine.Graph].
func (g *Graph) Applied(ctx context.Context, domain schema.Domain) (string, error) {
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
	return g.spicedb.Relationships(ctx, domain)
}

// Ready implements [engine.Graph].
func (g *Graph) Ready(ctx context.Context) error {
	return g.spicedb.Ready(ctx)
}

// Close stops SpiceDB and forgets everything. Calls under way fail. Closing
// again does nothing.
func (g *Graph) Close() error { return g.close() }
