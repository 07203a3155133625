package engine_test

import (
	"slices"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// wroteAsDeclared fails if an operation that was done on the bench wrote a
// relationship that neither its definition nor the portal has: CheckPortal
// asks the schema for a place for those, and for no others.
func wroteAsDeclared(t *testing.T, b *bench, portal string) {
	t.Helper()
	declared := portalWrites(builtin(t, portal))
	own := map[string][]string{}
	for _, d := range engine.Definitions() {
		own[d.Name] = d.Writes
	}
	var records []engine.Record
	err := b.store.View(t.Context(), func(tx engine.Tx) (err error) {
		records, err = tx.Records(t.Context(), engine.RecordFilter{States: []engine.RecordState{engine.Applied}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	reported := map[string]bool{}
	for _, r := range records {
		switch r.Operation {
		case "restore_client", "restore_project", "restore_record":
			continue // they write again what others wrote
		}
		for _, u := range r.Updates {
			form := u.Relationship.Form()
			form.Expiring = false
			text := form.String()
			if u.Delete || slices.Contains(declared, text) || slices.Contains(own[r.Operation], text) || reported[r.Operation+text] {
				continue
			}
			reported[r.Operation+text] = true
			t.Errorf("%s wrote %s, which it doesn't declare", r.Operation, text)
		}
	}
}

// portalWrites returns the forms of the relationships that a portal's own words
// have operations write: roles, capabilities, kinds, what seats begin with, what
// is handed over.
func portalWrites(p *schema.Portal) []string {
	var forms []string
	for _, r := range p.Roles {
		forms = append(forms, "partner#"+r.Relation+"@staff#user")
	}
	for _, c := range p.Capabilities {
		forms = append(forms, "partner#"+c.Switch+"@staff#user")
	}
	for _, g := range p.Staff.Begins {
		forms = append(forms, g.Form.String())
	}
	for typ, kinds := range p.Kinds {
		for _, kind := range kinds {
			forms = append(forms, typ+"#"+kind+"@partner")
		}
	}
	for _, h := range p.Staff.HandOver {
		forms = append(forms, h+"@staff#user")
	}
	return forms
}
