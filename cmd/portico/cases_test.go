// In the package itself, unlike the other tests: the doors are opened as the
// binary opens them, by openApp and run.
package main

import (
	"path/filepath"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/engine/enginetest"
)

// TestPortalsOverHTTP: the rules of every portal hold for whoever uses the HTTP
// API, wherever it keeps its data.
func TestPortalsOverHTTP(t *testing.T) {
	t.Run("SQLite and SpiceDB in the process", func(t *testing.T) {
		eachPortal(t, func(t *testing.T, portal string) {
			enginetest.Cases(t, portal, openHTTP(t, portal, newSQLite(t), SpiceDB{}))
		})
	})
	t.Run("PostgreSQL and SpiceDB on PostgreSQL", func(t *testing.T) {
		postgres := loopback.Postgres(t, "track_commit_timestamp=on") // SpiceDB needs it
		eachPortal(t, func(t *testing.T, portal string) {
			// A SpiceDB has one schema, and so serves one portal.
			endpoint, token := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(loopback.PostgresDatabase(t, postgres)))
			store := DSN(loopback.PostgresDatabase(t, postgres))
			enginetest.Cases(t, portal, openHTTP(t, portal, store, SpiceDB{Endpoint: endpoint, Token: Secret(token), Insecure: true}))
		})
	})
}

// TestPortalsOverTheCommandLine: they hold for whoever types commands that ask a
// server.
func TestPortalsOverTheCommandLine(t *testing.T) {
	eachPortal(t, func(t *testing.T, portal string) {
		enginetest.Cases(t, portal, commandLine{openHTTP(t, portal, newSQLite(t), SpiceDB{})})
	})
}

// eachPortal calls test for every portal of which there are cases, at once:
// they wait for disks more than they compute.
func eachPortal(t *testing.T, test func(*testing.T, string)) {
	t.Helper()
	portals, err := enginetest.CasePortals()
	if err != nil {
		t.Fatal(err)
	}
	if enginetest.UnderRace {
		portals = portals[:1] // they share their code; deploy/test plays all of them without the detector
	}
	for _, portal := range portals {
		t.Run(portal, func(t *testing.T) {
			t.Parallel()
			test(t, portal)
		})
	}
}

func newSQLite(t *testing.T) DSN {
	t.Helper()
	return DSN(filepath.Join(t.TempDir(), "portico.db"))
}
