package ginapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var methods = []string{"get", "post", "put", "patch", "delete"}

// The addresses of operations and views, as the issues ask for them: a user of
// the API would have to change theirs with them. A portal has those of its own
// operations and views.
const (
	operationAddresses = `
sign_up post /v1/partners
edit_partner patch /v1/partners/{partner}
transfer_ownership post /v1/partners/{partner}/owner
invite_staff post /v1/partners/{partner}/staff
edit_staff patch /v1/partners/{partner}/staff/{staff}
remove_staff delete /v1/partners/{partner}/staff/{staff}
change_role put /v1/partners/{partner}/staff/{staff}/role
resend_invitation post /v1/partners/{partner}/staff/{staff}/invitation
withdraw_invitation delete /v1/partners/{partner}/staff/{staff}/invitation
accept_invitation post /v1/invitations/accept
deactivate_staff post /v1/partners/{partner}/staff/{staff}/deactivate
reactivate_staff post /v1/partners/{partner}/staff/{staff}/reactivate
hand_over post /v1/partners/{partner}/staff/{staff}/hand_over
restore_staff post /v1/partners/{partner}/staff/{staff}/restore
purge_staff post /v1/partners/{partner}/staff/{staff}/purge
set_capability put /v1/partners/{partner}/staff/{staff}/capabilities/{capability}
restrict_staff put /v1/partners/{partner}/staff/{staff}/restriction
lift_restriction delete /v1/partners/{partner}/staff/{staff}/restriction
create_client post /v1/partners/{partner}/clients
rename_client patch /v1/partners/{partner}/clients/{client}
archive_client delete /v1/partners/{partner}/clients/{client}
restore_client post /v1/partners/{partner}/clients/{client}/restore
add_client_staff put /v1/partners/{partner}/clients/{client}/staff/{staff}
remove_client_staff delete /v1/partners/{partner}/clients/{client}/staff/{staff}
add_account post /v1/partners/{partner}/clients/{client}/accounts
create_account post /v1/partners/{partner}/accounts
create_internal_account post /v1/partners/{partner}/accounts
rename_account patch /v1/partners/{partner}/accounts/{account}
archive_account delete /v1/partners/{partner}/accounts/{account}
switch_account put /v1/partners/{partner}/accounts/{account}/staff/{staff}
add_account_staff put /v1/partners/{partner}/accounts/{account}/staff/{staff}
remove_account_staff delete /v1/partners/{partner}/accounts/{account}/staff/{staff}
create_group post /v1/partners/{partner}/groups
rename_group patch /v1/partners/{partner}/groups/{group}
archive_group delete /v1/partners/{partner}/groups/{group}
add_group_account put /v1/partners/{partner}/groups/{group}/accounts/{account}
remove_group_account delete /v1/partners/{partner}/groups/{group}/accounts/{account}
add_representative put /v1/partners/{partner}/groups/{group}/representatives/{staff}
remove_representative delete /v1/partners/{partner}/groups/{group}/representatives/{staff}
set_managed_payouts put /v1/partners/{partner}/groups/{group}/payouts/{staff}
create_project post /v1/partners/{partner}/projects
rename_project patch /v1/partners/{partner}/projects/{project}
archive_project delete /v1/partners/{partner}/projects/{project}
restore_project post /v1/partners/{partner}/projects/{project}/restore
assign_project_staff put /v1/partners/{partner}/projects/{project}/staff/{staff}
unassign_project_staff delete /v1/partners/{partner}/projects/{project}/staff/{staff}
set_leader put /v1/partners/{partner}/projects/{project}/leader
unset_leader delete /v1/partners/{partner}/projects/{project}/leader
create_record post /v1/partners/{partner}/records
edit_record patch /v1/partners/{partner}/records/{record}
delete_record delete /v1/partners/{partner}/records/{record}
restore_record post /v1/partners/{partner}/records/{record}/restore
create_event post /v1/partners/{partner}/events
edit_event patch /v1/partners/{partner}/events/{event}
archive_event delete /v1/partners/{partner}/events/{event}
assign_instructor put /v1/partners/{partner}/events/{event}/instructors/{staff}
unassign_instructor delete /v1/partners/{partner}/events/{event}/instructors/{staff}
write_relationship post /v1/partners/{partner}/relationships
delete_relationship post /v1/partners/{partner}/relationships/delete
add_support post /v1/support
remove_support delete /v1/support/{user}`
	viewAddresses = `
partner get /v1/partners/{partner}
roles get /v1/partners/{partner}/roles
staff get /v1/partners/{partner}/staff
staff_member get /v1/partners/{partner}/staff/{staff}
staff_access get /v1/partners/{partner}/staff/{staff}/access
staff_clients get /v1/partners/{partner}/staff/{staff}/clients
staff_projects get /v1/partners/{partner}/staff/{staff}/projects
staff_events get /v1/partners/{partner}/staff/{staff}/events
clients get /v1/partners/{partner}/clients
client_staff get /v1/partners/{partner}/clients/{client}/staff
client_accounts get /v1/partners/{partner}/clients/{client}/accounts
client_access get /v1/partners/{partner}/clients/{client}/access
internal_accounts get /v1/partners/{partner}/accounts
accounts get /v1/partners/{partner}/accounts
account_staff get /v1/partners/{partner}/accounts/{account}/staff
account_commissions get /v1/partners/{partner}/accounts/{account}/commissions
groups get /v1/partners/{partner}/groups
group_accounts get /v1/partners/{partner}/groups/{group}/accounts
group_staff get /v1/partners/{partner}/groups/{group}/staff
representatives get /v1/partners/{partner}/groups/{group}/representatives
projects get /v1/partners/{partner}/projects
project_staff get /v1/partners/{partner}/projects/{project}/staff
candidates get /v1/partners/{partner}/projects/{project}/candidates
records get /v1/partners/{partner}/records
events get /v1/partners/{partner}/events
event get /v1/partners/{partner}/events/{event}
event_instructors get /v1/partners/{partner}/events/{event}/instructors
possible_instructors get /v1/partners/{partner}/instructors
journal get /v1/partners/{partner}/journal
explain post /v1/explain
support get /v1/support`
	commonAddresses = `
do post /v1/operations/{operation}
view_portal get /v1/portal
list_partners get /v1/partners
check post /v1/check
check_bulk post /v1/check/bulk
list_resources post /v1/list/resources
list_subjects post /v1/list/subjects
list_permissions post /v1/list/permissions
explain post /v1/explain`
)

// address is one line of the above.
type address struct{ name, method, path string }

func addresses(text string) []address {
	var list []address
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		list = append(list, address{f[0], f[1], f[2]})
	}
	return list
}

// at returns the address with a name for each parameter.
func (a address) at() string {
	return strings.NewReplacer("{partner}", "acme", "{", "", "}", "").Replace(a.path)
}

// document is what tests read of an OpenAPI document.
type document struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string `json:"summary"`
		Parameters  []struct {
			Ref, Name, In string
			Schema        struct{ Enum []any }
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

// TestPortalsHaveTheirOwn proves that a portal's operations and views are
// documented at their addresses, and nothing else is.
func TestPortalsHaveTheirOwn(t *testing.T) {
	eachPortal(t, func(t *testing.T, d *door) {
		doc, portal := d.document(t), d.engine.Portal()
		if doc.OpenAPI != "3.1.0" || !strings.Contains(doc.raw, portal.Title) {
			t.Errorf("got OpenAPI %q of another portal than %s", doc.OpenAPI, portal.Name)
		}
		want := map[string]bool{}
		for _, a := range addresses(commonAddresses) {
			want[a.method+" "+a.path] = true
		}
		addressed := map[string]bool{}
		for _, a := range addresses(operationAddresses) {
			addressed[a.name] = true
			if d.has(a.name) {
				want[a.method+" "+a.path] = true
			}
		}
		for _, a := range addresses(viewAddresses) {
			addressed[a.name] = true
			if _, has := portal.Views[a.name]; has {
				want[a.method+" "+a.path] = true
			}
		}
		got := map[string]bool{}
		for path, item := range doc.Paths {
			for method := range item {
				got[method+" "+path] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the addresses (-want +got):\n%s", diff)
		}
		for _, o := range d.engine.Operations() {
			if !addressed[o.Name] {
				t.Errorf("the operation %s has no address of its own", o.Name)
			}
		}
		for name := range portal.Views {
			if !addressed[name] {
				t.Errorf("the view %s has no address", name)
			}
		}
	})
}

// has reports whether the portal has the operation.
func (d *door) has(operation string) bool {
	return slices.ContainsFunc(d.engine.Operations(), func(o engine.Definition) bool { return o.Name == operation })
}

// TestOtherPortalsOperations proves that what another portal has isn't there,
// and isn't told of.
func TestOtherPortalsOperations(t *testing.T) {
	eachPortal(t, func(t *testing.T, d *door) {
		doc := d.document(t)
		documented, told := map[string]bool{}, map[string]bool{}
		for path, item := range doc.Paths {
			for method, op := range item {
				documented[method+" "+path] = true
				for _, id := range strings.Split(op.OperationID, "_or_") {
					told[id] = true
				}
				for _, summary := range strings.Split(op.Summary, "; or: ") {
					told[summary] = true
				}
				for _, p := range op.Parameters {
					for _, value := range p.Schema.Enum {
						told[fmt.Sprint(value)] = true
					}
				}
			}
		}
		for _, a := range addresses(operationAddresses) {
			if d.has(a.name) {
				continue
			}
			if told[a.name] {
				t.Errorf("the document tells of %s", a.name)
			}
			d.want(t, 404, call{method: "POST", path: "/v1/operations/" + a.name, as: "olga", body: `{}`})
			if !documented[a.method+" "+a.path] { // another operation may have the address
				d.want(t, 404, call{method: strings.ToUpper(a.method), path: a.at(), as: "olga", body: `{}`})
			}
		}
		for _, o := range engine.Definitions() {
			if !d.has(o.Name) && told[o.Summary] {
				t.Errorf("the document tells that one could %s", o.Summary)
			}
		}
		for _, a := range addresses(viewAddresses) {
			if !documented[a.method+" "+a.path] {
				d.want(t, 404, call{method: strings.ToUpper(a.method), path: a.at(), as: "olga"})
			}
		}
	})
}

func TestDocumentIsWhole(t *testing.T) {
	eachPortal(t, func(t *testing.T, d *door) {
		ids := map[string]bool{}
		for path, item := range d.document(t).Paths {
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
	})
}

func TestDocumentRefersToWhatIsThere(t *testing.T) {
	eachPortal(t, refersToWhatIsThere)
}

func refersToWhatIsThere(t *testing.T, d *door) {
	t.Helper()
	doc := d.document(t)
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
	eachPortal(t, routesAreDocumented)
}

func routesAreDocumented(t *testing.T, d *door) {
	t.Helper()
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
	for _, route := range routes(d) {
		if _, ok := doc.Paths[regexp.MustCompile(`:(\w+)`).ReplaceAllString(route.Path, "{$1}")][strings.ToLower(route.Method)]; !ok {
			t.Errorf("%s %s isn't documented", route.Method, route.Path)
		}
	}
}

// routes returns the authenticated routes that the façade really has.
func routes(d *door) []gin.RouteInfo {
	var found []gin.RouteInfo
	for _, r := range d.facade.Routes() {
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
