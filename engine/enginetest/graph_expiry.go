package enginetest

import (
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// The graph tells the time by its own clock, so these tests must wait for it.
const (
	soon     = 2 * time.Second
	patience = 20 * time.Second
)

// far returns a time that these tests don't reach, as stored.
func far() time.Time { return time.Now().UTC().Add(time.Hour).Truncate(time.Second) }

func near() time.Time { return time.Now().UTC().Add(soon).Truncate(time.Second) }

func withExpiry(r schema.Relationship) schema.Relationship {
	r.ExpiresAt = far()
	return r
}

// graphExpiryPasses: a grant ends by itself, in every snapshot made after its
// expiry. In one made before, SpiceDB's caches may let it go on.
func graphExpiryPasses(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "passes")
	f.write(t, touch(f.seat("ana", "ana"))...)
	gone := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	at := f.write(t, touch(f.grant("past", "ana", gone), f.grant("near", "ana", near()), f.grant("far", "ana", far()))...)
	wantDecision(t, g, at, f.access("past", "ana"), engine.Deny)
	wantDecision(t, g, at, f.access("near", "ana"), engine.Allow)
	wantDecision(t, g, at, f.access("far", "ana"), engine.Allow)
	after := awaitDeny(t, f, f.access("near", "ana"))
	wantDecision(t, g, after, f.access("near", "ana"), engine.Deny)
	wantDecision(t, g, after, f.access("far", "ana"), engine.Allow)
	got, err := g.LookupResources(t.Context(), after, "client", "access", schema.Subject{Object: schema.User("ana")})
	if err != nil {
		t.Fatal(err)
	}
	mine := got[:0]
	for _, id := range got {
		if (schema.Object{Type: "client", ID: id}).Domain() == f.domain {
			mine = append(mine, id)
		}
	}
	wantStrings(t, mine, []string{"passes/far"})
}

// graphExpiryReplaced: touching sets, moves and clears the expiry.
func graphExpiryReplaced(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "replaced")
	seat := f.seat("ana", "ana")
	until := far()
	f.write(t, touch(seat)...)
	for _, expiry := range []time.Time{{}, until, until.Add(time.Hour), {}, until} {
		grant := f.grant("retail", "ana", expiry)
		at := f.write(t, touch(grant)...)
		wantDecision(t, g, at, f.access("retail", "ana"), engine.Allow)
		wantRelationships(t, f, []schema.Relationship{seat, grant})
	}
	f.write(t, touch(f.grant("short", "ana", near()))...)
	at := f.write(t, touch(f.grant("short", "ana", time.Time{}))...)
	f.write(t, remove(f.grant("retail", "ana", time.Time{}))...) // whatever its expiry
	wantRelationships(t, f, []schema.Relationship{seat, f.grant("short", "ana", time.Time{})})
	f.write(t, touch(f.grant("short", "ana", near()))...)
	awaitDeny(t, f, f.access("short", "ana"))
	wantDecision(t, g, at, f.access("short", "ana"), engine.Allow)
}

// graphExpiredAgain: what has expired, and may still be lying there, can be
// touched and deleted as if it weren't.
func graphExpiredAgain(t *testing.T, g engine.Graph) {
	f := newFirm(t, g, "again")
	seat := f.seat("ana", "ana")
	gone := time.Now().UTC().Add(-time.Minute).Truncate(time.Second)
	expired := []schema.Relationship{f.grant("a", "ana", gone), f.grant("b", "ana", gone), f.grant("c", "ana", gone)}
	f.write(t, touch(append(expired, seat)...)...)
	wantRelationships(t, f, []schema.Relationship{seat})
	a, b, c := f.grant("a", "ana", time.Time{}), f.grant("b", "ana", far()), f.grant("c", "ana", time.Time{})
	f.write(t, append(touch(a, b), remove(c)...)...)
	at := f.write(t, touch(c)...)
	wantRelationships(t, f, []schema.Relationship{seat, a, b, c})
	for _, client := range []string{"a", "b", "c"} {
		wantDecision(t, g, at, f.access(client, "ana"), engine.Allow)
	}
	f.write(t, remove(a, b)...)
	wantRelationships(t, f, []schema.Relationship{seat, c})
}

// awaitDeny renews the firm until its newest snapshot's answer is deny, and
// returns that snapshot.
func awaitDeny(t *testing.T, f *firm, q engine.Query) engine.Token {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		at, err := f.graph.Write(t.Context(), engine.Write{Domain: f.domain, After: f.last, Operation: f.last})
		if err != nil {
			t.Fatalf("renew: %v", err)
		}
		if decide(t, f.graph, at, q) == engine.Deny {
			return at
		}
	}
	t.Fatalf("%v: still allowed after %v", q.Resource, patience)
	return ""
}
