package ginapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// access asks whether the user has access to the account ledger.
func (d *door) access(t *testing.T, user string) string {
	t.Helper()
	got := d.want(t, 200, call{
		method: "POST", path: "/v1/check",
		body: `{"resource":"account:acme/ledger","permission":"access","subject":"user:` + user + `"}`,
	})
	return got["decision"].(string)
}

func TestStory(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	if got := d.access(t, "ben"); got != "allow" {
		t.Errorf("an advisor on the folder: got %s (AG-12)", got)
	}
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/accounts/ledger/staff/ben", as: "ana", body: `{"enabled":false}`})
	if got := d.access(t, "ben"); got != "deny" {
		t.Errorf("switched off: got %s (AG-18)", got)
	}
	if got := d.access(t, "ana"); got != "allow" {
		t.Errorf("an admin: got %s (AG-19)", got)
	}
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/accounts/ledger/staff/ben", as: "ana", body: `{"enabled":true}`})

	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/accounts", as: "olga", body: `{"account":"payroll","title":"Payroll"}`})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/accounts/payroll/staff/ben", as: "olga", body: `{"expires_at":"2999-01-01T00:00:00Z"}`})
	grants := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/accounts/payroll/staff", as: "olga"})["grants"].([]any)
	if len(grants) != 1 || grants[0].(map[string]any)["expires_at"] != "2999-01-01T00:00:00Z" {
		t.Errorf("the grants on an internal account: got %v (AG-20)", grants)
	}
	d.want(t, 200, call{method: "DELETE", path: "/v1/partners/acme/accounts/payroll/staff/ben", as: "olga"})

	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/groups", as: "ana", body: `{"group":"north","title":"North"}`})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/groups/north/accounts/ledger", as: "ana"})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/groups/north/representatives/ben", as: "ana"})
	d.want(t, 200, call{method: "DELETE", path: "/v1/partners/acme/clients/retail/staff/ben", as: "ana"})
	if got := d.access(t, "ben"); got != "allow" {
		t.Errorf("a representative: got %s (AG-22)", got)
	}
	d.want(t, 200, call{method: "DELETE", path: "/v1/partners/acme/staff/ben", as: "ana"})
	if got := d.access(t, "ben"); got != "deny" {
		t.Errorf("removed: got %s (AG-21)", got)
	}
}

// titles returns what the entries of a list are called.
func titles(list map[string]any) []string {
	var names []string
	for _, e := range list["entries"].([]any) {
		names = append(names, e.(map[string]any)["title"].(string))
	}
	return names
}

func TestViews(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/staff", as: "ana", body: `{"contact_name":"Cy","email":"cy@acme.example","role":"advisor"}`})
	reads := []string{
		"", "/staff", "/staff/ben", "/staff/ben/clients", "/clients", "/clients/retail/staff", "/clients/retail/accounts",
		"/clients/retail/access", "/accounts", "/groups", "/journal", "/clients?state=archived",
	}
	token := d.post.token("cy@acme.example")
	hash := sha256.Sum256([]byte(token))
	secrets := []string{token, base64.StdEncoding.EncodeToString(hash[:]), "request_digest", "idempotency"}
	for _, path := range reads {
		a := d.do(t, call{method: "GET", path: "/v1/partners/acme" + path, as: "olga"})
		if a.StatusCode != 200 || a.Header.Get("Portico-Epoch") != strconv.FormatInt(d.epoch(t, "acme"), 10) {
			t.Errorf("%s: got %d %s, epoch %q", path, a.StatusCode, a.text, a.Header.Get("Portico-Epoch"))
		}
		for _, secret := range secrets {
			if strings.Contains(a.text, secret) {
				t.Errorf("%s: shows %q", path, secret)
			}
		}
	}
	invited := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/staff?state=invited", as: "olga"})
	if diff := cmp.Diff([]string{"Cy"}, titles(invited)); diff != "" {
		t.Error(diff)
	}
	first := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/staff?limit=1", as: "olga"})
	second := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/staff?limit=10&cursor=" + first["next"].(string), as: "olga"})
	if all := append(titles(first), titles(second)...); len(all) != 4 || second["next"] != nil {
		t.Errorf("two pages: got %v, next %v", all, second["next"])
	}
	partners := d.want(t, 200, call{method: "GET", path: "/v1/partners", as: "ben"})["partners"].([]any)
	if len(partners) != 1 || partners[0].(map[string]any)["title"] != "Acme" {
		t.Errorf("ben's partners: got %v", partners)
	}
	matrix := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/clients/retail/access", as: "ana"})
	if rows := matrix["rows"].([]any); len(rows) != 3 {
		t.Errorf("the matrix: got %v", matrix)
	}
	portal := d.want(t, 200, call{method: "GET", path: "/v1/portal"})
	if len(portal["operations"].([]any)) != len(d.engine.Operations()) || portal["name"] != "agency" {
		t.Errorf("the portal: got %v", portal)
	}
}

func TestDecisions(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	bulk := d.want(t, 200, call{method: "POST", path: "/v1/check/bulk", body: `{"checks":[
		{"resource":"account:acme/ledger","permission":"access","subject":"user:ben"},
		{"resource":"partner:acme","permission":"manage_staff","subject":"user:ben"}]}`})
	epoch := float64(d.epoch(t, "acme"))
	want := []any{
		map[string]any{"decision": "allow", "allowed": true, "epoch": epoch},
		map[string]any{"decision": "deny", "allowed": false, "epoch": epoch},
	}
	if diff := cmp.Diff(want, bulk["answers"]); diff != "" {
		t.Error(diff)
	}
	tests := []struct{ path, body, field, want string }{
		{"list/resources", `{"partner":"acme","type":"client","permission":"access","subject":"user:ben"}`, "resources", "client:acme/retail"},
		{"list/resources", `{"type":"partner","permission":"enter","subject":"user:ben"}`, "resources", "partner:acme"},
		{"list/subjects", `{"resource":"account:acme/ledger","permission":"access"}`, "subjects", "user:ana user:ben user:olga"},
		{"list/permissions", `{"resource":"client:acme/retail","subject":"user:nobody"}`, "permissions", ""},
	}
	for _, test := range tests {
		got := d.want(t, 200, call{method: "POST", path: "/v1/" + test.path, body: test.body})
		var words []string
		for _, o := range got[test.field].([]any) {
			words = append(words, o.(string))
		}
		if strings.Join(words, " ") != test.want {
			t.Errorf("%s: got %v, want %s", test.path, words, test.want)
		}
	}
	x := d.want(t, 200, call{method: "POST", path: "/v1/explain", body: `{"resource":"account:acme/ledger","permission":"access","subject":"user:ben"}`})
	if text := x["text"].(string); !strings.Contains(text, "on the folder Retail, added there by the admin on ") {
		t.Errorf("the explanation: got %q", text)
	}
}

func TestHowOperationsAreDone(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	create := call{method: "POST", path: "/v1/partners/acme/clients", as: "ana", body: `{"title":"Wholesale"}`}
	before := d.epoch(t, "acme")

	dry := create
	dry.path += "?dry_run=true"
	plan := d.want(t, 200, dry)
	if plan["impact"] == nil || plan["record"] != nil || d.epoch(t, "acme") != before {
		t.Errorf("a dry run: got %v, epoch %d, want %d", plan, d.epoch(t, "acme"), before)
	}

	stale := create
	stale.header = http.Header{"If-Match": {`"1"`}}
	if got := d.want(t, 412, stale); got["code"] != "stale" {
		t.Errorf("an old epoch: got %v", got)
	}

	create.header = http.Header{"If-Match": {strconv.FormatInt(before, 10)}, "Idempotency-Key": {"k-1"}, "Portico-Reason": {"f%C3%BCr%20Ana"}}
	first := d.do(t, create)
	if first.StatusCode != 201 || first.Header.Get("Portico-Epoch") != strconv.FormatInt(before+1, 10) {
		t.Fatalf("got %d %s %v", first.StatusCode, first.text, first.Header)
	}
	again := d.do(t, create)
	if again.StatusCode != 201 || again.text != first.text || d.epoch(t, "acme") != before+1 {
		t.Errorf("the same again: got %d %s, want %s", again.StatusCode, again.text, first.text)
	}
	create.body = `{"title":"Another"}`
	if got := d.want(t, 409, create); got["code"] != "conflict" {
		t.Errorf("the key for another request: got %v", got)
	}
	journal := d.want(t, 200, call{method: "GET", path: "/v1/partners/acme/journal?limit=1&operation=create_client", as: "ana"})
	record := journal["records"].([]any)[0].(map[string]any)
	if record["reason"] != "für Ana" || record["epoch"] != float64(before+1) {
		t.Errorf("the journal: got %v", record)
	}

	byName := d.want(t, 200, call{method: "POST", path: "/v1/operations/rename_client", as: "ana", body: `{"partner":"acme","client":"retail","title":"Retail and more"}`})
	if byName["object"] != "client:acme/retail" {
		t.Errorf("by name: got %v", byName)
	}
	token := d.want(t, 200, call{method: "POST", path: "/v1/check", body: `{"resource":"partner:acme","permission":"enter","subject":"user:ben",
		"consistency":{"mode":"token","token":"` + byName["token"].(string) + `"}}`})
	if token["epoch"] != byName["epoch"] {
		t.Errorf("at the token: got %v, want the epoch %v", token, byName["epoch"])
	}
}
