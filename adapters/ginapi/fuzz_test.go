package ginapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// FuzzBodies sends random bodies to every address of every portal that takes
// one, as who signed up and as an application: whatever they are, it is never
// our fault.
func FuzzBodies(f *testing.F) {
	var targets []target
	for _, name := range schema.Portals() {
		d, seat := serve(f, load(f, builtin(f, name))), "olga"
		if name == "agency" {
			d.firm(f)
			seat = "ben"
		} else {
			d.signUp(f)
		}
		targets = append(targets, d.targets(f, seat)...)
	}
	for i := range targets {
		f.Add(uint(i), []byte(`{"partner":"acme","title":"A","client":"retail","staff":"ana","expires_at":"2999-01-01T00:00:00Z","enabled":false}`))
		f.Add(uint(i), []byte(`{"title":"A","kind":"event","starts_at":"2999-01-01T08:00:00Z","ends_at":"2999-01-01T09:00:00Z","instructors":["olga"]}`))
		f.Add(uint(i), []byte(`{"replacements":{"yoga":"olga"},"groups":["north",""],"to":"olga"}`))
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
			a := to.door.do(t, call{method: to.method, path: to.path, body: string(body), as: as})
			if a.StatusCode >= 500 {
				t.Errorf("%s %s: got %d %s", to.method, to.path, a.StatusCode, a.text)
			}
		}
	})
}

// target is an address that takes a body.
type target struct {
	door         *door
	method, path string
}

func (d *door) targets(t testing.TB, seat string) []target {
	t.Helper()
	replace := strings.NewReplacer(":partner", "acme", ":staff", seat, ":client", "retail", ":account", "ledger",
		":group", "north", ":project", "site", ":record", "initech", ":event", "yoga", ":capability", "view_team",
		":user", "sam", ":operation", "")
	var list []target
	for _, r := range routes(d) {
		if r.Method == http.MethodGet {
			continue
		}
		if path := replace.Replace(r.Path); !strings.HasSuffix(path, "/operations/") {
			list = append(list, target{d, r.Method, path})
			continue
		}
		for _, o := range d.engine.Operations() {
			list = append(list, target{d, r.Method, "/v1/operations/" + o.Name})
		}
	}
	return list
}
