package ginapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestBadInput(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.want(t, 201, call{method: "POST", path: "/v1/partners", as: "zoe", body: `{"partner":"other","title":"Other","contact_name":"Zoe","email":"zoe@other.example"}`})
	const clients, check = "/v1/partners/acme/clients", "/v1/check"
	big := strings.Repeat("x", 10<<20)
	header := func(name string, values ...string) http.Header { return http.Header{name: values} }
	tests := []struct {
		name   string
		call   call
		status int
		code   string
	}{
		{"malformed", call{method: "POST", path: clients, body: `{"title":`}, 400, "invalid"},
		{"malformed, read", call{method: "POST", path: check, body: `{"resource"`}, 400, "invalid"},
		{"trailing", call{method: "POST", path: clients, body: `{"title":"A"} {}`}, 400, "invalid"},
		{"no body", call{method: "POST", path: clients}, 400, "invalid"},
		{"no body, read", call{method: "POST", path: check}, 400, "invalid"},
		{"null", call{method: "POST", path: clients, body: `null`}, 400, "invalid"},
		{"a list", call{method: "POST", path: clients, body: `[]`}, 400, "invalid"},
		{"unknown field", call{method: "POST", path: clients, body: `{"title":"A","tittle":"B"}`}, 400, "invalid"},
		{"unknown field, read", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana","x":1}`}, 400, "invalid"},
		{"the path's field", call{method: "POST", path: clients, body: `{"title":"A","partner":"other"}`}, 400, "invalid"},
		{"the path's field in capitals", call{method: "POST", path: clients, body: `{"title":"A","PARTNER":"other"}`}, 400, "invalid"},
		{"a body where none belongs", call{method: "DELETE", path: clients + "/retail", body: `{"really":true}`}, 400, "invalid"},
		{"wrong type", call{method: "POST", path: clients, body: `{"title":7}`}, 400, "invalid"},
		{"capitals", call{method: "POST", path: clients, body: `{"Title":"A"}`}, 400, "invalid"},
		{"capitals, read", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","Subject":"user:ana"}`}, 400, "invalid"},
		{"capitals, deep", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana","consistency":{"Mode":"full"}}`}, 400, "invalid"},
		{"a name twice", call{method: "POST", path: clients, body: `{"title":"A","title":"B"}`}, 400, "invalid"},
		{"a name twice, escaped", call{method: "POST", path: clients, body: `{"title":"A","t\u0069tle":"B"}`}, 400, "invalid"},
		{"a name twice, any operation", call{method: "POST", path: "/v1/operations/create_client", body: `{"partner":"acme","title":"A","partner":"acme"}`}, 400, "invalid"},
		{"a name twice, read", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana","subject":"user:ana"}`}, 400, "invalid"},
		{"a name twice, in a list", call{method: "POST", path: check + "/bulk", body: `{"checks":[{"resource":"partner:acme","permission":"enter","subject":"user:ana","subject":"user:ben"}]}`}, 400, "invalid"},
		{"wrong type twice", call{method: "POST", path: clients, body: `{"title":"A","Title":7}`}, 400, "invalid"},
		{"wrong type of a switch", call{method: "PUT", path: "/v1/partners/acme/accounts/ledger/staff/ben", body: `{"enabled":"yes"}`}, 400, "invalid"},
		{"a switch and more", call{method: "PUT", path: "/v1/partners/acme/accounts/ledger/staff/ben", body: `{"enabled":true,"expires_at":"2999-01-01T00:00:00Z"}`}, 400, "invalid"},
		{"no time", call{method: "PUT", path: clients + "/retail/staff/ana", body: `{"expires_at":"tomorrow"}`}, 400, "invalid"},
		{"the past", call{method: "PUT", path: clients + "/retail/staff/ana", body: `{"expires_at":"2001-01-01T00:00:00Z"}`}, 400, "invalid"},
		{"no name", call{method: "POST", path: clients, body: `{"title":"A","client":"a b"}`}, 400, "invalid"},
		{"a name too long", call{method: "POST", path: clients, body: `{"title":"` + strings.Repeat("A", 201) + `"}`}, 400, "invalid"},
		{"control characters", call{method: "POST", path: clients, body: `{"title":"A\u0000"}`}, 400, "invalid"},
		{"not UTF-8", call{method: "POST", path: clients, body: "{\"title\":\"\xff\"}"}, 400, "invalid"},
		{"not UTF-8, read", call{method: "POST", path: check, body: "{\"resource\":\"\xff\"}"}, 400, "invalid"},
		{"10 MB", call{method: "POST", path: clients, body: `{"title":"` + big + `"}`}, 413, "invalid"},
		{"10 MB, read", call{method: "POST", path: check, body: `{"resource":"` + big + `"}`}, 413, "invalid"},
		{"10 MB of checks", call{method: "POST", path: check + "/bulk", body: `{"checks":[` + big + `]}`}, 413, "invalid"},
		{"deep lists", call{method: "POST", path: clients, body: strings.Repeat("[", 500_000)}, 400, "invalid"},
		{"deep lists, closed", call{method: "POST", path: clients, body: `{"title":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`}, 400, "invalid"},
		{"deep lists, read", call{method: "POST", path: check + "/bulk", body: `{"checks":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`}, 400, "invalid"},
		{"no checks", call{method: "POST", path: check + "/bulk", body: `{"checks":[]}`}, 400, "invalid"},
		{"10,001 checks", call{method: "POST", path: check + "/bulk", body: `{"checks":[` + strings.Repeat(`{"resource":"partner:acme","permission":"enter","subject":"user:ana"},`, 10_000) +
			`{"resource":"partner:acme","permission":"enter","subject":"user:ana"}]}`}, 400, "invalid"},
		{"form", call{method: "POST", path: clients, body: "title=A", header: header("Content-Type", "application/x-www-form-urlencoded")}, 415, "invalid"},
		{"form, read", call{method: "POST", path: check, body: "a=b", header: header("Content-Type", "text/plain")}, 415, "invalid"},

		{"no media type", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Content-Type", "json")}, 415, "invalid"},

		{"everybody acts", call{method: "POST", path: clients, as: "*", body: `{"title":"A"}`}, 400, "invalid"},
		{"everybody checked", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:*"}`}, 400, "invalid"},
		{"every account", call{method: "POST", path: check, body: `{"resource":"account:acme/*","permission":"access","subject":"user:ana"}`}, 400, "invalid"},
		{"every folder", call{method: "DELETE", path: clients + "/*"}, 400, "invalid"},
		{"everybody supports", call{method: "DELETE", path: "/v1/support/*", key: d.key(t, "", "operate")}, 400, "invalid"},
		{"escaped slash", call{method: "DELETE", path: clients + "/a%2Fb"}, 400, "invalid"},
		{"unknown permission", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"fly","subject":"user:ana"}`}, 400, "invalid"},
		{"unknown type", call{method: "POST", path: check, body: `{"resource":"planet:acme/x","permission":"access","subject":"user:ana"}`}, 400, "invalid"},
		{"no object", call{method: "POST", path: check, body: `{"resource":"acme","permission":"enter","subject":"user:ana"}`}, 400, "invalid"},
		{"unknown mode", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana","consistency":{"mode":"now"}}`}, 400, "invalid"},
		{"made-up token", call{method: "POST", path: check, body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana","consistency":{"mode":"token","token":"x"}}`}, 400, "invalid"},
		{"list of no partner", call{method: "POST", path: "/v1/list/resources", body: `{"type":"client","permission":"access","subject":"user:ana"}`}, 400, "invalid"},

		{"the platform as a partner", call{method: "GET", path: "/v1/partners/platform%2Fmain"}, 400, "invalid"},
		{"the platform's journal", call{method: "GET", path: "/v1/partners/platform%2Fmain/journal"}, 400, "invalid"},
		{"the platform as a partner, write", call{method: "POST", path: "/v1/partners/platform%2Fmain/clients", body: `{"title":"A"}`}, 400, "invalid"},
		{"the platform as a partner, list", call{method: "POST", path: "/v1/list/resources", body: `{"partner":"platform/main","type":"client","permission":"access","subject":"user:ana"}`}, 400, "invalid"},
		{"the platform as an object", call{method: "POST", path: check, body: `{"resource":"partner:platform/main","permission":"enter","subject":"user:ana"}`}, 400, "invalid"},

		{"another's partner", call{method: "GET", path: "/v1/partners/other"}, 404, "not_found"},
		{"no partner", call{method: "GET", path: "/v1/partners/nobody"}, 404, "not_found"},
		{"write at another's", call{method: "POST", path: "/v1/partners/other/clients", body: `{"title":"A"}`}, 404, "not_found"},
		{"write at none", call{method: "POST", path: "/v1/partners/nobody/clients", body: `{"title":"A"}`}, 404, "not_found"},
		{"no folder", call{method: "DELETE", path: clients + "/nothing"}, 404, "not_found"},
		{"no operation", call{method: "POST", path: "/v1/operations/fly", body: `{}`}, 404, "not_found"},
		{"no address", call{method: "GET", path: "/v1/planets"}, 404, "not_found"},
		{"trailing slash", call{method: "GET", path: "/v1/partners/acme/"}, 404, "not_found"},
		{"no method", call{method: "PATCH", path: check}, 405, "invalid"},

		{"misspelt dry run", call{method: "POST", path: clients + "?dryrun=true", body: `{"title":"A"}`}, 400, "invalid"},
		{"half a dry run", call{method: "POST", path: clients + "?dry_run=maybe", body: `{"title":"A"}`}, 400, "invalid"},
		{"unknown query", call{method: "GET", path: clients + "?page=2"}, 400, "invalid"},
		{"limit too large", call{method: "GET", path: clients + "?limit=1001"}, 400, "invalid"},
		{"limit no number", call{method: "GET", path: clients + "?limit=all"}, 400, "invalid"},
		{"made-up cursor", call{method: "GET", path: clients + "?cursor=abc"}, 400, "invalid"},
		{"a query cut short", call{method: "GET", path: clients + "?limit=1&cursor=%f"}, 400, "invalid"},
		{"a query with semicolons", call{method: "GET", path: clients + "?limit=1;cursor=a"}, 400, "invalid"},
		{"a limit twice", call{method: "GET", path: clients + "?limit=1&limit=1"}, 400, "invalid"},
		{"a dry run twice", call{method: "POST", path: clients + "?dry_run=true&dry_run=true", body: `{"title":"A"}`}, 400, "invalid"},
		{"a broken query at a decision", call{method: "POST", path: check + "?%f", body: `{"resource":"partner:acme","permission":"enter","subject":"user:ana"}`}, 400, "invalid"},
		{"a limit of a whole journal", call{method: "GET", path: "/v1/partners/acme/journal?format=csv&limit=1", as: "olga"}, 400, "invalid"},
		{"a page of a whole journal", call{method: "GET", path: "/v1/partners/acme/journal?format=ndjson&before=3", as: "olga"}, 400, "invalid"},
		{"partners by an unknown permission", call{method: "POST", path: "/v1/list/resources", body: `{"type":"partner","permission":"fly","subject":"user:ana"}`}, 400, "invalid"},
		{"partners of everybody", call{method: "POST", path: "/v1/list/resources", body: `{"type":"partner","permission":"enter","subject":"user:*"}`}, 400, "invalid"},
		{"partners of nobody", call{method: "GET", path: "/v1/partners", key: d.key(t, "", "operate")}, 400, "invalid"},
		{"unknown state", call{method: "GET", path: "/v1/partners/acme/staff?state=sleeping"}, 400, "invalid"},
		{"journal of what", call{method: "GET", path: "/v1/partners/acme/journal?object=x"}, 400, "invalid"},
		{"journal since when", call{method: "GET", path: "/v1/partners/acme/journal?since=monday"}, 400, "invalid"},
		{"epoch no number", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("If-Match", `"new"`)}, 400, "invalid"},
		{"any epoch", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("If-Match", `*`)}, 400, "invalid"},
		{"weak epoch", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("If-Match", `W/"1"`)}, 400, "invalid"},
		{"half a quote", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("If-Match", `"1`)}, 400, "invalid"},
		{"two keys", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Idempotency-Key", "a", "b")}, 400, "invalid"},
		{"odd key", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Idempotency-Key", "a\xff")}, 400, "invalid"},
		{"long key", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Idempotency-Key", strings.Repeat("k", 129))}, 400, "invalid"},
		{"odd reason", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Portico-Reason", "%00")}, 400, "invalid"},
		{"half a reason", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Portico-Reason", "%f")}, 400, "invalid"},
		{"two actors", call{method: "POST", path: clients, body: `{"title":"A"}`, header: header("Portico-Actor", "ana", "olga")}, 400, "invalid"},
		{"taken", call{method: "POST", path: clients, body: `{"title":"A","client":"retail"}`}, 409, "conflict"},
		{"a second owner", call{method: "PUT", path: "/v1/partners/acme/staff/ben/role", body: `{"role":"owner"}`}, 400, "invalid"},
		{"not permitted", call{method: "POST", path: "/v1/partners/acme/accounts", as: "ben", body: `{"title":"A"}`}, 403, "forbidden"},
		{"bad invitation", call{method: "POST", path: "/v1/invitations/accept", body: `{"token":"invite_x"}`}, 404, "not_found"},
	}
	before := d.epoch(t, "acme")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.call.as == "" && test.call.key == "" {
				test.call.as = "ana"
			}
			a := d.do(t, test.call)
			if a.StatusCode != test.status {
				t.Fatalf("got %d %.300s, want %d", a.StatusCode, a.text, test.status)
			}
			p := a.object(t)
			if p["code"] != test.code || p["status"] != float64(test.status) || p["title"] == "" || p["type"] != "/docs#"+test.code ||
				a.Header.Get("Content-Type") != "application/problem+json" || p["request_id"] != a.Header.Get("X-Request-Id") {
				t.Errorf("got %s as %s", a.text, a.Header.Get("Content-Type"))
			}
			if len(a.text) > 4000 || strings.Contains(a.text, "goroutine") || strings.Contains(a.text, ".go:") {
				t.Errorf("says too much: %.300s", a.text)
			}
			if after := d.epoch(t, "acme"); after != before {
				t.Errorf("the epoch is %d, and was %d", after, before)
			}
		})
	}
}

// TestNotYoursAndNotThere proves that the two look the same.
func TestNotYoursAndNotThere(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	bound := d.key(t, "acme", "check", "act")
	d.want(t, 201, call{method: "POST", path: "/v1/partners", as: "zoe", body: `{"partner":"other","title":"Other","contact_name":"Zoe","email":"zoe@other.example"}`})
	check := func(partner string) string {
		return `{"resource":"client:` + partner + `/x","permission":"access","subject":"user:ana"}`
	}
	calls := map[string]func(partner string) call{
		"view":    func(p string) call { return call{method: "GET", path: "/v1/partners/" + p, as: "ana"} },
		"list":    func(p string) call { return call{method: "GET", path: "/v1/partners/" + p + "/clients", as: "ana"} },
		"journal": func(p string) call { return call{method: "GET", path: "/v1/partners/" + p + "/journal", as: "ana"} },
		"write": func(p string) call {
			return call{method: "POST", path: "/v1/partners/" + p + "/clients", as: "ana", body: `{"title":"A"}`}
		},
		"check as oneself": func(p string) call { return call{method: "POST", path: "/v1/check", key: "jwt-ana", body: check(p)} },
		"bound, check":     func(p string) call { return call{method: "POST", path: "/v1/check", key: bound, body: check(p)} },
		"bound, view":      func(p string) call { return call{method: "GET", path: "/v1/partners/" + p, key: bound, as: "zoe"} },
		"bound, list": func(p string) call {
			return call{method: "POST", path: "/v1/list/resources", key: bound, body: `{"partner":"` + p + `","type":"client","permission":"access","subject":"user:zoe"}`}
		},
		"bound, bulk": func(p string) call {
			return call{method: "POST", path: "/v1/check/bulk", key: bound, body: `{"checks":[` + check("acme") + `,` + check(p) + `]}`}
		},
	}
	for name, about := range calls {
		theirs, none := d.want(t, 404, about("other")), d.want(t, 404, about("ghost"))
		if got, want := theirs["detail"], strings.ReplaceAll(none["detail"].(string), "ghost", "other"); got != want {
			t.Errorf("%s: got %q for another's, %q for none", name, got, want)
		}
	}
}
