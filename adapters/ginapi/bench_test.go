package ginapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/ginapi"
)

// BenchmarkLimits measures a request that does nothing, with and without limits:
// the difference is what they cost.
func BenchmarkLimits(b *testing.B) {
	d := open(b, nil)
	each := ginapi.Limit{Rate: 1e9, Concurrent: 100}
	for name, limits := range map[string]ginapi.Limits{"none": {}, "all": {Concurrent: 100, Key: each, Partner: each}} {
		b.Run(name, func(b *testing.B) {
			facade := ginapi.New(d.engine, &ginapi.Options{Verifier: tokens{}, Limits: limits})
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/v1/partners/acme/staff?limit=0", http.NoBody)
				r.Header.Set("Authorization", "Bearer jwt-ana")
				w := httptest.NewRecorder()
				facade.ServeHTTP(w, r)
				if w.Code != http.StatusBadRequest {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// BenchmarkCheck measures one check through the façade, without the network.
func BenchmarkCheck(b *testing.B) {
	d := open(b, nil)
	d.firm(b)
	const body = `{"resource":"account:acme/ledger","permission":"access","subject":"user:ben"}`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/check", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+d.app)
		w := httptest.NewRecorder()
		d.Config.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
