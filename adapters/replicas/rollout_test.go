package replicas_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/failpoint"
)

// The agency portal's rule of who oversees a folder, and others in its place:
// one that lets those on the folder, and the first one again in other words.
const (
	overseers      = "permission oversee = partner->manage_clients\n"
	overseersStaff = "permission oversee = partner->manage_clients + staff\n"
	overseersAgain = "permission oversee = partner->manage_clients // again\n"
)

// rolledOut: a replica with another schema is rolled out, and must answer by it
// at once, even if it dies while it gets the firm there. Then the same once more,
// with the defect. It returns the firm that must be unharmed.
func (w *world) rolledOut(t *testing.T) *firm {
	t.Helper()
	b := w.replicas[0]
	right := w.stageFor(t, "right", nil, b, nil, "access", "oversee")
	right.turn(b, right.cell(), true)
	right.a = w.replica(t, made{name: "with another schema", program: w.program, portal: agency(t, overseersStaff)})
	right.wantNothing(func(s *stage) {
		s.order(s.a, failpoint.Renewed, "kill")
		s.ask(s.a.url, question{client: 1, mode: engine.Strict, queries: []query{{s.cell(), "access"}}})
		s.a.awaitEnd(s.t)
		s.look(s.b, engine.Strict, "access") // what is the same in both schemas
		s.a.start(s.t)
		s.a.awaitReady(s.t)
		askedByTheSchema(s)
	})

	wrong := w.stageFor(t, "wrong", nil, b, nil, "access")
	wrong.turn(b, wrong.cell(), true)
	w.portal = agency(t, overseersAgain) // only with this can others start from now on
	wrong.a = w.replica(t, made{
		name: "with the first schema again, not renewed", program: w.program, portal: w.portal,
		defect: notRenewed().defects,
	})
	wrong.wantShown(notRenewed())
	return right.firm
}

// notRenewed is the tooth that needs another schema.
func notRenewed() tooth {
	return tooth{defects: string(failpoint.SchemaNotRenewed), play: askedByTheSchema, want: saysFalse}
}

func askedByTheSchema(s *stage) {
	s.look(s.a, engine.Strict, "access")
	s.look(s.a, engine.Strict, "oversee")
}

// agency returns a folder with the agency portal, whose folders are overseen by
// another rule.
func agency(t *testing.T, rule string) string {
	t.Helper()
	from, to := filepath.Join("..", "..", "schema", "agency"), t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(from, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(text), overseers, rule, 1)
		if file.Name() == "schema.zed" && changed == string(text) {
			t.Fatalf("the agency portal has no %q", overseers)
		}
		if err := os.WriteFile(filepath.Join(to, file.Name()), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
