package memory_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"
)

// modelTx does in a transaction what it does to its copy of the model.
type modelTx struct {
	t     *rapid.T
	ctx   context.Context // of the transaction
	tx    datastore.ReadWriteTransaction
	base  datastore.Revision // that it began with
	state modelState
	now   time.Time
}

// step makes one call, and returns what the transaction has to fail with.
func (x *modelTx) step() error {
	switch draw(x.t, "step", []string{
		"update", "update", "update", "update", "delete", "delete some", "ask", "ask", "load", "counter", "counter", "count", "give up",
	}) {
	case "delete":
		return x.delete(nil)
	case "delete some":
		limit := rapid.Uint64Range(0, 5).Draw(x.t, "limit")
		return x.delete(&limit)
	case "load":
		return x.load(300)
	case "counter":
		return x.counter()
	case "count":
		return modelCounts(x.check())
	case "ask":
		return x.check().check(drawQuestion(x.t, x.state))
	case "give up":
		return errModelGaveUp
	}
	return x.update()
}

func (x *modelTx) check() checker {
	return checker{t: x.t, ctx: x.ctx, reader: x.tx, state: x.state, now: x.now}
}

func (x *modelTx) update() error {
	updates := drawUpdates(x.t, x.state, x.now)
	want := x.state.apply(updates)
	given := slices.Clone(updates)
	err := x.tx.WriteRelationships(x.ctx, given)
	clear(given) // the caller's again
	sameError(x.t, want, err)
	return err
}

// delete finds out from the transaction which of the matching ones a limit let go.
func (x *modelTx) delete(limit *uint64) error {
	filter := drawFilter(x.t)
	deleted, reached, err := x.tx.DeleteRelationships(x.ctx, filter, options.WithDeleteLimit(limit))
	if err != nil {
		return err
	}
	internal, err := datastore.RelationshipsFilterFromPublicFilter(filter)
	if err != nil {
		return err
	}
	want := x.state.matching(internal)
	n := uint64(len(want))
	if limit != nil && *limit > 0 {
		n = min(n, *limit)
		if reached != (n == *limit) {
			x.t.Fatalf("delete %v: limit %d, deleted %d, but reached=%t", filter, *limit, n, reached)
		}
	}
	if deleted != n {
		x.t.Fatalf("delete %v: says %d, want %d", filter, deleted, n)
	}
	return x.drop(want, n)
}

// drop takes those of the candidates from the model that the store has no
// longer, which must be n.
func (x *modelTx) drop(candidates []tuple.Relationship, n uint64) error {
	everything := question{order: options.ByResource, skipExpiration: true}
	rels, err := everything.ask(x.ctx, x.tx)
	if err != nil {
		return err
	}
	there := map[tuple.RelationshipReference]bool{}
	for _, r := range rels {
		there[r.RelationshipReference] = true
	}
	gone := uint64(0)
	for _, r := range candidates {
		if !there[r.RelationshipReference] {
			delete(x.state.rels, r.RelationshipReference)
			gone++
		}
	}
	if gone != n {
		x.t.Fatalf("delete: %d are gone, want %d", gone, n)
	}
	return x.check().check(everything)
}

func (x *modelTx) load(most int) error {
	rels := drawMany(x.t, most, x.now)
	updates := make([]tuple.RelationshipUpdate, len(rels))
	for i, r := range rels {
		updates[i] = tuple.Create(r)
	}
	want := x.state.apply(updates)
	loaded, err := x.tx.BulkLoad(x.ctx, &source{rels: rels})
	sameError(x.t, want, err)
	if err == nil && loaded != uint64(len(rels)) {
		x.t.Fatalf("loaded %d, want %d", loaded, len(rels))
	}
	return err
}

func (x *modelTx) counter() error {
	name := draw(x.t, "counter", modelCounters)
	steps := []string{"register", "register", "store", "unregister"}
	if _, there := x.state.counters[name]; there {
		steps = []string{"store", "store", "unregister", "register"}
	}
	var want, err error
	switch draw(x.t, "counter step", steps) {
	case "register":
		filter := datastore.CoreFilterFromRelationshipFilter(drawFilter(x.t))
		want, err = x.state.register(name, filter), x.tx.RegisterCounter(x.ctx, name, filter)
	case "store":
		value := rapid.IntRange(0, 9).Draw(x.t, "value")
		want, err = x.state.storeCount(name, value, x.base), x.tx.StoreCounterValue(x.ctx, name, value, x.base)
	case "unregister":
		want, err = x.state.unregister(name), x.tx.UnregisterCounter(x.ctx, name)
	}
	sameError(x.t, want, err)
	return err
}

// sameError expects the store's error for what the model fails with.
func sameError(t rapid.TB, want, got error) {
	t.Helper()
	ok := false
	switch {
	case want == nil:
		ok = got == nil
	case errors.Is(want, errModelExists):
		_, ok = errors.AsType[datastore.CreateRelationshipExistsError](got)
		ok = ok && status.Code(got) == codes.AlreadyExists
	case errors.Is(want, errModelCounter):
		_, ok = errors.AsType[datastore.CounterAlreadyRegisteredError](got)
	case errors.Is(want, errModelNoCounter):
		_, ok = errors.AsType[datastore.CounterNotRegisteredError](got)
	default:
		ok = errors.Is(got, want)
	}
	if !ok {
		t.Fatalf("got error %v, want %v", got, want)
	}
}
