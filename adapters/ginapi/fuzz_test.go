package ginapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzBodies sends random bodies to every address that takes one, as the
// owner and as an application: whatever they are, it is never our fault.
func FuzzBodies(f *testing.F) {
	d := open(f, nil)
	d.firm(f)
	type target struct{ method, path string }
	var targets []target
	replace := strings.NewReplacer(":partner", "acme", ":staff", "ben", ":client", "retail", ":account", "ledger",
		":group", "north", ":user", "sam", ":operation", "")
	for _, r := range routes(f, d) {
		if r.Method == http.MethodGet {
			continue
		}
		if path := replace.Replace(r.Path); !strings.HasSuffix(path, "/operations/") {
			targets = append(targets, target{r.Method, path})
			continue
		}
		for _, o := range d.engine.Operations() {
			targets = append(targets, target{r.Method, "/v1/operations/" + o.Name})
		}
	}
	for i := range targets {
		f.Add(uint(i), []byte(`{"partner":"acme","title":"A","client":"retail","staff":"ana","expires_at":"2999-01-01T00:00:00Z","enabled":false}`))
	}
	for _, body := range []string{
		`{}`, `[]`, `null`, `{"resource":"account:acme/ledger","permission":"access","subject":"staff:acme/ana#user"}`,
		`{"checks":[{"resource":"platform:main","permission":"support","subject":"user:\u0000"}]}`,
		`{"user":"\ud800"}`, `{"title":1e999}`, `{"email":"a@b\u2028","contact_name":"","role":"owner"}`,
	} {
		f.Add(uint(0), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint, body []byte) {
		to := targets[which%uint(len(targets))]
		for _, as := range []string{"olga", ""} {
			a := d.do(t, call{method: to.method, path: to.path, body: string(body), as: as})
			if a.StatusCode >= 500 {
				t.Errorf("%s %s: got %d %s", to.method, to.path, a.StatusCode, a.text)
			}
		}
	})
}
