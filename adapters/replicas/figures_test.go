package replicas_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var figures = flag.Bool("figures", false, "measure what a strict check costs, next to the round trips that it is made of")

// measured is a replica's engine in this process, on all that it needs as
// processes of their own.
type measured struct {
	*engine.Engine
	sql   *pgxpool.Pool
	redis *loopback.RedisServer
	cache *rediscache.Cache
	graph *spicedb.Graph
	asked int
}

// TestFigures prints a table: medians, each measure in turn with all others, in
// one run.
//
//	go test ./adapters/replicas -run '^TestFigures$' -figures -v
func TestFigures(t *testing.T) {
	if !*figures {
		t.Skip("only with -figures")
	}
	m := newMeasured(t)
	m.alone(t)
	m.together(t)
}

const figuresPartner schema.Domain = "acme"

func newMeasured(t *testing.T) *measured {
	t.Helper()
	server := loopback.Postgres(t, "track_commit_timestamp=on")
	endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(loopback.PostgresDatabase(t, server)))
	dsn := loopback.PostgresDatabase(t, server)
	m := &measured{redis: loopback.Redis(t)}
	store, err := sqlstore.OpenPostgres(t.Context(), dsn, &sqlstore.Options{Connections: 32})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	m.graph, err = spicedb.Dial(t.Context(), endpoint, key, &spicedb.RemoteOptions{Transport: spicedb.PlaintextLoopback})
	must(t, err)
	t.Cleanup(func() { must(t, m.graph.Close()) })
	m.cache, err = rediscache.New([]string{m.redis.Address}, nil)
	must(t, err)
	t.Cleanup(func() { must(t, m.cache.Close()) })
	m.sql, err = pgxpool.New(t.Context(), dsn)
	must(t, err)
	t.Cleanup(m.sql.Close)
	files, err := schema.Builtin("agency")
	must(t, err)
	portal, err := schema.Load(files, zed.Compile)
	must(t, err)
	m.Engine = engine.New(store, m.graph, portal, &engine.Options{Cache: m.cache})
	must(t, m.Start(t.Context()))
	m.fill(t)
	return m
}

// fill makes a firm with 20 folders.
func (m *measured) fill(t *testing.T) {
	t.Helper()
	owner := engine.PersonActor("owner")
	ops := []engine.Operation{&engine.SignUp{Partner: string(figuresPartner), Staff: "owner", Title: "Acme", ContactName: "Olivia", Email: "olivia@acme.example"}}
	for i := range 20 {
		name := fmt.Sprintf("folder-%d", i)
		ops = append(ops, &engine.CreateClient{Partner: string(figuresPartner), Client: name, Title: name})
	}
	for _, op := range ops {
		_, err := m.Do(t.Context(), owner, op, nil)
		must(t, err)
	}
}

// known is a question that has been asked before, and fresh one that hasn't.
func (m *measured) known(i int) engine.Query {
	return engine.Query{
		Resource: schema.Obj("client", figuresPartner, fmt.Sprintf("folder-%d", i%20)), Permission: "access",
		Subject: schema.Subject{Object: schema.User("owner")},
	}
}

func (m *measured) fresh() engine.Query {
	m.asked++
	q := m.known(m.asked)
	q.Subject.ID = fmt.Sprintf("nobody-%d", m.asked)
	return q
}

// list asks for the same list again, at a snapshot that SpiceDB knows by then.
func (m *measured) list(ctx context.Context) error {
	_, err := m.ListResources(ctx, figuresPartner, "client", "access", schema.Subject{Object: schema.User("owner")}, engine.Paging{}, engine.Consistency{})
	return err
}

// figure is something that is measured, and the source that it must have.
type figure struct {
	name   string
	source engine.Source // "" for a bare round trip
	once   func(ctx context.Context, i int) (engine.Source, error)
}

func (m *measured) check(q func(int) engine.Query, c engine.Consistency) func(context.Context, int) (engine.Source, error) {
	return func(ctx context.Context, i int) (engine.Source, error) {
		a, err := m.Check(ctx, q(i), c)
		return a.Source, err
	}
}

func bare(fn func(context.Context) error) func(context.Context, int) (engine.Source, error) {
	return func(ctx context.Context, _ int) (engine.Source, error) { return "", fn(ctx) }
}

// alone measures one caller at a time.
func (m *measured) alone(t *testing.T) {
	fresh := func(int) engine.Query { return m.fresh() }
	strict := engine.Consistency{}
	up := []figure{
		{"PostgreSQL, bare: select 1", "", bare(func(ctx context.Context) error { _, err := m.sql.Exec(ctx, "select 1"); return err })},
		{"Redis, bare: one value", "", bare(func(ctx context.Context) error { _, err := m.cache.Load(ctx, []string{"nothing"}); return err })},
		{"SpiceDB, bare: read schema", "", bare(m.graph.Ready)},
		{"check, strict, Redis hit", engine.FromCache, m.check(m.known, strict)},
		{"check, strict, Redis miss", engine.FromGraph, m.check(fresh, strict)},
		{"check, bounded 10 s, Redis hit", engine.FromCache, m.check(m.known, engine.Consistency{Mode: engine.Bounded, MaxAge: 10 * time.Second})},
		{"list of 20 resources, as before", "", bare(m.list)},
		{"check, full: past Redis", engine.FromGraph, m.check(m.known, engine.Consistency{Mode: engine.Full})},
	}
	show := func(list []figure, rounds int) {
		times := measureInTurn(t, list, rounds)
		for i, f := range list {
			slices.Sort(times[i])
			t.Logf("%-36s median %8s   p99 %8s", f.name, short(times[i][rounds/2]), short(times[i][rounds*99/100]))
		}
	}
	for i := range 20 {
		_, err := m.Check(t.Context(), m.known(i), strict)
		must(t, err)
	}
	show(up, 2000)
	m.redis.Kill(t)
	for range 50 { // until the breaker has opened
		_, err := m.Check(t.Context(), m.fresh(), strict)
		must(t, err)
	}
	show([]figure{{"check, strict, Redis down", engine.FromGraph, m.check(fresh, strict)}}, 1000)
	m.redis.Restart(t)
}

// measureInTurn does each of the figures once per round.
func measureInTurn(t *testing.T, list []figure, rounds int) [][]time.Duration {
	t.Helper()
	times := make([][]time.Duration, len(list))
	for round := range rounds {
		for i, f := range list {
			began := time.Now()
			source, err := f.once(t.Context(), round)
			times[i] = append(times[i], time.Since(began))
			if err != nil || source != f.source {
				t.Fatalf("%s: from %q, %v", f.name, source, err)
			}
		}
	}
	return times
}

// together measures many callers at once: how many epoch queries their checks
// take.
func (m *measured) together(t *testing.T) {
	for breaker := m.cache.State(); breaker != rediscache.Closed; breaker = m.cache.State() {
		_, _ = m.cache.Load(t.Context(), []string{"nothing"}) // a probe, now and then
		time.Sleep(10 * time.Millisecond)
	}
	for _, callers := range []int{1, 8, 64, 256} {
		const span = 3 * time.Second
		before := m.Stats()
		var (
			group sync.WaitGroup
			done  atomic.Int64
		)
		ctx, cancel := context.WithTimeout(t.Context(), span)
		for range callers {
			group.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					if _, err := m.Check(ctx, m.known(i), engine.Consistency{}); err == nil {
						done.Add(1)
					}
				}
			})
		}
		group.Wait()
		cancel()
		queries := m.Stats().EpochReads - before.EpochReads
		hits := m.Stats().CacheHits - before.CacheHits
		t.Logf("%3d callers: %7.0f checks/s, %6.0f epoch queries/s (%.1f checks each), %.1f %% from Redis", callers,
			float64(done.Load())/span.Seconds(), float64(queries)/span.Seconds(),
			float64(done.Load())/float64(queries), 100*float64(hits)/float64(done.Load()))
	}
}

func short(d time.Duration) string { return d.Round(d / 100).Truncate(100 * time.Nanosecond).String() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
