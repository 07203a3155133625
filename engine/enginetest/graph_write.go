package enginetest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// graphSchemaAgain: writing what is there changes nothing.
func graphSchemaAgain(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "schema")
	at := f.write(t, touch(f.seat("ana", "ana"), f.folder("retail"), f.admin("ana"))...)
	for range 2 {
		if err := g.WriteSchema(t.Context(), graphSchema); err != nil {
			t.Fatal(err)
		}
	}
	wantDecision(t, g, at, f.access("retail", "ana"), engine.Allow)
}

func graphSchemaRefused(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "kept")
	f.write(t, touch(f.seat("ana", "ana"), f.folder("retail"), f.admin("ana"))...)
	for name, source := range map[string]string{
		"doesn't parse":      "definition {",
		"unknown type":       "definition user {}\ndefinition doc { relation reader: ghost }",
		"drops what is used": "definition user {}",
	} {
		if got := engine.CodeOf(g.WriteSchema(t.Context(), source)); got != engine.Invalid {
			t.Errorf("%s: got %q, want invalid", name, got)
		}
	}
	wantDecision(t, g, f.write(t), f.access("retail", "ana"), engine.Allow)
}

// graphSchemaRequired: a write under another schema than it requires changes
// nothing, and leaves no trace of the schemas that were required.
func graphSchemaRequired(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "required")
	changed := graphSchema + "\n// changed\n"
	for _, present := range []string{graphSchema, changed, graphSchema} {
		if err := g.WriteSchema(t.Context(), present); err != nil {
			t.Fatal(err)
		}
		for _, required := range []string{graphSchema, changed} {
			w := f.next(touch(f.seat("ana", "ana"))...)
			w.Schema = digest(required)
			_, err := g.Write(t.Context(), w)
			switch {
			case required == present && err == nil:
				f.last = w.Operation
			case required == present:
				t.Errorf("the schema that is there: %v", err)
			case !errors.Is(err, engine.ErrSchema) || engine.CodeOf(err) != engine.Unavailable:
				t.Errorf("another schema: want ErrSchema (unavailable), got %q %v", engine.CodeOf(err), err)
			}
			wantApplied(t, f, f.last)
		}
	}
}

func digest(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

func graphAtomic(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "atomic")
	f.write(t)
	last := f.last
	bad := schema.Relationship{ // clients have no such subjects
		Resource: schema.Obj("client", f.domain, "retail"),
		Relation: "staff",
		Subject:  schema.Subject{Object: schema.User("ana")},
	}
	_, err := f.try(t.Context(), touch(f.seat("ana", "ana"), bad)...)
	wantRefusal(t, err, engine.Invalid)
	wantNone(t, f)
	wantApplied(t, f, last)
}

func graphWriteSize(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "size")
	f.write(t)
	var rels []schema.Relationship
	for i := range engine.MaxUpdates + 1 {
		rels = append(rels, f.seat(fmt.Sprintf("s%d", i), fmt.Sprintf("u%d", i)))
	}
	_, err := f.try(t.Context(), touch(rels...)...)
	wantRefusal(t, err, engine.Invalid)
	wantNone(t, f)
	f.write(t, touch(rels[1:]...)...)
	wantRelationships(t, f, rels[1:])
	f.write(t, remove(rels[1:]...)...)
	wantNone(t, f)
}

func graphWriteRefused(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "refused")
	f.write(t)
	seat := f.seat("ana", "ana")
	unknown := seat
	unknown.Relation = "nonesuch"
	empty := seat
	empty.Subject.ID = ""
	for name, updates := range map[string][]engine.Update{
		"unknown relation": touch(unknown),
		"empty id":         touch(empty),
		"twice in one":     touch(seat, seat),
		"touch and delete": append(touch(seat), remove(seat)...),
		"expiry not taken": touch(withExpiry(seat)),
		"subject's relation": touch(schema.Relationship{
			Resource: schema.Partner(f.domain), Relation: "admin",
			Subject: schema.Subject{Object: seat.Resource},
		}),
	} {
		if _, err := f.try(t.Context(), updates...); engine.CodeOf(err) != engine.Invalid || errors.Is(err, engine.ErrFence) {
			t.Errorf("%s: want invalid, got %v", name, err)
		}
	}
	bad := f.next()
	bad.Operation = "not an operation"
	_, err := g.Write(t.Context(), bad)
	wantRefusal(t, err, engine.Invalid)
	wantNone(t, f)
	wantApplied(t, f, f.last)
}

func graphDeletes(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "deletes")
	kept, gone := f.seat("ana", "ana"), f.seat("ben", "ben")
	f.write(t, touch(kept, gone)...)
	f.write(t, remove(gone, f.seat("never", "there"))...)
	f.write(t, append(touch(kept), remove(gone)...)...)
	wantRelationships(t, f, []schema.Relationship{kept})
}

func graphRelationships(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "lists")
	longer := newFirm(t, g, "lists-2")
	longer.write(t, touch(longer.seat("ana", "ana"), longer.admin("ana"))...)
	rels := []schema.Relationship{
		f.seat("ana", "ana@example.com"), f.admin("ana"), f.folder("retail"),
		withExpiry(f.grant("retail", "ana", far())),
	}
	f.write(t, touch(rels...)...)
	var many []schema.Relationship
	for i := range 2*engine.MaxUpdates + 10 { // more than a page of any adapter
		many = append(many, f.seat(fmt.Sprintf("s%d", i), "ana"))
	}
	f.write(t, touch(many[:engine.MaxUpdates]...)...)
	f.write(t, touch(many[engine.MaxUpdates:2*engine.MaxUpdates]...)...)
	f.write(t, touch(many[2*engine.MaxUpdates:]...)...)
	wantRelationships(t, f, append(rels, many...))
}

// graphPlatform: a partner that is called platform is not the platform.
func graphPlatform(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "platform")
	p := newFirm(t, g, string(schema.PlatformDomain))
	support := schema.Relationship{Resource: schema.Platform(), Relation: "support", Subject: schema.Subject{Object: schema.User("sue")}}
	w := engine.Write{Domain: p.domain, Updates: touch(support), Operation: "op-platform"}
	at, err := g.Write(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	p.last = w.Operation
	f.write(t, touch(f.seat("ana", "ana"))...)
	wantRelationships(t, p, []schema.Relationship{support})
	wantRelationships(t, f, []schema.Relationship{f.seat("ana", "ana")})
	wantApplied(t, p, "op-platform")
	wantDecision(t, g, at, engine.Query{Resource: schema.Platform(), Permission: "help", Subject: support.Subject}, engine.Allow)
}

func wantNone(t *testing.T, f *firm) {
	t.Helper()
	wantRelationships(t, f, nil)
}

func wantRelationships(t *testing.T, f *firm, want []schema.Relationship) {
	t.Helper()
	got, err := f.graph.Relationships(t.Context(), f.domain)
	if err != nil {
		t.Fatalf("relationships: %v", err)
	}
	byText := cmpopts.SortSlices(func(a, b schema.Relationship) bool { return a.String() < b.String() })
	if diff := cmp.Diff(want, got, byText, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("relationships of %s: want -, got +:\n%s", f.domain, diff)
	}
}
