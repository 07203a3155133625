package ginapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
)

// readyStore and readyGraph are as ready as a test says.
type readyStore struct {
	engine.Store
	ready func(context.Context) error
}

func (s readyStore) Ready(ctx context.Context) error { return s.ready(ctx) }

type readyGraph struct {
	engine.Loader
	ready func(context.Context) error
}

func (g readyGraph) Ready(ctx context.Context) error { return g.ready(ctx) }

// probed starts a façade whose store and graph are as ready as these say.
func probed(t *testing.T, store, graph func(context.Context) error) *door {
	t.Helper()
	return serve(t, load(t, builtin(t, "agency")), func(s *setup) {
		s.store, s.graph = readyStore{s.store, store}, readyGraph{s.graph.(engine.Loader), graph}
		s.ReadyTimeout = 20 * time.Millisecond
	})
}

func TestHealth(t *testing.T) {
	up := func(context.Context) error { return nil }
	down := func(context.Context) error { return errors.New("dial db.internal: refused for user=portico") }
	hangs := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	tests := map[string]struct {
		store, graph func(context.Context) error
		status       int
		detail       any
		how          map[string]any
	}{
		"all is up":       {up, up, 200, nil, map[string]any{"store": "ok", "graph": "ok"}},
		"no store":        {down, up, 503, "the store can't be reached", map[string]any{"store": "down", "graph": "ok"}},
		"no graph":        {up, down, 503, "the graph can't be reached", map[string]any{"store": "ok", "graph": "down"}},
		"nothing":         {down, down, 503, "the store and the graph can't be reached", map[string]any{"store": "down", "graph": "down"}},
		"the store hangs": {hangs, up, 503, "the store can't be reached", map[string]any{"store": "down", "graph": "ok"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := probed(t, test.store, test.graph)
			for _, path := range []string{"/livez", "/healthz"} {
				d.want(t, 200, call{method: "GET", path: path, key: "none"})
			}
			a := d.do(t, call{method: "GET", path: "/readyz", key: "none"})
			body := a.object(t)
			if a.StatusCode != test.status || body["detail"] != test.detail || !cmp.Equal(body["dependencies"], any(test.how)) {
				t.Errorf("got %d %s", a.StatusCode, a.text)
			}
			if test.status == 200 && body["status"] != "ready" || test.status == 503 && (body["code"] != "unavailable" || a.Header.Get("Retry-After") != "1") {
				t.Errorf("got %s", a.text)
			}
			if strings.Contains(a.text, "db.internal") {
				t.Errorf("tells the cause: %s", a.text)
			}
			if head := d.do(t, call{method: "HEAD", path: "/readyz", key: "none"}); head.StatusCode != test.status || head.text != "" {
				t.Errorf("HEAD: got %d %q", head.StatusCode, head.text)
			}
		})
	}
}

// TestProbesSideBySide: each dependency answers only once the other was asked.
func TestProbesSideBySide(t *testing.T) {
	store, graph := make(chan struct{}), make(chan struct{})
	meet := func(mine, other chan struct{}) func(context.Context) error {
		return func(ctx context.Context) error {
			close(mine)
			select {
			case <-other:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	d := serve(t, load(t, builtin(t, "agency")), func(s *setup) {
		s.store, s.graph = readyStore{s.store, meet(store, graph)}, readyGraph{s.graph.(engine.Loader), meet(graph, store)}
		s.ReadyTimeout = time.Minute
	})
	d.want(t, 200, call{method: "GET", path: "/readyz", key: "none"})
}

// TestOptionalDependencies: without the cache answers are slower, and there.
func TestOptionalDependencies(t *testing.T) {
	how, err := ginapi.Report([]engine.Dependency{
		{Name: "store"}, {Name: "graph"}, {Name: "cache", Err: errors.New("refused"), Optional: true},
	})
	if want := map[string]string{"store": "ok", "graph": "ok", "cache": "down, answers are slower"}; err != nil || !cmp.Equal(how, want) {
		t.Errorf("got %v, %v", how, err)
	}
}

func TestDraining(t *testing.T) {
	d := open(t, nil)
	ready := call{method: "GET", path: "/readyz", key: "none"}
	d.want(t, 200, ready)
	for range 2 {
		d.facade.Drain()
	}
	if p := d.want(t, 503, ready); p["detail"] != "draining" || p["code"] != "unavailable" {
		t.Errorf("got %v", p)
	}
	for _, c := range []call{
		{method: "GET", path: "/livez", key: "none"},
		{method: "GET", path: "/v1/portal", as: "ana"},
		ready,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+d.app)
		d.facade.ServeHTTP(w, r)
		if w.Header().Get("Connection") != "close" || w.Code != http.StatusOK && c.path != ready.path {
			t.Errorf("%s: got %d, Connection: %q", c.path, w.Code, w.Header().Get("Connection"))
		}
	}
	d.signUp(t) // what comes is served
	if strings.Contains(d.log.String(), `"ERROR"`) {
		t.Errorf("draining is no failure, and the log has %s", d.log)
	}
}
