package schema_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

func TestModelNames(t *testing.T) {
	m := smallModel()
	if diff := cmp.Diff([]string{"client", "partner", "platform", "staff", "user"}, m.TypeNames()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"access", "oversee"}, m.PermissionNames("client")); diff != "" {
		t.Error(diff)
	}
	if got := m.PermissionNames("ghost"); got != nil {
		t.Errorf("an unknown type has permissions %v", got)
	}
}

func TestModelHas(t *testing.T) {
	tests := []struct {
		typ, name       string
		has, permission bool
	}{
		{"client", "access", true, true},
		{"client", "staff", true, false},
		{"client", "ghost", false, false},
		{"ghost", "access", false, false},
	}
	m := smallModel()
	for _, tt := range tests {
		if got := m.Has(tt.typ, tt.name); got != tt.has {
			t.Errorf("Has(%s, %s) = %v", tt.typ, tt.name, got)
		}
		if got := m.HasPermission(tt.typ, tt.name); got != tt.permission {
			t.Errorf("HasPermission(%s, %s) = %v", tt.typ, tt.name, got)
		}
		if got := m.Relation(tt.typ, tt.name) != nil; got != (tt.has && !tt.permission) {
			t.Errorf("Relation(%s, %s) found: %v", tt.typ, tt.name, got)
		}
	}
}

func TestRelationTakes(t *testing.T) {
	r := schema.Relation{Name: "staff", Allowed: []schema.Allowed{
		{Type: "staff", Relation: "user"},
		{Type: "partner", Expiration: true},
		{Type: "user", Wildcard: true},
		{Type: "group", Caveat: "office_hours"},
	}}
	tests := []struct {
		typ, relation string
		expiring      bool
		want          bool
	}{
		{"staff", "user", false, true},
		{"staff", "user", true, false},
		{"staff", "", false, false},
		{"partner", "", true, true},
		{"partner", "", false, false},
		{"user", "", false, false},
		{"group", "", false, false},
	}
	for _, tt := range tests {
		if got := r.Takes(tt.typ, tt.relation, tt.expiring); got != tt.want {
			t.Errorf("Takes(%s, %q, %v) = %v", tt.typ, tt.relation, tt.expiring, got)
		}
	}
}

// What the schema takes is told form by form: types, relations and expiry.
func TestModelTakes(t *testing.T) {
	model := &schema.Model{Types: map[string]*schema.Type{"client": {Relations: map[string]*schema.Relation{
		"partner": {Allowed: []schema.Allowed{{Type: "partner"}}},
		"staff":   {Allowed: []schema.Allowed{{Type: "staff", Relation: "user"}}},
		"guest":   {Allowed: []schema.Allowed{{Type: "staff", Relation: "user", Expiration: true}, {Type: "user", Wildcard: true}}},
		"key":     {Allowed: []schema.Allowed{{Type: "user", Caveat: "office"}}},
	}}}}
	soon := time.Unix(1, 0)
	tests := []struct {
		relationship string
		expires      time.Time
		form         string
		allowed      bool
	}{
		{"client:acme/a#partner@partner:acme", time.Time{}, "client#partner@partner", true},
		{"client:acme/a#staff@staff:acme/s#user", time.Time{}, "client#staff@staff#user", true},
		{"client:acme/a#staff@staff:acme/s#user", soon, "client#staff@staff#user with expiration", false},
		{"client:acme/a#staff@staff:acme/s", time.Time{}, "client#staff@staff", false},
		{"client:acme/a#guest@staff:acme/s#user", soon, "client#guest@staff#user with expiration", true},
		{"client:acme/a#guest@staff:acme/s#user", time.Time{}, "client#guest@staff#user", false},
		{"client:acme/a#guest@user:u", time.Time{}, "client#guest@user", false}, // the wildcard is for all, not for one
		{"client:acme/a#key@user:u", time.Time{}, "client#key@user", false},
		{"client:acme/a#owner@user:u", time.Time{}, "client#owner@user", false},
		{"folder:acme/a#staff@staff:acme/s#user", time.Time{}, "folder#staff@staff#user", false},
	}
	for _, tt := range tests {
		r, err := schema.ParseRelationship(tt.relationship)
		if err != nil {
			t.Fatal(err)
		}
		r.ExpiresAt = tt.expires
		if form, allowed := r.Form().String(), model.Takes(r.Form()); form != tt.form || allowed != tt.allowed {
			t.Errorf("%s: got %q, %v; want %q, %v", tt.relationship, form, allowed, tt.form, tt.allowed)
		}
	}
}
