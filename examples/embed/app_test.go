// In the package itself: a command has nothing to import.
package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// visit is a request by a person, and what it is to be answered with.
type visit struct {
	who, method, path string
	status            int
	has               string // in the answer
}

// open opens the application on a file, as run does.
func open(t *testing.T, path string) (see func(visit), end func()) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	p, err := openPortal(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler := newApp(p.Engine)
	return func(v visit) {
			t.Helper()
			request := httptest.NewRequestWithContext(t.Context(), v.method, v.path, nil)
			if v.who != "" {
				request.Header.Set("Demo-User", v.who)
			}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != v.status || !strings.Contains(answer.Body.String(), v.has) {
				t.Errorf("%+v: got %d %s", v, answer.Code, answer.Body)
			}
		}, func() {
			t.Helper()
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
}

func TestApp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "embed.db")
	see, end := open(t, path)
	const ledger, staff = "/clients/retail/accounts/ledger", "/clients/retail/staff/vera"
	for _, v := range []visit{
		{"vera", "GET", "/clients", 200, `["client:harbour/retail"]`},
		{"vera", "GET", "/clients/retail", 200, "ledger"},
		{"vera", "GET", ledger, 200, "1,200.00"},
		{"olga", "GET", ledger, 200, "1,200.00"},
		{"olga", "GET", "/clients", 200, `["client:harbour/bakery","client:harbour/retail"]`},

		{"", "GET", ledger, 401, ""},
		{"", "GET", "/clients", 401, ""},
		{"", "DELETE", staff, 401, ""},
		{"vera", "GET", "/clients/bakery", 403, ""},
		{"vera", "GET", "/clients/bakery/accounts/oven", 403, ""},
		{"vera", "GET", "/clients/retail/accounts/oven", 403, ""},
		{"vera", "GET", "/clients/retail/accounts/nothing", 403, ""},
		{"olga", "GET", "/clients/retail/accounts/oven", 404, ""}, // it is in another folder
		{"eve", "GET", ledger, 403, ""},
		{"eve", "DELETE", staff, 404, "no partner"},
		{"vera", "DELETE", staff, 403, "share"},
		{"*", "GET", ledger, 400, ""},

		// A revoke is seen by the next request, and so is a grant.
		{"olga", "DELETE", staff, 200, "removed"},
		{"vera", "GET", ledger, 403, ""},
		{"vera", "GET", "/clients", 200, "[]"},
		{"olga", "PUT", staff, 200, "added"},
		{"vera", "GET", ledger, 200, "1,200.00"},
		{"olga", "DELETE", staff, 200, "removed"},
		{"olga", "DELETE", staff, 404, "is not on the folder"},
	} {
		see(v)
	}
	end()

	see, end = open(t, path) // the second start doesn't give it back
	defer end()
	see(visit{"vera", "GET", ledger, 403, ""})
	see(visit{"olga", "GET", ledger, 200, ""})
}
