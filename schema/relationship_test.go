package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

func TestParseSubject(t *testing.T) {
	tests := map[string]struct {
		in   string
		want schema.Subject
	}{
		"a person":            {"user:ana", schema.Subject{Object: schema.User("ana")}},
		"a person with a '#'": {"user:a#b", schema.Subject{Object: schema.User("a#b")}},
		"a partner":           {"partner:acme", schema.Subject{Object: schema.Partner("acme")}},
		"a seat's person": {
			"staff:acme/ana#user",
			schema.Subject{Object: schema.Obj("staff", "acme", "ana"), Relation: "user"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.ParseSubject(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want || got.String() != tt.in {
				t.Errorf("ParseSubject(%q) = %#v, want %#v", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseRelationship(t *testing.T) {
	seat := schema.Subject{Object: schema.Obj("staff", "acme", "ana"), Relation: "user"}
	tests := map[string]struct {
		in   string
		want schema.Relationship
	}{
		"a grant": {
			"client:acme/retail#staff@staff:acme/ana#user",
			schema.Relationship{Resource: schema.Obj("client", "acme", "retail"), Relation: "staff", Subject: seat},
		},
		"a seat's person": {
			"staff:acme/ana#user@user:ana@example.com",
			schema.Relationship{Resource: seat.Object, Relation: "user", Subject: schema.Subject{Object: schema.User("ana@example.com")}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.ParseRelationship(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if got.String() != tt.in {
				t.Errorf("String() = %q, want %q", got, tt.in)
			}
		})
	}
}

func TestParseRelationshipRefuses(t *testing.T) {
	tests := map[string]struct{ in, message string }{
		"no relation":     {"client:acme/retail@user:ana", `relationship "client:acme/retail@user:ana": want resource#relation@subject`},
		"no subject":      {"client:acme/retail#staff", `relationship "client:acme/retail#staff": want resource#relation@subject`},
		"an odd relation": {"client:acme/retail#St@user:ana", `relationship "client:acme/retail#St@user:ana": relation "St": want 3 to 64 of a-z, 0-9 and _`},
		"a bad resource":  {"client:retail#staff@user:ana", `client id "retail": want partner/name`},
		"everybody":       {"client:acme/retail#staff@user:*", `user id "*": everybody can't be named`},
		"the ellipsis":    {"client:acme/retail#staff@staff:acme/a#...", `subject "staff:acme/a#...": relation "...": want 3 to 64 of a-z, 0-9 and _`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.ParseRelationship(tt.in)
			if err == nil {
				t.Fatalf("ParseRelationship(%q) = %v, want an error", tt.in, got)
			}
			if err.Error() != tt.message {
				t.Errorf("ParseRelationship(%q): %q, want %q", tt.in, err, tt.message)
			}
		})
	}
}

func TestRelationshipExpiry(t *testing.T) {
	r := relationship(t, "client:acme/retail#staff@staff:acme/ana#user")
	expiring := r
	expiring.ExpiresAt = time.Date(2030, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	want := "client:acme/retail#staff@staff:acme/ana#user[expiration:2030-03-01T11:00:00Z]"
	if got := expiring.String(); got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if expiring.Key() != r {
		t.Errorf("Key() = %v, want %v", expiring.Key(), r)
	}
	text, err := json.Marshal(expiring)
	if err != nil {
		t.Fatal(err)
	}
	var back schema.Relationship
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expiring, back); diff != "" {
		t.Errorf("JSON %s: %s", text, diff)
	}
}

func TestRelationshipCrosses(t *testing.T) {
	tests := map[string]struct {
		in   string
		want bool
	}{
		"within a partner":        {"client:acme/retail#staff@staff:acme/ana#user", false},
		"to the partner":          {"client:acme/retail#partner@partner:acme", false},
		"to a person":             {"staff:acme/ana#user@user:ana", false},
		"within the platform":     {"platform:main#support@user:sue", false},
		"XP-1 to another's staff": {"client:acme/retail#staff@staff:bolt/ana#user", true},
		"XP-1 to another partner": {"client:acme/retail#partner@partner:bolt", true},
		"XP-1 to the platform":    {"client:acme/retail#partner@platform:main", true},
		"XP-1 from the platform":  {"platform:main#support@staff:acme/ana#user", true},
		"XP-1 alike, not the same": {
			"client:acme/retail#partner@partner:acme2", true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := relationship(t, tt.in).Crosses(); got != tt.want {
				t.Errorf("Crosses() = %v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzParseSubject: what is taken is written as it was read.
func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"user:ana", "user:a#b", "staff:acme/ana#user", "staff:acme/ana#", "user:*", "#", "partner:acme#..."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		subject, err := schema.ParseSubject(s)
		if err == nil && subject.String() != s {
			t.Fatalf("ParseSubject(%q).String() = %q", s, subject)
		}
	})
}

// FuzzParseRelationship: what is taken is written as it was read.
func FuzzParseRelationship(f *testing.F) {
	for _, s := range []string{"client:acme/retail#staff@staff:acme/ana#user", "staff:acme/ana#user@user:a@b#c", "@#", "user:a#xyz@user:b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := schema.ParseRelationship(s)
		if err == nil && r.String() != s {
			t.Fatalf("ParseRelationship(%q).String() = %q", s, r)
		}
	})
}

func relationship(t *testing.T, s string) schema.Relationship {
	t.Helper()
	r, err := schema.ParseRelationship(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
