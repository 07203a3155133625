package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestGraph(t *testing.T) {
	enginetest.Graph(t, func(t *testing.T) engine.Graph { return open(t) })
}

func TestLoader(t *testing.T) {
	enginetest.Loader(t, func(t *testing.T) engine.Loader { return open(t) })
}

// Eight writers, each to a domain of its own: each acknowledged write is there
// at its own token, and only from then on.
func TestWritersSeeTheirWrites(t *testing.T) {
	const writers = 8
	writes := 1250
	if testing.Short() || enginetest.UnderRace {
		writes = 50
	}
	g := openWithSchema(t)
	var group sync.WaitGroup
	for n := range writers {
		group.Go(func() {
			w := writer{graph: g, partner: n}
			for i := range writes {
				if err := w.turn(t.Context(), i%2 == 0); err != nil {
					t.Errorf("writer %d, write %d: %v", n, i, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// A client that gives up leaves its write under way; the writes beside it must
// not suffer.
func TestGivenUpWrites(t *testing.T) {
	g := openWithSchema(t)
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			w := engine.Write{Domain: domain(100 + n)}
			for i := range 300 {
				w.Operation = fmt.Sprintf("op%d", i)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*100*time.Microsecond)
				_, err := g.Write(ctx, w)
				cancel()
				switch {
				case err == nil:
					w.After = w.Operation
				case errors.Is(err, engine.ErrFence): // an earlier one arrived after all
					w.After, err = g.Applied(t.Context(), w.Domain)
					if err != nil {
						t.Errorf("applied: %v", err)
					}
				case engine.CodeOf(err) != engine.Unavailable:
					t.Errorf("given up: %v", err)
				}
			}
		})
		group.Go(func() {
			w := writer{graph: g, partner: n}
			for i := range 300 {
				if err := w.turn(t.Context(), i%2 == 0); err != nil {
					t.Errorf("writer %d, write %d: %v", n, i, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// With no cache in the way, a grant ends within the snapshot that it is in.
func TestExpiryWithinASnapshot(t *testing.T) {
	g := openWithSchema(t)
	expiring := grant(0, 0)
	expiring.ExpiresAt = time.Now().UTC().Add(2 * time.Second).Truncate(time.Second)
	at, err := g.Write(t.Context(), engine.Write{Domain: domain(0), Operation: "op", Updates: []engine.Update{
		{Relationship: seat(0, 0)}, {Relationship: expiring},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		asked := time.Now()
		decisions, err := g.Check(t.Context(), at, []engine.Query{client(0, "u0")})
		if err != nil {
			t.Fatal(err)
		}
		expired := asked.After(expiring.ExpiresAt)
		switch {
		case decisions[0] == engine.Deny && time.Now().After(expiring.ExpiresAt):
			return
		case decisions[0] == engine.Deny:
			t.Fatalf("denied %v before the expiry", time.Until(expiring.ExpiresAt))
		case expired:
			t.Fatalf("allowed %v after the expiry", asked.Sub(expiring.ExpiresAt))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Two at once share nothing, leave nothing in Prometheus's default registry,
// and end.
func TestTwoAtOnce(t *testing.T) {
	before := goleak.IgnoreCurrent()
	open := func() *embedded.Graph {
		g, err := embedded.New(t.Context(), &embedded.Options{DispatchCache: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.WriteSchema(t.Context(), benchSchema); err != nil {
			t.Fatal(err)
		}
		return g
	}
	a, b := open(), open()
	if _, err := a.Write(t.Context(), engine.Write{Domain: "acme", Operation: "op"}); err != nil {
		t.Error(err)
	}
	if got, err := b.Applied(t.Context(), "acme"); got != "" || err != nil {
		t.Errorf("the other: got %q, %v", got, err)
	}
	for _, g := range []*embedded.Graph{a, b} {
		for range 2 {
			if err := g.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if err := g.Ready(t.Context()); engine.CodeOf(err) != engine.Unavailable {
			t.Errorf("closed: want unavailable, got %v", err)
		}
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "spicedb_environment_info" {
			t.Errorf("registered: %s", family.GetName())
		}
	}
	goleak.VerifyNone(t, before)
}

// writer gives a seat to a person, and takes it away again.
type writer struct {
	graph   *embedded.Graph
	partner int
	last    string
	count   int
	before  engine.Token
}

// turn writes, and looks at the snapshot of the write and the one before.
func (w *writer) turn(ctx context.Context, give bool) error {
	updates := []engine.Update{{Relationship: seat(w.partner, 0), Delete: !give}}
	if w.count == 0 {
		updates = append(updates, engine.Update{Relationship: grant(w.partner, 0)})
	}
	w.count++
	next := fmt.Sprintf("op%d", w.count)
	at, err := w.graph.Write(ctx, engine.Write{Domain: domain(w.partner), Updates: updates, After: w.last, Operation: next})
	if err != nil {
		return err
	}
	if err := w.want(ctx, at, give); err != nil {
		return fmt.Errorf("its own snapshot: %w", err)
	}
	if w.before != "" {
		if err := w.want(ctx, w.before, !give); err != nil {
			return fmt.Errorf("the snapshot before: %w", err)
		}
	}
	w.last, w.before = next, at
	return nil
}

func (w *writer) want(ctx context.Context, at engine.Token, access bool) error {
	want := engine.Deny
	if access {
		want = engine.Allow
	}
	got, err := w.graph.Check(ctx, at, []engine.Query{client(w.partner, "u0")})
	if err != nil {
		return err
	}
	if got[0] != want {
		return fmt.Errorf("got %s, want %s", got[0], want)
	}
	return nil
}

func openWithSchema(t *testing.T) *embedded.Graph {
	t.Helper()
	g := open(t)
	if err := g.WriteSchema(t.Context(), benchSchema); err != nil {
		t.Fatal(err)
	}
	return g
}

func open(t testing.TB) *embedded.Graph {
	t.Helper()
	g, err := embedded.New(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return g
}
