package engine_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestListsAreCompleteSortedAndPaged(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.firm(t, "bolt")
	var want []schema.Object
	for i := range 25 {
		name := fmt.Sprintf("c%02d", i)
		b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: name, Title: name})
		want = append(want, schema.Obj("client", "acme", name))
	}
	subject := schema.Subject{Object: schema.User(owner)}
	list := func(p engine.Paging) (engine.ObjectPage, error) {
		return b.ListResources(t.Context(), "acme", "client", "access", subject, p, engine.Consistency{})
	}
	var got []schema.Object
	first, err := list(engine.Paging{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	// The list goes on in its own epoch, whatever is written meanwhile.
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "c11b", Title: "later"})
	for page := first; ; {
		got = append(got, page.Objects...)
		if page.Epoch != first.Epoch || page.Total != 25 {
			t.Errorf("page of epoch %d with total %d", page.Epoch, page.Total)
		}
		if page.Next == "" {
			break
		}
		if page, err = list(engine.Paging{Limit: 10, Cursor: page.Next}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	for i := range len(first.Next) {
		forged := []byte(first.Next)
		forged[i] ^= 1
		if _, err := list(engine.Paging{Cursor: string(forged)}); engine.CodeOf(err) != engine.Invalid {
			t.Fatalf("a cursor changed at %d: %v", i, err)
		}
	}
	_, err = b.ListResources(t.Context(), "bolt", "client", "access", subject, engine.Paging{Cursor: first.Next}, engine.Consistency{})
	if engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a cursor of another list: %v", err)
	}
	b.stop(t)
	b.start(t)
	if _, err := list(engine.Paging{Cursor: first.Next}); engine.CodeOf(err) != engine.Stale {
		t.Errorf("a cursor of the process before: %v", err)
	}
}

// A partner that nobody writes to outlasts the graph's snapshots: checks and
// lists go on in a new snapshot of the same epoch, begun lists as well. A list
// of an epoch that is over ends with its snapshot.
func TestSnapshotsExpireEpochsDoNot(t *testing.T) {
	const window = 20 * time.Millisecond
	b := &bench{path: filepath.Join(t.TempDir(), "portico.db"), post: &post{}, clock: &clock{}, window: window}
	b.start(t)
	t.Cleanup(func() { b.stop(t) })
	owner, other := b.firm(t, "acme"), b.firm(t, "bolt")
	for _, name := range []string{"a", "b", "c"} {
		b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: name, Title: name})
	}
	list := func(cursor string) (engine.ObjectPage, error) {
		return b.ListResources(t.Context(), "acme", "client", "access", schema.Subject{Object: schema.User(owner)},
			engine.Paging{Limit: 1, Cursor: cursor}, engine.Consistency{})
	}
	// outlast lets every snapshot but the newest expire, which is not acme's.
	clients := 0
	outlast := func() {
		for range 2 {
			clients++
			name := fmt.Sprintf("c%d", clients)
			b.must(t, other, &engine.CreateClient{Partner: "bolt", Client: name, Title: name})
			time.Sleep(2 * window)
		}
	}
	first, err := list("")
	if err != nil {
		t.Fatal(err)
	}
	outlast()
	if got := b.decision(t, "client:acme/a", "access", owner); got != engine.Allow {
		t.Errorf("check: %s", got)
	}
	outlast()
	second, err := list(first.Next)
	if err != nil {
		t.Fatal(err)
	}
	if second.Epoch != first.Epoch || second.Objects[0] != schema.Obj("client", "acme", "b") {
		t.Errorf("second page: %v in epoch %d, want b in %d", second.Objects, second.Epoch, first.Epoch)
	}
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "d", Title: "d"})
	outlast()
	if _, err := list(second.Next); engine.CodeOf(err) != engine.Stale {
		t.Errorf("a page of an epoch that is over: want stale, got %v", err)
	}
}

func TestListSubjectsAndPermissions(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.hire(t, "acme", "adam", "admin")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	page, err := b.ListSubjects(t.Context(), object(t, "client:acme/retail"), "access", "", engine.Paging{}, engine.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	want := []schema.Object{schema.User(owner), schema.User("adam"), schema.User("vic")}
	if diff := cmp.Diff(want, page.Objects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
	list, err := b.ListPermissions(t.Context(), object(t, "client:acme/retail"), schema.Subject{Object: schema.User("vic")}, engine.Consistency{})
	if diff := cmp.Diff([]string{"access", "add_accounts"}, list.Permissions); diff != "" || err != nil {
		t.Errorf("permissions (-want +got), %v:\n%s", err, diff)
	}
	partners, err := b.ListPartners(t.Context(), "vic", "enter", engine.Consistency{})
	if diff := cmp.Diff([]schema.Object{schema.Partner("acme")}, partners); diff != "" || err != nil {
		t.Errorf("partners (-want +got), %v:\n%s", err, diff)
	}
}

func TestConsistency(t *testing.T) {
	b := newBench(t)
	r := b.must(t, "zoe", &engine.SignUp{Partner: "acme", Title: "A", ContactName: "Z", Email: "z@a.example"})
	q := engine.Query{Resource: schema.Partner("acme"), Permission: "enter", Subject: schema.Subject{Object: schema.User("zoe")}}
	for _, c := range []engine.Consistency{
		{}, {Mode: engine.Strict}, {Mode: engine.Full}, {Mode: engine.Bounded, MaxAge: time.Second}, {Mode: engine.AtLeast, Token: r.Token},
	} {
		if a, err := b.Check(t.Context(), q, c); err != nil || a.Decision != engine.Allow || a.Epoch != 1 {
			t.Errorf("%+v: %+v %v", c, a, err)
		}
	}
	for want, c := range map[engine.Code]engine.Consistency{
		engine.Invalid:     {Mode: engine.AtLeast, Token: "nonsense"},
		engine.Unavailable: {Mode: engine.AtLeast, Token: "YWNtZUA5"}, // acme@9
	} {
		if _, err := b.Check(t.Context(), q, c); engine.CodeOf(err) != want {
			t.Errorf("%+v: %v, want %s", c, err, want)
		}
	}
	if _, err := b.Check(t.Context(), q, engine.Consistency{Mode: "eventual"}); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("an unknown mode: %v", err)
	}
}

func TestBadQuestions(t *testing.T) {
	b := newBench(t)
	b.firm(t, "acme")
	user := schema.Subject{Object: schema.User("vic")}
	for name, c := range map[string]struct {
		q    engine.Query
		want engine.Code
	}{
		"unknown type":       {engine.Query{Resource: schema.Obj("planet", "acme", "x"), Permission: "access", Subject: user}, engine.Invalid},
		"unknown permission": {engine.Query{Resource: schema.Obj("client", "acme", "x"), Permission: "fly", Subject: user}, engine.Invalid},
		"the fence":          {engine.Query{Resource: schema.Object{Type: "portico_domain", ID: "acme"}, Permission: "applied", Subject: user}, engine.Invalid},
		"a user":             {engine.Query{Resource: schema.User("vic"), Permission: "access", Subject: user}, engine.Invalid},
		"everybody":          {engine.Query{Resource: schema.Obj("client", "acme", "x"), Permission: "access", Subject: schema.Subject{Object: schema.User("*")}}, engine.Invalid},
		"no partner":         {engine.Query{Resource: schema.Obj("client", "nowhere", "x"), Permission: "access", Subject: user}, engine.NotFound},
		"no client":          {engine.Query{Resource: schema.Obj("client", "acme", "x"), Permission: "access", Subject: user}, ""},
	} {
		if _, err := b.Check(t.Context(), c.q, engine.Consistency{}); engine.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := b.Explain(t.Context(), c.q); engine.CodeOf(err) != c.want {
			t.Errorf("explain %s: %v, want %q", name, err, c.want)
		}
	}
}

// TestFirstKey: of replicas that start together on an empty store, one makes the
// first key; and nobody makes it again, though it be revoked.
func TestFirstKey(t *testing.T) {
	b := newBench(t)
	first := engine.NewKey{Name: "first", Scopes: []engine.Scope{engine.ScopeOperate}}
	var (
		replicas sync.WaitGroup
		made     atomic.Int64
	)
	for range 8 {
		replicas.Go(func() {
			key, text, err := b.CreateFirstKey(t.Context(), first)
			if err != nil {
				t.Error(err)
			}
			if text == "" {
				return
			}
			made.Add(1)
			if err := b.RevokeKey(t.Context(), key.ID); err != nil {
				t.Error(err)
			}
		})
	}
	replicas.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("%d first keys", n)
	}
	if _, text, err := b.CreateFirstKey(t.Context(), first); text != "" || err != nil {
		t.Errorf("another first key: %v", err)
	}
}

func TestKeys(t *testing.T) {
	b := newBench(t)
	key, text, err := b.CreateKey(t.Context(), engine.NewKey{Name: "app", Scopes: []engine.Scope{engine.ScopeCheck}, Partner: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	auth := func(s string) engine.Code {
		_, err := b.Authenticate(t.Context(), s)
		return engine.CodeOf(err)
	}
	got, err := b.Authenticate(t.Context(), text)
	if diff := cmp.Diff(key, got); diff != "" || err != nil {
		t.Errorf("authenticated (-made +got), %v:\n%s", err, diff)
	}
	for i := range len(text) {
		forged := []byte(text)
		forged[i] ^= 1
		if auth(string(forged)) != engine.Unauthenticated {
			t.Fatalf("a key changed at %d is taken", i)
		}
	}
	next, nextText, err := b.RotateKey(t.Context(), key.ID, time.Hour)
	if err != nil || next.Partner != "acme" {
		t.Fatal(next, err)
	}
	if auth(text) != "" || auth(nextText) != "" {
		t.Error("within the grace both keys work")
	}
	b.clock.turn(2 * time.Hour)
	if auth(text) != engine.Unauthenticated || auth(nextText) != "" {
		t.Error("after the grace only the new key works")
	}
	if err := b.RevokeKey(t.Context(), next.ID); err != nil || auth(nextText) != engine.Unauthenticated {
		t.Error("a revoked key works", err)
	}
}

// TestChangedSchemaReachesEveryPartner: a snapshot carries the schema of its
// time, so a changed schema must renew it, without a new epoch.
func TestChangedSchemaReachesEveryPartner(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	changed := agency(t)
	changed.Source += "\n// the same, but for this comment\n"
	next := engine.New(b.store, keeping{b.graph}, changed, nil)
	if err := next.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := engine.Query{Resource: schema.Partner("acme"), Permission: "enter", Subject: schema.Subject{Object: schema.User(owner)}}
	if a, err := next.Check(t.Context(), q, engine.Consistency{}); err != nil || a.Decision != engine.Allow || a.Epoch != 1 {
		t.Errorf("%+v %v", a, err)
	}
	state, err := b.store.Domain(t.Context(), "acme")
	if err != nil || state.SchemaDigest != changed.Digest() {
		t.Errorf("the domain has the schema %s (%v)", state.SchemaDigest, err)
	}
}

// keeping hides that a graph can be loaded, as a cluster can't.
type keeping struct{ engine.Graph }

// Expired rows, be they more than are read at a time, don't end the loading of
// the graph.
func TestLoadBehindExpiredRows(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	var rows []engine.Row
	for i := range 6_000 { // before "client" in the order of the rows
		rows = append(rows, engine.Row{Relationship: schema.Relationship{
			Resource: schema.Obj("account", "acme", fmt.Sprintf("a%d", i)), Relation: "staff",
			Subject:   schema.Subject{Object: object(t, "staff:acme/ana"), Relation: "user"},
			ExpiresAt: time.Unix(1_000_000_000, 0).UTC(),
		}})
	}
	err := b.store.Update(t.Context(), "acme", func(tx engine.Tx) error { return tx.PutRelationships(t.Context(), rows) })
	if err != nil {
		t.Fatal(err)
	}
	b.stop(t)
	b.start(t)
	if got := b.decision(t, "client:acme/retail", "access", owner); got != engine.Allow {
		t.Errorf("after the restart: %s", got)
	}
}
