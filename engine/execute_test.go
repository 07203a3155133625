package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

func TestIdempotencyKey(t *testing.T) {
	b := newBench(t)
	owner := engine.PersonActor(b.firm(t, "acme"))
	opts := &engine.DoOptions{IdempotencyKey: "k1"}
	first, err := b.Do(t.Context(), owner, &engine.CreateClient{Partner: "acme", Title: "Retail"}, opts)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Do(t.Context(), owner, &engine.CreateClient{Partner: "acme", Title: "Retail"}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second answer differs (-first +second):\n%s", diff)
	}
	_, err = b.Do(t.Context(), owner, &engine.CreateClient{Partner: "acme", Title: "Food"}, opts)
	if engine.CodeOf(err) != engine.Conflict {
		t.Errorf("another request with the key: %v, want a conflict", err)
	}
	signUp := func() engine.Operation {
		return &engine.SignUp{Title: "New", ContactName: "Zoe", Email: "zoe@new.example"}
	}
	one, err1 := b.Do(t.Context(), engine.PersonActor("zoe"), signUp(), opts)
	two, err2 := b.Do(t.Context(), engine.PersonActor("zoe"), signUp(), opts)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if one.Object != two.Object || one.Record != two.Record {
		t.Errorf("signing up twice with one key made %v and %v", one.Object, two.Object)
	}
}

func TestAcceptingIsRepeatableWithItsKeyOnly(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "vic", ContactName: "Vic", Email: "vic@acme.example", Role: "advisor"})
	token := b.post.token(t, "vic@acme.example")
	opts := &engine.DoOptions{IdempotencyKey: "accept"}
	for range 2 {
		if _, err := b.Do(t.Context(), engine.PersonActor("vic"), &engine.AcceptInvitation{Token: token}, opts); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.Do(t.Context(), engine.PersonActor("vic"), &engine.AcceptInvitation{Token: token}, nil)
	if engine.CodeOf(err) != engine.NotFound {
		t.Errorf("the token works twice: %v", err)
	}
	if text := b.journalText(t, "acme"); strings.Contains(text, token) {
		t.Error("the journal holds the invitation's token")
	}
}

func (b *bench) journalText(t testing.TB, partner string) string {
	t.Helper()
	var text []byte
	err := b.store.View(context.Background(), func(tx engine.Tx) error {
		records, err := tx.Records(context.Background(), engine.RecordFilter{Domain: schema.Domain(partner)})
		if err == nil {
			text, err = json.Marshal(records)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInvitationsExpireAndAreVoidedByTheNext(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "vic", ContactName: "Vic", Email: "vic@acme.example", Role: "advisor"})
	old := b.post.token(t, "vic@acme.example")
	b.must(t, owner, &engine.ResendInvitation{Partner: "acme", Staff: "vic"})
	accept := func(token string) engine.Code {
		_, err := b.Do(t.Context(), engine.PersonActor("vic"), &engine.AcceptInvitation{Token: token}, nil)
		return engine.CodeOf(err)
	}
	if got := accept(old); got != engine.NotFound {
		t.Errorf("the token before the last: %q", got)
	}
	b.clock.turn(8 * 24 * time.Hour)
	if got := accept(b.post.token(t, "vic@acme.example")); got != engine.NotFound {
		t.Errorf("an expired token: %q", got)
	}
	b.must(t, owner, &engine.EditStaff{Partner: "acme", Staff: "vic", Email: "victor@acme.example"})
	if got := accept(b.post.token(t, "victor@acme.example")); got != "" {
		t.Errorf("the token sent to the new address: %q", got)
	}
}

func TestOneSeatPerPerson(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "two", ContactName: "Two", Email: "two@acme.example", Role: "admin"})
	_, err := b.Do(t.Context(), engine.PersonActor("vic"), &engine.AcceptInvitation{Token: b.post.token(t, "two@acme.example")}, nil)
	if engine.CodeOf(err) != engine.Conflict {
		t.Errorf("a second seat: %v, want a conflict", err)
	}
}

func TestExpectedEpoch(t *testing.T) {
	b := newBench(t)
	owner := engine.PersonActor(b.firm(t, "acme"))
	one, two := int64(1), int64(2)
	op := &engine.CreateClient{Partner: "acme", Title: "Retail"}
	if _, err := b.Do(t.Context(), owner, op, &engine.DoOptions{ExpectedEpoch: &two}); engine.CodeOf(err) != engine.Stale {
		t.Errorf("epoch 2 expected in epoch 1: %v", err)
	}
	r, err := b.Do(t.Context(), owner, op, &engine.DoOptions{ExpectedEpoch: &one})
	if err != nil || r.Epoch != 2 {
		t.Errorf("epoch 1 expected in epoch 1: %+v %v", r, err)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddAccount{Partner: "acme", Client: "retail", Account: "ledger", Title: "Ledger"})
	before := b.journalText(t, "acme")
	r, err := b.Do(t.Context(), engine.PersonActor(owner), &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"}, &engine.DoOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Change{
		{User: "vic", Resource: object(t, "account:acme/ledger"), Permission: "access"},
		{User: "vic", Resource: object(t, "client:acme/retail"), Permission: "access"},
		{User: "vic", Resource: object(t, "client:acme/retail"), Permission: "add_accounts"},
	}
	if diff := cmp.Diff(want, r.Impact.Gains); diff != "" {
		t.Errorf("gains (-want +got):\n%s", diff)
	}
	if len(r.Impact.Losses) > 0 || len(r.Impact.Updates) != 1 || r.Record != "" {
		t.Errorf("impact: %+v", r)
	}
	if after := b.journalText(t, "acme"); after != before {
		t.Error("the journal changed")
	}
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Deny {
		t.Errorf("after the dry run: %s", got)
	}
}

func TestExpiringGrant(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	soon := time.Now().Add(time.Hour).Truncate(time.Second)
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic", ExpiresAt: soon})
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Allow {
		t.Fatalf("before it expires: %s", got)
	}
	b.clock.turn(2 * time.Hour)
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Deny {
		t.Errorf("after it expired: %s", got)
	}
	if n := b.count(t, "acme", "sweep_expired"); n != 1 {
		t.Errorf("%d sweeps, want 1", n)
	}
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Allow {
		t.Errorf("granted again for ever: %s", got)
	}
	b.clean(t)
}

func TestRemovingStaffSweepsManyGrants(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	rows := make([]engine.Row, 2300)
	for i := range rows {
		rows[i].Relationship = schema.Relationship{
			Resource: schema.Obj("client", "acme", fmt.Sprintf("c%d", i)), Relation: "staff",
			Subject: schema.Subject{Object: schema.Obj("staff", "acme", "vic"), Relation: "user"},
		}
		rows[i].WrittenAt = time.Now()
	}
	err := b.store.Update(t.Context(), "acme", func(tx engine.Tx) error { return tx.PutRelationships(t.Context(), rows) })
	if err != nil {
		t.Fatal(err)
	}
	b.must(t, owner, &engine.RemoveStaff{Partner: "acme", Staff: "vic"})
	if err := b.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "acme", "sweep_staff"); n != 2 {
		t.Errorf("%d sweeps, want 2", n)
	}
	b.clean(t)
}

func TestUndeliveredInvitationsAreSentLater(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.post.break_(errors.New("no route to the mail server"))
	r := b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "vic", ContactName: "Vic", Email: "vic@acme.example", Role: "advisor"})
	if r.Notice == "" {
		t.Error("the inviter wasn't told")
	}
	b.post.break_(nil)
	b.clock.turn(2 * time.Minute)
	for range 2 { // the second finds nothing left to send
		if err := b.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(t, "acme", "redeliver_invitation"); n != 1 {
		t.Errorf("sent again %d times, want once", n)
	}
	b.must(t, "vic", &engine.AcceptInvitation{Token: b.post.token(t, "vic@acme.example")})
}

func TestRestartServesTheSameAnswers(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.stop(t)
	b.start(t)
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Allow {
		t.Errorf("after the restart: %s", got)
	}
	b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.clean(t)
}

// TestConcurrentWriters: 8 writers, half of them on one partner, grant and
// revoke 10,000 times; the next check sees every acknowledged write.
func TestConcurrentWriters(t *testing.T) {
	writers, rounds := 8, 1250
	if enginetest.UnderRace || testing.Short() {
		rounds = 50
	}
	b := newBench(t)
	b.firm(t, "shared")
	b.hire(t, "shared", "vic", "advisor")
	var wg sync.WaitGroup
	for w := range writers {
		partner := "shared"
		if w%2 == 1 {
			partner = fmt.Sprintf("firm%d", w)
			b.firm(t, partner)
			b.must(t, partner+"-ana", &engine.InviteStaff{Partner: partner, Staff: "vic", ContactName: "V", Email: "v@x.example", Role: "advisor"})
			b.must(t, "vic", &engine.AcceptInvitation{Token: b.post.token(t, "v@x.example")})
		}
		client := fmt.Sprintf("c%d", w)
		b.must(t, partner+"-ana", &engine.CreateClient{Partner: partner, Client: client, Title: client})
		wg.Go(func() { b.alternate(t, partner, client, rounds) })
	}
	wg.Wait()
	b.clean(t)
}

// alternate adds vic to the folder and removes them, and checks each time.
func (b *bench) alternate(t *testing.T, partner, client string, rounds int) {
	owner := engine.PersonActor(partner + "-ana")
	q := engine.Query{
		Resource: schema.Obj("client", schema.Domain(partner), client), Permission: "access",
		Subject: schema.Subject{Object: schema.User("vic")},
	}
	for i := range rounds {
		var op engine.Operation = &engine.AddClientStaff{Partner: partner, Client: client, Staff: "vic"}
		want := engine.Allow
		if i%2 == 1 {
			op, want = &engine.RemoveClientStaff{Partner: partner, Client: client, Staff: "vic"}, engine.Deny
		}
		if _, err := b.Do(context.Background(), owner, op, nil); err != nil {
			t.Errorf("write %d of %s: %v", i, q.Resource, err)
			return
		}
		if a, err := b.Check(context.Background(), q, engine.Consistency{}); err != nil || a.Decision != want {
			t.Errorf("after write %d of %s: %s (%v), want %s", i, q.Resource, a.Decision, err, want)
		}
	}
}
