package enginetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/portico-authz/portico/engine"
)

func graphFenceOrder(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "fence")
	wantApplied(t, f, "")
	first := f.next()
	f.write(t)
	for i := range 3 {
		wantApplied(t, f, f.last)
		wrong := f.next(touch(f.seat("eve", "eve"))...)
		wrong.After = fmt.Sprintf("op-other-%d", i)
		wantFence(t, g, wrong)
		wantFence(t, g, first)
		wantApplied(t, f, f.last)
		f.write(t)
	}
	other := newFirm(t, g, "fence2") // whose name begins like the first's
	wantApplied(t, other, "")
	other.write(t)
	wantApplied(t, f, f.last)
	wantNone(t, f)
}

// graphFenceRepeated: a write that was applied and is sent again, or comes
// late, changes nothing.
func graphFenceRepeated(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "repeated")
	granted := f.next(touch(f.seat("ana", "ana"))...)
	if _, err := g.Write(t.Context(), granted); err != nil {
		t.Fatal(err)
	}
	f.last = granted.Operation
	wantFence(t, g, granted)
	revoked := f.next(remove(f.seat("ana", "ana"))...)
	if _, err := g.Write(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	f.last = revoked.Operation
	wantFence(t, g, granted)
	wantFence(t, g, revoked)
	wantNone(t, f)
	wantApplied(t, f, revoked.Operation)
}

// graphFenceRenewed: the same operation again makes a snapshot, and no change.
func graphFenceRenewed(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "renewed")
	f.write(t, touch(f.seat("ana", "ana"), f.admin("ana"), f.folder("retail"))...)
	for range 3 {
		at, err := g.Write(t.Context(), engine.Write{Domain: f.domain, After: f.last, Operation: f.last})
		if err != nil {
			t.Fatalf("renew: %v", err)
		}
		wantDecision(t, g, at, f.access("retail", "ana"), engine.Allow)
		wantApplied(t, f, f.last)
	}
	wantFence(t, g, engine.Write{Domain: f.domain, After: "op-never", Operation: "op-never"})
	f.write(t)
}

// graphFenceRaced: of writers that start from the same operation, one wins.
func graphFenceRaced(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "raced")
	for range 5 {
		var (
			group  sync.WaitGroup
			mu     sync.Mutex
			winner string
			wins   int
		)
		for range 8 {
			w := f.next()
			group.Go(func() {
				_, err := g.Write(t.Context(), w)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					winner, wins = w.Operation, wins+1
				case !errors.Is(err, engine.ErrFence) && engine.CodeOf(err) != engine.Unavailable:
					t.Errorf("loser: want ErrFence, or unavailable, got %v", err)
				}
			})
		}
		group.Wait()
		if wins != 1 {
			t.Fatalf("%d writers won, want 1", wins)
		}
		f.last = winner
	}
	f.write(t)
}

func wantApplied(t *testing.T, f *firm, want string) {
	t.Helper()
	got, err := f.graph.Applied(t.Context(), f.domain)
	if err != nil {
		t.Fatalf("applied: %v", err)
	}
	if got != want {
		t.Errorf("applied of %s: got %q, want %q", f.domain, got, want)
	}
}

func wantFence(t *testing.T, g engine.Graph, w engine.Write) {
	t.Helper()
	_, err := g.Write(t.Context(), w)
	if !errors.Is(err, engine.ErrFence) || engine.CodeOf(err) != engine.Conflict {
		t.Errorf("write %s after %q: want ErrFence (conflict), got %q %v", w.Operation, w.After, engine.CodeOf(err), err)
	}
}
