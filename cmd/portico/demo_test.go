package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// demoAnswers has, for each portal, what the hints of its demo answer, in their
// order: all of it, or, where it is long, words of it. States counts the staff of
// the first firm.
var demoAnswers = map[string]struct {
	answers [][]string
	states  map[engine.State]int
}{
	"agency": {
		answers: [][]string{
			{"allow\n"},
			{"ALLOW", "they are on the folder Alder"},
			{"client:acme/alder\n", "client:acme/elder\n"},
			{"Nothing is changed yet", "- client:acme/alder#staff@staff:acme/ben#user", "account:acme/alder-ledger"},
			{`"client:acme/alder"`, `"Ben Okafor"`},
		},
		states: map[engine.State]int{engine.Active: 16, engine.Invited: 2},
	},
	"program": {
		answers: [][]string{
			{"deny\n"},
			{"ALLOW", "are a program manager", "restricted to the group East"},
			{"account:acme/beech\n", "account:acme/aspen\n"},
			{"user:hugo@acme.example\n"},
			{"\nmanage_customer_data\n", "\nview_customer_data\n", "\nview_financial_data\n"},
			{"Nothing is changed yet", "+ group:acme/east#managed_payouts@staff:acme/jon#user", "receive_commissions  account:acme/beech"},
			{`"name":"view_financial_data","title":"See financial data","enabled":true`},
		},
		states: map[engine.State]int{engine.Active: 16, engine.Invited: 2},
	},
	"workspace": {
		answers: [][]string{
			{"deny\n"},
			{"ALLOW", "are assigned to the project Harbour bridge", "are a teammate"},
			{"project:acme/harbour\nproject:acme/market\nproject:acme/station\n"},
			{"user:mina@acme.example\n"},
			{"Nothing is changed yet", "- partner:acme#freelancer@staff:acme/tom#user", "join_team_talk"},
			{`"staff:acme/dora"`, `"for":["assign_project_staff","set_leader"]`, `"for":["assign_project_staff"]`},
		},
		states: map[engine.State]int{engine.Active: 18, engine.Invited: 2, engine.Trashed: 1},
	},
	"studio": {
		answers: [][]string{
			{"deny\n"},
			{"ALLOW", "they teach Vinyasa course", "have instructor access"},
			{"event:acme/full\nevent:acme/spring\nevent:acme/sunrise\nevent:acme/vinyasa\nevent:acme/winter\n"},
			{"staff:acme/ben\n", "staff:acme/luca\n"},
			{"Nothing is changed yet", "+ event:acme/vinyasa#instructor@staff:acme/eva#user", "- staff:acme/ben#user@user:ben@acme.example"},
			{`"Full moon class"`, `"Sunrise flow"`, `"Vinyasa course"`},
		},
		states: map[engine.State]int{engine.Active: 15, engine.Invited: 2, engine.Inactive: 1},
	},
}

// Each demo fills a store; a start on it leaves it as it is, and prints hints
// that answer as they are told.
func TestDemos(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills four stores")
	}
	for _, d := range demos() {
		t.Run(d.portal, func(t *testing.T) {
			s := newShell(t)
			want := demoAnswers[d.portal]
			states, epoch := fillStore(t, d)
			if diff := cmp.Diff(want.states, states); diff != "" {
				t.Errorf("staff by state (-want +got):\n%s", diff)
			}
			server := s.serve("--demo --portal " + d.portal)
			t.Setenv(envServer, server.url)
			t.Setenv(envKey, server.key)
			if after := s.epoch(); after != epoch {
				t.Errorf("a start on it made epoch %d of %d", after, epoch)
			}
			s.tryHints(server.said(), want.answers)
			s.sees(s.ok("list partners user:"+demoAdvisor), "partner:acme\n", "partner:globex\n")
			if err := server.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The first start fills the demo and shows a key; the next does neither.
func TestDemoServed(t *testing.T) {
	s := newShell(t)
	server := s.serve("--demo --portal studio")
	t.Setenv(envKey, server.key)
	s.sees(server.said(), "portico-demo-studio.db", "\n  export PORTICO_KEY="+server.key+"\n")
	var epochs []int64
	for range 2 {
		t.Setenv(envServer, server.url)
		epochs = append(epochs, s.epoch())
		if err := server.stop(); err != nil {
			t.Fatal(err)
		}
		server = s.serve("--demo --portal studio")
	}
	if epochs[0] != epochs[1] || epochs[0] == 0 {
		t.Errorf("the epochs are %v", epochs)
	}
	s.sees(server.said(), "\nPut the key that the first start showed into PORTICO_KEY.\n")
}

// fillStore fills the store in which a demo lives. It counts the staff of the
// first firm by state.
func fillStore(t *testing.T, d demo) (states map[engine.State]int, epoch int64) {
	t.Helper()
	var mail tap
	a := openDemoStore(t, d, d.store, &mail)
	if err := a.fillDemo(t.Context(), &mail, t.Output()); err != nil {
		t.Fatal(err)
	}
	staff, err := a.engine.ViewStaff(t.Context(), engine.PersonActor(demoOwner), demoPartner, nil, engine.Paging{})
	if err != nil {
		t.Fatal(err)
	}
	states = map[engine.State]int{}
	for _, member := range staff.Entries {
		states[member.State]++
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return states, staff.Epoch
}

// epoch is that of the first firm.
func (s *shell) epoch() int64 {
	s.t.Helper()
	var answer answerView
	if err := json.Unmarshal([]byte(s.ok("check partner:acme enter user:"+demoOwner+" -o json")), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Epoch
}

var hintLine = regexp.MustCompile(`(?m)^ {2}((?:portico|curl) .*)$`)

// tryHints tries each command that a demo's start printed.
func (s *shell) tryHints(said string, answers [][]string) {
	s.t.Helper()
	_, hints, _ := strings.Cut(said, "The demo:")
	found := hintLine.FindAllStringSubmatch(hints, -1)
	if len(found) != len(answers) {
		s.t.Fatalf("%d hints, %d answers:\n%s", len(found), len(answers), said)
	}
	for i, m := range found {
		if line, ours := strings.CutPrefix(m[1], "portico "); ours {
			r := s.run(line)
			if code := exitCode(r.err); code != exitOK && code != exitDenied {
				s.t.Errorf("%s: %v\n%s", m[1], r.err, r.notes)
			}
			s.sees(r.out, answers[i]...)
			continue
		}
		if _, err := exec.LookPath("curl"); err != nil {
			s.t.Log("there is no curl to try:", m[1])
			continue
		}
		out, err := exec.CommandContext(s.t.Context(), "sh", "-c", m[1]).Output()
		if err != nil {
			s.t.Errorf("%s: %v", m[1], err)
		}
		s.sees(string(out), answers[i]...)
	}
}

func (s *shell) sees(text string, words ...string) {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("no %q in\n%s", w, text)
		}
	}
}

func openDemoStore(t *testing.T, d demo, store DSN, mail *tap) *app {
	t.Helper()
	config := defaultConfig()
	config.Store, config.Portal = store, d.portal
	a, err := openApp(t.Context(), config, parts{stdout: t.Output(), stderr: t.Output(), mailer: mail.into})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// A demo that was left half filled isn't taken for one.
func TestDemoInterrupted(t *testing.T) {
	newShell(t)
	for _, d := range demos() {
		var mail tap
		a := openDemoStore(t, d, DSN(d.portal+".db"), &mail)
		for _, step := range d.steps(time.Now())[:2] { // the first firm is there, hardly
			if _, err := a.engine.Do(t.Context(), step.actor, step.op, nil); err != nil {
				t.Fatal(err)
			}
		}
		err := a.fillDemo(t.Context(), &mail, t.Output())
		if err == nil || !strings.Contains(err.Error(), "interrupted; remove "+d.portal+".db and start again") {
			t.Errorf("%s: %v", d.portal, err)
		}
	}
}

// Only the portals that ship with Portico have demos: there is none of an
// operator's own, and nothing is made.
func TestDemoRefused(t *testing.T) {
	s := newShell(t)
	s.ok("schema new mine --from studio")
	s.fails("serve --demo --portal mine", exitUsage, `the portal "mine" has no demo`, "agency, program, workspace, studio")
	left, err := os.ReadDir(s.dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Every portal that ships has a demo, with a store of its own.
func TestDemoForEveryPortal(t *testing.T) {
	var portals []string
	stores := map[DSN]bool{}
	for _, d := range demos() {
		portals = append(portals, d.portal)
		stores[d.store] = true
	}
	slices.Sort(portals)
	if diff := cmp.Diff(schema.Portals(), portals); diff != "" || len(stores) != len(portals) {
		t.Errorf("demos in %v: %s", stores, diff)
	}
}
