package enginetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var viewCases = []storeCase{
	{"an error of fn is returned", func(t *testing.T, s engine.Store) {
		if err := s.View(t.Context(), func(engine.Tx) error { return errFn }); !errors.Is(err, errFn) {
			t.Errorf("got %v, want fn's error", err)
		}
	}},
	{"every write fails", func(t *testing.T, s engine.Store) {
		create(t, s, acme)
		ctx, ana := t.Context(), staff("ana").Object
		rel := row(t, "client:acme/retail#staff@staff:acme/ana#user")
		for what, write := range map[string]func(engine.Tx) error{
			"PutDomain":           func(tx engine.Tx) error { return tx.PutDomain(ctx, engine.DomainState{Domain: bravo}) },
			"PutEntry":            func(tx engine.Tx) error { return tx.PutEntry(ctx, staff("ana")) },
			"DeleteEntry":         func(tx engine.Tx) error { return tx.DeleteEntry(ctx, ana) },
			"PutRelationships":    func(tx engine.Tx) error { return tx.PutRelationships(ctx, []engine.Row{rel}) },
			"DeleteRelationships": func(tx engine.Tx) error { return tx.DeleteRelationships(ctx, []schema.Relationship{rel.Relationship}) },
			"PutRecord":           func(tx engine.Tx) error { return tx.PutRecord(ctx, engine.Record{ID: "r"}) },
			"PutKey":              func(tx engine.Tx) error { return tx.PutKey(ctx, engine.Key{ID: "k"}) },
			"PutSetting":          func(tx engine.Tx) error { return tx.PutSetting(ctx, "s", nil) },
		} {
			wantCode(t, what, s.View(ctx, write), engine.Internal)
		}
	}},
	{"it is one snapshot", func(t *testing.T, s engine.Store) {
		create(t, s, acme)
		view(t, s, func(tx engine.Tx) error {
			before, err := tx.Domain(t.Context(), acme)
			if err != nil {
				return err
			}
			bump(t, s, acme, 1)
			after, err := tx.Domain(t.Context(), acme)
			same(t, "the state within the view", after, before)
			return err
		})
	}},
	{"it has all that was committed before", func(t *testing.T, s engine.Store) {
		create(t, s, acme, bravo)
		var wg sync.WaitGroup
		for _, d := range []schema.Domain{acme, bravo} {
			wg.Go(func() { bumpAndView(t, s, d) })
		}
		wg.Wait()
	}},
	{"it is ready", func(t *testing.T, s engine.Store) {
		if err := s.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}},
}

// bumpAndView checks that a View sees what its caller has just committed.
func bumpAndView(t *testing.T, s engine.Store, d schema.Domain) {
	t.Helper()
	for want := int64(1); want <= 10; want++ {
		bump(t, s, d, 1)
		err := s.View(t.Context(), func(tx engine.Tx) error {
			state, err := tx.Domain(t.Context(), d)
			if state.Epoch != want {
				t.Errorf("%s is at epoch %d, want %d", d, state.Epoch, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
