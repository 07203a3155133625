package memory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"pgregory.net/rapid"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// TestModel compares the store with a model that keeps a copy of everything for
// every revision and answers a question by looking at all of it.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModelMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"":         m.head,
			"write":    m.write,
			"write on": m.write,
			"ask":      m.ask,
			"ask on":   m.ask,
			"page":     m.page,
			"count":    m.count,
			"hold":     m.hold,
			"go on":    m.goOn,
			"clock":    m.tick,
			"collect":  m.collect,
		})
	})
}

// modelMachine is a store beside what the model has of its revisions.
type modelMachine struct {
	store  *memory.Datastore
	now    time.Time
	window time.Duration // unless it is 0, all but the head may be stale
	kept   []*modelKept
	held   []*modelHeld
}

// modelKept is a revision, and what the model has of it.
type modelKept struct {
	revision datastore.Revision
	state    modelState
	stale    bool // it was said, and is not taken back
}

func newModelMachine(t *rapid.T) *modelMachine {
	m := &modelMachine{now: noon}
	opts := &memory.Options{Interval: time.Hour, Now: func() time.Time { return m.now }}
	m.window = draw(t, "window", []time.Duration{0, time.Nanosecond, 300 * time.Microsecond})
	opts.Window = m.window
	store, err := memory.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	m.store = store
	t.Cleanup(func() {
		for _, h := range m.held {
			h.stop()
		}
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	first, err := store.HeadRevision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.kept = []*modelKept{{revision: first.Revision, state: newModelState()}}
	m.transact(t, func(x *modelTx) error { return x.load(1200) })
	return m
}

func (m *modelMachine) last() *modelKept { return m.kept[len(m.kept)-1] }

func (m *modelMachine) write(t *rapid.T) {
	m.transact(t, func(x *modelTx) error {
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			if err := x.step(); err != nil {
				return err
			}
		}
		return nil
	})
}

// transact runs a transaction, and reads everything after it.
func (m *modelMachine) transact(t *rapid.T, f func(*modelTx) error) {
	var state modelState
	var failure error
	revision, err := m.store.ReadWriteTx(t.Context(), func(ctx context.Context, tx datastore.ReadWriteTransaction) error {
		base := m.last()
		x := &modelTx{t: t, ctx: ctx, tx: tx, base: base.revision, state: base.state.clone(), now: m.now}
		failure = f(x)
		state = x.state
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatalf("transaction: got error %v, want %v", err, failure)
	}
	if err == nil {
		if !revision.GreaterThan(m.last().revision) {
			t.Fatalf("revision %s is not after %s", revision, m.last().revision)
		}
		m.kept = append(m.kept, &modelKept{revision: revision, state: state})
	}
	m.read(t, m.last(), func(c checker) error {
		return c.check(question{order: options.BySubject, skipExpiration: true})
	})
}

// head compares what is there for the last revision without asking for it.
func (m *modelMachine) head(t *rapid.T) {
	head, err := m.store.HeadRevision(t.Context())
	if err != nil || !head.Revision.Equal(m.last().revision) {
		t.Fatalf("head: got %v, %v, want %v", head.Revision, err, m.last().revision)
	}
	stats, err := m.store.Statistics(t.Context())
	if want := uint64(len(m.last().state.rels)); err != nil || stats.EstimatedRelationshipCount != want {
		t.Fatalf("statistics: got %d, %v, want %d", stats.EstimatedRelationshipCount, err, want)
	}
}

func (m *modelMachine) ask(t *rapid.T) {
	k := m.any(t)
	q := drawQuestion(t, k.state)
	m.read(t, k, func(c checker) error { return c.check(q) })
}

func (m *modelMachine) page(t *rapid.T) {
	k := m.any(t)
	q := drawQuestion(t, k.state)
	if q.order == options.Unsorted {
		q.order = options.ChooseEfficient
	}
	size := rapid.Uint64Range(1, 20).Draw(t, "page")
	m.read(t, k, func(c checker) error { return c.page(q, size) })
}

func (m *modelMachine) tick(*rapid.T) { m.now = m.now.Add(90 * time.Minute) }

func (m *modelMachine) collect(*rapid.T) { m.store.Collect() }

// any draws a revision. rapid prefers small numbers, so most are late.
func (m *modelMachine) any(t *rapid.T) *modelKept {
	return m.kept[len(m.kept)-1-rapid.IntRange(0, len(m.kept)-1).Draw(t, "revisions back")]
}

// read asks at a revision, which must answer right or, unless it is the last,
// be stale from then on, as are all before it.
func (m *modelMachine) read(t *rapid.T, k *modelKept, ask func(checker) error) {
	revision := k.revision
	if rapid.Bool().Draw(t, "from string") {
		var err error
		if revision, err = m.store.RevisionFromString(revision.String()); err != nil {
			t.Fatal(err)
		}
	}
	reader := m.store.SnapshotReader(revision)
	err := ask(checker{t: t, ctx: t.Context(), reader: reader, state: k.state, now: m.now})
	switch {
	case m.mayBeStale(k, err):
		for _, before := range m.kept {
			before.stale = true
			if before == k {
				break
			}
		}
	case err != nil:
		t.Fatalf("read at %s: %v", revision, err)
	case k.stale:
		t.Fatalf("%s was stale and is no longer", revision)
	}
}

func (m *modelMachine) mayBeStale(k *modelKept, err error) bool {
	invalid, ok := errors.AsType[datastore.InvalidRevisionError](err)
	return ok && invalid.Reason() == datastore.RevisionStale && m.window != 0 && k != m.last()
}
