package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// portal is the engine, and what it runs on.
type portal struct {
	*engine.Engine
	graph engine.Graph
	store engine.Store
	inbox *inbox
	log   *slog.Logger
}

// openPortal puts the engine together: the portal's rules, a store that keeps
// everything, and a graph that decides. With more than one machine these would
// be [sqlstore.OpenPostgres] and a SpiceDB cluster; nothing else would change.
func openPortal(ctx context.Context, path string) (*portal, error) {
	files, err := schema.Builtin("agency")
	if err != nil {
		return nil, err
	}
	rules, err := schema.Load(files, zed.Compile)
	if err != nil {
		return nil, err
	}
	p := &portal{inbox: &inbox{tokens: map[string]string{}}, log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	store, err := sqlstore.OpenSQLite(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	p.store = store
	graph, err := embedded.New(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	p.graph = graph
	p.Engine = engine.New(store, graph, rules, &engine.Options{Mailer: p.inbox, Log: p.log})
	if err := p.Start(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close closes what was opened, the last first.
func (p *portal) Close() error { return errors.Join(p.graph.Close(), p.store.Close()) }

// maintain finishes, now and then, what a crash or a failure has left undone.
func (p *portal) maintain(ctx context.Context) {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := p.Maintain(ctx); err != nil && ctx.Err() == nil {
				p.log.WarnContext(ctx, "maintenance failed; it is tried again", "error", err)
			}
		}
	}
}

// inbox takes invitations in place of a mailer: this demonstration's people
// live in the same process.
type inbox struct {
	mu     sync.Mutex        // guards tokens
	tokens map[string]string // by e-mail address
}

// SendInvitation implements [engine.Mailer].
func (i *inbox) SendInvitation(_ context.Context, m engine.InvitationMail) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tokens[m.Email] = m.Token
	return nil
}

func (i *inbox) token(email string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.tokens[email]
}
