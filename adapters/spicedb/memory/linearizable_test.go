package memory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// Each act of a client happens at one moment between its call and its answer,
// and in the order of revisions.
func TestLinearizable(t *testing.T) {
	base := uint64(time.Now().UnixNano())
	t.Logf("seeds from %d on", base)
	var all, swapped int
	for seed := base; seed < base+uint64(times(1000, 100)); seed++ {
		history := record(t, open(t, nil), seed)
		if t.Failed() {
			return
		}
		if res := porcupine.CheckOperationsTimeout(registers, history, patience); res != porcupine.Ok {
			t.Fatalf("seed %d: a history of %d acts is %s:\n%s", seed, len(history), res, transcript(history))
		}
		all += len(history)
		for _, op := range history {
			if op.Output.(answer).swapped {
				swapped++
			}
		}
	}
	if swapped < all/50 {
		t.Errorf("%d acts, but only %d swaps that found what they hoped for", all, swapped)
	}
}

// record lets clients act at random and writes down what they asked and got.
func record(t *testing.T, ds *memory.Datastore, seed uint64) []porcupine.Operation {
	t.Helper()
	const clients = 5
	start, gate := time.Now(), make(chan struct{})
	histories := make([][]porcupine.Operation, clients)
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			<-gate
			var err error
			someone := &client{ds: ds, id: c, rng: rand.New(rand.NewPCG(seed, uint64(c))), seen: map[string]string{}}
			if histories[c], err = someone.act(t.Context(), start); err != nil {
				t.Errorf("seed %d, client %d: %v", seed, c, err)
			}
		})
	}
	close(gate)
	group.Wait()
	return slices.Concat(histories...)
}

// transcript is a history to be read: by the time of the calls.
func transcript(history []porcupine.Operation) string {
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var b strings.Builder
	for _, op := range history {
		fmt.Fprintf(&b, "%9d to %9d client %d: %+v: %+v\n", op.Call, op.Return, op.ClientId, op.Input, op.Output)
	}
	return b.String()
}

// client acts on a few keys, and remembers what it saw there last.
type client struct {
	ds   *memory.Datastore
	id   int
	rng  *rand.Rand
	seen map[string]string
}

func (c *client) act(ctx context.Context, start time.Time) ([]porcupine.Operation, error) {
	const acts = 24
	var history []porcupine.Operation
	for n := range acts {
		a := c.next(n)
		call := int64(time.Since(start))
		got, err := c.do(ctx, a)
		op := porcupine.Operation{ClientId: c.id, Input: a, Call: call, Output: got, Return: int64(time.Since(start))}
		if errors.Is(err, memory.ErrConflict) {
			continue // says that nothing was done; were it not so, somebody would see a value from nowhere
		}
		if err != nil {
			return history, fmt.Errorf("%+v: %w", a, err)
		}
		history = append(history, op)
	}
	return history, nil
}

// next is the n-th act. What it writes nobody else writes; what a swap hopes to
// find was there when the client last looked.
func (c *client) next(n int) act {
	a := act{kind: []kind{readIt, readIt, writeIt, swapIt, swapIt}[c.rng.IntN(5)], key: []string{"a", "b", "c"}[c.rng.IntN(3)]}
	if a.kind == swapIt {
		a.old = c.seen[a.key]
	}
	if a.kind != readIt && c.rng.IntN(4) > 0 {
		a.to = fmt.Sprintf("v%dx%d", c.id, n)
	}
	return a
}

func (c *client) do(ctx context.Context, a act) (answer, error) {
	var got answer
	var rev datastore.Revision
	var err error
	switch a.kind {
	case readIt:
		rev, err = c.read(ctx, a.key, &got)
	case writeIt:
		rev, err = commit(ctx, c.ds, updates(set(a.key, a.to)))
	case swapIt:
		rev, err = c.swap(ctx, a, &got)
	}
	if err != nil || rev == nil {
		return got, err
	}
	got.revision, err = number(rev)
	return got, err
}

func (c *client) read(ctx context.Context, key string, got *answer) (datastore.Revision, error) {
	now, err := c.ds.HeadRevision(ctx)
	if err != nil {
		return nil, err
	}
	runtime.Gosched()
	got.value, err = has(ctx, c.ds.SnapshotReader(now.Revision), key)
	c.seen[key] = got.value
	return now.Revision, err
}

// errOther ends the transaction of a swap that finds another value.
var errOther = errors.New("another value is there")

// swap writes if the old value is there. If it isn't, there is no revision.
func (c *client) swap(ctx context.Context, a act, got *answer) (datastore.Revision, error) {
	rev, err := c.ds.ReadWriteTx(ctx, func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		value, err := has(ctx, rwt, a.key)
		if err != nil {
			return err
		}
		if got.value = value; value != a.old {
			return errOther
		}
		runtime.Gosched() // so that others write in between, though there are few processors
		return rwt.WriteRelationships(ctx, updates(set(a.key, a.to)))
	})
	c.seen[a.key] = got.value
	if errors.Is(err, errOther) {
		return nil, nil
	}
	got.swapped = err == nil
	return rev, err
}

// set leaves a value, which is the name of the caveat of the key's only
// relationship, or leaves nothing.
func set(key, value string) tuple.RelationshipUpdate {
	rel := tuple.MustParse("register:" + key + "#value@value:it")
	if value == "" {
		return tuple.Delete(rel)
	}
	rel.OptionalCaveat = &core.ContextualizedCaveat{CaveatName: value}
	return tuple.Touch(rel)
}

// has is the value of a key, empty if there is none.
func has(ctx context.Context, r datastore.Reader, key string) (string, error) {
	it, err := r.QueryRelationships(ctx, on("register", key))
	if err != nil {
		return "", err
	}
	rel, found, err := datastore.FirstRelationshipIn(it)
	if err != nil || !found {
		return "", err
	}
	return rel.OptionalCaveat.GetCaveatName(), nil
}
