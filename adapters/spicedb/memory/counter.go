package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
)

// counterState is the counters as one commit left them. It never changes.
type counterState struct {
	byName map[string]datastore.RelationshipCounter
}

func newCounterState() *counterState {
	return &counterState{byName: map[string]datastore.RelationshipCounter{}}
}

// CountRelationships implements [datastore.CounterReader]. It counts.
func (r *reader) CountRelationships(ctx context.Context, name string) (int, error) {
	state, err := r.counters()
	if err != nil {
		return 0, err
	}
	counter, ok := state.byName[name]
	if !ok {
		return 0, datastore.NewCounterNotRegisteredErr(name)
	}
	f, err := datastore.RelationshipsFilterFromCoreFilter(counter.Filter)
	if err != nil {
		return 0, err
	}
	found, err := r.QueryRelationships(ctx, f)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, err := range found {
		if err != nil {
			return 0, err
		}
		count++
	}
	return count, nil
}

// LookupCounters implements [datastore.CounterReader].
func (r *reader) LookupCounters(context.Context) ([]datastore.RelationshipCounter, error) {
	state, err := r.counters()
	if err != nil {
		return nil, err
	}
	var all []datastore.RelationshipCounter
	for _, name := range slices.Sorted(maps.Keys(state.byName)) {
		all = append(all, state.byName[name])
	}
	return all, nil
}

// RegisterCounter implements [datastore.CounterRegisterer].
func (tx *transaction) RegisterCounter(_ context.Context, name string, filter *core.RelationshipFilter) error {
	return tx.writeCounters(func(byName map[string]datastore.RelationshipCounter) error {
		if _, ok := byName[name]; ok {
			return datastore.NewCounterAlreadyRegisteredErr(name, filter)
		}
		byName[name] = datastore.RelationshipCounter{
			Name: name, Filter: filter.CloneVT(), ComputedAtRevision: datastore.NoRevision,
		}
		return nil
	})
}

// UnregisterCounter implements [datastore.CounterRegisterer].
func (tx *transaction) UnregisterCounter(_ context.Context, name string) error {
	return tx.writeCounters(func(byName map[string]datastore.RelationshipCounter) error {
		if _, ok := byName[name]; !ok {
			return datastore.NewCounterNotRegisteredErr(name)
		}
		delete(byName, name)
		return nil
	})
}

// StoreCounterValue implements [datastore.CounterRegisterer].
func (tx *transaction) StoreCounterValue(_ context.Context, name string, value int, at datastore.Revision) error {
	return tx.writeCounters(func(byName map[string]datastore.RelationshipCounter) error {
		counter, ok := byName[name]
		if !ok {
			return datastore.NewCounterNotRegisteredErr(name)
		}
		counter.Count, counter.ComputedAtRevision = value, at
		byName[name] = counter
		return nil
	})
}

// writeCounters applies fn to counters of the transaction's own.
func (tx *transaction) writeCounters(fn func(byName map[string]datastore.RelationshipCounter) error) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.usable(); err != nil {
		return err
	}
	tx.usedCounters = true
	byName := maps.Clone(tx.commit.counters.byName)
	if err := fn(byName); err != nil {
		return err
	}
	tx.commit.counters = &counterState{byName: byName}
	return nil
}
