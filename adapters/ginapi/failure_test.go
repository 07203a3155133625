package ginapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// troubled is a store to which something happens before it is asked where a
// partner stands, or changes one.
type troubled struct {
	engine.Store
	trouble func() error // nil: none
}

func (s *troubled) Domain(ctx context.Context, d schema.Domain) (engine.DomainState, error) {
	if err := s.happen(); err != nil {
		return engine.DomainState{}, err
	}
	return s.Store.Domain(ctx, d)
}

func (s *troubled) Update(ctx context.Context, d schema.Domain, fn func(engine.Tx) error) error {
	if err := s.happen(); err != nil {
		return err
	}
	return s.Store.Update(ctx, d, fn)
}

func (s *troubled) happen() error {
	if s.trouble == nil {
		return nil
	}
	return s.trouble()
}

// TestWhoseFailure: only what we fail at counts and is logged as our failure;
// neither what makes no sense or isn't there, nor what its caller gave up.
func TestWhoseFailure(t *testing.T) {
	down := func(func()) error {
		return engine.WrapError(engine.Unavailable, "domain", errors.New("connection refused"))
	}
	leaves := func(hangUp func()) error { hangUp(); return nil }
	fly := strings.ReplaceAll(checking("acme", "acme"), "enter", "fly")
	const (
		noCheck   = `portico_checks_total{decision="error"`
		oneCheck  = `portico_checks_total{decision="error",mode="strict",source="none"} 1`
		twoChecks = `portico_checks_total{decision="error",mode="strict",source="none"} 2`
		operation = `portico_operations_total{operation="create_client",outcome="unavailable"}`
	)
	tests := map[string]struct {
		call    call
		trouble func(hangUp func()) error
		status  int
		counted string // in the metrics, besides the request; "" for nothing
	}{
		"a check of no permission": {posting("/v1/check", `{"resource":"partner:acme","permission":"fly","subject":"user:ben"}`), nil, 400, ""},
		"checks of no permission":  {posting("/v1/check/bulk", fly), nil, 400, ""},
		"a check at no partner":    {posting("/v1/check", `{"resource":"partner:ghost","permission":"enter","subject":"user:ben"}`), nil, 404, ""},
		"checks at no partner":     {posting("/v1/check/bulk", checking("ghost", "acme")), nil, 404, ""},
		"a check, no store":        {checkAcme, down, 503, oneCheck},
		"checks, no store":         {posting("/v1/check/bulk", checking("acme", "acme")), down, 503, twoChecks},
		"an operation, no store":   {posting(clientsPath, `{"title":"A"}`).with("", "ana"), down, 503, operation + " 1"},
		"a check, given up":        {checkAcme, leaves, 499, ""},
		"checks, given up":         {posting("/v1/check/bulk", checking("acme", "acme")), leaves, 499, ""},
		"an explanation, given up": {explainAcme, leaves, 499, ""},
		"an operation, given up":   {posting(clientsPath, `{"title":"A"}`).with("", "ana"), leaves, 499, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := &troubled{}
			d := serve(t, load(t, builtin(t, "agency")), func(s *setup) { store.Store, s.store = s.store, store })
			d.firm(t)
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			if test.trouble != nil {
				store.trouble = func() error { return test.trouble(hangUp) }
			}
			a := httptest.NewRecorder()
			d.facade.ServeHTTP(a, d.request(ctx, t, test.call))
			if a.Code != test.status {
				t.Errorf("got %d %s, want %d", a.Code, a.Body, test.status)
			}
			metrics := d.do(t, call{method: "GET", path: "/metrics", key: "none"}).text
			for _, failure := range []string{noCheck, operation} {
				if strings.Contains(metrics, failure) != strings.HasPrefix(test.counted, failure) {
					t.Errorf("%s: want %q in\n%s", failure, test.counted, metrics)
				}
			}
			if !strings.Contains(metrics, test.counted) {
				t.Errorf("the metrics lack %s", test.counted)
			}
			if failed := test.status >= http.StatusInternalServerError; strings.Contains(d.log.String(), `"ERROR"`) != failed {
				t.Errorf("the log has %s", d.log)
			}
		})
	}
}
