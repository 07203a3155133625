package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

func TestGraph(t *testing.T) {
	enginetest.Graph(t, func(t *testing.T) engine.Graph { return open(t, nil) })
}

func TestLoader(t *testing.T) {
	enginetest.Loader(t, func(t *testing.T) engine.Loader { return open(t, nil) })
}

// Eight writers, each to a domain of its own: each acknowledged write is there
// at its own token, and only from then on.
func TestWritersSeeTheirWrites(t *testing.T) {
	const writers = 8
	writes := 1250
	if testing.Short() || enginetest.UnderRace {
		writes = 50
	}
	g := openWithSchema(t, nil)
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
	g := openWithSchema(t, nil)
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

// What the schema doesn't allow isn't loaded, though SpiceDB sees only the first
// relationship of each form.
func TestLoadKeepsToTheSchema(t *testing.T) {
	forbidden := schema.Relationship{
		Resource: accessTo(0, "u0").Resource, Relation: "staff",
		Subject: schema.Subject{Object: schema.User("u0")}, // people have no seat there
	}
	tooLong := seat(0, 1)
	tooLong.Subject.ID = strings.Repeat("x", 1025)
	for _, batches := range [][][]schema.Relationship{
		{{seat(0, 0), forbidden}},
		{{seat(0, 0), seat(0, 1)}, {seat(0, 2), forbidden}},
		{{seat(0, 0), tooLong}},
		{{seat(0, 0), seat(0, 1), seat(0, 1)}}, // twice the same
	} {
		g := openWithSchema(t, nil)
		next := func() ([]schema.Relationship, error) {
			if len(batches) == 0 {
				return nil, nil
			}
			batch := batches[0]
			batches = batches[1:]
			return batch, nil
		}
		if _, err := g.Load(t.Context(), next, nil); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("got %v, want invalid", err)
		}
	}
}

// A snapshot that isn't the newest can be asked for as long as the window; then
// it has expired, and says so.
func TestSnapshotExpires(t *testing.T) {
	const window = 100 * time.Millisecond
	g := openWithSchema(t, &embedded.Options{Window: window})
	at, err := g.Write(t.Context(), engine.Write{Domain: domain(0), Operation: "op"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Write(t.Context(), engine.Write{Domain: domain(1), Operation: "op"}); err != nil {
		t.Fatal(err)
	}
	query, written := []engine.Query{accessTo(0, "u0")}, time.Now()
	for {
		_, err := g.Check(t.Context(), at, query)
		if errors.Is(err, engine.ErrExpired) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(written) > 100*window {
			t.Fatal("it never expires")
		}
	}
}

// With no cache in the way, a grant ends within the snapshot that it is in.
func TestExpiryWithinASnapshot(t *testing.T) {
	g := openWithSchema(t, nil)
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
		decisions, err := g.Check(t.Context(), at, []engine.Query{accessTo(0, "u0")})
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
	opts := &embedded.Options{DispatchCache: 1 << 20}
	a, b := openWithSchema(t, opts), openWithSchema(t, opts)
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

// writer gives a person a seat that serves a client, and takes it away again.
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
	got, err := w.graph.Check(ctx, at, []engine.Query{accessTo(w.partner, "u0")})
	if err != nil {
		return err
	}
	if got[0] != want {
		return fmt.Errorf("got %s, want %s", got[0], want)
	}
	return nil
}
