package memory_test

import (
	"errors"
	"maps"
	"slices"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

// Names of counters differ in case as well.
var modelCounters = []string{"acme", "Acme", "b"}

func (m *modelMachine) count(t *rapid.T) {
	m.read(t, m.any(t), modelCounts)
}

// modelCounts compares every counter: how it is stored, and what it counts now.
func modelCounts(c checker) error {
	c.t.Helper()
	counters, err := c.reader.LookupCounters(c.ctx)
	if err != nil {
		return err
	}
	got := map[string]modelCounter{}
	for _, counter := range counters {
		got[counter.Name] = modelCounter{filter: counter.Filter, value: counter.Count, at: counter.ComputedAtRevision}
	}
	equal := cmp.Comparer(func(a, b datastore.Revision) bool { return a.Equal(b) })
	if diff := cmp.Diff(c.state.counters, got, cmp.AllowUnexported(modelCounter{}), protocmp.Transform(), equal); diff != "" {
		c.t.Fatalf("counters (-model +store):\n%s", diff)
	}
	if len(got) != len(counters) {
		c.t.Fatalf("a counter comes twice: %v of %v", len(counters), slices.Collect(maps.Keys(got)))
	}
	for _, name := range modelCounters {
		if err := modelCount(c, name); err != nil {
			return err
		}
	}
	return nil
}

func modelCount(c checker, name string) error {
	c.t.Helper()
	want, failure := c.state.count(name, c.now)
	got, err := c.reader.CountRelationships(c.ctx, name)
	if _, ok := errors.AsType[datastore.InvalidRevisionError](err); ok {
		return err
	}
	sameError(c.t, failure, err)
	if got != want {
		c.t.Fatalf("counter %s: got %d, want %d", name, got, want)
	}
	return nil
}
