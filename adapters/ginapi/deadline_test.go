package ginapi_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// hasty notes which calls of the store have no deadline.
type hasty struct {
	engine.Store
	mu      sync.Mutex // guards watched and endless
	watched string     // the request that is under way, "" if it is none
	endless map[string]bool
}

func (h *hasty) note(ctx context.Context, method string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := ctx.Deadline(); !ok && h.watched != "" {
		h.endless[h.watched+": "+method] = true
	}
}

func (h *hasty) watch(request string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watched = request
}

func (h *hasty) Update(ctx context.Context, d schema.Domain, fn func(engine.Tx) error) error {
	h.note(ctx, "Update")
	return h.Store.Update(ctx, d, fn)
}

func (h *hasty) View(ctx context.Context, fn func(engine.Tx) error) error {
	h.note(ctx, "View")
	return h.Store.View(ctx, fn)
}

func (h *hasty) Domain(ctx context.Context, d schema.Domain) (engine.DomainState, error) {
	h.note(ctx, "Domain")
	return h.Store.Domain(ctx, d)
}

func (h *hasty) Ready(ctx context.Context) error {
	h.note(ctx, "Ready")
	return h.Store.Ready(ctx)
}

// TestDeadlinesReachTheStore: whatever is asked of the façade, the store and all
// behind the engine know until when it is wanted.
func TestDeadlinesReachTheStore(t *testing.T) {
	h := &hasty{endless: map[string]bool{}}
	d := serve(t, load(t, builtin(t, "agency")), func(s *setup) {
		h.Store = s.store
		s.store = h
	})
	d.firm(t)
	replace := strings.NewReplacer(":partner", "acme", ":staff", "ben", ":client", "retail", ":account", "ledger",
		":group", "north", ":capability", "x", ":user", "sam", ":operation", "edit_partner")
	calls := []call{
		{method: "GET", path: "/readyz"},
		{method: "GET", path: "/v1/partners/acme/journal?format=ndjson"},
		{method: "POST", path: "/v1/check", body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana"}`},
		{method: "POST", path: "/v1/partners/acme/clients", body: `{"title":"A"}`},
		{method: "POST", path: "/v1/operations/create_client", body: `{"partner":"acme","title":"B"}`},
	}
	for _, r := range routes(d) {
		c := call{method: r.Method, path: replace.Replace(r.Path)}
		if r.Method != http.MethodGet {
			c.body = `{}`
		}
		calls = append(calls, c)
	}
	for _, c := range calls {
		c.as = "ana"
		h.watch(c.method + " " + c.path)
		d.do(t, c)
	}
	h.watch("")
	for call := range h.endless {
		t.Errorf("%s has no deadline", call)
	}
}
