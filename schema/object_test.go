package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

func TestParseObject(t *testing.T) {
	tests := map[string]struct {
		in   string
		want schema.Object
		name string
	}{
		"an account":    {"account:acme/ledger", schema.Obj("account", "acme", "ledger"), "ledger"},
		"a partner":     {"partner:acme", schema.Partner("acme"), "acme"},
		"the platform":  {"platform:main", schema.Platform(), "main"},
		"an address":    {"user:ana@example.com", schema.User("ana@example.com"), "ana@example.com"},
		"a claim":       {"user:auth0|a:b/c#d", schema.User("auth0|a:b/c#d"), "auth0|a:b/c#d"},
		"a type of own": {"crm_record:acme/7", schema.Obj("crm_record", "acme", "7"), "7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.ParseObject(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("ParseObject(%q) = %#v, want %#v", tt.in, got, tt.want)
			}
			if got.String() != tt.in {
				t.Errorf("String() = %q, want %q", got, tt.in)
			}
			if got.Name() != tt.name {
				t.Errorf("Name() = %q, want %q", got.Name(), tt.name)
			}
		})
	}
}

func TestParseObjectRefuses(t *testing.T) {
	long := strings.Repeat("x", schema.MaxUserID+1)
	tests := map[string]struct{ in, message string }{
		"no type":           {"ledger", `object "ledger": want type:id, such as account:acme/ledger`},
		"an odd type":       {"Account:acme/ledger", `object type "Account": want 3 to 64 of a-z, 0-9 and _, starting with a letter`},
		"no partner":        {"account:ledger", `account id "ledger": want partner/name`},
		"no name":           {"account:acme/", `name "": want 1 to 64 of A-Z, a-z, 0-9, _ and -`},
		"two slashes":       {"account:acme/a/b", `name "a/b": want 1 to 64 of A-Z, a-z, 0-9, _ and -`},
		"a wildcard":        {"account:acme/*", `name "*": want 1 to 64 of A-Z, a-z, 0-9, _ and -`},
		"every partner":     {"partner:*", `name "*": want 1 to 64 of A-Z, a-z, 0-9, _ and -`},
		"everybody":         {"user:*", `user id "*": everybody can't be named`},
		"nobody":            {"user:", `user id is empty`},
		"a line break":      {"user:a\nb", `user id holds a control character`},
		"bytes":             {"user:\xff", `user id is not UTF-8`},
		"a very long claim": {"user:" + long, `user id is longer than 256 bytes`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.ParseObject(tt.in)
			if err == nil {
				t.Fatalf("ParseObject(%q) = %v, want an error", tt.in, got)
			}
			if err.Error() != tt.message {
				t.Errorf("ParseObject(%q): %q, want %q", tt.in, err, tt.message)
			}
			if !got.IsZero() {
				t.Errorf("ParseObject(%q) failed and returned %v", tt.in, got)
			}
		})
	}
}

func TestObjectText(t *testing.T) {
	var o schema.Object
	if err := o.UnmarshalText([]byte("account:acme/ledger")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schema.Obj("account", "acme", "ledger"), o); diff != "" {
		t.Error(diff)
	}
	if text, err := o.MarshalText(); err != nil || string(text) != "account:acme/ledger" {
		t.Errorf("MarshalText() = %q, %v", text, err)
	}
	if err := o.UnmarshalText(nil); err != nil || !o.IsZero() || o.String() != "" {
		t.Errorf("empty text gave %v, %v, want the zero object", o, err)
	}
	if err := o.UnmarshalText([]byte("nonsense")); err == nil {
		t.Error("nonsense was taken")
	}
}

// FuzzParseObject: what is taken is written as it was read.
func FuzzParseObject(f *testing.F) {
	for _, s := range []string{"account:acme/ledger", "user:ana@example.com", "user:a:b", "partner:acme", "platform:main", "user:*", ":", "a:b/c/d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := schema.ParseObject(s)
		if err != nil {
			return
		}
		if o.String() != s {
			t.Fatalf("ParseObject(%q).String() = %q", s, o)
		}
		if strings.HasSuffix(s, ":*") || strings.HasSuffix(s, "/*") {
			t.Fatalf("ParseObject took the wildcard %q", s)
		}
	})
}
