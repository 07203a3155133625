package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// listedIn returns the operations that a help lists.
func listedIn(help string) []string {
	var names []string
	for line := range strings.Lines(help) {
		if name, ok := strings.CutPrefix(line, "  "); ok && !strings.HasPrefix(name, " ") {
			if name, _, _ = strings.Cut(name, " "); strings.Contains(name, "_") {
				names = append(names, name)
			}
		}
	}
	return names
}

// operationsOf returns the names of a portal's operations.
func operationsOf(t *testing.T, name string) []string {
	t.Helper()
	portal, err := loadPortal(name)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range engine.OperationsOf(portal) {
		names = append(names, d.Name)
	}
	return names
}

func TestDoListsThePortalsOperations(t *testing.T) {
	s := newShell(t)
	for _, portal := range schema.Portals() {
		help := s.ok("do --help --portal " + portal)
		names := listedIn(help)
		slices.Sort(names)
		if diff := cmp.Diff(slices.Sorted(slices.Values(operationsOf(t, portal))), names); diff != "" || !strings.Contains(help, "the portal "+portal) {
			t.Errorf("%s (-want +got):\n%s", portal, diff)
		}
	}
	has := func(line, word string) {
		t.Helper()
		if help := s.ok(line); !strings.Contains(help, word) {
			t.Errorf("portico %s doesn't say %q:\n%s", line, word, help)
		}
	}
	has("do", "the portal agency")
	has("help do", "the portal agency")
	t.Setenv("PORTICO_PORTAL", "studio")
	has("do", "the portal studio")
	s.write("portico.yaml", "portal: workspace\n")
	has("do", "the portal studio")
	has("do --portal program", "the portal program")
	t.Setenv("PORTICO_PORTAL", "nowhere")
	has("do", "isn't\nknown here: portal: \"nowhere\" is neither")
	t.Setenv("PORTICO_PORTAL", "agency")
	has("do --server http://127.0.0.1:1", "it is the server's")
	t.Setenv(envServer, "http://127.0.0.1:1")
	has("do", "it is the server's")
	has("do --store portico.db", "the portal agency")
	if got := len(listedIn(s.ok("do"))); got != len(engine.Definitions()) {
		t.Errorf("of a server %d operations are listed", got)
	}
}

func TestDoWhatThePortalLacks(t *testing.T) {
	s := newShell(t)
	s.fails("do create_event", exitFailed, `the portal agency has no operation "create_event"`)
	s.fails("do create_event --json nowhere.json", exitFailed, `the portal agency has no operation "create_event"`)
	s.fails("do create_event --portal studio", exitUsage, "--partner is missing")
	s.fails("do create_event --portal nowhere", exitUsage, "--partner is missing")
	s.newStore("agency")
	s.fails("do create_project --partner acme --title Site"+asAna, exitFailed, `the portal agency has no operation "create_project"`)
	s.fails("do write_relationship --partner acme --resource a:acme/b --relation c --subject staff:acme/ana#user"+asAna, exitFailed, "in the portal agency no relationships are written")
	for line, says := range map[string]string{
		"do create_event --help":                    "The portal agency doesn't have it",
		"help do create_event":                      "The portal agency doesn't have it",
		"do create_event --portal workspace --help": "The portal workspace doesn't have it",
		"do create_event --portal studio --help":    "--instructors=ana --as",
		"do sign_up --portal studio --help":         "--first-name=Ana --last-name=Lima",
		"do sign_up --help":                         "--contact-name='Ana Lima'",
		"do invite_staff --portal program --help":   "--role=administrator",
	} {
		if help := s.ok(line); !strings.Contains(help, says) || strings.Contains(says, "--") == strings.Contains(help, "doesn't have it") {
			t.Errorf("portico %s:\n%s", line, help)
		}
	}
}

// TestExamplesCanBeCalled types the examples of every operation, at a server
// that has nothing yet.
func TestExamplesCanBeCalled(t *testing.T) {
	for _, name := range schema.Portals() {
		door := commandLine{openHTTP(t, name, newSQLite(t), SpiceDB{})}
		portal, err := loadPortal(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range engine.Definitions() {
			if !door.has[d.Name] {
				continue
			}
			example := exampleOf(d.Name, paramsOf(d.New()), portal)
			_, err := door.portico(t.Context(), words(example)[1:]...)
			if code := engine.CodeOf(err); err != nil && code != engine.NotFound && code != engine.Forbidden {
				t.Errorf("%s: %v", example, err)
			}
		}
	}
}

// words parts a line as a shell does, as far as examples need it.
func words(line string) []string {
	quoted := false
	parts := strings.FieldsFunc(strings.TrimSpace(line), func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "'", "")
	}
	return parts
}

// TestListsAndMaps gives an operation several names, and names by names.
func TestListsAndMaps(t *testing.T) {
	s := newShell(t)
	s.newStore("studio")
	s.ok("do sign_up --partner acme --staff ana --title Acme --first-name Ana --last-name Lima --email ana@acme.example" + asAna)
	for _, who := range []string{"ben", "eva"} {
		s.ok("do invite_staff --partner acme --staff " + who + " --first-name A --last-name B --role none --email " + who + "@acme.example" + asAna)
	}
	const event = "do create_event --partner acme --kind course --starts-at 2999-01-31T08:00:00Z --ends-at 2999-01-31T09:00:00Z"
	s.ok(event + " --event yoga --title Yoga --instructors ben,ana" + asAna)
	s.ok(event + " --event spin --title Spin --instructors ben --instructors ana" + asAna)
	s.fails(event+" --event box --title Box --instructors="+asAna, exitUsage, "at least one instructor")
	for _, e := range []string{"yoga", "spin"} {
		plan := s.ok("do archive_event --partner acme --event " + e + " --dry-run" + asAna)
		if !strings.Contains(plan, "event:acme/"+e) {
			t.Errorf("planned\n%s", plan)
		}
	}
	if plan := s.ok(event + " --title Box --instructors ana --dry-run" + asAna); !strings.Contains(plan, "name of the event is made up") {
		t.Errorf("planned\n%s", plan)
	}
	s.fails("do deactivate_staff --partner acme --staff ben --replacements yoga"+asAna, exitUsage, "key=value")
	plan := s.ok("do deactivate_staff --partner acme --staff ben --replacements yoga=eva,spin=ana --dry-run" + asAna)
	for _, want := range []string{"+ event:acme/yoga#instructor@staff:acme/eva#user", "- event:acme/yoga#instructor@staff:acme/ben#user", "- event:acme/spin#instructor@staff:acme/ben#user"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %q in\n%s", want, plan)
		}
	}
	s.write("params.json", `{"partner":"acme","staff":"ben","replacements":{"yoga":"eva"},"hand_over_to":"ana"}`)
	s.ok("do deactivate_staff --json params.json" + asAna)
}

// TestMadeUp names what the engine will name, for every operation that makes
// something.
func TestMadeUp(t *testing.T) {
	got := map[string]string{}
	for _, d := range engine.Definitions() {
		if what := madeUp(paramsOf(d.New())); what != "" {
			got[d.Name] = what
		}
	}
	want := map[string]string{
		"sign_up": "partner", "invite_staff": "staff", "create_client": "client", "add_account": "account",
		"create_account": "account", "create_internal_account": "account", "create_group": "group",
		"create_project": "project", "create_record": "record", "create_event": "event",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
