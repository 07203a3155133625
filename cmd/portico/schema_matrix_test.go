package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// TestSchemaMatrix: who may do what, for people and for machines.
func TestSchemaMatrix(t *testing.T) {
	s := newShell(t)
	out := s.ok("schema matrix agency")
	for _, want := range []string{
		"\naccount (partner)\n  permission  owner  admin  advisor  support\n",
		"\n  access      yes    staff  staff    -\n",
		"\n  (1) staff, or client.staff unless blocked\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	var m schema.Matrix
	if err := json.Unmarshal([]byte(s.ok("schema matrix agency -o json")), &m); err != nil {
		t.Fatal(err)
	}
	if m.String() != out {
		t.Errorf("read back from JSON:\n%s\nprinted:\n%s", &m, out)
	}
	s.fails("schema matrix agency -o xml", exitUsage, "xml")
	s.fails("schema matrix nowhere", exitUsage, "nowhere", "agency")
	s.fails("schema matrix", exitUsage, "schema matrix --help")
}
