package embedded_test

import (
	"flag"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

var compare = flag.Bool("compare", false, "TestCompare measures in full and prints its table")

// effort is how much a comparison measures.
type effort struct {
	firms      []int
	postgres   bool
	rounds     int           // turns of each graph, one after the other
	budget     time.Duration // per graph and measure, spread over the rounds
	minSamples int           // also of those that exceed the budget
}

// TestCompare puts the same firms into SpiceDB on its memdb, on package memory,
// and on PostgreSQL, asks all three the same, wants the same answers, and takes
// the time:
//
//	go test ./adapters/spicedb/embedded -run '^TestCompare$' -compare -v -timeout 30m
//
// Without the flag it does a little of each, so that it keeps working.
func TestCompare(t *testing.T) {
	e := effort{firms: []int{10, 100}, postgres: true, rounds: 5, budget: 2 * time.Second, minSamples: 5}
	if !*compare {
		e = effort{firms: []int{2}, postgres: !testing.Short() && !enginetest.UnderRace, rounds: 3, minSamples: 1}
	}
	var dsn string
	if e.postgres {
		dsn = loopback.Postgres(t, "track_commit_timestamp=on", "shared_buffers=256MB")
	}
	var rows []row
	for _, count := range e.firms {
		t.Run(fmt.Sprintf("firms=%d", count), func(t *testing.T) {
			rows = append(rows, compareAt(t, e, dsn, count)...)
		})
	}
	if *compare && !t.Failed() {
		fmt.Print(table(rows), machine(t.Context(), postgresVersion(t, dsn)))
	}
}

// compareAt returns the rows of one number of firms. Without the URL of a
// PostgreSQL, that one is left out.
func compareAt(t *testing.T, e effort, dsn string, count int) []row {
	t.Helper()
	firms := newFirms(t, count)
	graphs := contenders(t, dsn)
	rows := loadAll(t, graphs, firms)
	for _, m := range measures(firms) {
		t.Logf("%d firms: %s", count, m.name)
		rows = append(rows, m.run(t, e, graphs))
	}
	for i := range rows {
		rows[i].firms = count
	}
	return rows
}

// agencySchema is the agency portal's, as it ships.
func agencySchema(t testing.TB) string {
	t.Helper()
	files, err := schema.Builtin("agency")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(files, "schema.zed")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
