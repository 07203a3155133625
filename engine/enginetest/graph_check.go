package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func graphReady(t *testing.T, g engine.Graph) {
	if err := g.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
}

func graphWriteThenCheck(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "written")
	at := f.write(t, touch(f.seat("ana", "ana"), f.admin("ana"), f.folder("retail"), f.seat("ben", "ben"), f.grant("retail", "ben", time.Time{}))...)
	wantDecision(t, g, at, f.access("retail", "ana"), engine.Allow) // through the arrow
	wantDecision(t, g, at, f.access("retail", "ben"), engine.Allow) // directly
	wantDecision(t, g, at, f.access("retail", "eve"), engine.Deny)
	wantDecision(t, g, at, f.access("other", "ben"), engine.Deny)
}

func graphUnknownObjects(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "unknown")
	at := f.write(t)
	q := f.access("nothing", "nobody")
	wantDecision(t, g, at, q, engine.Deny)
	decisions, err := g.Check(t.Context(), at, []engine.Query{q, q})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]engine.Decision{engine.Deny, engine.Deny}, decisions); diff != "" {
		t.Error(diff)
	}
	subjects, err := g.LookupSubjects(t.Context(), at, q.Resource, "access", schema.TypeUser)
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, subjects, nil)
}

func graphUnknownWords(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "words")
	at := f.write(t)
	good := f.access("retail", "ana")
	noPermission, noType, noSubject := good, good, good
	noPermission.Permission = "nonesuch"
	noType.Resource.Type = "nonesuch"
	noSubject.Subject.Type = "nonesuch"
	for _, bad := range []engine.Query{noPermission, noType, noSubject} {
		_, err := g.Check(t.Context(), at, []engine.Query{bad})
		wantRefusal(t, err, engine.Invalid)
		_, err = g.Check(t.Context(), at, []engine.Query{good, bad, good})
		wantRefusal(t, err, engine.Invalid)
		_, err = g.LookupResources(t.Context(), at, bad.Resource.Type, bad.Permission, bad.Subject)
		wantRefusal(t, err, engine.Invalid)
		_, err = g.LookupSubjects(t.Context(), at, bad.Resource, bad.Permission, bad.Subject.Type)
		wantRefusal(t, err, engine.Invalid)
	}
}

// graphBulk asks more than any adapter sends at once.
func graphBulk(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "bulk")
	at := f.write(t, touch(f.seat("ana", "ana"), f.grant("c1", "ana", time.Time{}), f.grant("c7", "ana", time.Time{}))...)
	var (
		queries []engine.Query
		want    []engine.Decision
	)
	for i := range 2345 {
		n := i % 11
		queries = append(queries, f.access(fmt.Sprintf("c%d", n), "ana"))
		decision := engine.Deny
		if n == 1 || n == 7 {
			decision = engine.Allow
		}
		want = append(want, decision)
	}
	got, err := g.Check(t.Context(), at, queries)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	none, err := g.Check(t.Context(), at, nil)
	if err != nil || len(none) != 0 {
		t.Errorf("no question: got %v, %v", none, err)
	}
}

func graphSubjectSets(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "sets")
	at := f.write(t, touch(f.seat("ana", "ana"), f.grant("retail", "ana", time.Time{}))...)
	seat := schema.Subject{Object: schema.Obj(schema.TypeStaff, f.domain, "ana"), Relation: "user"}
	q := f.access("retail", "")
	q.Subject = seat
	wantDecision(t, g, at, q, engine.Allow)
	q.Subject.ID = "sets/ben"
	wantDecision(t, g, at, q, engine.Deny)
	q.Subject = schema.Subject{Object: seat.Object} // the seat itself isn't who sits on it
	wantDecision(t, g, at, q, engine.Deny)
	ids, err := g.LookupResources(t.Context(), at, "client", "access", seat)
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, ids, []string{"sets/retail"})
}

// graphUserIDs: a user's id is any text, and no two are mistaken for each other.
func graphUserIDs(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "ids")
	ids := []string{
		"someone@example.com", "Someone@example.com", "someone+tag@example.com", "auth0|5f7c", "a=40b", "a@b",
		"a*", "ünï — côde", "名前", "with space", "semi;colon#hash", "../../etc", "%2e", "…",
	}
	var rels []schema.Relationship
	for i, id := range ids {
		name := fmt.Sprintf("s%d", i)
		rels = append(rels, f.seat(name, id), f.grant("retail", name, time.Time{}))
	}
	at := f.write(t, touch(rels...)...)
	for _, id := range ids {
		wantDecision(t, g, at, f.access("retail", id), engine.Allow)
	}
	wantDecision(t, g, at, f.access("retail", "*"), engine.Deny)
	wantDecision(t, g, at, f.access("retail", "a"), engine.Deny)
	got, err := g.LookupSubjects(t.Context(), at, schema.Obj("client", f.domain, "retail"), "access", schema.TypeUser)
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, got, ids)
	mine, err := g.LookupResources(t.Context(), at, "client", "access", schema.Subject{Object: schema.User("名前")})
	if err != nil {
		t.Fatal(err)
	}
	wantStrings(t, mine, []string{"ids/retail"})
}

func graphCancelled(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "cancelled")
	at := f.write(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelLate()
	for _, ctx := range []context.Context{ctx, late} {
		q := f.access("retail", "ana")
		_, err := g.Check(ctx, at, []engine.Query{q})
		wantRefusal(t, err, engine.Unavailable)
		_, err = g.LookupResources(ctx, at, "client", "access", q.Subject)
		wantRefusal(t, err, engine.Unavailable)
		_, err = g.LookupSubjects(ctx, at, q.Resource, "access", schema.TypeUser)
		wantRefusal(t, err, engine.Unavailable)
		_, err = g.Relationships(ctx, f.domain)
		wantRefusal(t, err, engine.Unavailable)
		_, err = g.Applied(ctx, f.domain)
		wantRefusal(t, err, engine.Unavailable)
		_, err = g.Write(ctx, f.next())
		wantRefusal(t, err, engine.Unavailable)
		wantRefusal(t, g.WriteSchema(ctx, graphSchema), engine.Unavailable)
		wantRefusal(t, g.Ready(ctx), engine.Unavailable)
	}
}
