package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const asAna = " --as user:ana@acme.example"

// found makes a store with the firm acme, whose owner is ana, and the folder
// retail with the account ledger.
func (s *shell) found() {
	s.t.Helper()
	s.newStore("agency")
	s.ok("do sign_up --partner acme --staff ana --title Acme --contact-name Ana --email ana@acme.example" + asAna)
	s.ok("do create_client --partner acme --client retail --title Retail" + asAna)
	s.ok("do add_account --partner acme --client retail --account ledger --title Ledger" + asAna)
}

// newStore makes an empty store for a portal, as a first start does; later
// commands use the portal too.
func (s *shell) newStore(portal string) {
	s.t.Helper()
	s.t.Setenv("PORTICO_PORTAL", portal)
	config := defaultConfig()
	config.Portal = portal
	a, err := openApp(s.t.Context(), config, parts{stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// TestStory does, checks and explains on a store without a server.
func TestStory(t *testing.T) {
	s := newShell(t)
	s.fails("check partner:acme enter user:ana", exitUsage, "there is no store portico.db")
	s.found()
	if out := s.ok("check account:acme/ledger access user:ana@acme.example"); out != "allow\n" {
		t.Errorf("the owner: %q", out)
	}
	s.fails("check account:acme/ledger access user:ben", exitDenied, "deny")
	s.fails("check account:acme/ledger acces user:ben", exitUsage, "no permission", "access")
	s.fails("check account:acme/ledger access", exitUsage, "--help")
	s.fails("check partner:nowhere enter user:ana", exitFailed, `no partner "nowhere"`)

	if out := s.ok("explain account:acme/ledger access user:ana@acme.example"); !strings.HasPrefix(out, "ALLOW: user:ana@acme.example may access the account Ledger because they are the owner") {
		t.Errorf("explained as %s", out)
	}
	if out := s.ok("explain account:acme/ledger access user:ben -o json"); !strings.Contains(out, `"decision": "deny"`) {
		t.Errorf("explained as %s", out)
	}
	if out := s.ok("list resources account access user:ana@acme.example --partner acme"); out != "account:acme/ledger\n" {
		t.Errorf("listed %q", out)
	}
	if out := s.ok("list subjects account:acme/ledger access -o json"); !strings.Contains(out, `"user:ana@acme.example"`) {
		t.Errorf("listed %q", out)
	}
	if out := s.ok("list permissions client:acme/retail user:ana@acme.example"); !strings.Contains(out, "oversee\n") {
		t.Errorf("listed %q", out)
	}
	if out := s.ok("list partners user:ana@acme.example"); out != "partner:acme\n" {
		t.Errorf("listed %q", out)
	}
	if out := s.ok("verify"); !strings.Contains(out, "acme: 3 records, agrees") {
		t.Errorf("verified %q", out)
	}
}

func TestDo(t *testing.T) {
	s := newShell(t)
	s.found()
	plan := s.ok("do archive_client --partner acme --client retail --dry-run" + asAna)
	for _, want := range []string{"Nothing is changed yet", "- client:acme/retail#partner@partner:acme", "who would lose what", "ana@acme.example"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %q in\n%s", want, plan)
		}
	}
	if out := s.ok("check client:acme/retail access user:ana@acme.example"); out != "allow\n" {
		t.Errorf("the dry run wrote: %q", out)
	}
	var first, again struct{ Record string }
	for _, to := range []any{&first, &again} {
		out := s.ok("do create-client --partner acme --title Wholesale --idempotency-key k1 -o json" + asAna)
		if err := json.Unmarshal([]byte(out), to); err != nil {
			t.Fatal(err)
		}
	}
	if first != again || first.Record == "" {
		t.Errorf("repeated with its key it is %v, not %v", again, first)
	}
	s.write("params.json", `{"partner":"acme","client":"retail","titel":"x"}`)
	s.fails("do rename_client --json params.json"+asAna, exitUsage, `"titel"`, `did you mean "title"`)
	s.write("params.json", `{"partner":"acme","client":"retail"}`)
	s.fails("do rename_client --json params.json"+asAna, exitUsage, `"title" is missing`)
	s.write("params.json", `{"partner":"acme","client":"retail","title":"Shops & more"}`)
	s.ok("do rename_client --reason tidy --json params.json" + asAna)
	s.fails("do rename_client --json params.json --title x"+asAna, exitUsage, "not both")
	s.fails("do rename_client --partner acme --client retail"+asAna, exitUsage, "--title is missing")
	s.fails("do rename_client --partner acme --client retail --title x", exitFailed, "rename_client needs a person", "--as")
	s.fails("do rename_client --partner acme --client retail --title x --as ana", exitUsage, "--as")
	for _, flag := range []string{"--as=", "--json=", "--idempotency-key=", "--server=", "--key=", "--store=", "--config="} {
		s.fails("do add_support --user eve@portal.example "+flag, exitUsage, "empty")
	}
	s.fails("export x --partner acme --as=", exitUsage, "empty")
	s.fails("import x --partner acme --as=", exitUsage, "empty")
	s.fails("list resources account access user:ana --partner=", exitUsage, "empty")
	s.fails("do rename_client --partner acme --client retail --title x --if-epoch 1"+asAna, exitFailed, "epoch")
	s.fails("do renam_client", exitUsage, "rename_client")
	if text := explainError(s.run("do weather").err); strings.Contains(text, "mean") {
		t.Errorf("it suggests: %s", text)
	}
	s.fails("do switch_account --partner acme --account ledger --staff ana"+asAna, exitUsage, "--enabled is missing")
	s.fails("do switch_account --partner acme --account ledger --staff ana --enabled false"+asAna, exitUsage, "--enabled=false")
	invented := s.ok("do create_client --partner acme --title Other --dry-run" + asAna)
	if !strings.Contains(invented, "As epoch 6 it") || !strings.Contains(invented, "name of the client is made up") {
		t.Errorf("planned\n%s", invented)
	}
	if strings.Contains(plan, "made up") {
		t.Errorf("planned\n%s", plan)
	}
	s.ok("do add_support --user sam@portal.example")
}

// TestFirstStart prints a first key once, and one process holds the file.
func TestFirstStart(t *testing.T) {
	s := newShell(t)
	server := s.serve("")
	if server.key == "" || !strings.Contains(server.said(), "--store portico.db, with the server stopped") {
		t.Fatalf("it says\n%s", server.said())
	}
	s.fails("check partner:acme enter user:ana", exitFailed, "in use", "--server")
	s.fails("keys list", exitFailed, "in use", "stop it first")
	t.Setenv(envKey, server.key)
	s.fails("check --server "+server.url+" partner:acme enter user:ana", exitFailed, `no partner "acme"`)
	if err := server.stop(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	again := s.serve("")
	if again.key != "" || !strings.Contains(again.said(), "keys create --name NAME --store portico.db") {
		t.Errorf("the second start says\n%s", again.said())
	}
	if err := again.stop(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if out := s.ok("keys list"); strings.Count(out, "check,act,operate") != 1 {
		t.Errorf("keys:\n%s", out)
	}
}

// TestServerMode asks and does through a server what the store answers itself.
func TestServerMode(t *testing.T) {
	s := newShell(t)
	s.found()
	server := s.serve("--mail.outbox out")
	t.Setenv(envServer, server.url)
	s.fails("check account:acme/ledger access user:ana@acme.example", exitUsage, envKey)
	t.Setenv(envKey, server.key)
	if out := s.ok("check account:acme/ledger access user:ana@acme.example"); out != "allow\n" {
		t.Errorf("the owner: %q", out)
	}
	s.fails("check account:acme/ledger access user:ben", exitDenied, "deny")
	s.fails("check account:acme/ledger acces user:ben", exitUsage, "no permission", "access")
	s.ok("do invite_staff --partner acme --staff ben --contact-name Ben --email ben@acme.example --role advisor --reason büro" + asAna)
	s.ok("do accept_invitation --as user:ben --token " + s.token("out"))
	s.ok("do add_client_staff --partner acme --client retail --staff ben --expires-at 2099-01-31 --idempotency-key k" + asAna)
	if out := s.ok("explain account:acme/ledger access user:ben"); !strings.Contains(out, "on the folder Retail") || !strings.Contains(out, "2099") {
		t.Errorf("explained as %s", out)
	}
	for line, want := range map[string]string{
		"list resources account access user:ben --partner acme": "account:acme/ledger\n",
		"list subjects account:acme/ledger access":              "user:ana@acme.example\nuser:ben\n",
		"list permissions client:acme/retail user:ben":          "access\nadd_accounts\n",
		"list partners user:ben":                                "partner:acme\n",
	} {
		if out := s.ok(line); out != want {
			t.Errorf("%s: %q", line, out)
		}
	}
	plan := s.ok("do remove_client_staff --partner acme --client retail --staff ben --dry-run" + asAna)
	if !strings.Contains(plan, "- client:acme/retail#staff@staff:acme/ben#user") {
		t.Errorf("planned\n%s", plan)
	}
	s.fails("do remove_client_staff --partner acme --client retail --staff ben --as user:eve", exitFailed, "no ")
	s.fails("do add_account --partner acme --client retail --title Ledger"+asAna, exitFailed, "already")
	s.fails("check account:acme/ledger access user:ben --store portico.db", exitFailed, "in use")
	s.fails("check account:acme/ledger access user:ben --store portico.db --server "+server.url, exitUsage, "not both")
	if r := s.run("do rename_client --partner acme --client retail --title Shops" + asAna); r.err != nil || !strings.Contains(r.notes, server.url) {
		t.Errorf("%v: it doesn't say where: %s", r.err, r.notes)
	}
	t.Setenv(envServer, "http://portal.example")
	s.fails("check account:acme/ledger access user:ben", exitUsage, "https")
	t.Setenv(envServer, "http://127.0.0.1:1")
	s.fails("check account:acme/ledger access user:ben", exitFailed, "is it running?")
}

// token returns the token of the only message in an outbox.
func (s *shell) token(outbox string) string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, outbox, "*.txt"))
	if err != nil || len(files) == 0 {
		s.t.Fatalf("outbox: %v %v", files, err)
	}
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		s.t.Fatal(err)
	}
	return regexp.MustCompile(`invite_[A-Za-z0-9_-]+`).FindString(string(text))
}

func TestKeys(t *testing.T) {
	s := newShell(t)
	s.found()
	out := s.ok("keys create --name shop --scope check --scope act --partner acme --life 24h -o json")
	var made keyView
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.Key == "" || made.Expires.IsZero() {
		t.Fatalf("%v in %s", err, out)
	}
	s.fails("keys create --scope everything", exitUsage, "check, act or operate")
	for _, flags := range []string{"create --life 0s", "create --life -1h", "create --partner=", "rotate " + made.ID + " --grace -1h"} {
		s.fails("keys "+flags, exitUsage, "--")
	}
	s.fails("keys create --life 1h --expires 2099-01-01", exitUsage, "not both")
	if out := s.ok("keys rotate " + made.ID + " --grace 1h"); !strings.HasPrefix(out, "portico_") {
		t.Errorf("rotated: %q", out)
	}
	s.ok("keys revoke " + made.ID)
	s.fails("keys rotate "+made.ID, exitFailed, "revoked")
	s.fails("keys revoke nothing", exitFailed, "nothing")
	list := s.ok("keys list")
	if !strings.Contains(list, "revoked") || strings.Contains(list, made.Key) {
		t.Errorf("listed\n%s", list)
	}
}

// TestHelp wants an example on every page.
func TestHelp(t *testing.T) {
	newShell(t)
	commands := 0
	for todo := newRoot().Commands(); len(todo) > 0; todo = todo[1:] {
		cmd := todo[0]
		todo = append(todo, cmd.Commands()...)
		commands++
		if cmd.Example == "" || cmd.Short == "" {
			t.Errorf("%s has no example or no summary", cmd.CommandPath())
		}
	}
	if commands < 50 {
		t.Errorf("only %d commands were seen", commands)
	}
}

func TestVersionAndSchema(t *testing.T) {
	s := newShell(t)
	var v versionView
	if err := json.Unmarshal([]byte(s.ok("version -o json")), &v); err != nil || v.Go == "" {
		t.Errorf("%v: %v", err, v)
	}
	s.fails("version -o xml", exitUsage, "xml")
	if out := s.ok("schema check agency"); !strings.Contains(out, "agency is sound") {
		t.Errorf("checked: %s", out)
	}
	if out := s.ok("--version"); !strings.HasPrefix(out, "portico version ") {
		t.Errorf("--version: %q", out)
	}
	s.fails("schema check nowhere", exitUsage, "nowhere", "agency")
	s.write("mine/schema.zed", "definition user {")
	s.fails("schema check mine", exitFailed, "schema.zed:", "portal.yaml", "proof.yaml")
}

// A portal of one's own begins as a copy, which is sound and can be served.
func TestSchemaNew(t *testing.T) {
	s := newShell(t)
	if out := s.ok("schema new portals/my-harbour --from agency"); !strings.Contains(out, "called my_harbour") {
		t.Errorf("made: %s", out)
	}
	if out := s.ok("schema check portals/my-harbour"); !strings.Contains(out, "my_harbour is sound") {
		t.Errorf("checked: %s", out)
	}
	if out := s.ok("schema new second --from portals/my-harbour --name other"); !strings.Contains(out, "called other") {
		t.Errorf("copied again: %s", out)
	}
	s.fails("schema new second", exitUsage, "second", "something in it")
	s.fails("schema new third --from nowhere", exitUsage, "nowhere", "agency")
	s.fails("schema new third --name Not-A-Name", exitFailed, "portal.yaml:", "Not-A-Name")
	if left, err := filepath.Glob(filepath.Join(s.dir, "third*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, ".portal-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	server := s.serve("--portal second")
	answer, err := http.Get(server.url + "/openapi.json") //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("served: %d, %v", answer.StatusCode, err)
	}
}

func TestServePage(t *testing.T) {
	s := newShell(t)
	server := s.serve("")
	for _, path := range []string{"/docs", "/healthz", "/openapi.json"} {
		answer, err := http.Get(server.url + path) //nolint:noctx // a test's own server
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %v", path, answer.StatusCode, err)
		}
	}
	port := strings.TrimPrefix(server.url, "http://")
	r := s.run("serve --store other.db --listen " + port)
	if exitCode(r.err) != exitFailed || !strings.Contains(explainError(r.err), "--listen") {
		t.Errorf("an address that is taken: %v", r.err)
	}
	if errors.Is(r.err, errReported) || strings.Contains(r.out, "portico_") {
		t.Errorf("it isn't told, or a key was made:\n%s", r.out)
	}
}
