package enginetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var domainCases = []storeCase{
	{"what is put is read, by all ways", func(t *testing.T, s engine.Store) {
		want := fullState()
		update(t, s, func(tx engine.Tx) error {
			if err := tx.PutDomain(t.Context(), want); err != nil {
				return err
			}
			got, err := tx.Domain(t.Context(), acme)
			same(t, "within the transaction", got, want)
			return err
		})
		got, err := s.Domain(t.Context(), acme)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the store's", got, want)
		utc(t, "CreatedAt", got.CreatedAt)
		view(t, s, func(tx engine.Tx) error {
			got, err := tx.Domain(t.Context(), acme)
			same(t, "a view's", got, want)
			return err
		})
	}},
	{"putting replaces", func(t *testing.T, s engine.Store) {
		create(t, s, acme)
		want := fullState()
		update(t, s, func(tx engine.Tx) error { return tx.PutDomain(t.Context(), want) })
		got, err := s.Domain(t.Context(), acme)
		same(t, "state", got, want)
		wantCode(t, "domain", err, "")
	}},
	{"an uncommitted state is nobody else's", func(t *testing.T, s engine.Store) {
		create(t, s, acme)
		update(t, s, func(tx engine.Tx) error {
			err := tx.PutDomain(t.Context(), fullState())
			if state, _ := s.Domain(t.Context(), acme); state.Epoch != 0 {
				t.Errorf("epoch %d is seen before its commit", state.Epoch)
			}
			return err
		})
	}},
	{"they are listed by name, in pages", func(t *testing.T, s engine.Store) {
		create(t, s, "b", "a-2", "a", "B", "a2", schema.PlatformDomain)
		want := []schema.Domain{"B", "a", "a-2", "a2", "b", schema.PlatformDomain}
		var got []schema.Domain
		for page := []engine.DomainState{{}}; len(page) > 0; {
			after := page[len(page)-1].Domain
			page = listed(t, s, func(tx engine.Tx) ([]engine.DomainState, error) {
				return tx.Domains(t.Context(), engine.DomainFilter{After: after, Limit: 4})
			})
			for _, state := range page {
				got = append(got, state.Domain)
			}
		}
		same(t, "domains", got, want)
		all := listed(t, s, func(tx engine.Tx) ([]engine.DomainState, error) {
			return tx.Domains(t.Context(), engine.DomainFilter{})
		})
		same(t, "all at once", len(all), len(want))
	}},
	{"many are read at once", func(t *testing.T, s engine.Store) {
		update(t, s, func(tx engine.Tx) error { return tx.PutDomain(t.Context(), fullState()) })
		create(t, s, bravo, "other")
		got, err := s.Domains(t.Context(), []schema.Domain{acme, "nowhere", bravo, acme})
		wantCode(t, "domains", err, "")
		slices.SortFunc(got, func(a, b engine.DomainState) int { return strings.Compare(string(a.Domain), string(b.Domain)) })
		same(t, "domains", got, []engine.DomainState{fullState(), {Domain: bravo, CreatedAt: noon}})
		none, err := s.Domains(t.Context(), nil)
		wantCode(t, "no domains", err, "")
		same(t, "no domains", len(none), 0)
	}},
	{"those with an old token are listed", func(t *testing.T, s engine.Store) {
		create(t, s, bravo) // which has none
		update(t, s, func(tx engine.Tx) error { return tx.PutDomain(t.Context(), fullState()) })
		for _, c := range []struct {
			before time.Time
			want   []schema.Domain
		}{
			{noon, []schema.Domain{bravo}},
			{noon.Add(time.Microsecond), []schema.Domain{acme, bravo}},
		} {
			var got []schema.Domain
			for _, state := range listed(t, s, func(tx engine.Tx) ([]engine.DomainState, error) {
				return tx.Domains(t.Context(), engine.DomainFilter{TokenBefore: c.before})
			}) {
				got = append(got, state.Domain)
			}
			same(t, "before "+c.before.String(), got, c.want)
		}
	}},
	{"retokening reaches all and changes nothing else", func(t *testing.T, s engine.Store) {
		create(t, s, bravo)
		later := noon.Add(time.Hour)
		update(t, s, func(tx engine.Tx) error { return tx.PutDomain(t.Context(), fullState()) })
		if err := s.Retoken(t.Context(), "new", later, "digest2"); err != nil {
			t.Fatal(err)
		}
		want := []engine.DomainState{fullState(), {Domain: bravo, CreatedAt: noon}}
		for i := range want {
			want[i].Token, want[i].TokenAt, want[i].SchemaDigest = "new", later, "digest2"
			got, err := s.Domain(t.Context(), want[i].Domain)
			same(t, "the store's", got, want[i])
			wantCode(t, "domain", err, "")
		}
		all := listed(t, s, func(tx engine.Tx) ([]engine.DomainState, error) {
			return tx.Domains(t.Context(), engine.DomainFilter{})
		})
		same(t, "domains", all, want)
	}},
}

func fullState() engine.DomainState {
	return engine.DomainState{
		Domain: acme, Epoch: 1 << 40, Token: "token", TokenAt: noon, SchemaDigest: "digest", LastOperation: "op",
		LastSeq: 7, LastHash: []byte{0, 1, 0xff}, NextExpiry: noon.Truncate(time.Second), CreatedAt: noon,
	}
}
