package enginetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var relationshipCases = []storeCase{
	{"what is put is read", func(t *testing.T, s engine.Store) {
		want := row(t, "staff:acme/ana#user@user:Zoë #1 \"<z@example.com>\"")
		want.ExpiresAt = noon.Truncate(time.Second)
		putRows(t, s, want)
		got := relationships(t, s, engine.RelationshipFilter{})
		same(t, "rows", got, []engine.Row{want})
		utc(t, "ExpiresAt", got[0].ExpiresAt)
		utc(t, "WrittenAt", got[0].WrittenAt)
	}},
	{"putting replaces the expiry", func(t *testing.T, s engine.Store) {
		forever := row(t, "client:acme/retail#staff@staff:acme/ana#user")
		until := forever
		until.ExpiresAt, until.Record = noon.Truncate(time.Second), "r2"
		for _, want := range []engine.Row{forever, until, forever} {
			putRows(t, s, want)
			same(t, "rows", relationships(t, s, engine.RelationshipFilter{}), []engine.Row{want})
		}
	}},
	{"of one key twice in a put the last wins", func(t *testing.T, s engine.Store) {
		one := row(t, "client:acme/retail#staff@staff:acme/ana#user")
		two := one
		two.Record = "r2"
		putRows(t, s, one, two)
		same(t, "rows", relationships(t, s, engine.RelationshipFilter{}), []engine.Row{two})
	}},
	{"deleting takes the key, whatever the expiry", func(t *testing.T, s engine.Store) {
		ana, set := row(t, "client:acme/retail#staff@staff:acme/ana#user"), row(t, "client:acme/retail#staff@staff:acme/ana")
		putRows(t, s, ana, set)
		gone := ana.Relationship
		gone.ExpiresAt = noon
		for range 2 { // deleting what isn't there is no error
			update(t, s, func(tx engine.Tx) error {
				return tx.DeleteRelationships(t.Context(), []schema.Relationship{gone, gone})
			})
		}
		same(t, "rows", relationships(t, s, engine.RelationshipFilter{}), []engine.Row{set})
	}},
	{"none are put and deleted", func(t *testing.T, s engine.Store) {
		putRows(t, s)
		update(t, s, func(tx engine.Tx) error { return tx.DeleteRelationships(t.Context(), nil) })
	}},
	{"the next expiry, and what has expired", func(t *testing.T, s engine.Store) {
		forever, first, second := row(t, "client:acme/retail#staff@staff:acme/ana#user"),
			row(t, "client:acme/retail#staff@staff:acme/bob#user"), row(t, "client:acme/retail#staff@staff:acme/eve#user")
		first.ExpiresAt = noon.Truncate(time.Second)
		second.ExpiresAt = first.ExpiresAt.Add(time.Second)
		putRows(t, s, forever, second)
		next := func() (at time.Time) {
			view(t, s, func(tx engine.Tx) (err error) {
				at, err = tx.NextExpiry(t.Context(), acme)
				return err
			})
			return at
		}
		same(t, "next of one", next(), second.ExpiresAt)
		putRows(t, s, first)
		same(t, "next of two", next(), first.ExpiresAt)
		same(t, "expired", relationships(t, s, engine.RelationshipFilter{Domain: acme, ExpiredAt: first.ExpiresAt}), []engine.Row{first})
		update(t, s, func(tx engine.Tx) error {
			return tx.DeleteRelationships(t.Context(), []schema.Relationship{first.Relationship, second.Relationship})
		})
		same(t, "next of none", next(), time.Time{})
	}},
	{"filters", filterRelationships},
	{"order and pages", pageRelationships},
	{"two thousand at once", manyRelationships},
}

// sorted are relationships in the order of lists: by the parts of the key, byte
// by byte. Text order would put acme-2 before acme/x, and is not asked.
var sorted = []string{
	"account:acme-2/b#client@client:acme-2/z",
	"account:acme/B#client@client:acme/z",
	"account:acme/a#blocked@staff:acme/ana#user",
	"account:acme/a#client@client:acme/z",
	"account:acme/a#client@client:acme/z#staff",
	"account:acme/a#group@group:acme/g",
	"account:acme/a0#client@client:acme/z",
	"client:acme/retail#staff@staff:acme/ana#user",
	"client:acme/retail#staff@staff:acme/bob#user",
	"staff:acme/ana#user@user:ana",
	"staff:acme/ana#user@user:ana/2",
}

func filterRelationships(t *testing.T, s engine.Store) {
	putSorted(t, s)
	for name, c := range map[string]struct {
		filter engine.RelationshipFilter
		want   []int
	}{
		"domain":             {engine.RelationshipFilter{Domain: "acme-2"}, []int{0}},
		"resource type":      {engine.RelationshipFilter{ResourceType: "client"}, []int{7, 8}},
		"resource":           {engine.RelationshipFilter{ResourceType: "account", ResourceID: "acme/a"}, []int{2, 3, 4, 5}},
		"relation":           {engine.RelationshipFilter{Relation: "client"}, []int{0, 1, 3, 4, 6}},
		"subject type":       {engine.RelationshipFilter{SubjectType: "user"}, []int{9, 10}},
		"subject":            {engine.RelationshipFilter{SubjectType: "staff", SubjectID: "acme/ana"}, []int{2, 7}},
		"subject relation":   {engine.RelationshipFilter{SubjectRelation: "staff"}, []int{4}},
		"domain and subject": {engine.RelationshipFilter{Domain: acme, SubjectType: "user", SubjectID: "ana"}, []int{9}},
		"limit":              {engine.RelationshipFilter{Domain: acme, Limit: 2}, []int{1, 2}},
		"none":               {engine.RelationshipFilter{Domain: "nobody"}, nil},
	} {
		var want []string
		for _, i := range c.want {
			want = append(want, sorted[i])
		}
		same(t, name, texts(relationships(t, s, c.filter)), want)
	}
}

func pageRelationships(t *testing.T, s engine.Store) {
	putSorted(t, s)
	for limit := 1; limit <= len(sorted); limit += 3 {
		var got []string
		f := engine.RelationshipFilter{Limit: limit}
		for page := relationships(t, s, f); len(page) > 0; page = relationships(t, s, f) {
			got = append(got, texts(page)...)
			f.After = page[len(page)-1].Relationship
		}
		same(t, fmt.Sprintf("in pages of %d", limit), got, sorted)
	}
}

func manyRelationships(t *testing.T, s engine.Store) {
	const n = 2000
	all := make([]engine.Row, n)
	for i := range all {
		all[i] = row(t, fmt.Sprintf("client:acme/c%04d#staff@staff:acme/s%d#user", i, i%7))
	}
	for range 2 { // insert, then replace
		putRows(t, s, all...)
		same(t, "rows", relationships(t, s, engine.RelationshipFilter{Domain: acme}), all)
	}
	update(t, s, func(tx engine.Tx) error {
		var half []schema.Relationship
		for _, r := range all[:n/2] {
			half = append(half, r.Relationship)
		}
		return tx.DeleteRelationships(t.Context(), half)
	})
	view(t, s, func(tx engine.Tx) error {
		left, err := tx.CountRelationships(t.Context())
		same(t, "left", left, n/2)
		return err
	})
}

// putSorted puts the sorted ones in another order.
func putSorted(t *testing.T, s engine.Store) {
	t.Helper()
	var all []engine.Row
	for _, text := range slices.Backward(sorted) {
		all = append(all, row(t, text))
	}
	putRows(t, s, all...)
}

func putRows(t *testing.T, s engine.Store, all ...engine.Row) {
	t.Helper()
	update(t, s, func(tx engine.Tx) error { return tx.PutRelationships(t.Context(), all) })
}

func relationships(t *testing.T, s engine.Store, f engine.RelationshipFilter) []engine.Row {
	t.Helper()
	return listed(t, s, func(tx engine.Tx) ([]engine.Row, error) { return tx.Relationships(t.Context(), f) })
}

func row(t *testing.T, text string) engine.Row {
	t.Helper()
	rel, err := schema.ParseRelationship(text)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Row{Relationship: rel, Record: "r1", WrittenAt: noon}
}

func texts(rows []engine.Row) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.String()
	}
	return all
}
