package ginapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

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
