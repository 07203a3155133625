package enginetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var updateCases = []storeCase{
	{"an error of fn is returned and leaves no trace", func(t *testing.T, s engine.Store) {
		err := s.Update(t.Context(), acme, func(tx engine.Tx) error { return errors.Join(putAll(t, tx), errFn) })
		if !errors.Is(err, errFn) {
			t.Errorf("got %v, want fn's error", err)
		}
		nothingIn(t, s)
	}},
	{"a panic of fn goes on and leaves no trace", func(t *testing.T, s engine.Store) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = s.Update(t.Context(), acme, func(tx engine.Tx) error {
				if err := putAll(t, tx); err != nil {
					t.Error(err)
				}
				panic("fn panics")
			})
		}()
		nothingIn(t, s)
		create(t, s, acme) // the lock is free again
	}},
	{"a cancelled context leaves no trace", func(t *testing.T, s engine.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Update(ctx, acme, func(tx engine.Tx) error {
			err := putAll(t, tx)
			cancel()
			return err
		})
		wantCode(t, "update", err, engine.Unavailable)
		wantCode(t, "another", s.Update(ctx, acme, func(engine.Tx) error { return nil }), engine.Unavailable)
		nothingIn(t, s)
		create(t, s, acme)
	}},
	{"waiting for the domain ends with the context", func(t *testing.T, s engine.Store) {
		create(t, s, acme)
		update(t, s, func(engine.Tx) error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			err := s.Update(ctx, acme, func(engine.Tx) error { return errFn })
			wantCode(t, "the second update", err, engine.Unavailable)
			return nil
		})
	}},
	{"a failure that fn ignores leaves no trace", func(t *testing.T, s engine.Store) {
		create(t, s, bravo)
		err := s.Update(t.Context(), acme, func(tx engine.Tx) error {
			err := putAll(t, tx)
			_ = tx.PutDomain(t.Context(), engine.DomainState{Domain: bravo}) // not locked: Conflict
			return err
		})
		wantCode(t, "update", err, engine.Conflict)
		wantCode(t, "acme", domainErr(t, s, acme), engine.NotFound)
	}},
	{"a row that isn't there is no failure", func(t *testing.T, s engine.Store) {
		update(t, s, func(tx engine.Tx) error {
			_, err := tx.Entry(t.Context(), schema.Obj("staff", acme, "nobody"))
			wantCode(t, "entry", err, engine.NotFound)
			return putAll(t, tx)
		})
	}},
	{"the transaction is dead afterwards", func(t *testing.T, s engine.Store) {
		var kept engine.Tx
		update(t, s, func(tx engine.Tx) error {
			kept = tx
			return nil
		})
		if err := kept.PutSetting(t.Context(), "late", nil); err == nil {
			t.Error("a write after the commit succeeds")
		}
	}},
	{"one runs at a time in a domain", oneAtATime},
	{"several domains are updated side by side", func(t *testing.T, s engine.Store) {
		create(t, s, acme, bravo)
		var wg sync.WaitGroup
		for _, d := range []schema.Domain{acme, bravo, acme, bravo} {
			wg.Go(func() { bump(t, s, d, 10) })
		}
		wg.Wait()
		for _, d := range []schema.Domain{acme, bravo} {
			if state, err := s.Domain(t.Context(), d); err != nil || state.Epoch != 20 {
				t.Errorf("%s is at epoch %d, %v; want 20", d, state.Epoch, err)
			}
		}
	}},
	{"of two that create a domain one conflicts", createTwice},
}

// oneAtATime counts to 100 in eight goroutines, by reading and writing.
func oneAtATime(t *testing.T, s engine.Store) {
	create(t, s, acme)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { bump(t, s, acme, 13) })
	}
	wg.Wait()
	state, err := s.Domain(t.Context(), acme)
	if err != nil || state.Epoch != 8*13 {
		t.Errorf("epoch %d, %v; want %d", state.Epoch, err, 8*13)
	}
}

// bump raises the domain's epoch n times, and checks each time that the commit
// is seen at once.
func bump(t *testing.T, s engine.Store, d schema.Domain, n int) {
	t.Helper()
	for range n {
		var mine int64
		err := s.Update(t.Context(), d, func(tx engine.Tx) error {
			state, err := tx.Domain(t.Context(), d)
			if err != nil {
				return err
			}
			state.Epoch++
			mine = state.Epoch
			return tx.PutDomain(t.Context(), state)
		})
		if err != nil {
			t.Errorf("update %s: %v", d, err)
			return
		}
		if state, err := s.Domain(t.Context(), d); err != nil || state.Epoch < mine {
			t.Errorf("%s is at epoch %d, %v, after epoch %d was committed", d, state.Epoch, err, mine)
		}
	}
}

func createTwice(t *testing.T, s engine.Store) {
	const together = 4
	var (
		wg      sync.WaitGroup
		errs    [together]error
		created int
	)
	for i := range together {
		wg.Go(func() {
			errs[i] = s.Update(t.Context(), acme, func(tx engine.Tx) error {
				if _, err := tx.Domain(t.Context(), acme); err == nil {
					return engine.Errorf(engine.Conflict, "taken")
				}
				return tx.PutDomain(t.Context(), engine.DomainState{Domain: acme})
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err == nil {
			created++
			continue
		}
		wantCode(t, "create", err, engine.Conflict)
	}
	if created != 1 {
		t.Errorf("%d of %d created the domain, want 1", created, together)
	}
}

// putAll puts a row of each kind.
func putAll(t *testing.T, tx engine.Tx) error {
	t.Helper()
	ctx := t.Context()
	return errors.Join(
		tx.PutDomain(ctx, engine.DomainState{Domain: acme, CreatedAt: noon}),
		tx.PutEntry(ctx, staff("ana")),
		tx.PutRelationships(ctx, []engine.Row{row(t, "client:acme/retail#staff@staff:acme/ana#user")}),
		tx.PutRecord(ctx, engine.Record{ID: "r1", Domain: acme, Seq: 1}),
		tx.PutKey(ctx, engine.Key{ID: "k1"}),
		tx.PutSetting(ctx, "s1", []byte("x")),
	)
}

// nothingIn checks that no row of putAll is there.
func nothingIn(t *testing.T, s engine.Store) {
	t.Helper()
	wantCode(t, "the store's domain", domainErr(t, s, acme), engine.NotFound)
	view(t, s, func(tx engine.Tx) error {
		ctx := t.Context()
		_, domain := tx.Domain(ctx, acme)
		_, entry := tx.Entry(ctx, staff("ana").Object)
		_, record := tx.Record(ctx, "r1")
		_, key := tx.Key(ctx, "k1")
		_, setting := tx.Setting(ctx, "s1")
		for what, err := range map[string]error{
			"domain": domain, "entry": entry, "record": record, "key": key, "setting": setting,
		} {
			wantCode(t, what, err, engine.NotFound)
		}
		n, err := tx.CountRelationships(ctx)
		if n != 0 {
			t.Errorf("%d relationships, want none", n)
		}
		return err
	})
}

func domainErr(t *testing.T, s engine.Store, d schema.Domain) error {
	t.Helper()
	_, err := s.Domain(t.Context(), d)
	return err
}
