package engine_test

import (
	"errors"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// vicsGrant puts vic on the folder retail.
func vicsGrant() schema.Relationship {
	return schema.Relationship{
		Resource: schema.Obj("client", "acme", "retail"), Relation: "staff",
		Subject: schema.Subject{Object: schema.Obj("staff", "acme", "vic"), Relation: "user"},
	}
}

func TestVerifyFindsAndRepairs(t *testing.T) {
	grant := vicsGrant()
	forged := grant
	forged.Resource.ID = "acme/secret"
	for name, harm := range map[string]func(t *testing.T, b *bench){
		"a row is lost": func(t *testing.T, b *bench) {
			b.change(t, func(tx engine.Tx) error { return tx.DeleteRelationships(t.Context(), []schema.Relationship{grant}) })
		},
		"a row is forged": func(t *testing.T, b *bench) {
			b.change(t, func(tx engine.Tx) error {
				return tx.PutRelationships(t.Context(), []engine.Row{{Relationship: forged}})
			})
		},
		"the graph lost a relationship": func(t *testing.T, b *bench) { b.write(t, engine.Update{Relationship: grant, Delete: true}) },
		"the graph has a forged one":    func(t *testing.T, b *bench) { b.write(t, engine.Update{Relationship: forged}) },
		"the graph is of a backup":      func(t *testing.T, b *bench) { b.rewind(t) },
		"a seat is forged": func(t *testing.T, b *bench) {
			b.change(t, func(tx engine.Tx) error {
				e, err := tx.Entry(t.Context(), schema.Obj("staff", "acme", "vic"))
				e.Role = "owner"
				return errors.Join(err, tx.PutEntry(t.Context(), e))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			owner := b.firm(t, "acme")
			b.hire(t, "acme", "vic", "advisor")
			b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
			b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "secret", Title: "Secret"})
			b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
			b.clean(t)
			harm(t, b)
			if b.problems(t, engine.Report) == 0 {
				t.Fatal("verify finds nothing")
			}
			b.findings(t, engine.Mend)
			b.clean(t)
			if b.decision(t, "client:acme/retail", "access", "vic") != engine.Allow || b.decision(t, "client:acme/secret", "access", "vic") != engine.Deny {
				t.Error("the answers aren't what the journal says")
			}
			b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
		})
	}
}

// TestVerifyLeavesAMark: a graph that was restored from a backup of before its
// repair is noticed, although no operation came between.
func TestVerifyLeavesAMark(t *testing.T) {
	b, _ := vicsFolder(t)
	before, err := b.graph.Applied(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, engine.Update{Relationship: vicsGrant(), Delete: true})
	b.findings(t, engine.Mend)
	wantAnswer(t, b.Engine, engine.Consistency{}, engine.Allow)
	repaired, err := b.graph.Applied(t.Context(), "acme")
	if err != nil || repaired == before {
		t.Fatalf("the fence stands at %q still, %v", repaired, err)
	}
	b.clean(t)
	backup := engine.Write{
		Domain: "acme", After: repaired, Operation: before,
		Updates: []engine.Update{{Relationship: vicsGrant(), Delete: true}},
	}
	if _, err := b.graph.Write(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	reader, graph, _ := b.beside(t)
	graph.forgetful()
	if a, err := reader.Check(t.Context(), vicsAccess(), engine.Consistency{}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("on the backup: %q, %v", a.Decision, err)
	}
	b.findings(t, engine.Mend)
	b.clean(t)
	wantAnswer(t, b.Engine, engine.Consistency{}, engine.Allow)
}

func TestVerifyFindsAChangedRecord(t *testing.T) {
	b := newBench(t)
	b.firm(t, "acme")
	b.change(t, func(tx engine.Tx) error {
		records, err := tx.Records(t.Context(), engine.RecordFilter{Domain: "acme"})
		if err != nil {
			return err
		}
		records[0].Actor.User = "somebody else"
		return tx.PutRecord(t.Context(), records[0])
	})
	if b.problems(t, engine.Report) == 0 {
		t.Error("a changed record isn't found")
	}
	for _, f := range b.findings(t, engine.Mend) {
		if f.Repaired || f.Domain == "acme" && !f.Broken {
			t.Errorf("a damaged journal is taken for the truth: %+v", f)
		}
	}
}

func (b *bench) problems(t testing.TB, repair engine.Repair) int {
	t.Helper()
	n := 0
	for _, f := range b.findings(t, repair) {
		n += len(f.Problems)
	}
	return n
}

// change changes rows behind the engine's back.
func (b *bench) change(t *testing.T, fn func(engine.Tx) error) {
	t.Helper()
	if err := b.store.Update(t.Context(), "acme", fn); err != nil {
		t.Fatal(err)
	}
}

// write changes the graph behind the engine's back.
func (b *bench) write(t *testing.T, u engine.Update) {
	t.Helper()
	at, err := b.graph.Applied(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.graph.Write(t.Context(), engine.Write{Domain: "acme", Updates: []engine.Update{u}, After: at, Operation: at}); err != nil {
		t.Fatal(err)
	}
}

// rewind puts the fence back to where an older backup would have it.
func (b *bench) rewind(t *testing.T) {
	t.Helper()
	at, err := b.graph.Applied(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.graph.Write(t.Context(), engine.Write{Domain: "acme", After: at, Operation: "older"}); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyClearsAFenceThatTheStoreDoesNotKnow: the store was restored from a
// backup older than the partner, and the graph wasn't.
func TestVerifyClearsAFenceThatTheStoreDoesNotKnow(t *testing.T) {
	b := newBench(t)
	b.firm(t, "acme")
	if _, err := b.graph.Write(t.Context(), engine.Write{Domain: "bolt", Operation: "lost"}); err != nil {
		t.Fatal(err)
	}
	signUp := &engine.SignUp{Partner: "bolt", Title: "Bolt", ContactName: "Zoe", Email: "zoe@bolt.example"}
	if _, err := b.Do(t.Context(), engine.PersonActor("zoe"), signUp, nil); engine.CodeOf(err) != engine.Unavailable {
		t.Fatalf("signed up behind a foreign fence: %v", err)
	}
	b.findings(t, engine.Mend)
	b.clean(t)
	if got := b.decision(t, "partner:bolt", "enter", "zoe"); got != engine.Allow {
		t.Errorf("the pending sign-up, once mended: %s", got)
	}
}
