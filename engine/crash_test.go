package engine_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// arrow is a place on the write path at which a process can die.
type arrow string

const (
	beforeJournal arrow = "before the plan is committed"
	afterJournal  arrow = "after the plan, before the graph"
	afterGraph    arrow = "after the graph, before the rows"
	beforeApply   arrow = "before the rows are committed"
	afterApply    arrow = "after the rows, before the answer"
)

// Which transaction of an operation commits what.
const (
	journalCommit = 1
	applyCommit   = 2
)

// crash is what a doomed process dies of.
type crash struct{ at arrow }

// doom kills the process at its arrow.
type doom struct {
	at      arrow
	updates int
}

func (d *doom) die(at arrow) {
	if d.at == at {
		panic(crash{at})
	}
}

// doomedStore dies around the commits of an operation.
type doomedStore struct {
	engine.Store
	doom *doom
}

func (s doomedStore) Update(ctx context.Context, domain schema.Domain, fn func(engine.Tx) error) error {
	s.doom.updates++
	n := s.doom.updates
	err := s.Store.Update(ctx, domain, func(tx engine.Tx) error {
		err := fn(tx)
		switch n {
		case journalCommit:
			s.doom.die(beforeJournal)
		case applyCommit:
			s.doom.die(beforeApply)
		}
		return err
	})
	switch n {
	case journalCommit:
		s.doom.die(afterJournal)
	case applyCommit:
		s.doom.die(afterApply)
	}
	return err
}

// doomedGraph dies after its write. It hides that it can be loaded: it stands
// for a cluster, which outlives the process.
type doomedGraph struct {
	engine.Graph
	doom *doom
}

func (g doomedGraph) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	token, err := g.Graph.Write(ctx, w)
	g.doom.die(afterGraph)
	return token, err
}

// TestCrashAtEachArrow kills the process on every arrow of the write path. What
// was not journaled never happened; what was happens once, whether the graph
// died with the process (embedded) or not (a cluster).
func TestCrashAtEachArrow(t *testing.T) {
	for _, at := range []arrow{beforeJournal, afterJournal, afterGraph, beforeApply, afterApply} {
		t.Run("embedded/"+string(at), func(t *testing.T) { crashAt(t, at, false) })
		t.Run("cluster/"+string(at), func(t *testing.T) { crashAt(t, at, true) })
	}
}

func crashAt(t *testing.T, at arrow, cluster bool) {
	ctx := t.Context()
	path, portal, post := filepath.Join(t.TempDir(), "portico.db"), agency(t), &post{}
	d := &doom{}
	graph := openGraph(t, 0)
	world := graph
	if cluster {
		world = doomedGraph{graph, &doom{}}
	}
	store := openStore(t, path)
	b := &bench{path: path, post: post, clock: &clock{}, store: store, graph: world}
	b.Engine = engine.New(store, world, portal, &engine.Options{Mailer: post})
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})

	d.at = at
	doomed := engine.New(doomedStore{store, d}, doomedGraph{graph, d}, portal, nil)
	grant := &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}
	opts := &engine.DoOptions{IdempotencyKey: "once"}
	dies(t, func() { _, _ = doomed.Do(ctx, engine.PersonActor(owner), grant, opts) })

	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if !cluster {
		if err := graph.Close(); err != nil {
			t.Fatal(err)
		}
		world = openGraph(t, 0)
	}
	b.store, b.graph = openStore(t, path), world
	t.Cleanup(func() { b.stop(t) })
	b.Engine = engine.New(b.store, world, portal, &engine.Options{Mailer: post})
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	want := engine.Allow
	if at == beforeJournal {
		want = engine.Deny
	}
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != want {
		t.Errorf("after the restart: %s, want %s", got, want)
	}
	b.clean(t)
	first, err := b.Do(ctx, engine.PersonActor(owner), grant, opts)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Do(ctx, engine.PersonActor(owner), grant, opts)
	if err != nil || again.Record != first.Record || again.Epoch != first.Epoch {
		t.Errorf("repeated: %+v (%v), want %+v", again, err, first)
	}
	if n := b.count(t, "acme", "add_client_staff"); n != 1 {
		t.Errorf("the journal has %d grants, want 1", n)
	}
	b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Deny {
		t.Errorf("after the revoke: %s", got)
	}
	b.clean(t)
}

// dies runs fn, which must die of a crash.
func dies(t *testing.T, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		switch r := recover().(type) {
		case crash:
		case nil:
			t.Fatal("the process lived")
		default:
			panic(r)
		}
	}()
	fn()
}

// clean fails the test unless journal, rows and graph agree.
func (b *bench) clean(t testing.TB) {
	t.Helper()
	for _, f := range b.findings(t, engine.Report) {
		if len(f.Problems) > 0 {
			t.Errorf("verify %s: %v", f.Domain, f.Problems)
		}
	}
}

func (b *bench) findings(t testing.TB, repair engine.Repair) []engine.Findings {
	t.Helper()
	var all []engine.Findings
	err := b.Verify(context.Background(), repair, func(f engine.Findings) error {
		all = append(all, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// count returns how many operations of a name the partner's journal has.
func (b *bench) count(t testing.TB, partner, operation string) int {
	t.Helper()
	n := 0
	err := b.store.View(context.Background(), func(tx engine.Tx) error {
		found, err := tx.Records(context.Background(), engine.RecordFilter{Domain: schema.Domain(partner), Operation: operation})
		n = len(found)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
