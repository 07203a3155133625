package observed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/observed"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// watcher writes down what it is told, and marks the context of the call.
type watcher struct{ seen []string }

type markKey struct{}

func (w *watcher) around(ctx context.Context, port, call string) (context.Context, func(error)) {
	w.seen = append(w.seen, port+" "+call)
	return context.WithValue(ctx, markKey{}, true), func(err error) {
		w.seen = append(w.seen, "end "+string(engine.CodeOf(err)))
	}
}

// ports are a store and a graph that answer every call with err, and notice
// whether the call's context is Around's. A transaction's function runs first.
type ports struct {
	engine.Store
	t      *testing.T
	shared bool
	err    error
}

func (p *ports) marked(ctx context.Context) error {
	if ctx.Value(markKey{}) == nil {
		p.t.Error("a call without Around's context")
	}
	return p.err
}

func (p *ports) Shared() bool { return p.shared }

func (p *ports) Update(ctx context.Context, _ schema.Domain, fn func(engine.Tx) error) error {
	return p.View(ctx, fn)
}

func (p *ports) View(ctx context.Context, fn func(engine.Tx) error) error {
	if err := fn(nil); err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	return p.marked(ctx)
}

func (p *ports) Domain(ctx context.Context, _ schema.Domain) (engine.DomainState, error) {
	if !p.shared {
		return engine.DomainState{}, nil
	}
	return engine.DomainState{}, p.marked(ctx)
}

func (p *ports) Domains(ctx context.Context, _ []schema.Domain) ([]engine.DomainState, error) {
	return nil, p.marked(ctx)
}

// graph is the ports' other half.
type graph struct {
	engine.Graph
	*ports
}

func (g graph) Ready(context.Context) error { return nil }
func (g graph) Close() error                { return nil }

func (g graph) Write(ctx context.Context, _ engine.Write) (engine.Token, error) {
	return "", g.marked(ctx)
}

func (g graph) Check(ctx context.Context, _ engine.Token, _ []engine.Query) ([]engine.Decision, error) {
	return nil, g.marked(ctx)
}

func (g graph) LookupResources(ctx context.Context, _ engine.Token, _, _ string, _ schema.Subject) ([]string, error) {
	return nil, g.marked(ctx)
}

func (g graph) LookupSubjects(ctx context.Context, _ engine.Token, _ schema.Object, _, _ string) ([]string, error) {
	return nil, g.marked(ctx)
}

// TestEachCallIsWatched: each call is told of once, with its outcome, and gets
// the context that Around made.
func TestEachCallIsWatched(t *testing.T) {
	ctx := t.Context()
	for _, fails := range []error{nil, engine.WrapError(engine.Unavailable, "call", errors.New("gone"))} {
		p := &ports{t: t, shared: true, err: fails}
		nothing := func(engine.Tx) error { return nil }
		w := &watcher{}
		s, g := observed.Store(p, w.around), observed.Graph(graph{ports: p}, w.around)
		calls := []struct {
			name string
			call func() error
		}{
			{"store update", func() error { return s.Update(ctx, "acme", nothing) }},
			{"store view", func() error { return s.View(ctx, nothing) }},
			{"store domain", func() error { _, err := s.Domain(ctx, "acme"); return err }},
			{"store domains", func() error { _, err := s.Domains(ctx, nil); return err }},
			{"graph write", func() error { _, err := g.Write(ctx, engine.Write{}); return err }},
			{"graph check", func() error { _, err := g.Check(ctx, "", make([]engine.Query, 1)); return err }},
			{"graph check_bulk", func() error { _, err := g.Check(ctx, "", make([]engine.Query, 2)); return err }},
			{"graph lookup_resources", func() error { _, err := g.LookupResources(ctx, "", "", "", schema.Subject{}); return err }},
			{"graph lookup_subjects", func() error { _, err := g.LookupSubjects(ctx, "", schema.Object{}, "", ""); return err }},
		}
		var want []string
		for _, c := range calls {
			want = append(want, c.name, "end "+string(engine.CodeOf(fails)))
			if err := c.call(); !errors.Is(err, fails) {
				t.Errorf("%s: %v, want %v", c.name, err, fails)
			}
		}
		if diff := cmp.Diff(want, w.seen); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
}

// TestWhatCostsNothingIsNotWatched: the epoch of a store in the process.
func TestWhatCostsNothingIsNotWatched(t *testing.T) {
	w := &watcher{}
	if _, err := observed.Store(&ports{t: t}, w.around).Domain(t.Context(), "acme"); err != nil || len(w.seen) > 0 {
		t.Errorf("%v, %v", w.seen, err)
	}
}

// TestATransactionsOwnErrorIsNotTheStores: what the function returns reaches who
// called, and who watches is told of it only if a call of the store's may have
// failed with it.
func TestATransactionsOwnErrorIsNotTheStores(t *testing.T) {
	for name, tt := range map[string]struct {
		own, stores error
		want        engine.Code
	}{
		"a wait":                      {own: errors.New("an older operation is pending")},
		"a refusal":                   {own: engine.Errorf(engine.Forbidden, "no")},
		"a query that failed":         {own: engine.Errorf(engine.Unavailable, "gone"), want: engine.Unavailable},
		"a query that makes no sense": {own: engine.Errorf(engine.Internal, "syntax"), want: engine.Internal},
		"a commit that failed":        {stores: engine.Errorf(engine.Conflict, "there already"), want: engine.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			w := &watcher{}
			s := observed.Store(&ports{t: t, err: tt.stores}, w.around)
			fn := func(engine.Tx) error { return tt.own }
			for _, err := range []error{s.Update(t.Context(), "acme", fn), s.View(t.Context(), fn)} {
				if !errors.Is(err, tt.own) && !errors.Is(err, tt.stores) {
					t.Errorf("returned %v", err)
				}
			}
			end := "end " + string(tt.want)
			if diff := cmp.Diff([]string{"store update", end, "store view", end}, w.seen); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAPanicEndsTheCall: as a defect, and goes on to who called.
func TestAPanicEndsTheCall(t *testing.T) {
	w := &watcher{}
	defer func() {
		if recovered := recover(); recovered != "boom" {
			t.Errorf("recovered %v", recovered)
		}
		if want := []string{"store view", "end internal"}; !slices.Equal(w.seen, want) {
			t.Errorf("calls %q, want %q", w.seen, want)
		}
	}()
	_ = observed.Store(&ports{t: t}, w.around).View(t.Context(), func(engine.Tx) error { panic("boom") })
}

// loadable is a graph that can be loaded.
type loadable struct{ graph }

func (loadable) Load(context.Context, func() ([]schema.Relationship, error), map[schema.Domain]string) (engine.Token, error) {
	return "loaded", nil
}

// TestLoadersStayLoaders: and what isn't one doesn't become one.
func TestLoadersStayLoaders(t *testing.T) {
	w := &watcher{}
	if _, ok := observed.Graph(graph{}, w.around).(engine.Loader); ok {
		t.Error("a cluster can be loaded")
	}
	l, ok := observed.Graph(loadable{}, w.around).(engine.Loader)
	if !ok {
		t.Fatal("a loader is none any more")
	}
	if token, err := l.Load(t.Context(), nil, nil); token != "loaded" || err != nil {
		t.Errorf("load: %q, %v", token, err)
	}
}

func TestBoth(t *testing.T) {
	var order []string
	named := func(name string) observed.Around {
		return func(ctx context.Context, _, _ string) (context.Context, func(error)) {
			order = append(order, name)
			return ctx, func(error) { order = append(order, name) }
		}
	}
	_, end := observed.Both(named("outer"), named("inner"))(t.Context(), "store", "view")
	end(nil)
	if want := []string{"outer", "inner", "inner", "outer"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestCache(t *testing.T) {
	enginetest.Cache(t, func(t *testing.T) engine.Cache {
		w := &locked{}
		return observed.Cache(&enginetest.MemoryCache{}, w.around)
	})
}

// locked is an Around for calls side by side.
type locked struct{}

func (*locked) around(ctx context.Context, _, _ string) (context.Context, func(error)) {
	return ctx, func(error) {}
}
