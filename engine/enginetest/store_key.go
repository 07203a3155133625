package enginetest

import (
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
)

var keyCases = []storeCase{
	{"what is put is read, and replaced", func(t *testing.T, s engine.Store) {
		full := engine.Key{
			ID: "k1", Name: "Büro", Hash: []byte{0, 1, 0xff}, Scopes: []engine.Scope{engine.ScopeCheck, engine.ScopeAct},
			Partner: acme, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), RevokedAt: noon.Add(time.Minute),
		}
		for _, want := range []engine.Key{{ID: "k1", CreatedAt: noon}, full} {
			update(t, s, func(tx engine.Tx) error { return tx.PutKey(t.Context(), want) })
			view(t, s, func(tx engine.Tx) error {
				got, err := tx.Key(t.Context(), "k1")
				same(t, "key", got, want)
				return err
			})
		}
	}},
	{"one that isn't there", func(t *testing.T, s engine.Store) {
		view(t, s, func(tx engine.Tx) error {
			_, err := tx.Key(t.Context(), "none")
			wantCode(t, "key", err, engine.NotFound)
			return nil
		})
	}},
	{"they are listed by id", func(t *testing.T, s engine.Store) {
		want := []string{"B", "a", "b"}
		for _, i := range []int{2, 0, 1} {
			update(t, s, func(tx engine.Tx) error { return tx.PutKey(t.Context(), engine.Key{ID: want[i]}) })
		}
		var got []string
		for _, k := range listed(t, s, func(tx engine.Tx) ([]engine.Key, error) { return tx.Keys(t.Context()) }) {
			got = append(got, k.ID)
		}
		same(t, "keys", got, want)
	}},
}

var settingCases = []storeCase{
	{"what is put is read, and replaced", func(t *testing.T, s engine.Store) {
		for _, want := range [][]byte{{0, 1, 0xff}, []byte("text"), {}} {
			update(t, s, func(tx engine.Tx) error { return tx.PutSetting(t.Context(), "name", want) })
			view(t, s, func(tx engine.Tx) error {
				got, err := tx.Setting(t.Context(), "name")
				same(t, "setting", got, want)
				return err
			})
		}
	}},
	{"one that isn't there", func(t *testing.T, s engine.Store) {
		view(t, s, func(tx engine.Tx) error {
			_, err := tx.Setting(t.Context(), "none")
			wantCode(t, "setting", err, engine.NotFound)
			return nil
		})
	}},
}
