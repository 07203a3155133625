package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// graphLookupResources: lists are complete over many pages, name each id once
// though several paths lead to it, and know no domain.
func graphLookupResources(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "lookup")
	f.write(t, touch(f.seat("zoe", "zoe"), f.admin("zoe"))...)
	var want []string
	for i := range 2100 {
		want = append(want, fmt.Sprintf("lookup/c%d", i))
	}
	for chunk := range slices.Chunk(want, engine.MaxUpdates/2) {
		var rels []schema.Relationship
		for _, id := range chunk {
			name := strings.TrimPrefix(id, "lookup/")
			rels = append(rels, f.folder(name), f.grant(name, "zoe", time.Time{}))
		}
		f.write(t, touch(rels...)...)
	}
	other := newFirm(t, g, "lookup2")
	at := other.write(t, touch(other.seat("zoe", "zoe"), other.grant("theirs", "zoe", time.Time{}), other.grant("not", "ben", time.Time{}))...)
	got, err := g.LookupResources(t.Context(), at, "client", "access", schema.Subject{Object: schema.User("zoe")})
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, got, append(want, "lookup2/theirs"))
	none, err := g.LookupResources(t.Context(), at, "client", "access", schema.Subject{Object: schema.User("nobody")})
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, none, nil)
}

func graphLookupSubjects(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "subjects")
	var (
		rels = []schema.Relationship{f.folder("retail"), f.seat("boss", "boss"), f.admin("boss"), f.grant("retail", "boss", time.Time{})}
		want = []string{"boss"}
	)
	f.write(t, touch(rels...)...)
	var at engine.Token
	for page := range 3 {
		rels = nil
		for i := range engine.MaxUpdates / 2 {
			name := fmt.Sprintf("s%d-%d", page, i)
			rels = append(rels, f.seat(name, name+"@example.com"), f.grant("retail", name, time.Time{}))
			want = append(want, name+"@example.com")
		}
		at = f.write(t, touch(rels...)...)
	}
	got, err := g.LookupSubjects(t.Context(), at, schema.Obj("client", f.domain, "retail"), "access", schema.TypeUser)
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, got, want)
}
