package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var entryCases = []storeCase{
	{"what is put is read", func(t *testing.T, s engine.Store) {
		want := fullEntry()
		putEntries(t, s, want)
		view(t, s, func(tx engine.Tx) error {
			got, err := tx.Entry(t.Context(), want.Object)
			same(t, "entry", got, want)
			utc(t, "CreatedAt", got.CreatedAt)
			return err
		})
	}},
	{"putting replaces, and empties", func(t *testing.T, s engine.Store) {
		putEntries(t, s, fullEntry())
		want := engine.Entry{Object: fullEntry().Object, State: engine.Removed}
		putEntries(t, s, want)
		same(t, "entries", entries(t, s, engine.EntryFilter{}), []engine.Entry{want})
		same(t, "by the old e-mail", entries(t, s, engine.EntryFilter{Email: fullEntry().Email}), []engine.Entry{})
	}},
	{"a user has an entry in no domain", func(t *testing.T, s engine.Store) {
		want := engine.Entry{Object: schema.User("Zoë #1 <z@example.com>"), Title: "Zoë", State: engine.Active}
		putEntries(t, s, want)
		view(t, s, func(tx engine.Tx) error {
			got, err := tx.Entry(t.Context(), want.Object)
			same(t, "entry", got, want)
			return err
		})
	}},
	{"a deleted one isn't there", func(t *testing.T, s engine.Store) {
		ana := staff("ana")
		putEntries(t, s, ana)
		for range 2 { // deleting what isn't there is no error
			update(t, s, func(tx engine.Tx) error { return tx.DeleteEntry(t.Context(), ana.Object) })
		}
		view(t, s, func(tx engine.Tx) error {
			_, err := tx.Entry(t.Context(), ana.Object)
			wantCode(t, "entry", err, engine.NotFound)
			return nil
		})
	}},
	{"filters", filterEntries},
	{"titles are found as a reader compares", func(t *testing.T, s engine.Store) {
		ana := staff("ana")
		ana.Title = "ÉCOLE Žižkov ΣΟΦΙΑ 日本"
		putEntries(t, s, ana, staff("bob"))
		same(t, "found", entries(t, s, engine.EntryFilter{Title: "école žižkov σοφια 日本"}), []engine.Entry{ana})
		same(t, "another", entries(t, s, engine.EntryFilter{Title: "ecole zizkov σοφια 日本"}), []engine.Entry{})
	}},
	{"they are ordered byte by byte, and paged", func(t *testing.T, s engine.Store) {
		names := []string{"A", "B", "_", "a", "a-b", "a0", "aa", "b", "z"}
		for _, i := range []int{3, 0, 8, 5, 1, 7, 2, 6, 4} {
			putEntries(t, s, staff(names[i]))
		}
		var got []string
		f := engine.EntryFilter{Domain: acme, Type: schema.TypeStaff, Limit: 4}
		for page := entries(t, s, f); len(page) > 0; page = entries(t, s, f) {
			for _, e := range page {
				got = append(got, e.Object.Name())
			}
			f.After = page[len(page)-1].Object.ID
		}
		// "a-b" sorts before "a0": the order is that of ids, byte by byte.
		same(t, "names", got, names)
	}},
	{"the order is by domain, type and id", func(t *testing.T, s engine.Store) {
		want := []schema.Object{
			schema.User("ana"), schema.Obj("client", acme, "z"), staff("ana").Object, schema.Obj("client", bravo, "a"),
		}
		for _, i := range []int{2, 0, 3, 1} {
			putEntries(t, s, engine.Entry{Object: want[i], State: engine.Active})
		}
		var got []schema.Object
		for _, e := range entries(t, s, engine.EntryFilter{}) {
			got = append(got, e.Object)
		}
		same(t, "objects", got, want)
	}},
}

func filterEntries(t *testing.T, s engine.Store) {
	full, bob, retail := fullEntry(), staff("bob"), engine.Entry{
		Object: schema.Obj("client", acme, "retail"), Parent: schema.Partner(acme), Title: "Retail",
		State: engine.Archived, Kind: "internal",
	}
	elsewhere := bob
	elsewhere.Object = schema.Obj(schema.TypeStaff, bravo, "bob")
	elsewhere.Parent = schema.Partner(bravo)
	putEntries(t, s, full, bob, retail, elsewhere)
	for name, c := range map[string]struct {
		filter engine.EntryFilter
		want   []engine.Entry
	}{
		"none":        {engine.EntryFilter{}, []engine.Entry{retail, full, bob, elsewhere}},
		"domain":      {engine.EntryFilter{Domain: bravo}, []engine.Entry{elsewhere}},
		"type":        {engine.EntryFilter{Type: "client"}, []engine.Entry{retail}},
		"parent":      {engine.EntryFilter{Parent: schema.Partner(bravo)}, []engine.Entry{elsewhere}},
		"state":       {engine.EntryFilter{States: []engine.State{engine.Invited}}, []engine.Entry{full}},
		"states":      {engine.EntryFilter{States: []engine.State{engine.Invited, engine.Archived}}, []engine.Entry{retail, full}},
		"kind":        {engine.EntryFilter{Kind: "internal"}, []engine.Entry{retail}},
		"title":       {engine.EntryFilter{Title: "RETAIL"}, []engine.Entry{retail}},
		"e-mail":      {engine.EntryFilter{Email: full.Email}, []engine.Entry{full}},
		"user":        {engine.EntryFilter{User: bob.User}, []engine.Entry{bob, elsewhere}},
		"invitation":  {engine.EntryFilter{InvitationHash: full.Invitation.Hash}, []engine.Entry{full}},
		"combination": {engine.EntryFilter{Domain: acme, User: bob.User, Type: schema.TypeStaff}, []engine.Entry{bob}},
		"limit":       {engine.EntryFilter{Limit: 1}, []engine.Entry{retail}},
		"no match":    {engine.EntryFilter{Domain: acme, Title: "none"}, nil},
		"injection":   {engine.EntryFilter{Title: "' OR TRUE --"}, nil},
	} {
		same(t, name, entries(t, s, c.filter), c.want)
	}
}

func putEntries(t *testing.T, s engine.Store, all ...engine.Entry) {
	t.Helper()
	update(t, s, func(tx engine.Tx) error {
		for _, e := range all {
			if err := tx.PutEntry(t.Context(), e); err != nil {
				return fmt.Errorf("%s: %w", e.Object, err)
			}
		}
		return nil
	})
}

func entries(t *testing.T, s engine.Store, f engine.EntryFilter) []engine.Entry {
	t.Helper()
	return listed(t, s, func(tx engine.Tx) ([]engine.Entry, error) { return tx.Entries(t.Context(), f) })
}

// staff returns acme's active seat called name.
func staff(name string) engine.Entry {
	return engine.Entry{
		Object: schema.Obj(schema.TypeStaff, acme, name), Parent: schema.Partner(acme), Title: "Title of " + name,
		State: engine.Active, User: name, Role: "admin", CreatedAt: noon, UpdatedAt: noon,
	}
}

// fullEntry returns an entry whose every field is set.
func fullEntry() engine.Entry {
	e := staff("ana")
	e.State, e.Kind, e.Email = engine.Invited, "kind", "ana@example.com"
	e.Invitation = &engine.Invitation{Hash: []byte{0, 1, 0xff}, ExpiresAt: noon.Add(time.Hour), SentAt: noon}
	e.Attributes = map[string]string{"note": "\"quoted\" <&> ' ünï 日本", "empty": ""}
	e.UpdatedAt = noon.Add(time.Microsecond)
	return e
}
