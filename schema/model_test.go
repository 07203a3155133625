package schema_test

import (
	"testing"

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
