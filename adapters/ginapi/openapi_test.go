package ginapi_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/schema"
)

var methods = []string{"get", "post", "put", "patch", "delete"}

// issued is the shape that the issue asks for.
const issued = `
post /v1/partners
get /v1/partners/{partner}
post /v1/partners/{partner}/owner
get /v1/partners/{partner}/staff
post /v1/partners/{partner}/staff
patch /v1/partners/{partner}/staff/{staff}
delete /v1/partners/{partner}/staff/{staff}
put /v1/partners/{partner}/staff/{staff}/role
post /v1/partners/{partner}/staff/{staff}/invitation
delete /v1/partners/{partner}/staff/{staff}/invitation
post /v1/invitations/accept
get /v1/partners/{partner}/staff/{staff}/clients
get /v1/partners/{partner}/clients
post /v1/partners/{partner}/clients
patch /v1/partners/{partner}/clients/{client}
delete /v1/partners/{partner}/clients/{client}
get /v1/partners/{partner}/clients/{client}/staff
put /v1/partners/{partner}/clients/{client}/staff/{staff}
delete /v1/partners/{partner}/clients/{client}/staff/{staff}
get /v1/partners/{partner}/clients/{client}/accounts
post /v1/partners/{partner}/clients/{client}/accounts
get /v1/partners/{partner}/clients/{client}/access
get /v1/partners/{partner}/accounts
post /v1/partners/{partner}/accounts
patch /v1/partners/{partner}/accounts/{account}
delete /v1/partners/{partner}/accounts/{account}
put /v1/partners/{partner}/accounts/{account}/staff/{staff}
delete /v1/partners/{partner}/accounts/{account}/staff/{staff}
get /v1/partners/{partner}/groups
post /v1/partners/{partner}/groups
put /v1/partners/{partner}/groups/{group}/accounts/{account}
delete /v1/partners/{partner}/groups/{group}/accounts/{account}
put /v1/partners/{partner}/groups/{group}/representatives/{staff}
delete /v1/partners/{partner}/groups/{group}/representatives/{staff}
get /v1/partners/{partner}/journal
post /v1/check
post /v1/check/bulk
post /v1/list/resources
post /v1/list/subjects
post /v1/list/permissions
post /v1/explain`

// document is what tests read of an OpenAPI document.
type document struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string `json:"summary"`
		Parameters  []struct {
			Ref, Name, In string
		} `json:"parameters"`
		Responses map[string]any `json:"responses"`
	} `json:"paths"`
	raw string
}

func (d *door) document(t *testing.T) document {
	t.Helper()
	a := d.do(t, call{method: "GET", path: "/openapi.json", key: "none"})
	doc := document{raw: a.text}
	if err := json.Unmarshal([]byte(a.text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentIsWhole(t *testing.T) {
	d := open(t, nil)
	doc := d.document(t)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %q", doc.OpenAPI)
	}
	for _, line := range strings.Split(strings.TrimSpace(issued), "\n") {
		method, path, _ := strings.Cut(line, " ")
		if _, ok := doc.Paths[path][method]; !ok {
			t.Errorf("the document lacks %s", line)
		}
	}
	ids := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" {
				t.Errorf("%s %s: the id %q or the summary is missing or taken", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			if op.Responses["default"] == nil {
				t.Errorf("%s %s: errors aren't documented", method, path)
			}
			if op.Responses["201"] != nil && op.Responses["200"] == nil {
				t.Errorf("%s %s: dry runs aren't documented", method, path)
			}
			named := map[string]bool{}
			for _, p := range op.Parameters {
				named[p.Name] = p.In == "path"
			}
			for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !named[m[1]] {
					t.Errorf("%s %s: the parameter %s isn't documented", method, path, m[1])
				}
			}
		}
	}
}

func TestDocumentRefersToWhatIsThere(t *testing.T) {
	doc := open(t, nil).document(t)
	var whole map[string]any
	if err := json.Unmarshal([]byte(doc.raw), &whole); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"\$ref":"#/([^"]+)"`).FindAllStringSubmatch(doc.raw, -1) {
		at := any(whole)
		for _, part := range strings.Split(m[1], "/") {
			at = at.(map[string]any)[part]
		}
		if at == nil {
			t.Errorf("nothing is at %s", m[1])
		}
	}
	if strings.Contains(doc.raw, "ErrorModel") || strings.Contains(doc.raw, `"hash":{"contentEncoding"`) && strings.Contains(doc.raw, `"request_digest"`) {
		t.Error("the document tells of what is never answered")
	}
}

// TestRoutesAreDocumented proves that what is documented is there, and the
// other way round, by asking without a key.
func TestRoutesAreDocumented(t *testing.T) {
	d := open(t, nil)
	doc := d.document(t)
	for path, item := range doc.Paths {
		for _, method := range methods {
			_, documented := item[method]
			a := d.do(t, call{method: strings.ToUpper(method), path: strings.NewReplacer("{", "", "}", "").Replace(path), key: "none"})
			if served := a.StatusCode == http.StatusUnauthorized; served != documented {
				t.Errorf("%s %s: documented is %v, and the answer %d", method, path, documented, a.StatusCode)
			}
		}
	}
	for _, route := range routes(t, d) {
		if _, ok := doc.Paths[regexp.MustCompile(`:(\w+)`).ReplaceAllString(route.Path, "{$1}")][strings.ToLower(route.Method)]; !ok {
			t.Errorf("%s %s isn't documented", route.Method, route.Path)
		}
	}
}

// routes returns the authenticated routes that the façade really has.
func routes(t testing.TB, d *door) []gin.RouteInfo {
	t.Helper()
	router, ok := d.Config.Handler.(*gin.Engine)
	if !ok {
		t.Fatalf("the handler is a %T", d.Config.Handler)
	}
	var found []gin.RouteInfo
	for _, r := range router.Routes() {
		if strings.HasPrefix(r.Path, "/v1/") {
			found = append(found, r)
		}
	}
	return found
}

func TestPortalWithoutGroups(t *testing.T) {
	d := open(t, func(p *schema.Portal) {
		for _, name := range []string{"create_group", "rename_group", "archive_group", "add_group_account", "switch_account"} {
			delete(p.Operations, name)
		}
		delete(p.Views, "groups")
	})
	d.firm(t)
	doc := d.document(t)
	for _, path := range []string{"/v1/partners/{partner}/groups", "/v1/partners/{partner}/groups/{group}"} {
		if _, ok := doc.Paths[path]; ok {
			t.Errorf("%s is documented", path)
		}
	}
	d.want(t, 404, call{method: "POST", path: "/v1/partners/acme/groups", as: "olga", body: `{"title":"North"}`})
	d.want(t, 404, call{method: "GET", path: "/v1/partners/acme/groups", as: "olga"})
	d.want(t, 404, call{method: "POST", path: "/v1/operations/create_group", as: "olga", body: `{"partner":"acme","title":"North"}`})
	if got := doc.Paths["/v1/partners/{partner}/accounts/{account}/staff/{staff}"]["put"].OperationID; got != "add_account_staff" {
		t.Errorf("the operation that is left: got %q", got)
	}
	d.want(t, 400, call{method: "PUT", path: "/v1/partners/acme/accounts/ledger/staff/ben", as: "olga", body: `{"enabled":true}`})
}
