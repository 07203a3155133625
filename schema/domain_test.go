package schema_test

import (
	"testing"

	"github.com/portico-authz/portico/schema"
)

func TestDomain(t *testing.T) {
	tests := map[string]struct {
		object schema.Object
		want   schema.Domain
	}{
		"a partner":     {schema.Partner("acme"), "acme"},
		"an account":    {schema.Obj("account", "acme", "ledger"), "acme"},
		"a seat":        {schema.Obj("staff", "bolt", "ana"), "bolt"},
		"the platform":  {schema.Platform(), schema.PlatformDomain},
		"a person":      {schema.User("acme/ana"), ""},
		"named like it": {schema.Partner("platform"), "platform"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.object.Domain()
			if got != tt.want {
				t.Fatalf("%v.Domain() = %q, want %q", tt.object, got, tt.want)
			}
			if got == "" {
				return
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			if root := got.Root(); root.Domain() != got {
				t.Errorf("Root() = %v, of domain %q", root, root.Domain())
			}
		})
	}
}

func TestDomainValidateRefuses(t *testing.T) {
	for _, d := range []schema.Domain{"", "*", "acme/ledger", "platform/other", "a b"} {
		if err := d.Validate(); err == nil {
			t.Errorf("domain %q was taken", d)
		}
	}
}
