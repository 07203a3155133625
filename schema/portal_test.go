package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

func TestParseRequirement(t *testing.T) {
	tests := map[string]schema.Requirement{
		"anyone":         {Anyone: true},
		"client#oversee": {Type: "client", Permission: "oversee"},
		"platform#manage_support or operator": {
			Type: "platform", Permission: "manage_support", Operator: true,
		},
	}
	for in, want := range tests {
		t.Run(in, func(t *testing.T) {
			got, err := schema.ParseRequirement(in)
			if err != nil {
				t.Fatal(err)
			}
			if got != want || got.String() != in {
				t.Errorf("ParseRequirement(%q) = %#v, want %#v", in, got, want)
			}
		})
	}
}

func TestParseRequirementRefuses(t *testing.T) {
	for _, in := range []string{"", "client", "client#", "#oversee", "Client#oversee", "anyone or operator", "client#oversee and more", "client#staff#user", " client#oversee"} {
		got, err := schema.ParseRequirement(in)
		if err == nil {
			t.Errorf("ParseRequirement(%q) = %v, want an error", in, got)
			continue
		}
		want := `requirement "` + in + `": want type#permission, such as client#oversee, or "anyone"`
		if err.Error() != want {
			t.Errorf("ParseRequirement(%q): %q, want %q", in, err, want)
		}
	}
}

func FuzzParseRequirement(f *testing.F) {
	for _, s := range []string{"anyone", "client#oversee", "client#oversee or operator", "# or operator"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := schema.ParseRequirement(s)
		if err == nil && r.String() != s {
			t.Fatalf("ParseRequirement(%q).String() = %q", s, r)
		}
	})
}

func TestPortalRoles(t *testing.T) {
	portal := &schema.Portal{Roles: []schema.Role{
		{Name: "owner", Relation: "owner", Exactly: 1, GivenBy: []string{"sign_up"}},
		{Name: "admin", Relation: "admin", GivenBy: []string{"invite_staff", "change_role"}},
		{Name: "advisor", Relation: "advisor", GivenBy: []string{"invite_staff"}},
	}}
	if diff := cmp.Diff([]string{"admin", "advisor"}, portal.RolesGivenBy("invite_staff")); diff != "" {
		t.Error(diff)
	}
	if got := portal.RolesGivenBy("fire"); got != nil {
		t.Errorf("an unknown operation gives %v", got)
	}
	if owner, ok := portal.Role("owner"); !ok || owner.Exactly != 1 || owner.MayBeGivenBy("invite_staff") {
		t.Errorf("Role(owner) = %+v, %v", owner, ok)
	}
	if _, ok := portal.Role("boss"); ok {
		t.Error("there is no boss")
	}
	for name, rank := range map[string]int{"owner": 0, "advisor": 2, "boss": -1} {
		if got := portal.RoleRank(name); got != rank {
			t.Errorf("RoleRank(%s) = %d, want %d", name, got, rank)
		}
	}
}
