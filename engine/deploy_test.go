package engine_test

import (
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// looser is the agency portal where whoever may see the subscription may see
// every folder.
func looser(t *testing.T) *schema.Portal {
	t.Helper()
	portal, err := extended(t, "agency", nil, "permission access = staff + oversee", "permission access = staff + oversee + partner->enter")
	if err != nil {
		t.Fatal(err)
	}
	if portal.Digest() == agency(t).Digest() {
		t.Fatal("the schema is the same: the edit found nothing")
	}
	return portal
}

// TestRollOut: while a new schema is rolled out beside replicas of the old one,
// every answer is of one schema, no replica takes the other's schema away, and a
// partner that has got to the new one stays there.
func TestRollOut(t *testing.T) {
	b, owner := vicsFolder(t)
	b.hire(t, "acme", "val", "advisor")
	before, _ := b.newReplica(t, agency(t), engine.Options{})
	after, _ := b.newReplica(t, looser(t), engine.Options{})
	vals := vicsAccess()
	vals.Subject = schema.Subject{Object: schema.User("val")}
	want := func(e *engine.Engine, want engine.Decision) {
		t.Helper()
		a, err := e.Check(t.Context(), vals, engine.Consistency{})
		if err != nil || a.Decision != want {
			t.Errorf("val: got %s, %v; want %s", a.Decision, err, want)
		}
	}
	if err := before.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(before, engine.Deny)
	if err := after.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(before, engine.Deny) // no replica has asked for acme under the new one
	want(after, engine.Allow)
	want(before, engine.Allow)

	// A write by the old replica is one under the new schema.
	if _, err := before.Do(t.Context(), engine.PersonActor(owner), &engine.CreateClient{Partner: "acme", Client: "more", Title: "More"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*engine.Engine{before, after, before} {
		want(e, engine.Allow)
	}
	if n := after.Stats().RenewalsSchema + before.Stats().RenewalsSchema; n != 1 {
		t.Errorf("%d renewals to a schema, want 1", n)
	}

	// Restarted, the old one doesn't undo the roll-out, unless it is told to.
	again, _ := b.newReplica(t, agency(t), engine.Options{})
	if err := again.Start(t.Context()); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("the old schema again: %v", err)
	}
	want(after, engine.Allow)
	back, _ := b.newReplica(t, agency(t), engine.Options{RollBack: true})
	if err := back.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(back, engine.Deny)
	want(after, engine.Deny)
}

// TestMaintenanceRenews: tokens are renewed when half their snapshot's life is
// over, and once the schema has changed; by one replica.
func TestMaintenanceRenews(t *testing.T) {
	b, _ := vicsFolder(t)
	b.firm(t, "bolt")
	maintain := func(e *engine.Engine, aged, changed int64) {
		t.Helper()
		if err := e.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := e.Stats(); s.RenewalsAged != aged || s.RenewalsSchema != changed {
			t.Errorf("%d renewals by age, %d by schema; want %d and %d", s.RenewalsAged, s.RenewalsSchema, aged, changed)
		}
	}
	first, _ := b.newReplica(t, agency(t), engine.Options{SnapshotLife: time.Hour})
	second, _ := b.newReplica(t, looser(t), engine.Options{SnapshotLife: time.Hour})
	maintain(first, 0, 0)
	b.clock.turn(29 * time.Minute)
	maintain(first, 0, 0)
	b.clock.turn(time.Minute + time.Second)
	maintain(first, 2, 0)
	maintain(first, 2, 0)
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	maintain(second, 0, 0) // it's the first's turn
	b.clock.turn(2 * time.Minute)
	maintain(second, 0, 2)
	maintain(second, 0, 2)
	maintain(first, 2, 0)
	b.clean(t)
}

// TestSchemaLost: a graph that has lost the schema, as one restored from an
// older backup has, gets it again.
func TestSchemaLost(t *testing.T) {
	b, owner := vicsFolder(t)
	replica, _ := b.newReplica(t, looser(t), engine.Options{})
	if err := replica.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.graph.WriteSchema(t.Context(), agency(t).Source); err != nil {
		t.Fatal(err)
	}
	revoke := &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}
	if _, err := replica.Do(t.Context(), engine.PersonActor(owner), revoke, nil); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("under another schema than the one that is known: %v", err)
	}
	if err := replica.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, replica, engine.Consistency{}, engine.Allow) // by partner->enter
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
}
