package engine_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// shared is a store that others write to as well. A test may hold up what a
// query for epochs found, or make it fail.
type shared struct {
	engine.Store
	queries atomic.Int64
	updates atomic.Int64                // transactions that are open
	read    func(context.Context) error // after the rows were read; nil: nothing
}

func (*shared) Shared() bool { return true }

func (s *shared) Update(ctx context.Context, d schema.Domain, fn func(engine.Tx) error) error {
	s.updates.Add(1)
	defer s.updates.Add(-1)
	return s.Store.Update(ctx, d, fn)
}

func (s *shared) Domains(ctx context.Context, domains []schema.Domain) ([]engine.DomainState, error) {
	s.queries.Add(1)
	states, err := s.Store.Domains(ctx, domains)
	if s.read != nil {
		err = errors.Join(err, s.read(ctx))
	}
	return states, err
}

// newReplica returns a second engine on the bench's store and graph.
func (b *bench) newReplica(t testing.TB, portal *schema.Portal, opts engine.Options) (*engine.Engine, *shared) {
	t.Helper()
	store := &shared{Store: b.store}
	opts.Clock, opts.Mailer = b.clock, b.post
	return engine.New(store, keeping{b.graph}, portal, &opts), store
}

// vicsFolder is a firm where vic, an advisor, is on the folder retail.
func vicsFolder(t *testing.T) (*bench, string) {
	t.Helper()
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	return b, owner
}

func vicsAccess() engine.Query {
	return engine.Query{
		Resource: schema.Obj("client", "acme", "retail"), Permission: "access", Subject: schema.Subject{Object: schema.User("vic")},
	}
}

func wantAnswer(t *testing.T, e *engine.Engine, c engine.Consistency, want engine.Decision) {
	t.Helper()
	a, err := e.Check(t.Context(), vicsAccess(), c)
	if err != nil || a.Decision != want {
		t.Errorf("%+v: got %s, %v; want %s", c, a.Decision, err, want)
	}
}

// await polls until done.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

// TestEpochReadsAreShared: who comes while a query is in flight isn't answered
// by it, since it may have been read before a revoke that they must know, and
// shares the next one with all who wait.
func TestEpochReadsAreShared(t *testing.T) {
	b, owner := vicsFolder(t)
	replica, store := b.newReplica(t, agency(t), engine.Options{})
	read, goOn := make(chan struct{}, 1), make(chan struct{})
	store.read = func(context.Context) error {
		read <- struct{}{}
		<-goOn
		return nil
	}
	var readers sync.WaitGroup
	readers.Go(func() { wantAnswer(t, replica, engine.Consistency{}, engine.Allow) })
	<-read // what the first query found is from before the revoke
	b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	const late = 20
	for range late {
		readers.Go(func() { wantAnswer(t, replica, engine.Consistency{}, engine.Deny) })
	}
	await(t, "all to wait", func() bool { return replica.Stats().EpochWaiters == 1+late })
	if n := store.queries.Load(); n != 1 {
		t.Errorf("%d queries in flight, want 1", n)
	}
	close(goOn)
	readers.Wait()
	if n := store.queries.Load(); n != 2 {
		t.Errorf("%d queries in all, want 2", n)
	}
}

// TestUnknownEpochsAreUnavailable: whatever keeps the store from telling the
// epoch, and whatever was known before, there is no answer.
func TestUnknownEpochsAreUnavailable(t *testing.T) {
	b, _ := vicsFolder(t)
	replica, store := b.newReplica(t, agency(t), engine.Options{EpochTimeout: 20 * time.Millisecond})
	wantAnswer(t, replica, engine.Consistency{}, engine.Allow)
	for name, read := range map[string]func(context.Context) error{
		"fails": func(context.Context) error { return engine.WrapError(engine.Unavailable, "read", errors.New("gone")) },
		"hangs": func(ctx context.Context) error {
			<-ctx.Done()
			return engine.WrapError(engine.Unavailable, "read", ctx.Err())
		},
	} {
		store.read = read
		for _, c := range []engine.Consistency{{}, {Mode: engine.Full}, {Mode: engine.Bounded}} {
			if a, err := replica.Check(t.Context(), vicsAccess(), c); engine.CodeOf(err) != engine.Unavailable || a.Decision != "" {
				t.Errorf("the store %s, %+v: %q, %v", name, c, a.Decision, err)
			}
		}
		// Within the bound the last answer still stands.
		wantAnswer(t, replica, engine.Consistency{Mode: engine.Bounded, MaxAge: time.Hour}, engine.Allow)
	}
	if s := replica.Stats(); s.EpochFailures == 0 {
		t.Error("no failure was counted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	store.read = func(context.Context) error { cancel(); return nil }
	if _, err := replica.Check(ctx, vicsAccess(), engine.Consistency{}); err != nil && engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
}

// TestBoundedCountsFromTheAsking: an answer's age begins when the epoch was
// asked for, not when it came.
func TestBoundedCountsFromTheAsking(t *testing.T) {
	b, owner := vicsFolder(t)
	replica, store := b.newReplica(t, agency(t), engine.Options{})
	store.read = func(context.Context) error {
		b.clock.turn(8 * time.Second) // that long it takes
		return nil
	}
	bounded := engine.Consistency{Mode: engine.Bounded, MaxAge: 10 * time.Second}
	wantAnswer(t, replica, bounded, engine.Allow)
	b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	wantAnswer(t, replica, bounded, engine.Allow) // 8 s old
	if n := store.queries.Load(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
	b.clock.turn(3 * time.Second)
	wantAnswer(t, replica, bounded, engine.Deny) // 11 s old, though it came 3 s ago
	wantAnswer(t, replica, engine.Consistency{}, engine.Deny)
}

// TestTokensAskForTheirEpoch: an answer at a token is of its epoch or a later
// one, whatever the replica knew, and not ancient either.
func TestTokensAskForTheirEpoch(t *testing.T) {
	b, owner := vicsFolder(t)
	replica, store := b.newReplica(t, agency(t), engine.Options{})
	wantAnswer(t, replica, engine.Consistency{}, engine.Allow)
	revoked := b.must(t, owner, &engine.RemoveClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	at := engine.Consistency{Mode: engine.AtLeast, Token: revoked.Token}
	for range 3 {
		wantAnswer(t, replica, at, engine.Deny)
	}
	if n := store.queries.Load(); n != 2 {
		t.Errorf("%d queries, want 2: the second knows the token's epoch", n)
	}
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.clock.turn(6 * time.Second)
	wantAnswer(t, replica, at, engine.Allow)
}
