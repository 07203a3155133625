package enginetest

import (
	"errors"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// graphSnapshots: a token goes on giving the answers of its time.
func graphSnapshots(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "snapshots")
	seat := f.seat("ana", "ana")
	before := f.write(t, touch(f.grant("retail", "ana", time.Time{}))...)
	with := f.write(t, touch(seat)...)
	without := f.write(t, remove(seat)...)
	again := f.write(t, touch(seat)...)
	for i, step := range []struct {
		at   engine.Token
		want engine.Decision
	}{
		{before, engine.Deny},
		{with, engine.Allow},
		{without, engine.Deny},
		{again, engine.Allow},
		{without, engine.Deny},
		{with, engine.Allow},
		{before, engine.Deny},
	} {
		if got := decide(t, g, step.at, f.access("retail", "ana")); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
	ids, err := g.LookupResources(t.Context(), without, "client", "access", schema.Subject{Object: schema.User("ana")})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id == "snapshots/retail" {
			t.Error("lookup resources: saw what the snapshot hasn't")
		}
	}
}

func graphBadTokens(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "tokens")
	good := f.write(t)
	for _, bad := range []engine.Token{"", "nonsense", "CAESAA==", "!!", good[:len(good)/2]} {
		wantExpired(t, g, f, bad)
	}
}

// graphForeignToken: another graph's snapshot is not one of ours, and is never
// taken for one.
func graphForeignToken(t *testing.T, g, other engine.Graph) {
	if err := other.WriteSchema(t.Context(), graphSchema); err != nil {
		t.Fatal(err)
	}
	mine, theirs := newFirm(t, g, "foreign"), newFirm(t, other, "foreign")
	older := theirs.write(t, touch(theirs.seat("eve", "eve"), theirs.grant("retail", "eve", time.Time{}))...)
	mine.write(t)
	newer := theirs.write(t)
	wantExpired(t, g, mine, older)
	wantExpired(t, g, mine, newer)
	wantDecision(t, other, newer, theirs.access("retail", "eve"), engine.Allow)
}

func wantExpired(t *testing.T, g engine.Graph, f *firm, bad engine.Token) {
	t.Helper()
	q := f.access("retail", "eve")
	calls := map[string]func() error{
		"check": func() error {
			_, err := g.Check(t.Context(), bad, []engine.Query{q})
			return err
		},
		"bulk check": func() error {
			_, err := g.Check(t.Context(), bad, []engine.Query{q, q})
			return err
		},
		"lookup resources": func() error {
			_, err := g.LookupResources(t.Context(), bad, "client", "access", q.Subject)
			return err
		},
		"lookup subjects": func() error {
			_, err := g.LookupSubjects(t.Context(), bad, q.Resource, "access", schema.TypeUser)
			return err
		},
	}
	for name, call := range calls {
		err := call()
		if !errors.Is(err, engine.ErrExpired) || engine.CodeOf(err) != engine.Stale {
			t.Errorf("%s at %q: want ErrExpired (stale), got %q %v", name, bad, engine.CodeOf(err), err)
		}
	}
}
