package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// TestImport reads what a spreadsheet writes, tells what it would do, does it,
// and does nothing when it is repeated.
func TestImport(t *testing.T) {
	s := newShell(t)
	s.found()
	s.write("in/staff.csv", "\ufeffRole,Email,Name\r\nadvisor,Ben@Acme.example,Ben Okafor\r\nadmin,ben@other.example,\"Ben, the other\"\r\nowner,ana@acme.example,Ana\r\n")
	s.write("in/clients.csv", "client,title\nretail,Retail\nwholesale,Wholesale\n")
	s.write("in/groups.csv", "group,title\nnorth,North\n")
	s.write("in/accounts.csv", "account,title,client,groups\ntax,Tax,wholesale,north\npayroll,Our payroll,,\n")
	s.write("in/access.csv", "staff,client,account,off,group,expires\nben,,tax,yes,,\nben@acme.example,wholesale,,,,2099-01-31\nben-2,,payroll,,,\nben,,,,north,\n")
	const call = "import in --partner acme --mail.outbox out" + asAna
	preview := s.ok(strings.Replace(call, " --mail.outbox out", "", 1))
	if !strings.Contains(preview, "Nothing was changed. 11 operations to do") {
		t.Errorf("previewed\n%s", preview)
	}
	s.write("portico.yaml", "mail:\n  outbox: out\n")
	apply := strings.Replace(call, " --mail.outbox out", "", 1) + " --apply"
	if out := s.ok(apply); !strings.Contains(out, "Done: 11 operations, 0 refused") {
		t.Errorf("applied\n%s", out)
	}
	if out := s.ok(apply); !strings.Contains(out, "Everything is there already") {
		t.Errorf("repeated\n%s", out)
	}
	files, err := filepath.Glob("out/*.txt")
	if err != nil || len(files) != 2 {
		t.Errorf("%d invitations, %v", len(files), err)
	}
	s.ok("do remove_client_staff --partner acme --client wholesale --staff ben" + asAna)
	if out := s.ok(apply); !strings.Contains(out, "Not repeated: 2 operations") {
		t.Errorf("repeated\n%s", out)
	}
	if out := s.ok("export x --partner acme" + asAna); strings.Contains(s.read("x/access.csv"), "wholesale") {
		t.Errorf("the same row of the same file had two effects: %s", out)
	}
	s.ok(apply + " --run 2")
	if s.ok("export y --partner acme" + asAna); !strings.Contains(s.read("y/access.csv"), "wholesale") {
		t.Error("another run had no effect")
	}
}

func TestImportRefuses(t *testing.T) {
	s := newShell(t)
	s.found()
	for name, tt := range map[string]struct{ file, text, want string }{
		"unknown column":  {"clients.csv", "client,titel\na,b\n", `clients.csv:1: there is no column "titel"; did you mean "title"?`},
		"missing column":  {"clients.csv", "client\na\n", `the column "title" is missing`},
		"semicolons":      {"clients.csv", "client;title\na;b\n", "commas"},
		"empty file":      {"clients.csv", "", "first line"},
		"empty cell":      {"clients.csv", "client,title\na,\n", "clients.csv:2: title is empty"},
		"short row":       {"clients.csv", "client,title\na,b\nc\n", "clients.csv:3: wrong number of fields"},
		"open quote":      {"clients.csv", "client,title\na,\"b\n", "clients.csv:"},
		"bad name":        {"clients.csv", "client,title\na/b,c\n", "clients.csv:2: client:"},
		"twice":           {"clients.csv", "client,title\na,b\na,c\n", "clients.csv:3: a is in line 2 already"},
		"long cell":       {"clients.csv", "client,title\na," + strings.Repeat("x", 2000) + "\n", "longer than"},
		"no UTF-8":        {"clients.csv", "client,title\na,\xff\n", "UTF-8"},
		"bad address":     {"staff.csv", "email,name,role\nben,Ben,admin\n", "staff.csv:2:"},
		"second owner":    {"staff.csv", "email,name,role\nben@acme.example,Ben,owner\n", "use one of: admin, advisor"},
		"seat taken":      {"staff.csv", "email,name,role,staff\nben@acme.example,Ben,admin,ana\n", `"ana" was given`},
		"no folder":       {"accounts.csv", "account,title,client\na,b,c\n", `no folder "c"`},
		"other folder":    {"accounts.csv", "account,title,client\nledger,Ledger,\n", `in the folder "retail"`},
		"no group":        {"accounts.csv", "account,title,client,groups\na,b,retail,g\n", `no group "g"`},
		"nobody":          {"access.csv", "staff,client\nben,retail\n", `no staff member "ben"`},
		"nothing":         {"access.csv", "staff,client\nana,\n", "name a client"},
		"bad off":         {"access.csv", "staff,account,off\nana,ledger,maybe\n", `"maybe"`},
		"folder's":        {"access.csv", "staff,account\nana,ledger\n", "name the folder"},
		"bad expiry":      {"access.csv", "staff,client,expires\nana,retail,soon\n", `"soon"`},
		"off and expires": {"access.csv", "staff,account,off,expires\nana,ledger,yes,2099-01-01\n", "no expiry"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			dir := strings.ReplaceAll(name, " ", "-")
			s.write(dir+"/"+tt.file, tt.text)
			s.fails("import "+dir+" --partner acme --apply"+asAna, exitFailed, tt.want, "nothing was changed")
		})
	}
	s.t = t
	s.fails("import nowhere --partner acme"+asAna, exitUsage, "no rows")
	s.fails("import nowhere"+asAna, exitUsage, "--partner is missing")
	s.write("ok/clients.csv", "client,title\na,b\n")
	s.fails("import ok --partner acme --apply --as user:eve", exitFailed, `no partner "acme"`)
}

// openDemo opens a store with the demo in it.
func openDemo(t *testing.T, path string) *app {
	t.Helper()
	var mail tap
	a := openTest(t, path, &mail)
	if err := a.fillDemo(t.Context(), &mail, os.Stderr); err != nil {
		t.Fatal(err)
	}
	return a
}

func openTest(t *testing.T, path string, mail *tap) *app {
	t.Helper()
	config := defaultConfig()
	config.Store = DSN(path)
	a, err := openApp(t.Context(), config, parts{stdout: t.Output(), stderr: t.Output(), mailer: mail.into})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// reach is who reaches which account and folder of a partner.
func reach(t *testing.T, e *engine.Engine, d schema.Domain) []string {
	t.Helper()
	var all []string
	for _, typ := range []string{"client", "account", "group"} {
		permission := e.Portal().Visible[typ]
		staff, err := e.ViewStaff(t.Context(), engine.PersonActor(demoOwner), d, []engine.State{engine.Active}, engine.Paging{})
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range staff.Entries {
			user := schema.Subject{Object: schema.User(member.User)}
			page, err := e.ListResources(t.Context(), d, typ, permission, user, engine.Paging{Limit: engine.MaxPage}, engine.Consistency{})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page.Objects {
				all = append(all, member.User+" "+o.String())
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestRoundTrip imports what was exported into another store, interrupted again
// and again; once people have accepted, everybody reaches what they reached.
func TestRoundTrip(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills two stores")
	}
	s := newShell(t)
	source := openDemo(t, "source.db")
	want := reach(t, source.engine, demoPartner)
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	asOwner := " --partner acme --as user:" + demoOwner
	s.ok("export x --journal --store source.db" + asOwner)
	s.fails("export x --store source.db"+asOwner, exitUsage, "already")
	if n := strings.Count(s.read("x/journal.ndjson"), "\n"); n < 400 {
		t.Errorf("%d journal records", n)
	}

	var mail tap
	target := openTest(t, "target.db", &mail)
	owner := engine.PersonActor(demoOwner)
	tokens := mail.capture()
	signUp := &engine.SignUp{Partner: demoPartner, Staff: "olivia", Title: "Acme Advisory", ContactName: "Olivia Grant", Email: demoOwner}
	if _, err := target.engine.Do(t.Context(), owner, signUp, nil); err != nil {
		t.Fatal(err)
	}
	interruptions := importInterrupted(t, target, "x")
	if interruptions < 3 {
		t.Errorf("only %d interruptions", interruptions)
	}
	accept(t, target.engine, tokens)
	if diff := cmp.Diff(want, reach(t, target.engine, demoPartner)); diff != "" {
		t.Errorf("who reaches what (-exported +imported):\n%s", diff)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	s.ok("export y --store target.db" + asOwner)
	for _, kind := range sheetKinds {
		if diff := cmp.Diff(s.read("x/"+kind.file), s.read("y/"+kind.file)); diff != "" {
			t.Errorf("%s (-exported +imported and exported):\n%s", kind.file, diff)
		}
	}
}

// importInterrupted applies an import, each time for a moment longer, until it
// is done.
func importInterrupted(t *testing.T, a *app, folder string) (interruptions int) {
	t.Helper()
	const tries = 60
	for try := range tries {
		wait := time.Duration(60+200*try) * time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		im := importer{partner: demoPartner, run: "1", apply: true, out: newPrinter(t.Output()), notes: newPrinter(t.Output())}
		err := im.do(ctx, a, engine.PersonActor(demoOwner), folder)
		cancel()
		if err == nil {
			return interruptions
		}
		if ctx.Err() == nil {
			t.Fatal(err)
		}
		interruptions++
	}
	t.Fatalf("not done after %d tries", tries)
	return interruptions
}

func accept(t *testing.T, e *engine.Engine, tokens func(string) string) {
	t.Helper()
	invited, err := e.ViewStaff(t.Context(), engine.PersonActor(demoOwner), demoPartner, []engine.State{engine.Invited}, engine.Paging{})
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range invited.Entries {
		if strings.HasPrefix(member.Title, "Rosa") || strings.HasPrefix(member.Title, "Sven") {
			continue // they haven't accepted in the demo either
		}
		op := &engine.AcceptInvitation{Token: tokens(member.Email)}
		if _, err := e.Do(t.Context(), engine.PersonActor(member.Email), op, nil); err != nil {
			t.Fatalf("%s: %v", member.Email, err)
		}
	}
}

// TestDemoIsDeterministic fills two stores and finds the same in both.
func TestDemoIsDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills two stores")
	}
	s := newShell(t)
	for _, name := range []string{"a", "b"} {
		a := openDemo(t, name+".db")
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		s.ok(fmt.Sprintf("export %s --store %s.db --partner acme --as user:%s", name, name, demoOwner))
	}
	for _, kind := range sheetKinds {
		if diff := cmp.Diff(s.read("a/"+kind.file), s.read("b/"+kind.file)); diff != "" {
			t.Errorf("%s:\n%s", kind.file, diff)
		}
	}
	if rows := strings.Count(s.read("a/accounts.csv"), "\n"); rows < 150 {
		t.Errorf("%d accounts", rows)
	}
	var mail tap
	again := openTest(t, "a.db", &mail)
	if err := again.fillDemo(t.Context(), &mail, os.Stderr); err != nil {
		t.Errorf("a second start: %v", err)
	}
}

// TestImportIntoOtherPortals: what a portal hasn't, a row can't take; accounts
// needn't be in folders, and names may be first and last.
func TestImportIntoOtherPortals(t *testing.T) {
	t.Run("program", func(t *testing.T) {
		s := newShell(t)
		s.newStore("program")
		s.write("portico.yaml", "mail:\n  outbox: out\n")
		s.ok("do sign_up --partner acme --staff ana --title Acme --contact-name Ana --email ana@acme.example" + asAna)
		s.write("in/staff.csv", "email,name,role\nben@acme.example,Ben Okafor,teammate\n")
		s.write("in/groups.csv", "group,title\nnorth,North\n")
		s.write("in/accounts.csv", "account,title,groups\nacorn,Acorn,north\n")
		s.write("in/access.csv", "staff,group\nben,north\n")
		const call = "import in --partner acme --apply" + asAna
		if out := s.ok(call); !strings.Contains(out, "Done: 5 operations, 0 refused") {
			t.Errorf("applied\n%s", out)
		}
		s.ok("export x --partner acme" + asAna)
		if got := s.read("x/accounts.csv"); !strings.Contains(got, "acorn,Acorn,,north") {
			t.Errorf("exported %s", got)
		}
		s.write("in/clients.csv", "client,title\nretail,Retail\n")
		s.fails("import in --partner acme"+asAna, 1, "clients.csv:2: the portal program has no operation create_client, which this takes")
	})
	t.Run("studio", func(t *testing.T) {
		s := newShell(t)
		s.newStore("studio")
		s.write("portico.yaml", "mail:\n  outbox: out\n")
		s.ok("do sign_up --partner acme --staff ana --title Acme --first-name Ana --last-name Lima --email ana@acme.example" + asAna)
		s.write("in/staff.csv", "email,name,role\nben@acme.example,Ben van Dijk,instructor\nnora@acme.example,Nora Hill,none\n")
		if out := s.ok("import in --partner acme --apply" + asAna); !strings.Contains(out, "Done: 2 operations, 0 refused") {
			t.Errorf("applied\n%s", out)
		}
		s.write("in/staff.csv", "email,name,role\nivy@acme.example,Ivy,instructor\n")
		s.fails("import in --partner acme"+asAna, 1, `"Ivy": want a first and a last name`)
	})
}
