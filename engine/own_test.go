package engine_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// What an operator adds to the agency portal for documents in client folders;
// the README shows the same.
const (
	documentsSchema = `
definition document {
    relation client: client
    relation editor: staff#user | staff#user with expiration

    permission share = client->oversee
    permission edit = share + editor
    permission view = edit + client->access
}
`
	documentsRelationships = `
relationships:
  document#client: client#add_accounts
  document#editor: document#share
`
)

// extended is a portal with more at the end of two of its files, and other text
// in the place of some.
func extended(t *testing.T, name string, more map[string]string, edits ...string) (*schema.Portal, error) {
	t.Helper()
	shipped, err := schema.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range []string{schema.SchemaFile, schema.PortalFile, schema.ProofFile} {
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.NewReplacer(edits...).Replace(string(text))
		files[name] = &fstest.MapFile{Data: []byte(edited + more[name])}
	}
	return schema.Load(files, zed.Compile)
}

func withDocuments(t *testing.T) *schema.Portal {
	t.Helper()
	portal, err := extended(t, "agency", map[string]string{
		schema.SchemaFile: documentsSchema, schema.PortalFile: documentsRelationships,
	}, "visible:\n", "visible:\n  document: view\n")
	if err != nil {
		t.Fatal(err)
	}
	return portal
}

// officeWithDocuments is a firm with two folders: vic is on retail, and vera on
// wholesale.
func officeWithDocuments(t *testing.T) *bench {
	t.Helper()
	b := &bench{path: filepath.Join(t.TempDir(), "portico.db"), post: &post{}, clock: &clock{}}
	b.store, b.graph = openStore(t, b.path), openGraph(t, 0)
	t.Cleanup(func() { b.stop(t) })
	b.Engine = engine.New(b.store, b.graph, withDocuments(t), &engine.Options{Mailer: b.post, Clock: b.clock})
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.hire(t, "acme", "vera", "advisor")
	for client, staff := range map[string]string{"retail": "vic", "wholesale": "vera"} {
		b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: client, Title: client})
		b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: client, Staff: staff})
	}
	return b
}

func writeDocument(relation, subject string) *engine.WriteRelationship {
	return &engine.WriteRelationship{Partner: "acme", Resource: "document:acme/plan", Relation: relation, Subject: subject}
}

// A type of the operator's own works for check, list, explain, and writing.
func TestOwnType(t *testing.T) {
	b := officeWithDocuments(t)
	b.must(t, "vic", writeDocument("client", "client:acme/retail"))
	b.must(t, "acme-ana", writeDocument("editor", "staff:acme/vera#user"))

	for user, want := range map[string]engine.Decision{"acme-ana": engine.Allow, "vic": engine.Deny, "vera": engine.Allow, "eve": engine.Deny} {
		if got := b.decision(t, "document:acme/plan", "edit", user); got != want {
			t.Errorf("%s edits: %s", user, got)
		}
	}
	vera := schema.Subject{Object: schema.User("vera")}
	list, err := b.ListResources(t.Context(), "acme", "document", "edit", vera, engine.Paging{}, engine.Consistency{})
	if err != nil || len(list.Objects) != 1 || list.Objects[0].String() != "document:acme/plan" {
		t.Errorf("vera's documents: %v, %v", list.Objects, err)
	}
	x, err := b.Explain(t.Context(), engine.Query{Resource: object(t, "document:acme/plan"), Permission: "edit", Subject: vera})
	if err != nil || !strings.Contains(x.Text, "are editor of the document plan, granted by the owner") {
		t.Errorf("explained as %+v, %v", x, err)
	}

	b.must(t, "acme-ana", &engine.RemoveStaff{Partner: "acme", Staff: "vera"})
	if got := b.decision(t, "document:acme/plan", "edit", "vera"); got != engine.Deny {
		t.Errorf("removed, vera edits: %s", got)
	}
	b.must(t, "vic", &engine.DeleteRelationship{Partner: "acme", Resource: "document:acme/plan", Relation: "client", Subject: "client:acme/retail"})
	if got := b.decision(t, "document:acme/plan", "view", "acme-ana"); got != engine.Deny {
		t.Errorf("deleted, ana views: %s", got)
	}
	b.must(t, "vic", writeDocument("client", "client:acme/retail")) // anew, and nothing of it is left
	if got := b.decision(t, "document:acme/plan", "edit", "vera"); got != engine.Deny {
		t.Errorf("made anew, vera edits: %s", got)
	}
}

func TestOwnTypeRefused(t *testing.T) {
	b := officeWithDocuments(t)
	b.must(t, "vic", writeDocument("client", "client:acme/retail"))
	b.firm(t, "globex")
	b.must(t, "acme-ana", &engine.InviteStaff{Partner: "acme", Staff: "ian", ContactName: "Ian", Email: "ian@acme.example", Role: "advisor"})
	b.must(t, "acme-ana", &engine.WithdrawInvitation{Partner: "acme", Staff: "ian"})
	past := writeDocument("editor", "staff:acme/vic#user")
	past.ExpiresAt = time.Now().Add(-time.Hour)
	ending := &engine.WriteRelationship{
		Partner: "acme", Resource: "document:acme/other", Relation: "client", Subject: "client:acme/retail",
		ExpiresAt: time.Now().Add(time.Hour),
	}
	tests := map[string]struct {
		actor string
		op    engine.Operation
		code  engine.Code
		says  string
	}{
		"XP-2 without the permission":            {"vic", writeDocument("editor", "staff:acme/vic#user"), engine.Forbidden, "share on document:acme/plan"},
		"XP-2 a document that one can't see":     {"vera", writeDocument("editor", "staff:acme/vera#user"), engine.NotFound, "no document"},
		"XP-2 into a folder that isn't theirs":   {"vic", &engine.WriteRelationship{Partner: "acme", Resource: "document:acme/new", Relation: "client", Subject: "client:acme/wholesale"}, engine.NotFound, "no document"},
		"a document taken into one's own folder": {"vera", writeDocument("client", "client:acme/wholesale"), engine.Conflict, "is there already"},
		"a second folder":                        {"acme-ana", writeDocument("client", "client:acme/wholesale"), engine.Conflict, "is there already"},
		"XP-1 another partner's seat":            {"acme-ana", writeDocument("editor", "staff:globex/ana#user"), engine.NotFound, ""},
		"XP-1 another partner's document":        {"acme-ana", &engine.WriteRelationship{Partner: "acme", Resource: "document:globex/plan", Relation: "client", Subject: "client:acme/retail"}, engine.NotFound, ""},
		"a person":                               {"acme-ana", writeDocument("editor", "user:vic"), engine.Invalid, "names a seat"},
		"a seat itself":                          {"acme-ana", writeDocument("editor", "staff:acme/vic"), engine.Conflict, "no place for document#editor@staff"},
		"a seat that was removed":                {"acme-ana", writeDocument("editor", "staff:acme/ian#user"), engine.NotFound, ""},
		"a relation that isn't there":            {"acme-ana", writeDocument("owner", "staff:acme/vic#user"), engine.Invalid, "nobody who may write document#owner"},
		"what an operation writes":               {"acme-ana", &engine.WriteRelationship{Partner: "acme", Resource: "client:acme/retail", Relation: "staff", Subject: "staff:acme/vera#user"}, engine.Invalid, "nobody who may write client#staff"},
		"no relationship":                        {"acme-ana", writeDocument("editor", "vic"), engine.Invalid, ""},
		"an expiry in the past":                  {"acme-ana", past, engine.Invalid, "in the past"},
		"a beginning that ends":                  {"acme-ana", ending, engine.Invalid, "doesn't expire"},
		"deleting what isn't there":              {"acme-ana", &engine.DeleteRelationship{Partner: "acme", Resource: "document:acme/plan", Relation: "editor", Subject: "staff:acme/vic#user"}, engine.NotFound, "there is no document:acme/plan#editor"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := b.Do(t.Context(), engine.PersonActor(tt.actor), tt.op, nil)
			if engine.CodeOf(err) != tt.code || !strings.Contains(engine.MessageOf(err), tt.says) {
				t.Errorf("%v, want %s with %q", err, tt.code, tt.says)
			}
		})
	}
}

func TestOwnTypesNeedTheirSection(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	_, err := b.Do(t.Context(), engine.PersonActor(owner), writeDocument("editor", "staff:acme/ana#user"), nil)
	if engine.CodeOf(err) != engine.NotFound {
		t.Errorf("%v, want not found", err)
	}
}

// Lint names, with file and line, what a portal lacks for what it claims.
func TestCheckPortalNamesWhatIsLacking(t *testing.T) {
	tests := map[string]struct {
		portal string
		edits  []string
		more   string
		want   string
	}{
		"a relation that an operation writes": {
			"workspace",
			[]string{
				"    relation leader: staff#user\n", "", "leader & partner->lead_projects", "nil",
				"  project#leader:\n    has: lead the project {resource}\n    lacks: don't lead the project {resource}\n    act: made leader\n", "",
			},
			"",
			"set_leader needs the relation project#leader@staff#user, which schema.zed hasn't",
		},
		"a kind without its relation": {
			"workspace",
			[]string{"[company, contact, event, goal]", "[company, contact, event, goal, lead]"},
			"",
			`create_record needs the relation record#lead@partner for the kind "lead", which schema.zed hasn't`,
		},
		"no kinds": {
			"studio",
			[]string{"kinds:\n  event: [event, course]\n", ""},
			"",
			"create_event needs kinds.event: what kinds of it there are, which portal.yaml hasn't",
		},
		"deactivation": {
			"studio",
			[]string{"deactivation: true", "deactivation: false"},
			"",
			"deactivate_staff needs staff.deactivation: true, which portal.yaml hasn't",
		},
		"nothing to hand over": {
			"studio",
			[]string{"  hand_over: [event#instructor] # ST-8: of running and coming events\n", ""},
			"",
			"hand_over needs staff.hand_over: the relations to hand over, such as [event#instructor], which portal.yaml hasn't",
		},
		"no trash": {
			"workspace",
			[]string{"removal: trash", "removal: at_once"},
			"",
			"restore_staff needs staff.removal: trash, which portal.yaml hasn't",
		},
		"restoring what isn't archived": {
			"workspace",
			[]string{"  archive_project: project#manage\n", ""},
			"",
			"restore_project needs operations.archive_project, which portal.yaml hasn't",
		},
		"an operation without a permission": {
			"agency",
			[]string{"edit_partner: partner#manage_partner", "edit_partner: anyone"},
			"",
			"operations.edit_partner: anyone could; name a permission",
		},
		"two ways to make accounts": {
			"agency",
			[]string{"  rename_account:", "  create_account: partner#manage_clients\n  rename_account:"},
			"",
			"create_account needs create_internal_account not to be there: a portal makes accounts in one way",
		},
		"eligible for what doesn't ask": {
			"workspace",
			[]string{"eligible:\n", "eligible:\n  invite_staff: partner#view_projects@staff#user\n"},
			"",
			"eligible.invite_staff: it is asked by add_client_staff",
		},
		"handed over to whom nobody could assign": {
			"studio",
			[]string{"  hand_over: partner#teach@staff # ST-8\n", ""},
			"",
			"eligible: assign_instructor and hand_over both choose who teaches: want the same for both",
		},
		"a role handed over": {
			"studio",
			[]string{"hand_over: [event#instructor]", "hand_over: [event#instructor, partner#full]"},
			"",
			"staff.hand_over: partner#full: want what a seat has on an object of the directory, such as event#instructor",
		},
		"no way to deactivate": {
			"studio",
			[]string{"  deactivate_staff: staff#manage # ST-7; and what hand_over asks, if it hands over (ST-8)\n", ""},
			"",
			"staff.deactivation needs operations.deactivate_staff, which portal.yaml hasn't",
		},
		"no way out of the trash": {
			"workspace",
			[]string{"  purge_staff: staff#manage # WS-9: for good\n", ""},
			"",
			"staff.removal needs operations.purge_staff, which portal.yaml hasn't",
		},
		"restored by nobody": {
			"workspace",
			[]string{"restore_project: partner#manage_projects", "restore_project: project#manage"},
			"",
			"restore_project needs to ask a permission of the partner, as nobody has one on what is archived",
		},
		"everybody restricted from the start": {
			"program",
			[]string{"  begins:\n    - relationship: partner#unrestricted@staff#user # until it is restricted to groups (PR-8)\n", ""},
			"",
			"restrict_staff needs staff.begins: partner#unrestricted@staff#user, which portal.yaml hasn't",
		},
		"a kind that every record is": {
			"workspace",
			[]string{"[company, contact, event, goal]", "[company, contact, event, goal, partner]"},
			"",
			`create_record needs a kind of another name than "partner", which every record has`,
		},
		"writing relationships by one permission": {
			"agency",
			[]string{"  edit_partner:", "  write_relationship: partner#manage_partner\n  edit_partner:"},
			"",
			"write_relationship goes by what relationships asks for each relation; take it out here",
		},
		"relationships of the engine's": {
			"agency", nil, "relationships:\n  client#staff: client#share\n",
			"relationships.client#staff: operations write those of a client; this is for types of your own",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			portal, err := extended(t, tt.portal, map[string]string{schema.PortalFile: tt.more}, tt.edits...)
			if err != nil {
				t.Fatal(err)
			}
			err = engine.CheckPortal(portal)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "portal.yaml:") {
				t.Errorf("%v, want %q with its line", err, tt.want)
			}
		})
	}
}
