package engine_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
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
	files, err := schema.Builtin("agency")
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
	path  string
	store engine.Store
	graph engine.Graph
	post  *post
	clock *clock
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
	b := &bench{path: filepath.Join(t.TempDir(), "portico.db"), post: &post{}, clock: &clock{}}
	b.start(t)
	t.Cleanup(func() { b.stop(t) })
	return b
}

func (b *bench) start(t testing.TB) {
	t.Helper()
	b.store, b.graph = openStore(t, b.path), openGraph(t, b.window)
	b.Engine = engine.New(b.store, b.graph, agency(t), &engine.Options{Mailer: b.post, Clock: b.clock})
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

// library is the Go library as a door of the cases.
type library struct{ *bench }

func actor(as string) engine.Actor {
	if as == "" {
		return engine.Actor{Kind: engine.Operator}
	}
	return engine.PersonActor(as)
}

func (l library) Do(ctx context.Context, as, operation string, params map[string]any) error {
	defs := l.Operations()
	i := slices.IndexFunc(defs, func(d engine.Definition) bool { return d.Name == operation })
	if i < 0 {
		return engine.Errorf(engine.NotFound, "no operation %q", operation)
	}
	op := defs[i].New()
	text, err := json.Marshal(params)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, op); err != nil {
		return engine.Errorf(engine.Invalid, "%s", err)
	}
	_, err = l.bench.Do(ctx, actor(as), op, nil)
	return err
}

func query(resource, permission, subject string) (engine.Query, error) {
	r, err := schema.ParseObject(resource)
	if err != nil {
		return engine.Query{}, err
	}
	s, err := schema.ParseSubject(subject)
	return engine.Query{Resource: r, Permission: permission, Subject: s}, err
}

func (l library) Check(ctx context.Context, resource, permission, subject string) (string, error) {
	q, err := query(resource, permission, subject)
	if err != nil {
		return "", err
	}
	a, err := l.bench.Check(ctx, q, engine.Consistency{})
	return string(a.Decision), err
}

func (l library) Explain(ctx context.Context, resource, permission, subject string) (string, error) {
	q, err := query(resource, permission, subject)
	if err != nil {
		return "", err
	}
	x, err := l.bench.Explain(ctx, q)
	if err != nil {
		return "", err
	}
	return x.Text, nil
}

func (l library) Invitation(_ context.Context, email string) (string, error) {
	l.post.mu.Lock()
	defer l.post.mu.Unlock()
	sent := l.post.sent[email]
	if len(sent) == 0 {
		return "", engine.Errorf(engine.NotFound, "nothing was mailed to %s", email)
	}
	return sent[len(sent)-1].Token, nil
}

func (l library) List(ctx context.Context, as, view string, params map[string]string) ([]string, error) {
	d, who := schema.Domain(params["partner"]), actor(as)
	entries := func(p engine.EntryPage, err error) ([]string, error) {
		var names []string
		for _, e := range p.Entries {
			names = append(names, e.Object.Name())
		}
		return names, err
	}
	grants := func(p engine.GrantPage, err error) ([]string, error) {
		var names []string
		for _, g := range p.Grants {
			names = append(names, g.Staff.Object.Name())
		}
		return names, err
	}
	switch view {
	case "staff":
		return entries(l.ViewStaff(ctx, who, d, nil, engine.Paging{}))
	case "invited":
		return entries(l.ViewStaff(ctx, who, d, []engine.State{engine.Invited}, engine.Paging{}))
	case "clients":
		return entries(l.ViewClients(ctx, who, d, engine.Open, engine.Paging{}))
	case "archived_clients":
		return entries(l.ViewClients(ctx, who, d, engine.Closed, engine.Paging{}))
	case "client_accounts":
		return entries(l.ViewClientAccounts(ctx, who, d, params["client"], engine.Paging{}))
	case "internal_accounts":
		return entries(l.ViewInternalAccounts(ctx, who, d, engine.Paging{}))
	case "groups":
		return entries(l.ViewGroups(ctx, who, d, engine.Paging{}))
	case "client_staff":
		return grants(l.ViewClientStaff(ctx, who, d, params["client"]))
	case "account_staff":
		return grants(l.ViewAccountStaff(ctx, who, d, params["account"]))
	case "group_accounts":
		return entries(l.ViewGroupAccounts(ctx, who, d, params["group"], engine.Paging{}))
	case "representatives":
		return grants(l.ViewRepresentatives(ctx, who, d, params["group"]))
	case "staff_clients":
		p, err := l.ViewStaffClients(ctx, who, d, params["staff"])
		var names []string
		for _, r := range p.Reach {
			names = append(names, r.Client.Object.Name())
		}
		return names, err
	case "journal":
		p, err := l.ViewJournal(ctx, who, d, engine.RecordFilter{}, 0)
		var names []string
		for _, r := range p.Records {
			names = append(names, r.Operation)
		}
		return names, err
	}
	return nil, engine.Errorf(engine.Invalid, "the door has no view %q", view)
}
