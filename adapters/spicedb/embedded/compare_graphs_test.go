package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// contender is one graph of the comparison, and where it stands.
type contender struct {
	engine.Graph
	name  string
	fill  filler
	at    engine.Token
	last  map[schema.Domain]string // each domain's operation applied last
	count int                      // of the writes
	heap  bool                     // it keeps its data in our heap
}

// filler puts the firms into an empty graph, sets the fences and returns the
// snapshot.
type filler func(ctx context.Context, firms []*firm, fences map[schema.Domain]string) (engine.Token, error)

// loaded is the operation at which the fences stand after loading.
const loaded = "op-loaded"

// contenders starts the graphs, in the table's order, with the schema.
func contenders(t *testing.T, dsn string) []*contender {
	t.Helper()
	memdb, err := embedded.NewOnMemdb(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memdb.Close() })
	graphs := []*contender{loader("memdb", memdb), loader("ours", open(t, nil))}
	if dsn != "" {
		graphs = append(graphs, onPostgres(t, loopback.PostgresDatabase(t, dsn)))
	}
	for _, c := range graphs {
		if err := c.WriteSchema(t.Context(), agencySchema(t)); err != nil {
			t.Fatal(err)
		}
	}
	return graphs
}

func loader(name string, g engine.Loader) *contender {
	fill := func(ctx context.Context, firms []*firm, fences map[schema.Domain]string) (engine.Token, error) {
		return g.Load(ctx, func() (batch []schema.Relationship, _ error) {
			if len(firms) > 0 {
				batch, firms = firms[0].all, firms[1:]
			}
			return batch, nil
		}, fences)
	}
	return &contender{name: name, Graph: g, fill: fill, heap: true}
}

// onPostgres starts a SpiceDB that remembers no answers, as the embedded ones
// don't: each check is worked out from what PostgreSQL holds.
func onPostgres(t *testing.T, dsn string) *contender {
	t.Helper()
	endpoint, key := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(dsn), loopback.SpiceDBWithFlags("--dispatch-cache-enabled=false"))
	g, err := spicedb.Dial(t.Context(), endpoint, key, &spicedb.RemoteOptions{
		Options: spicedb.Options{Timeout: 5 * time.Minute}, Transport: spicedb.PlaintextLoopback,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return &contender{name: "PostgreSQL", Graph: g, fill: importer(g, dsn)}
}

func importer(g *spicedb.Graph, dsn string) filler {
	return func(ctx context.Context, firms []*firm, fences map[schema.Domain]string) (engine.Token, error) {
		for _, f := range firms {
			if err := g.Import(ctx, f.all); err != nil {
				return "", err
			}
		}
		if err := errors.Join(g.ImportFences(ctx, fences), analyze(ctx, dsn)); err != nil {
			return "", err
		}
		return renew(ctx, g, firms[0].domain, fences)
	}
}

// renew returns the token of a write that changes nothing: the newest
// snapshot, for certain.
func renew(ctx context.Context, g engine.Graph, domain schema.Domain, fences map[schema.Domain]string) (engine.Token, error) {
	return g.Write(ctx, engine.Write{Domain: domain, After: fences[domain], Operation: fences[domain]})
}

// loadAll fills the graphs, one after the other, and returns the rows of the
// loading's speed and the memory that it took.
func loadAll(t *testing.T, graphs []*contender, firms []*firm) []row {
	t.Helper()
	speed, memory := row{measure: "bulk load", unit: perSecond}, row{measure: "memory per relationship", unit: bytes}
	total := float64(len(firms) * firmSize)
	for _, c := range graphs {
		before, began := heapInUse(), time.Now()
		c.load(t, firms)
		speed.stats = append(speed.stats, stat{median: time.Since(began).Seconds() / total})
		took := stat{}
		if c.heap {
			took.median = float64(heapInUse()-before) / total
		}
		memory.stats = append(memory.stats, took)
	}
	return []row{speed, memory}
}

func (c *contender) load(t *testing.T, firms []*firm) {
	t.Helper()
	c.last = map[schema.Domain]string{}
	for _, f := range firms {
		c.last[f.domain] = loaded
	}
	at, err := c.fill(t.Context(), firms, c.last)
	if err != nil {
		t.Fatalf("%s: load: %v", c.name, err)
	}
	c.at = at
}

// write applies the update behind the domain's fence.
func (c *contender) write(ctx context.Context, domain schema.Domain, update engine.Update) error {
	c.count++
	w := engine.Write{
		Domain:    domain,
		Updates:   []engine.Update{update},
		After:     c.last[domain],
		Operation: fmt.Sprintf("op-%d", c.count),
	}
	at, err := c.Write(ctx, w)
	if err == nil {
		c.at, c.last[domain] = at, w.Operation
	}
	return err
}

// heapInUse returns the bytes of the live heap; twice, because what pools hold
// survives one collection.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// analyze has PostgreSQL learn what was loaded, which it otherwise does within
// the next minutes.
func analyze(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `ANALYZE`)
	return errors.Join(err, conn.Close(ctx))
}

func postgresVersion(t *testing.T, dsn string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	return conn.PgConn().ParameterStatus("server_version")
}
