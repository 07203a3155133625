package engine_test

import (
	"cmp"
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// post keeps what was mailed, by address.
type post struct {
	mu   sync.Mutex // guards sent and fail
	sent map[string][]engine.InvitationMail
	fail error
}

func (p *post) SendInvitation(_ context.Context, m engine.InvitationMail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	if p.sent == nil {
		p.sent = map[string][]engine.InvitationMail{}
	}
	p.sent[m.Email] = append(p.sent[m.Email], m)
	return nil
}

func (p *post) break_(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = err
}

func (p *post) token(t testing.TB, email string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent[email]) == 0 {
		t.Fatalf("nothing was mailed to %s", email)
	}
	return p.sent[email][len(p.sent[email])-1].Token
}

// clock is a clock that a test turns.
type clock struct {
	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func agency(t testing.TB) *schema.Portal {
	t.Helper()
	return builtin(t, "agency")
}

// builtin loads a portal that ships with Portico.
func builtin(t testing.TB, name string) *schema.Portal {
	t.Helper()
	files, err := schema.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		t.Fatal(err)
	}
	return portal
}

// bench is an engine on an SQLite file and an embedded SpiceDB, and all that a
// test needs to reach behind it.
type bench struct {
	*engine.Engine
	portal string // agency, if empty
	path   string
	store  engine.Store
	graph  engine.Graph
	post   *post
	clock  *clock
	// window is how long the graph's snapshots last; zero is the default.
	window time.Duration
}

func openStore(t testing.TB, path string) engine.Store {
	t.Helper()
	store, err := sqlstore.OpenSQLite(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func openGraph(t testing.TB, window time.Duration) engine.Graph {
	t.Helper()
	graph, err := embedded.New(context.Background(), &embedded.Options{Window: window})
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// newBench starts an engine for the agency portal on a file of its own.
func newBench(t testing.TB) *bench {
	t.Helper()
	return newPortalBench(t, "agency")
}

// newPortalBench starts an engine for a portal that ships with Portico.
func newPortalBench(t testing.TB, portal string) *bench {
	t.Helper()
	b := &bench{portal: portal, path: filepath.Join(t.TempDir(), "portico.db"), post: &post{}, clock: &clock{}}
	b.start(t)
	t.Cleanup(func() { b.stop(t) })
	return b
}

func (b *bench) start(t testing.TB) {
	t.Helper()
	b.store, b.graph = openStore(t, b.path), openGraph(t, b.window)
	b.Engine = engine.New(b.store, b.graph, builtin(t, cmp.Or(b.portal, "agency")), &engine.Options{Mailer: b.post, Clock: b.clock})
	if err := b.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) stop(t testing.TB) {
	t.Helper()
	if err := b.graph.Close(); err != nil {
		t.Error(err)
	}
	if err := b.store.Close(); err != nil {
		t.Error(err)
	}
}

// must does an operation as the user that must succeed.
func (b *bench) must(t testing.TB, user string, op engine.Operation) *engine.Result {
	t.Helper()
	r, err := b.Do(context.Background(), engine.PersonActor(user), op, nil)
	if err != nil {
		t.Fatalf("%s: %v", op.Name(), err)
	}
	return r
}

// firm signs up a partner owned by user:<partner>-ana with seat ana.
func (b *bench) firm(t testing.TB, partner string) string {
	t.Helper()
	owner := partner + "-ana"
	b.must(t, owner, &engine.SignUp{Partner: partner, Staff: "ana", Title: "Firm " + partner, ContactName: "Ana", Email: "ana@" + partner + ".example"})
	return owner
}

// hire invites a person who accepts; the seat and the user are called name.
func (b *bench) hire(t testing.TB, partner, name, role string) {
	t.Helper()
	email := name + "@" + partner + ".example"
	b.must(t, partner+"-ana", &engine.InviteStaff{Partner: partner, Staff: name, ContactName: name, Email: email, Role: role})
	b.must(t, name, &engine.AcceptInvitation{Token: b.post.token(t, email)})
}

func (b *bench) decision(t testing.TB, resource, permission, user string) engine.Decision {
	t.Helper()
	q := engine.Query{Resource: object(t, resource), Permission: permission, Subject: schema.Subject{Object: schema.User(user)}}
	a, err := b.Check(context.Background(), q, engine.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	return a.Decision
}

func object(t testing.TB, s string) schema.Object {
	t.Helper()
	o, err := schema.ParseObject(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
