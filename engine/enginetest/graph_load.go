package enginetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Loader runs the suite of the [engine.Loader] port, beside that of [Graph].
// open returns an empty graph, another each time; it closes it in a cleanup.
func Loader(t *testing.T, open func(t *testing.T) engine.Loader) {
	t.Run("Nothing", func(t *testing.T) {
		g := openLoader(t, open)
		at, err := g.Load(t.Context(), batches(), nil)
		if err != nil {
			t.Fatal(err)
		}
		f := newFirm(t, g, "none")
		wantDecision(t, g, at, f.access("retail", "ana"), engine.Deny)
		wantApplied(t, f, "")
		f.write(t)
	})
	t.Run("Everything", func(t *testing.T) { loadEverything(t, openLoader(t, open)) })
	t.Run("SourceFails", func(t *testing.T) {
		cause := errors.New("the store is gone")
		_, err := openLoader(t, open).Load(t.Context(), func() ([]schema.Relationship, error) { return nil, cause }, nil)
		if !errors.Is(err, cause) {
			t.Errorf("got %v, want the source's error", err)
		}
	})
	t.Run("Refused", func(t *testing.T) {
		g := openLoader(t, open)
		bad := newFirm(t, g, "bad").seat("ana", "ana")
		bad.Relation = "nonesuch"
		_, err := g.Load(t.Context(), batches([]schema.Relationship{bad}), nil)
		wantRefusal(t, err, engine.Invalid)
	})
}

func loadEverything(t *testing.T, g engine.Loader) {
	acme, blue := newFirm(t, g, "acme"), newFirm(t, g, "blue")
	until := far()
	gone := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	small := []schema.Relationship{
		acme.seat("ana", "ana@example.com"), acme.grant("retail", "ana", until), acme.grant("old", "ana", gone),
	}
	var large []schema.Relationship
	for i := range 2500 {
		large = append(large, blue.seat(fmt.Sprintf("s%d", i), "bo"))
	}
	acme.last = "op-acme"
	at, err := g.Load(t.Context(), batches(small, large), map[schema.Domain]string{"acme": "op-acme", "blue": ""})
	if err != nil {
		t.Fatal(err)
	}
	wantDecision(t, g, at, acme.access("retail", "ana@example.com"), engine.Allow)
	wantDecision(t, g, at, acme.access("old", "ana@example.com"), engine.Deny)
	wantRelationships(t, acme, small[:2])
	wantRelationships(t, blue, large)
	wantApplied(t, acme, "op-acme")
	wantApplied(t, blue, "")

	wantFence(t, g, engine.Write{Domain: "acme", Operation: "op-first"})
	after := acme.write(t, remove(small[0])...)
	blue.write(t)
	wantDecision(t, g, after, acme.access("retail", "ana@example.com"), engine.Deny)
	wantDecision(t, g, at, acme.access("retail", "ana@example.com"), engine.Allow)
}

func openLoader(t *testing.T, open func(t *testing.T) engine.Loader) engine.Loader {
	t.Helper()
	g := open(t)
	if err := g.WriteSchema(t.Context(), graphSchema); err != nil {
		t.Fatalf("write schema: %v", err)
	}
	return g
}

// batches returns the lists one after the other, then none.
func batches(lists ...[]schema.Relationship) func() ([]schema.Relationship, error) {
	return func() ([]schema.Relationship, error) {
		if len(lists) == 0 {
			return nil, nil
		}
		first := lists[0]
		lists = lists[1:]
		return first, nil
	}
}
