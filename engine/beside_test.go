package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// steered is a graph between whose calls a test does something.
type steered struct {
	engine.Graph
	write   func(context.Context, engine.Write) (engine.Token, error)
	check   func(context.Context, engine.Token, []engine.Query) ([]engine.Decision, error)
	applied func()
}

func (g *steered) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	if g.write != nil {
		return g.write(ctx, w)
	}
	return g.Graph.Write(ctx, w)
}

func (g *steered) Check(ctx context.Context, at engine.Token, queries []engine.Query) ([]engine.Decision, error) {
	if g.check != nil {
		return g.check(ctx, at, queries)
	}
	return g.Graph.Check(ctx, at, queries)
}

func (g *steered) Applied(ctx context.Context, d schema.Domain) (string, error) {
	if g.applied != nil && d == "acme" {
		g.applied()
	}
	return g.Graph.Applied(ctx, d)
}

// beside returns one more replica of the bench, on a graph that can be steered.
func (b *bench) beside(t *testing.T) (*engine.Engine, *steered, *shared) {
	t.Helper()
	store, graph := &shared{Store: b.store}, &steered{Graph: keeping{b.graph}}
	return engine.New(store, graph, agency(t), &engine.Options{Clock: b.clock, Mailer: b.post}), graph, store
}

// forgetful makes the first check find its snapshot forgotten.
func (g *steered) forgetful() {
	var once sync.Once
	g.check = func(ctx context.Context, at engine.Token, queries []engine.Query) (_ []engine.Decision, err error) {
		once.Do(func() { err = engine.WrapError(engine.Stale, "check", engine.ErrExpired) })
		if err != nil {
			return nil, err
		}
		return g.Graph.Check(ctx, at, queries)
	}
}

// TestRepairHalfWay: a repair that ends between its writes opens nothing that it
// was about to close, and another one finishes it.
func TestRepairHalfWay(t *testing.T) {
	b, owner := vicsFolder(t)
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "vault", Title: "Vault"})
	vault := vicsAccess()
	vault.Resource = schema.Obj("client", "acme", "vault")
	b.older(t, vault.Resource)

	repairer, graph, _ := b.beside(t)
	writes := 0
	graph.write = func(ctx context.Context, w engine.Write) (engine.Token, error) {
		if writes++; writes == 2 {
			return "", engine.Errorf(engine.Unavailable, "killed")
		}
		return graph.Graph.Write(ctx, w)
	}
	if err := repairer.Verify(t.Context(), engine.Mend, func(engine.Findings) error { return nil }); err != nil || writes < 2 {
		t.Fatalf("%d writes, %v", writes, err)
	}
	reader, graph, _ := b.beside(t)
	graph.forgetful()
	if a, err := reader.Check(t.Context(), vault, engine.Consistency{}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("half mended: %q, %v", a.Decision, err)
	}
	b.findings(t, engine.Mend)
	b.clean(t)
	if a, err := b.Check(t.Context(), vault, engine.Consistency{}); err != nil || a.Decision != engine.Deny {
		t.Errorf("mended: %q, %v", a.Decision, err)
	}
}

// older makes acme's graph one of an older backup: it has vic on the folder, and
// more beside than one write can take away.
func (b *bench) older(t *testing.T, folder schema.Object) {
	t.Helper()
	vic := schema.Subject{Object: schema.Obj("staff", "acme", "vic"), Relation: "user"}
	extra := []engine.Update{{Relationship: schema.Relationship{Resource: folder, Relation: "staff", Subject: vic}}}
	for i := range engine.MaxUpdates {
		account := schema.Obj("account", "acme", fmt.Sprintf("a%d", i))
		extra = append(extra, engine.Update{Relationship: schema.Relationship{Resource: account, Relation: "staff", Subject: vic}})
	}
	for len(extra) > 0 {
		n := min(len(extra), engine.MaxUpdates)
		at, err := b.graph.Applied(t.Context(), "acme")
		if err == nil {
			_, err = b.graph.Write(t.Context(), engine.Write{Domain: "acme", Updates: extra[:n], After: at, Operation: "older"})
		}
		if err != nil {
			t.Fatal(err)
		}
		extra = extra[n:]
	}
}

// TestRepairBesideAnOperationOnItsWay: what is in the graph already and not yet
// in the store is not for a repair to take away.
func TestRepairBesideAnOperationOnItsWay(t *testing.T) {
	b, owner := vicsFolder(t)
	replica, graph, _ := b.beside(t)
	projected, looked, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	graph.write = func(ctx context.Context, w engine.Write) (engine.Token, error) {
		token, err := graph.Graph.Write(ctx, w)
		if w.After != w.Operation {
			close(projected)
			<-looked
		}
		return token, err
	}
	repairer, looking, _ := b.beside(t)
	var once sync.Once
	looking.applied = func() {
		once.Do(func() {
			go func() {
				defer close(done)
				revoke := &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}
				if _, err := replica.Do(context.Background(), engine.PersonActor(owner), revoke, nil); err != nil {
					t.Error(err)
				}
			}()
			<-projected
			time.AfterFunc(50*time.Millisecond, func() { close(looked) })
		})
	}
	if err := repairer.Verify(t.Context(), engine.Mend, func(engine.Findings) error { return nil }); err != nil {
		t.Fatal(err)
	}
	<-done
	wantAnswer(t, b.Engine, engine.Consistency{}, engine.Deny)
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "more", Title: "More"})
	b.clean(t)
}

// TestRepairBeforeAnOperationsWrite: an operation that a repair overtakes goes on
// from where the repair left the fence.
func TestRepairBeforeAnOperationsWrite(t *testing.T) {
	b, owner := vicsFolder(t)
	repairer, repaired, _ := b.beside(t)
	repaired.write = func(ctx context.Context, w engine.Write) (engine.Token, error) {
		if !strings.HasPrefix(w.Operation, "repair-") {
			return "", engine.Errorf(engine.Unavailable, "the operation is left to the replica")
		}
		return repaired.Graph.Write(ctx, w)
	}
	replica, graph, _ := b.beside(t)
	var once sync.Once
	graph.write = func(ctx context.Context, w engine.Write) (engine.Token, error) {
		once.Do(func() {
			b.rewind(t)
			_ = repairer.Verify(t.Context(), engine.Mend, func(engine.Findings) error { return nil })
		})
		return graph.Graph.Write(ctx, w)
	}
	revoke := &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}
	if _, err := replica.Do(t.Context(), engine.PersonActor(owner), revoke, nil); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, b.Engine, engine.Consistency{}, engine.Deny)
	b.clean(t)
}

// TestGraphWithoutASchema: a graph that was replaced by an empty one rejects
// nothing for good: it is unavailable.
func TestGraphWithoutASchema(t *testing.T) {
	b, owner := vicsFolder(t)
	empty := openGraph(t, 0)
	t.Cleanup(func() { _ = empty.Close() })
	replica, graph, _ := b.beside(t)
	graph.Graph = keeping{empty}
	if _, err := replica.Check(t.Context(), vicsAccess(), engine.Consistency{}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("check: %v", err)
	}
	graph.check = b.graph.Check // only to get by the authorisation
	create, opts := &engine.CreateClient{Partner: "acme", Client: "more", Title: "More"}, &engine.DoOptions{IdempotencyKey: "once"}
	if _, err := replica.Do(t.Context(), engine.PersonActor(owner), create, opts); engine.CodeOf(err) != engine.Unavailable || errors.Is(err, engine.ErrRejected) {
		t.Errorf("operation: %v", err)
	}
	if _, err := b.Do(t.Context(), engine.PersonActor(owner), create, opts); err != nil {
		t.Errorf("once the graph is back: %v", err)
	}
	b.clean(t)
}

// TestRenewalsShareConnections: many who ask about one partner whose snapshot is
// gone, at a graph that is slow, leave connections for the others.
func TestRenewalsShareConnections(t *testing.T) {
	b, _ := vicsFolder(t)
	b.firm(t, "bolt")
	replica, graph, store := b.beside(t)
	waiting, goOn := make(chan struct{}), make(chan struct{})
	graph.check = func(context.Context, engine.Token, []engine.Query) ([]engine.Decision, error) {
		return nil, engine.WrapError(engine.Stale, "check", engine.ErrExpired)
	}
	var once sync.Once
	graph.write = func(ctx context.Context, w engine.Write) (engine.Token, error) {
		once.Do(func() { close(waiting) })
		<-goOn
		return "", engine.WrapError(engine.Unavailable, "write", errors.New("slow"))
	}
	var askers sync.WaitGroup
	for range 16 {
		askers.Go(func() { _, _ = replica.Check(t.Context(), vicsAccess(), engine.Consistency{}) })
	}
	<-waiting
	await(t, "all to have asked", func() bool { return replica.Stats().EpochWaiters >= 16 })
	if n := store.updates.Load(); n != 1 {
		t.Errorf("%d transactions at a time, want 1", n)
	}
	close(goOn)
	askers.Wait()
}

// TestLeaseOfAWrongClock: a replica whose clock is ahead doesn't keep the chores
// from being done once it is gone.
func TestLeaseOfAWrongClock(t *testing.T) {
	b, _ := vicsFolder(t)
	ahead := engine.New(&shared{Store: b.store}, keeping{b.graph}, agency(t), &engine.Options{Clock: &clock{ahead: 365 * 24 * time.Hour}})
	if err := ahead.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	replica, _ := b.newReplica(t, looser(t), engine.Options{})
	if err := errors.Join(replica.Start(t.Context()), replica.Maintain(t.Context())); err != nil {
		t.Fatal(err)
	}
	if replica.Stats().RenewalsSchema == 0 {
		t.Error("nobody does the chores")
	}
}
