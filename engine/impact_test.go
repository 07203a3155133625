package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// TestImpactAndExplanationsAgreeWithTheGraph does random operations. What a dry
// run says that people gain and lose must be what the graph's decisions then
// show, on every object and permission; and every decision can be explained.
func TestImpactAndExplanationsAgreeWithTheGraph(t *testing.T) {
	b := newBench(t)
	b.firm(t, "acme")
	people := []string{"acme-ana", "vic", "val", "adam"}
	b.hire(t, "acme", "vic", "advisor")
	b.hire(t, "acme", "val", "advisor")
	b.hire(t, "acme", "adam", "admin")
	if _, err := b.Do(t.Context(), engine.Actor{Kind: engine.Operator}, &engine.AddSupport{User: "sam"}, nil); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	done, tries := 0, 250
	if enginetest.UnderRace || testing.Short() {
		tries = 60
	}
	for range tries {
		as, op := randomOperation(random)
		if as == "owner" {
			as = b.owner(t, people)
		}
		who := engine.PersonActor(as)
		plan, err := b.Do(t.Context(), who, op, &engine.DoOptions{DryRun: true})
		if err != nil {
			if _, again := b.Do(t.Context(), who, op, nil); engine.CodeOf(again) != engine.CodeOf(err) {
				t.Fatalf("%s: dry run %v, for real %v", op.Name(), err, again)
			}
			continue
		}
		before := b.decisions(t, people)
		b.must(t, as, op)
		after := b.decisions(t, people)
		gains, losses := difference(after, before), difference(before, after)
		if n := len(gains) + len(losses) - len(plan.Impact.Gains) - len(plan.Impact.Losses); n > plan.Impact.Hidden {
			t.Fatalf("%s %+v: %d changes untold, %d hidden", op.Name(), op, n, plan.Impact.Hidden)
		}
		if diff := cmp.Diff(told(gains, plan.Impact.Gains), lines(plan.Impact.Gains)); diff != "" {
			t.Fatalf("%s %+v: gains (-graph +dry run):\n%s", op.Name(), op, diff)
		}
		if diff := cmp.Diff(told(losses, plan.Impact.Losses), lines(plan.Impact.Losses)); diff != "" {
			t.Fatalf("%s %+v: losses (-graph +dry run):\n%s", op.Name(), op, diff)
		}
		done++
	}
	if done < tries/4 {
		t.Errorf("only %d operations were permitted; the test means little", done)
	}
	b.clean(t)
}

// owner finds who manages the payment method now.
func (b *bench) owner(t *testing.T, people []string) string {
	t.Helper()
	i := slices.IndexFunc(people, func(p string) bool {
		return b.decision(t, "partner:acme", "manage_payment_method", p) == engine.Allow
	})
	if i < 0 {
		t.Fatal("the partner has no owner")
	}
	return people[i]
}

// randomOperation returns an operation on few names, so that they meet.
func randomOperation(r *rand.Rand) (as string, op engine.Operation) {
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	client, account, group := pick("c1", "c2"), pick("a1", "a2", "a3", "i1"), pick("g1", "g2")
	staff := pick("ana", "vic", "val", "adam")
	all := []engine.Operation{
		&engine.CreateClient{Partner: "acme", Client: client, Title: client},
		&engine.AddAccount{Partner: "acme", Client: client, Account: account, Title: account},
		&engine.CreateInternalAccount{Partner: "acme", Account: "i1", Title: "i1"},
		&engine.CreateGroup{Partner: "acme", Group: group, Title: group},
		&engine.AddClientStaff{Partner: "acme", Client: client, Staff: staff},
		&engine.AddClientStaff{Partner: "acme", Client: client, Staff: staff},
		&engine.RemoveClientStaff{Partner: "acme", Client: client, Staff: staff},
		&engine.SwitchAccount{Partner: "acme", Account: account, Staff: staff, Enabled: r.IntN(3) == 0},
		&engine.SwitchAccount{Partner: "acme", Account: account, Staff: staff},
		&engine.AddAccountStaff{Partner: "acme", Account: "i1", Staff: staff},
		&engine.RemoveAccountStaff{Partner: "acme", Account: "i1", Staff: staff},
		&engine.AddGroupAccount{Partner: "acme", Group: group, Account: account},
		&engine.RemoveGroupAccount{Partner: "acme", Group: group, Account: account},
		&engine.AddRepresentative{Partner: "acme", Group: group, Staff: staff},
		&engine.RemoveRepresentative{Partner: "acme", Group: group, Staff: staff},
		&engine.ChangeRole{Partner: "acme", Staff: staff, Role: pick("admin", "advisor")},
		&engine.ArchiveClient{Partner: "acme", Client: client},
		&engine.RestoreClient{Partner: "acme", Client: client},
		&engine.TransferOwnership{Partner: "acme", Staff: staff},
	}
	op = all[r.IntN(len(all))]
	if op.Name() == "transfer_ownership" {
		return "sam", op
	}
	return pick("owner", "owner", "owner", "adam", "vic"), op
}

// decisions returns every permission that anybody has on anything, as lines,
// and has each explained.
func (b *bench) decisions(t *testing.T, people []string) map[string]bool {
	t.Helper()
	var queries []engine.Query
	for _, o := range b.objects(t) {
		for _, permission := range b.Portal().Model.PermissionNames(o.Type) {
			for _, who := range people {
				queries = append(queries, engine.Query{Resource: o, Permission: permission, Subject: schema.Subject{Object: schema.User(who)}})
			}
		}
	}
	answers, err := b.CheckBulk(t.Context(), queries, engine.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for i, a := range answers {
		if a.Decision == engine.Allow {
			has[fmt.Sprintf("%s %s %s", a.Subject.ID, a.Resource, a.Permission)] = true
		}
		if i%7 != 0 { // explaining is slow, and every query's turn comes
			continue
		}
		x, err := b.Explain(t.Context(), a.Query)
		if err != nil {
			t.Fatalf("explain %+v: %v", a.Query, err)
		}
		if (len(x.Steps) > 0) != (a.Decision == engine.Allow) || strings.Contains(x.Text, "nothing leads there") {
			t.Fatalf("%+v is %s, explained: %s", a.Query, a.Decision, x.Text)
		}
	}
	return has
}

func (b *bench) objects(t *testing.T) []schema.Object {
	t.Helper()
	var objects []schema.Object
	err := b.store.View(t.Context(), func(tx engine.Tx) error {
		entries, err := tx.Entries(context.Background(), engine.EntryFilter{Domain: "acme"})
		for _, e := range entries {
			objects = append(objects, e.Object)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func difference(a, b map[string]bool) []string {
	only := []string{}
	for k := range a {
		if !b[k] {
			only = append(only, k)
		}
	}
	slices.Sort(only)
	return only
}

func lines(changes []engine.Change) []string {
	all := []string{}
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s %s %s", c.User, c.Resource, c.Permission))
	}
	slices.Sort(all)
	return all
}

// told returns those of the actual changes that the dry run lists.
func told(actual []string, listed []engine.Change) []string {
	all := lines(listed)
	return slices.DeleteFunc(actual, func(line string) bool { return !slices.Contains(all, line) })
}
