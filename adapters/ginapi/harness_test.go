package ginapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

// post keeps what was mailed, by address.
type post struct {
	mu   sync.Mutex // guards sent
	sent map[string]engine.InvitationMail
}

func (p *post) SendInvitation(_ context.Context, m engine.InvitationMail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[m.Email] = m
	return nil
}

func (p *post) token(email string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent[email].Token
}

// tokens is a verifier whose tokens are "jwt-" and the user's id.
type tokens struct{}

func (tokens) Verify(_ context.Context, token string) (engine.Actor, error) {
	user, ok := strings.CutPrefix(token, "jwt-")
	switch {
	case user == "down":
		return engine.Actor{}, engine.WrapError(engine.Unavailable, "keys", io.ErrUnexpectedEOF)
	case user == "panic":
		panic("a secret")
	case !ok:
		return engine.Actor{}, engine.Errorf(engine.Unauthenticated, "the token is not one that is accepted here")
	}
	return engine.PersonActor(user), nil
}

// door is a façade on an SQLite file and an embedded SpiceDB.
type door struct {
	*httptest.Server
	facade  *ginapi.Server
	engine  *engine.Engine
	store   engine.Store
	post    *post
	log     *buffer
	metrics *prometheus.Registry
	app     string // an application's key: check and act
}

// open starts a façade of the agency portal, as change leaves it.
func open(t testing.TB, change func(*schema.Portal)) *door {
	t.Helper()
	portal := load(t, builtin(t, "agency"))
	if change != nil {
		change(portal)
	}
	return serve(t, portal)
}

// builtin returns the files of a portal that ships with Portico.
func builtin(t testing.TB, name string) fs.FS {
	t.Helper()
	files, err := schema.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// load reads a portal that the engine can run.
func load(t testing.TB, files fs.FS) *schema.Portal {
	t.Helper()
	portal, err := schema.Load(files, zed.Compile)
	if err == nil {
		err = engine.CheckPortal(portal)
	}
	if err != nil {
		t.Fatal(err)
	}
	return portal
}

// eachPortal calls test with a façade of every portal that ships with Portico.
func eachPortal(t *testing.T, test func(*testing.T, *door)) {
	t.Helper()
	for _, name := range schema.Portals() {
		t.Run(name, func(t *testing.T) { test(t, serve(t, load(t, builtin(t, name)))) })
	}
}

// setup is what a test may change of a façade, before it is started.
type setup struct {
	*ginapi.Options
	store  engine.Store
	graph  engine.Graph
	mailer engine.Mailer
	cache  engine.Cache // nil: none
}

// serve starts a façade of the portal, as changes leave it.
func serve(t testing.TB, portal *schema.Portal, changes ...func(*setup)) *door {
	t.Helper()
	store, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "portico.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := embedded.New(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{store: store, post: &post{sent: map[string]engine.InvitationMail{}}, log: &buffer{}, metrics: prometheus.NewRegistry()}
	log := slog.New(slog.NewJSONHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	with := &setup{&ginapi.Options{Verifier: tokens{}, Metrics: d.metrics, Log: log}, store, graph, d.post, nil}
	for _, change := range changes {
		change(with)
	}
	d.engine = engine.New(with.store, with.graph, portal, &engine.Options{Mailer: with.mailer, Cache: with.cache, Log: log})
	if err := d.engine.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.facade = ginapi.New(d.engine, with.Options)
	d.Server = httptest.NewServer(d.facade)
	t.Cleanup(func() {
		d.Close()
		if err := graph.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	d.app = d.key(t, "", engine.ScopeCheck, engine.ScopeAct)
	return d
}

// buffer keeps what several goroutines write.
type buffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (d *door) key(t testing.TB, partner schema.Domain, scopes ...engine.Scope) string {
	t.Helper()
	_, text, err := d.engine.CreateKey(t.Context(), engine.NewKey{Name: "test", Scopes: scopes, Partner: partner})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// call is one request.
type call struct {
	method, path, body string
	as                 string // the person for whom the application acts
	key                string // instead of the application's; "none" for no credential
	header             http.Header
}

// answer is what came back.
type answer struct {
	*http.Response
	text string
}

// request is the call as it is sent, until ctx ends.
func (d *door) request(ctx context.Context, t testing.TB, c call) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, c.method, d.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	switch c.key {
	case "":
		r.Header.Set("Authorization", "Bearer "+d.app)
	case "none":
	default:
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.as != "" {
		r.Header.Set("Portico-Actor", c.as)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(r.Header, c.header)
	return r
}

func (d *door) do(t testing.TB, c call) answer {
	t.Helper()
	response, err := d.Client().Do(d.request(t.Context(), t, c))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(text)}
}

// want does a request that must have the status, and returns what it was
// answered with.
func (d *door) want(t testing.TB, status int, c call) map[string]any {
	t.Helper()
	a := d.do(t, c)
	if a.StatusCode != status {
		t.Fatalf("%s %s: got %d %s, want %d", c.method, c.path, a.StatusCode, a.text, status)
	}
	return a.object(t)
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		t.Fatalf("%s: not JSON: %s", a.Request.URL.Path, a.text)
	}
	return v
}

// firm signs up acme with its owner olga, and has ana (admin) and ben (advisor)
// join; the folder retail has the account ledger, and ben is on it.
func (d *door) firm(t testing.TB) {
	t.Helper()
	d.want(t, 201, call{method: "POST", path: "/v1/partners", as: "olga", body: `{"partner":"acme","title":"Acme","contact_name":"Olga","email":"olga@acme.example"}`})
	d.hire(t, map[string]string{"ana": "admin", "ben": "advisor"})
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/clients", as: "ana", body: `{"client":"retail","title":"Retail"}`})
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/clients/retail/accounts", as: "ana", body: `{"account":"ledger","title":"Ledger"}`})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/clients/retail/staff/ben", as: "ana"})
}

// signUp has olga sign up acme, in whichever portal.
func (d *door) signUp(t testing.TB) {
	t.Helper()
	d.want(t, 201, call{
		method: "POST", path: "/v1/partners", as: "olga",
		body: `{"partner":"acme","staff":"olga","title":"Acme","first_name":"Olga","last_name":"Lima","email":"olga@acme.example"}`,
	})
}

// hire has olga invite people, each in a role, who accept.
func (d *door) hire(t testing.TB, people map[string]string) {
	t.Helper()
	for name, role := range people {
		email := name + "@acme.example"
		d.want(t, 201, call{
			method: "POST", path: "/v1/partners/acme/staff", as: "olga",
			body: `{"staff":"` + name + `","first_name":"` + name + `","last_name":"Lima","email":"` + email + `","role":"` + role + `"}`,
		})
		d.want(t, 200, call{method: "POST", path: "/v1/invitations/accept", as: name, body: `{"token":"` + d.post.token(email) + `"}`})
	}
}

// epoch returns the partner's.
func (d *door) epoch(t testing.TB, partner schema.Domain) int64 {
	t.Helper()
	state, err := d.store.Domain(t.Context(), partner)
	if err != nil {
		t.Fatal(err)
	}
	return state.Epoch
}
