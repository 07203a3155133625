package memory_test

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"
)

// What the model expects a transaction to fail with.
var (
	errModelExists    = errors.New("relationship exists")
	errModelCounter   = errors.New("counter is registered")
	errModelNoCounter = errors.New("counter is not registered")
	errModelGaveUp    = errors.New("the transaction gave up")
)

// modelState is all that the model knows of one revision.
type modelState struct {
	rels     map[tuple.RelationshipReference]tuple.Relationship
	counters map[string]modelCounter
}

type modelCounter struct {
	filter *core.RelationshipFilter
	value  int
	at     datastore.Revision
}

func newModelState() modelState {
	return modelState{
		rels:     map[tuple.RelationshipReference]tuple.Relationship{},
		counters: map[string]modelCounter{},
	}
}

func (s modelState) clone() modelState {
	return modelState{rels: maps.Clone(s.rels), counters: maps.Clone(s.counters)}
}

// apply makes one update after the other and stops at one that can't be made.
// An expired relationship exists until it is deleted.
func (s modelState) apply(updates []tuple.RelationshipUpdate) error {
	for _, u := range updates {
		at := u.Relationship.RelationshipReference
		switch u.Operation {
		case tuple.UpdateOperationDelete:
			delete(s.rels, at)
			continue
		case tuple.UpdateOperationCreate:
			if _, exists := s.rels[at]; exists {
				return errModelExists
			}
		case tuple.UpdateOperationTouch:
		}
		s.rels[at] = u.Relationship
	}
	return nil
}

// sorted returns all relationships, ordered by resource.
func (s modelState) sorted() []tuple.Relationship {
	return slices.SortedFunc(maps.Values(s.rels), compareBy(0))
}

func (s modelState) matching(f datastore.RelationshipsFilter) []tuple.Relationship {
	var rels []tuple.Relationship
	for _, r := range s.rels {
		if matches(f, r) {
			rels = append(rels, r)
		}
	}
	return rels
}

func (s modelState) count(name string, now time.Time) (int, error) {
	counter, ok := s.counters[name]
	if !ok {
		return 0, errModelNoCounter
	}
	filter, err := datastore.RelationshipsFilterFromCoreFilter(counter.filter)
	return len(question{filter: filter}.answer(s, now)), err
}

func (s modelState) register(name string, filter *core.RelationshipFilter) error {
	if _, ok := s.counters[name]; ok {
		return errModelCounter
	}
	s.counters[name] = modelCounter{filter: filter, at: datastore.NoRevision}
	return nil
}

func (s modelState) unregister(name string) error {
	if _, ok := s.counters[name]; !ok {
		return errModelNoCounter
	}
	delete(s.counters, name)
	return nil
}

func (s modelState) storeCount(name string, value int, at datastore.Revision) error {
	counter, ok := s.counters[name]
	if !ok {
		return errModelNoCounter
	}
	s.counters[name] = modelCounter{filter: counter.filter, value: value, at: at}
	return nil
}
