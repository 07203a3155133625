package ginapi_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// found starts a portal in which olga has signed up acme.
func found(t *testing.T, files fs.FS) *door {
	t.Helper()
	d := serve(t, load(t, files))
	d.signUp(t)
	return d
}

// acme sends a request of olga's about acme: "POST /accounts", and a body.
func (d *door) acme(t *testing.T, status int, address string, body ...string) map[string]any {
	t.Helper()
	method, path, _ := strings.Cut(address, " ")
	return d.want(t, status, call{method: method, path: "/v1/partners/acme" + path, as: "olga", body: strings.Join(body, "")})
}

// pick follows names and places into an answer.
func pick(t *testing.T, at any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := at.(map[string]any)
			if !ok {
				t.Fatalf("%v: no object at %v in %v", path, step, at)
			}
			at = object[step]
		case int:
			list, ok := at.([]any)
			if !ok || len(list) <= step {
				t.Fatalf("%v: no item %v in %v", path, step, at)
			}
			at = list[step]
		}
	}
	return at
}

// is wants something of an answer.
func is(t *testing.T, want, answer any, path ...any) {
	t.Helper()
	if diff := cmp.Diff(want, pick(t, answer, path...)); diff != "" {
		t.Errorf("%v (-want +got):\n%s", path, diff)
	}
}

func TestProgramViews(t *testing.T) {
	d := found(t, builtin(t, "program"))
	d.hire(t, map[string]string{"cara": "custom", "tess": "teammate"})
	d.acme(t, 201, "POST /accounts", `{"account":"acorn","title":"Acorn"}`)
	d.acme(t, 201, "POST /groups", `{"group":"north","title":"North"}`)
	d.acme(t, 200, "PUT /groups/north/accounts/acorn")
	d.acme(t, 200, "PUT /staff/cara/capabilities/manage_partners", `{"enabled":true}`)
	d.acme(t, 400, "PUT /staff/cara/capabilities/fly", `{"enabled":true}`)
	d.acme(t, 400, "PUT /staff/cara/capabilities/manage_partners")
	d.acme(t, 200, "PUT /staff/tess/restriction", `{"groups":["north"],"expires_at":"2999-01-01T00:00:00Z"}`)
	d.acme(t, 400, "PUT /staff/tess/restriction", `{"groups":[]}`)
	d.acme(t, 200, "PUT /groups/north/representatives/cara")
	d.acme(t, 200, "PUT /groups/north/payouts/cara", `{"enabled":true}`)

	is(t, "account:acme/acorn", d.acme(t, 200, "GET /accounts"), "entries", 0, "object")
	is(t, "staff:acme/cara", d.acme(t, 200, "GET /accounts/acorn/commissions"), "entries", 0, "object")
	restricted := d.acme(t, 200, "GET /groups/north/staff")
	is(t, "staff:acme/tess", restricted, "grants", 0, "staff", "object")
	is(t, "2999-01-01T00:00:00Z", restricted, "grants", 0, "expires_at")

	roles := d.acme(t, 200, "GET /roles")
	is(t, "administrator", roles, "roles", 0, "name")
	is(t, "Administrator", roles, "roles", 0, "title")
	is(t, any(false), roles, "roles", 0, "switched")
	is(t, any(true), roles, "roles", 5, "switched")
	is(t, "See financial data", roles, "roles", 5, "capabilities", 0, "title")
	is(t, "view_financial_data", roles, "roles", 5, "capabilities", 1, "with")

	cara := d.acme(t, 200, "GET /staff/cara/access")
	is(t, any(map[string]any{"name": "manage_partners", "title": "Manage partners", "with": "view_partners", "enabled": true}), cara, "capabilities", 5)
	is(t, any(false), cara, "restricted")
	is(t, any(true), cara, "represents", 0, "managed_payouts")
	is(t, "group:acme/north", cara, "represents", 0, "group", "object")
	tess := d.acme(t, 200, "GET /staff/tess/access")
	is(t, any(true), tess, "restricted")
	is(t, "olga", tess, "groups", 0, "grant", "granted_by")
	d.acme(t, 200, "DELETE /staff/tess/restriction")
	is(t, any([]any{}), d.acme(t, 200, "GET /staff/tess/access"), "groups")

	portal := d.want(t, 200, call{method: "GET", path: "/v1/portal", as: "olga"})
	is(t, any(1.0), portal, "roles", 0, "at_least")
	is(t, any(true), portal, "roles", 5, "switched")
	is(t, any(map[string]any{"name": "view_financial_data", "title": "See financial data"}), portal, "capabilities", 0)
	is(t, "contact", portal, "staff", "names")
}

// PR-7: what each role would give can be looked up before; here as the article
// has it (PR-1 to PR-6).
func TestRolesBeforeTheyAreGiven(t *testing.T) {
	d := found(t, builtin(t, "program"))
	all := "view_financial_data manage_financial_data view_customer_data manage_customer_data view_partners manage_partners"
	want := map[string]string{
		"administrator":      all + " view_integration_settings manage_integration_settings view_team manage_team",
		"teammate":           all,
		"technical_teammate": all + " view_integration_settings manage_integration_settings",
		"program_manager":    "view_customer_data manage_customer_data view_partners manage_partners",
		"read_only":          "view_financial_data view_customer_data view_partners",
		"custom":             "",
	}
	roles := pick(t, d.acme(t, 200, "GET /roles"), "roles").([]any)
	for _, role := range roles {
		var gives []string
		for _, c := range pick(t, role, "capabilities").([]any) {
			if on, _ := pick(t, c, "enabled").(bool); on {
				gives = append(gives, pick(t, c, "name").(string))
			}
		}
		name := pick(t, role, "name").(string)
		if got := strings.Join(gives, " "); got != want[name] {
			t.Errorf("%s gives %q, want %q", name, got, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not told of: %v", want)
	}
}

// WS-2: an admin may ask about the staff, and learns nothing of the super admin.
func TestSuperAdminIsHidden(t *testing.T) {
	d := found(t, builtin(t, "workspace"))
	d.hire(t, map[string]string{"ada": "admin", "tess": "teammate"})
	ada := func(status int, path, body string) map[string]any {
		t.Helper()
		return d.want(t, status, call{method: "POST", path: "/v1/" + path, key: "jwt-ada", body: body})
	}
	for _, path := range []string{"check", "explain"} {
		ada(200, path, `{"resource":"staff:acme/tess","permission":"view","subject":"user:tess"}`)
		ada(404, path, `{"resource":"staff:acme/tess","permission":"view","subject":"user:olga"}`)
		ada(404, path, `{"resource":"staff:acme/tess","permission":"view","subject":"user:stranger"}`)
	}
	ada(404, "check", `{"resource":"staff:acme/olga","permission":"view","subject":"user:tess"}`)
	ada(404, "check/bulk", `{"checks":[{"resource":"partner:acme","permission":"enter","subject":"user:tess"},{"resource":"partner:acme","permission":"enter","subject":"user:olga"}]}`)
	ada(404, "list/permissions", `{"resource":"partner:acme","subject":"user:olga"}`)
	ada(404, "list/resources", `{"type":"project","permission":"view","subject":"user:olga","partner":"acme"}`)
	self := ada(200, "explain", `{"resource":"staff:acme/olga","permission":"view","subject":"user:ada"}`)
	is(t, "may not view staff:acme/olga", self, "text")
	who := ada(200, "list/subjects", `{"resource":"partner:acme","permission":"enter"}`)
	is(t, any([]any{"user:ada", "user:tess"}), who, "subjects")
	is(t, any(2.0), who, "total")
	ada(404, "list/subjects", `{"resource":"staff:acme/olga","permission":"view"}`)
}

func TestWorkspaceViews(t *testing.T) {
	d := found(t, builtin(t, "workspace"))
	d.hire(t, map[string]string{"tess": "teammate", "otto": "office_manager"})
	d.acme(t, 201, "POST /projects", `{"project":"site","title":"Site"}`)
	d.acme(t, 200, "PATCH /projects/site", `{"title":"Website"}`)
	d.acme(t, 200, "PUT /projects/site/staff/tess")
	is(t, any(nil), d.acme(t, 200, "GET /projects/site/staff"), "leader")
	d.acme(t, 200, "PUT /projects/site/leader", `{"staff":"olga"}`)

	staff := d.acme(t, 200, "GET /projects/site/staff")
	is(t, "staff:acme/olga", staff, "leader", "staff", "object")
	is(t, "staff:acme/tess", staff, "members", 0, "staff", "object")
	candidates := d.acme(t, 200, "GET /projects/site/candidates")
	is(t, any([]any{"assign_project_staff", "set_leader"}), candidates, "candidates", 0, "for")
	is(t, "staff:acme/tess", candidates, "candidates", 1, "staff", "object")
	assigned := d.acme(t, 200, "GET /staff/tess/projects")
	is(t, "Website", assigned, "assignments", 0, "entry", "title")
	is(t, any([]any{"member"}), assigned, "assignments", 0, "relations")
	d.acme(t, 200, "DELETE /projects/site/leader")
	d.acme(t, 200, "DELETE /projects/site")
	is(t, any(0.0), d.acme(t, 200, "GET /projects"), "total")
	is(t, any(1.0), d.acme(t, 200, "GET /projects?state=archived"), "total")
	d.acme(t, 200, "POST /projects/site/restore")

	d.acme(t, 201, "POST /records", `{"record":"initech","kind":"company","title":"Initech"}`)
	d.acme(t, 201, "POST /records", `{"record":"hugo","kind":"contact","title":"Hugo"}`)
	is(t, "record:acme/hugo", d.acme(t, 200, "GET /records?kind=contact"), "entries", 0, "object")
	is(t, "contact", d.acme(t, 200, "GET /records"), "entries", 0, "kind")
	d.acme(t, 400, "GET /records?kind=planet")
	d.acme(t, 200, "DELETE /records/hugo")
	is(t, any(1.0), d.acme(t, 200, "GET /records?state=archived&kind=contact"), "total")
	is(t, any(0.0), d.acme(t, 200, "GET /records?state=archived&kind=company"), "total")

	d.acme(t, 200, "DELETE /staff/tess")
	is(t, "trashed", d.acme(t, 200, "GET /staff?state=trashed"), "entries", 0, "state")
	d.acme(t, 200, "POST /staff/tess/restore")

	portal := d.want(t, 200, call{method: "GET", path: "/v1/portal", as: "olga"})
	is(t, "trash", portal, "staff", "removal")
	is(t, "partner#lead_projects", portal, "eligible", "set_leader")
	is(t, any([]any{"company", "contact", "event", "goal"}), portal, "kinds", "record")
}

func TestStudioViews(t *testing.T) {
	d := found(t, builtin(t, "studio"))
	d.hire(t, map[string]string{"ivan": "instructor"})
	starts, ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second), time.Now().Add(2*time.Hour).UTC().Truncate(time.Second)
	times := `"starts_at":"` + starts.Format(time.RFC3339) + `","ends_at":"` + ends.Format(time.RFC3339) + `"`
	d.acme(t, 201, "POST /events", `{"event":"yoga","kind":"course","title":"Yoga",`, times, `,"instructors":["ivan"]}`)
	d.acme(t, 400, "POST /events", `{"event":"spin","kind":"course","title":"Spin",`, times, `,"instructors":[]}`)
	planned := d.acme(t, 201, "POST /events", `{"event":"gala","kind":"event","title":"Gala","starts_at":"2001-01-01T10:00:00Z","ends_at":"2001-01-01T11:00:00Z","instructors":["ivan"]}`)
	is(t, "event:acme/gala", planned, "object")

	event := d.acme(t, 200, "GET /events/yoga")
	is(t, any(starts.Format(time.RFC3339)), event, "starts_at")
	is(t, any(ends.Format(time.RFC3339)), event, "ends_at")
	is(t, any(nil), event, "attributes")
	is(t, "event:acme/yoga", d.acme(t, 200, "GET /events?when=current"), "entries", 0, "object")
	is(t, "event:acme/gala", d.acme(t, 200, "GET /events?when=past"), "entries", 0, "object")
	d.acme(t, 400, "GET /events?when=never")
	is(t, "staff:acme/ivan", d.acme(t, 200, "GET /events/yoga/instructors"), "grants", 0, "staff", "object")
	teaches := d.acme(t, 200, "GET /staff/ivan/events?when=past")
	is(t, "event:acme/gala", teaches, "assignments", 0, "entry", "object")
	is(t, any([]any{"instructor"}), teaches, "assignments", 0, "relations")
	possible := d.acme(t, 200, "GET /instructors")
	is(t, "staff:acme/ivan", possible, "candidates", 0, "staff", "object")
	is(t, any([]any{"assign_instructor"}), possible, "candidates", 0, "for")

	ivan := d.acme(t, 200, "GET /staff/ivan")
	is(t, "ivan", ivan, "first_name")
	is(t, "Lima", ivan, "last_name")
	is(t, any(nil), ivan, "attributes")
	d.acme(t, 409, "POST /staff/ivan/deactivate")
	d.acme(t, 200, "POST /staff/ivan/hand_over", `{"replacements":{"yoga":"olga"}}`)
	d.acme(t, 200, "POST /staff/ivan/deactivate", `{}`)
	is(t, "inactive", d.acme(t, 200, "GET /staff?state=inactive"), "entries", 0, "state")
	d.acme(t, 200, "POST /staff/ivan/reactivate")

	portal := d.want(t, 200, call{method: "GET", path: "/v1/portal", as: "olga"})
	is(t, any(true), portal, "staff", "deactivation")
	is(t, any([]any{"event#instructor"}), portal, "staff", "hand_over")
	is(t, "first_and_last", portal, "staff", "names")
	is(t, any(true), portal, "roles", 0, "invites")
	is(t, any(false), portal, "roles", 3, "invites")
}

// withDocuments is the agency portal with a type of the operator's own.
func withDocuments(t *testing.T) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	for name, added := range map[string]string{
		schema.SchemaFile: "\ndefinition document {\n    relation client: client\n    relation editor: staff#user\n\n" +
			"    permission share = client->share\n    permission edit = editor + share\n}\n",
		schema.PortalFile: "\nrelationships:\n  document#client: client#add_accounts\n  document#editor: document#share\n",
		schema.ProofFile:  "",
	} {
		text, err := fs.ReadFile(builtin(t, "agency"), name)
		if err != nil {
			t.Fatal(err)
		}
		whole := strings.Replace(string(text)+added, "\nvisible:\n", "\nvisible:\n  document: edit\n", 1)
		files[name] = &fstest.MapFile{Data: []byte(whole)}
	}
	return files
}

func TestOwnTypes(t *testing.T) {
	d := found(t, withDocuments(t))
	d.hire(t, map[string]string{"ben": "advisor"})
	d.acme(t, 201, "POST /clients", `{"client":"retail","title":"Retail"}`)
	const origin = `"resource":"document:acme/plan","relation":"client","subject":"client:acme/retail"`
	const editor = `"resource":"document:acme/plan","relation":"editor","subject":"staff:acme/ben#user"`
	d.acme(t, 200, "POST /relationships", "{", origin, "}")
	d.acme(t, 200, "POST /relationships", "{", editor, "}")
	d.acme(t, 400, "POST /relationships", `{"resource":"document:acme/plan","relation":"editor"}`)
	check := call{method: "POST", path: "/v1/check", body: `{"resource":"document:acme/plan","permission":"edit","subject":"user:ben"}`}
	is(t, "allow", d.want(t, 200, check), "decision")
	d.acme(t, 200, "POST /relationships/delete", "{", editor, "}")
	is(t, "deny", d.want(t, 200, check), "decision")

	doc := d.document(t)
	for _, a := range addresses(operationAddresses) {
		if _, documented := doc.Paths[a.path][a.method]; documented != d.has(a.name) && a.name != "create_account" { // whose address another operation has
			t.Errorf("%s is documented: %v", a.name, documented)
		}
	}
	portal := d.want(t, 200, call{method: "GET", path: "/v1/portal", as: "olga"})
	is(t, "document#share", portal, "relationships", "document#editor")
}

// TestEntriesComeBack proves that a client of the API can have the engine's
// entries, but for secrets.
func TestEntriesComeBack(t *testing.T) {
	now := time.Date(2027, 1, 31, 8, 0, 0, 0, time.UTC)
	for _, e := range []engine.Entry{
		{Object: schema.Obj("client", "acme", "retail"), Title: "Retail", State: engine.Active, CreatedAt: now},
		{Object: schema.Obj("staff", "acme", "ana"), Attributes: map[string]string{"first_name": "Ana", "last_name": "Lima"}},
		{Object: schema.Obj("staff", "acme", "ben"), State: engine.Invited, Invitation: &engine.Invitation{ExpiresAt: now}},
		{Object: schema.Obj("event", "acme", "yoga"), Kind: "course", Attributes: map[string]string{
			"starts_at": "2027-01-31T08:00:00Z", "ends_at": "2027-01-31T09:00:00Z", "room": "2",
		}},
	} {
		shown := ginapi.RecordOf(engine.Record{Entries: []engine.EntryChange{{Entry: e}}}).Entries[0].Entry
		if diff := cmp.Diff(e, shown.Engine()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Object, diff)
		}
	}
}
