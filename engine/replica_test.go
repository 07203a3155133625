package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// slowView lets a test do something after the second snapshot was read: the one
// from which recovery takes a pending operation.
type slowView struct {
	engine.Store
	views int
	after func()
}

func (s *slowView) View(ctx context.Context, fn func(engine.Tx) error) error {
	err := s.Store.View(ctx, fn)
	if s.views++; s.views == 2 {
		s.after()
	}
	return err
}

// TestRecoveryDoesNotRepeatAFinishedOperation: between a replica's look at a
// pending grant and its write to the graph, another finishes the grant and
// revokes it. The grant must not come back.
func TestRecoveryDoesNotRepeatAFinishedOperation(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	d := &doom{at: afterJournal}
	doomed := engine.New(doomedStore{b.store, d}, keeping{b.graph}, agency(t), nil)
	grant := &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}
	dies(t, func() { _, _ = doomed.Do(t.Context(), engine.PersonActor(owner), grant, nil) })

	store := &slowView{Store: b.store}
	replica := engine.New(store, keeping{b.graph}, agency(t), nil)
	store.after = func() {
		b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	}
	if err := replica.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Deny {
		t.Errorf("the revoked grant: %s", got)
	}
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.clean(t)
}

// TestRepairBesideAReplica: a revoke between the repair's look at the journal
// and its write must stand.
func TestRepairBesideAReplica(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.write(t, engine.Update{Relationship: schema.Relationship{
		Resource: schema.Obj("client", "acme", "retail"), Relation: "partner", Subject: schema.Subject{Object: schema.Partner("acme")},
	}, Delete: true})

	graph := &slowApplied{Graph: b.graph}
	replica := engine.New(b.store, graph, agency(t), nil)
	graph.before = func() {
		b.must(t, owner, &engine.ChangeRole{Partner: "acme", Staff: "vic", Role: "admin"})
	}
	if err := replica.Verify(t.Context(), engine.Mend, func(engine.Findings) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got := b.decision(t, "partner:acme", "manage_staff", "vic"); got != engine.Allow {
		t.Errorf("what was granted beside the repair: %s", got)
	}
	b.clean(t)
}

type slowApplied struct {
	engine.Graph
	once   sync.Once
	before func()
}

func (g *slowApplied) Applied(ctx context.Context, d schema.Domain) (string, error) {
	if d == "acme" {
		g.once.Do(g.before)
	}
	return g.Graph.Applied(ctx, d)
}

// TestManyReadersOfAnExpiry: however many ask at once, what has expired is
// dropped once.
func TestManyReadersOfAnExpiry(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic", ExpiresAt: time.Now().Add(time.Hour)})
	b.clock.turn(2 * time.Hour)
	var readers sync.WaitGroup
	for range 32 {
		readers.Go(func() {
			if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Deny {
				t.Errorf("after it expired: %s", got)
			}
		})
	}
	readers.Wait()
	if n := b.count(t, "acme", "sweep_expired"); n != 1 {
		t.Errorf("%d sweeps, want 1", n)
	}
}

// broken is a graph whose writes fail in a way that tells nothing.
type broken struct{ engine.Graph }

func (broken) Write(context.Context, engine.Write) (engine.Token, error) {
	return "", engine.WrapError(engine.Internal, "write", errors.New("who knows"))
}

// TestUnknownOutcomesAreUnavailable: an operation that may still happen never
// looks refused, and a partner that can't be served keeps no server from starting.
func TestUnknownOutcomesAreUnavailable(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	sick := engine.New(b.store, broken{b.graph}, agency(t), nil)
	op := &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"}
	for range 2 { // the second finds the first pending
		if _, err := sick.Do(t.Context(), engine.PersonActor(owner), op, nil); engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("an unknown outcome: %v", err)
		}
	}
	if err := sick.Start(t.Context()); err != nil {
		t.Errorf("the server doesn't start: %v", err)
	}
	if err := b.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.decision(t, "client:acme/retail", "access", owner); got != engine.Allow {
		t.Errorf("once recovered: %s", got)
	}
}

// TestStrangersLearnNothing: who may not know of a partner gets the same answer
// whatever they ask.
func TestStrangersLearnNothing(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	epoch := int64(99)
	for _, partner := range []string{"acme", "nowhere"} {
		_, err := b.Do(t.Context(), engine.PersonActor("eve"), &engine.CreateClient{Partner: partner, Title: "X"}, &engine.DoOptions{ExpectedEpoch: &epoch})
		if engine.CodeOf(err) != engine.NotFound || engine.MessageOf(err) != `no partner "`+partner+`"` {
			t.Errorf("%s: %v", partner, err)
		}
	}
	for _, partner := range []schema.Domain{"acme", "nowhere"} {
		_, err := b.ViewClientAccounts(t.Context(), engine.PersonActor("eve"), partner, "retail", engine.Paging{})
		if engine.MessageOf(err) != `no partner "`+string(partner)+`"` {
			t.Errorf("the accounts of a folder of %s: %v", partner, err)
		}
	}
	// An advisor's dry run tells of nobody else's access.
	b.hire(t, "acme", "vic", "advisor")
	b.hire(t, "acme", "val", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "val"})
	r, err := b.Do(t.Context(), engine.PersonActor("vic"), &engine.AddAccount{Partner: "acme", Client: "retail", Title: "Ledger"}, &engine.DoOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(r.Impact.Gains, r.Impact.Losses...) {
		if c.User != "vic" {
			t.Errorf("an advisor is told that %s gains %s on %s", c.User, c.Permission, c.Resource)
		}
	}
	if r.Impact.Hidden == 0 {
		t.Error("nothing is said to be hidden")
	}
}
