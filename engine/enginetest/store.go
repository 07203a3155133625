package enginetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Store is the suite of the port [engine.Store]. open returns an empty store
// and closes it when the test ends.
func Store(t *testing.T, open func(t *testing.T) engine.Store) {
	t.Helper()
	suites := []struct {
		noun  string
		cases []storeCase
	}{
		{"update", updateCases},
		{"view", viewCases},
		{"domain", domainCases},
		{"entry", entryCases},
		{"relationship", relationshipCases},
		{"record", recordCases},
		{"key", keyCases},
		{"setting", settingCases},
	}
	for _, suite := range suites {
		t.Run(suite.noun, func(t *testing.T) {
			for _, c := range suite.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
			}
		})
	}
}

// storeCase is one thing that a store promises, tried on an empty one.
type storeCase struct {
	name string
	run  func(t *testing.T, s engine.Store)
}

// The domains of the suite's rows.
const (
	acme  schema.Domain = "acme"
	bravo schema.Domain = "bravo"
)

// noon is a time with all the digits that a store keeps.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 123456000, time.UTC)

var errFn = errors.New("fn fails")

// update runs fn in an Update of acme, which must succeed.
func update(t *testing.T, s engine.Store, fn func(engine.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), acme, fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// view runs fn in a View, which must succeed.
func view(t *testing.T, s engine.Store, fn func(engine.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// create makes a domain with nothing in it.
func create(t *testing.T, s engine.Store, domains ...schema.Domain) {
	t.Helper()
	for _, d := range domains {
		err := s.Update(t.Context(), d, func(tx engine.Tx) error {
			return tx.PutDomain(t.Context(), engine.DomainState{Domain: d, CreatedAt: noon})
		})
		if err != nil {
			t.Fatalf("create %s: %v", d, err)
		}
	}
}

// same compares values as stored: nil and empty are one, times are instants.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantCode checks the code of an error.
func wantCode(t *testing.T, what string, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Errorf("%s: %v has code %q, want %q", what, err, got, want)
	}
}

// utc checks that a time is in UTC, as contracts promise and JSON shows.
func utc(t *testing.T, what string, at time.Time) {
	t.Helper()
	if at.Location() != time.UTC {
		t.Errorf("%s is in %s, want UTC", what, at.Location())
	}
}

// listed runs fn in a View and returns what it lists.
func listed[T any](t *testing.T, s engine.Store, fn func(engine.Tx) ([]T, error)) []T {
	t.Helper()
	var list []T
	view(t, s, func(tx engine.Tx) (err error) {
		list, err = fn(tx)
		return err
	})
	return list
}
