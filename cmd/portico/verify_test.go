package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// damage changes a store behind the engine's back.
func (s *shell) damage(statement string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "portico.db")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := db.ExecContext(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// TestVerifyRepairs mends rows, and says so only once it has looked again.
func TestVerifyRepairs(t *testing.T) {
	s := newShell(t)
	s.found()
	s.damage(`UPDATE entries SET title = 'Stolen' WHERE title = 'Ledger'`)
	s.fails("verify", exitFailed, "1 problem")
	s.ok("verify --repair")
	s.ok("verify")
	s.damage(`UPDATE records SET summary = 'nothing' WHERE seq = 2`)
	for range 2 {
		s.fails("verify --repair", exitFailed, "after the repair")
	}
}

// TestSchemaCheckRefuses reports what serve would refuse, a problem a line.
func TestSchemaCheckRefuses(t *testing.T) {
	shipped, err := schema.Builtin("agency")
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t)
	if err := os.CopyFS("mine", shipped); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(s.read("mine/portal.yaml"), "\noperations:\n", "\noperations:\n  umbrella: anyone\n", 1)
	s.write("mine/portal.yaml", strings.Replace(text, "\nviews:\n", "\nviews:\n  weather: partner#enter\n", 1))
	s.fails("schema check mine", exitFailed, "\nportal.yaml:", "umbrella", "weather")
	s.fails("serve --portal mine", exitFailed, "\nportal.yaml:", "umbrella", "weather")
}
