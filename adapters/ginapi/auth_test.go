package ginapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
)

func TestAuthentication(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	revokedKey, revoked, err := d.engine.CreateKey(t.Context(), engine.NewKey{Scopes: []engine.Scope{engine.ScopeAct}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.engine.RevokeKey(t.Context(), revokedKey.ID); err != nil {
		t.Fatal(err)
	}
	expiring, expired, err := d.engine.CreateKey(t.Context(), engine.NewKey{Scopes: []engine.Scope{engine.ScopeAct}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.engine.RotateKey(t.Context(), expiring.ID, -time.Hour); err != nil {
		t.Fatal(err)
	}
	checkOnly, actOnly, operate := d.key(t, "", "check"), d.key(t, "", "act"), d.key(t, "", "operate")
	bound := d.key(t, "acme", "check", "act")

	view := call{method: "GET", path: "/v1/partners/acme"}
	check := call{method: "POST", path: "/v1/check", body: `{"resource":"client:acme/retail","permission":"access","subject":"user:ben"}`}
	explain := call{method: "POST", path: "/v1/explain", body: check.body}
	with := func(c call, key, as string) call {
		c.key, c.as = key, as
		return c
	}
	headed := func(values ...string) call {
		return call{method: "GET", path: "/v1/partners/acme", key: "none", header: http.Header{"Authorization": values}}
	}
	bulk := func(users ...string) call {
		var checks []string
		for _, user := range users {
			checks = append(checks, strings.Replace(check.body, "ben", user, 1))
		}
		return call{method: "POST", path: "/v1/check/bulk", body: `{"checks":[` + strings.Join(checks, ",") + `]}`}
	}
	blank := func(key, name string) call {
		return call{method: "GET", path: "/v1/support", key: key, header: http.Header{"Portico-Actor": {name}}}
	}
	tests := []struct {
		name   string
		call   call
		status int
	}{
		{"nobody", with(view, "none", ""), 401},
		{"nobody at an operation", with(call{method: "POST", path: "/v1/partners", body: `{}`}, "none", ""), 401},
		{"basic", headed("Basic YTpi"), 401},
		{"no scheme", headed(d.app), 401},
		{"empty", headed("Bearer "), 401},
		{"two credentials in one", headed("Bearer " + d.app + ", Bearer " + d.app), 401},
		{"two headers", headed("Bearer "+d.app, "Bearer "+d.app), 401},
		{"a wrong key", with(view, d.app[:len(d.app)-1]+"!", "ana"), 401},
		{"a revoked key", with(view, revoked, "ana"), 401},
		{"an expired key", with(view, expired, "ana"), 401},
		{"a wrong token", with(view, "nonsense", ""), 401},
		{"the verifier is out of reach", with(view, "jwt-down", ""), 503},

		{"a person's token", with(view, "jwt-ana", ""), 200},
		{"a token for another person", with(view, "jwt-ana", "olga"), 403},
		{"a person named by the application", with(view, "", "user:ana"), 200},
		{"the application itself", with(view, "", ""), 400},
		{"a key that may not act", with(view, checkOnly, "ana"), 403},
		{"a key that names nobody", with(view, checkOnly, ""), 403},
		{"the operator's key with a blank name", blank(operate, ""), 400},
		{"the operator's key with spaces for a name", blank(operate, "  "), 400},
		{"a blank name", blank(d.app, ""), 400},
		{"a token and a blank name", blank("jwt-ana", ""), 400},
		{"the operator at a person's view", with(view, operate, ""), 403},
		{"the operator at a person's list", with(call{method: "GET", path: "/v1/partners/acme/clients"}, operate, ""), 404},
		{"the operator at the operator's", with(call{method: "GET", path: "/v1/support"}, operate, ""), 200},
		{"the operator names support", with(call{method: "POST", path: "/v1/support", body: `{"user":"sam"}`}, operate, ""), 200},
		{"a key bound to the partner", with(view, bound, "ana"), 200},
		{"a bound key at the platform", with(call{method: "GET", path: "/v1/support"}, bound, "sam"), 404},
		{"a bound key signs up", with(call{method: "POST", path: "/v1/partners", body: `{"partner":"other","title":"O","contact_name":"O","email":"o@o.example"}`}, bound, "ana"), 404},

		{"an application checks", with(check, checkOnly, ""), 200},
		{"a bound application checks", with(check, bound, ""), 200},
		{"an acting key that may not check, about another", with(check, actOnly, "ben"), 200},
		{"the operator checks", with(check, operate, ""), 403},
		{"an advisor about themself", with(check, "jwt-ben", ""), 200},
		{"an admin about an advisor", with(check, "jwt-ana", ""), 200},
		{"an outsider about an advisor", with(check, "jwt-zoe", ""), 404},
		{"an advisor about an admin", with(call{method: "POST", path: "/v1/check", body: strings.Replace(check.body, "ben", "ana", 1)}, "jwt-ben", ""), 403},
		{"an advisor about themself and others, at once", with(bulk("ben", "ana", "olga"), "jwt-ben", ""), 403},
		{"an advisor about themself, twice", with(bulk("ben", "ben"), "jwt-ben", ""), 200},
		{"an admin about others, at once", with(bulk("ana", "ben", "olga"), "jwt-ana", ""), 200},
		{"an advisor lists subjects", with(call{method: "POST", path: "/v1/list/subjects", body: `{"resource":"client:acme/retail","permission":"access"}`}, "jwt-ben", ""), 403},
		{"an advisor's own partners", with(call{method: "POST", path: "/v1/list/resources", body: `{"type":"partner","permission":"enter","subject":"user:ben"}`}, "jwt-ben", ""), 200},
		{"another's partners", with(call{method: "POST", path: "/v1/list/resources", body: `{"type":"partner","permission":"enter","subject":"user:ana"}`}, "jwt-ben", ""), 403},
		{"another's partners by address", with(call{method: "GET", path: "/v1/partners?user=ana"}, "jwt-ben", ""), 403},
		{"a person's partners, for an application", with(call{method: "GET", path: "/v1/partners?user=ana"}, checkOnly, ""), 200},
		{"support's, as nobody of it", with(call{method: "POST", path: "/v1/list/resources", body: `{"type":"platform","permission":"manage_support","subject":"user:sam"}`}, "jwt-ben", ""), 403},
		{"support's, about oneself", with(call{method: "POST", path: "/v1/list/resources", body: `{"type":"platform","permission":"manage_support","subject":"user:sam"}`}, "jwt-sam", ""), 200},
		{"an advisor explains their access", with(explain, "jwt-ben", ""), 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := d.do(t, test.call)
			if a.StatusCode != test.status {
				t.Fatalf("got %d %s, want %d", a.StatusCode, a.text, test.status)
			}
			if got := a.Header.Get("WWW-Authenticate"); (got != "") != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q", got)
			}
			if got := a.Header.Get("Retry-After"); (got != "") != (test.status == 503) {
				t.Errorf("Retry-After is %q", got)
			}
		})
	}
}

// TestDenialsTellNoNames proves that a person who is denied learns no more of
// what is hidden from them than the decision.
func TestDenialsTellNoNames(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/clients", as: "ana", body: `{"client":"hidden","title":"A Secret Merger"}`})
	c := call{method: "POST", path: "/v1/explain", key: "jwt-ben", body: `{"resource":"client:acme/hidden","permission":"access","subject":"user:ben"}`}
	own := d.do(t, c)
	if own.StatusCode != 200 || strings.Contains(own.text, "Secret") || len(own.object(t)["missing"].([]any)) > 0 {
		t.Errorf("to the person themself: got %d %s", own.StatusCode, own.text)
	}
	c.key = "jwt-ana"
	if whole := d.do(t, c); !strings.Contains(whole.text, "aren't on the folder A Secret Merger") {
		t.Errorf("to an admin: got %d %s", whole.StatusCode, whole.text)
	}
}
