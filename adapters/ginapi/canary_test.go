package ginapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// canary is in every e-mail address, user id, title, reason and value of the
// test below, and must be in nothing that operators read.
const canary = "canary-"

const (
	canaryOlga = canary + "olga@secret.example"
	canaryAna  = canary + "ana@secret.example"
	canaryBen  = canary + "ben@secret.example"
)

// telling is a store that fails, when it is told to, with an error that repeats
// all that it was asked with.
type telling struct {
	engine.Store
	broken atomic.Bool
	words  string
}

func (s *telling) View(ctx context.Context, fn func(engine.Tx) error) error {
	if s.broken.Load() {
		return engine.WrapError(engine.Internal, "entry user:"+canaryAna, errors.New(s.words))
	}
	return s.Store.View(ctx, fn)
}

// failing is a mailer that can't send, and says no more than ours do.
type failing struct {
	engine.Mailer
	broken atomic.Bool
}

func (m *failing) SendInvitation(ctx context.Context, mail engine.InvitationMail) error {
	if m.broken.Load() {
		return engine.WrapError(engine.Unavailable, "send by mail.internal:25", errors.New("RCPT: 550"))
	}
	return m.Mailer.SendInvitation(ctx, mail)
}

// TestCanary drives operations, views, decisions and mistakes with secrets, and
// reads the log at its most talkative, the metrics, and all that a cache was given.
func TestCanary(t *testing.T) {
	store, mailer, cache := &telling{}, &failing{}, &enginetest.MemoryCache{}
	d := serve(t, load(t, builtin(t, "agency")), func(s *setup) {
		store.Store, mailer.Mailer = s.store, s.mailer
		s.store, s.mailer, s.cache = store, mailer, cache
		s.Limits = ginapi.Limits{Concurrent: 100, Key: ginapi.Limit{Rate: 1e6, Concurrent: 100}, Partner: ginapi.Limit{Rate: 1e6, Concurrent: 100}}
	})
	operate := d.key(t, "", "operate")
	invitations := d.canaryFirm(t, operate, mailer)
	d.canaryQuestions(t)
	d.canaryMistakes(t, operate)

	store.words = strings.Join(append(invitations, "user:"+canaryBen, "user:"+schema.EncodeID(canaryBen)+"#...", d.app, "Bearer "+operate,
		`subject: object:user id:"`+schema.EncodeID(canaryAna)+`"`), " ")
	store.broken.Store(true)
	d.want(t, 500, call{method: "GET", path: "/v1/partners/acme", as: canaryAna})
	d.want(t, 500, call{method: "GET", path: "/v1/partners/acme", key: "jwt-" + canaryAna})
	store.broken.Store(false)

	metrics := d.do(t, call{method: "GET", path: "/metrics", key: "none"}).text
	if !strings.Contains(metrics, "portico_limited_total") || !strings.Contains(d.log.String(), `"level":"DEBUG"`) || !strings.Contains(d.log.String(), "could not be delivered") {
		t.Fatal("the log or the metrics aren't all there")
	}
	secrets := append([]string{canary, schema.EncodeID(canary), "secret.example", d.app, operate, d.app[len(d.app)-40:], operate[len(operate)-40:], "jwt-", "?limit", "format="}, invitations...)
	var remembered strings.Builder
	for _, item := range cache.Items() {
		remembered.WriteString(item.Key + string(item.Value) + "\n")
	}
	if remembered.Len() == 0 {
		t.Fatal("the cache remembers nothing")
	}
	for where, text := range map[string]string{"metrics": metrics, "log": d.log.String(), "the cache": remembered.String()} {
		for line := range strings.Lines(text) {
			for _, secret := range secrets {
				if strings.Contains(strings.ToLower(line), strings.ToLower(secret)) {
					t.Errorf("%s tell %q: %s", where, secret, line)
				}
			}
		}
	}
}

// canaryFirm makes acme, all of whose people and things are canaries, and
// returns the invitations' tokens.
func (d *door) canaryFirm(t *testing.T, operate string, mailer *failing) []string {
	t.Helper()
	d.want(t, 201, call{
		method: "POST", path: "/v1/partners", as: canaryOlga,
		body: `{"partner":"acme","title":"canary-acme","contact_name":"canary-Olga","email":"` + canaryOlga + `"}`,
	})
	var tokens []string
	for name, who := range map[string]struct{ email, role string }{"ana": {canaryAna, "admin"}, "ben": {canaryBen, "advisor"}} {
		d.want(t, 201, call{
			method: "POST", path: "/v1/partners/acme/staff", as: canaryOlga,
			body:   `{"staff":"` + name + `","contact_name":"canary-name","email":"` + who.email + `","role":"` + who.role + `"}`,
			header: http.Header{"Portico-Reason": {"canary-reason%20" + who.email}, "Idempotency-Key": {"canary-idempotency-" + name}},
		})
		tokens = append(tokens, d.post.token(who.email))
		d.want(t, 200, call{method: "POST", path: "/v1/invitations/accept", key: "jwt-" + who.email, body: `{"token":"` + d.post.token(who.email) + `"}`})
	}
	mailer.broken.Store(true)
	d.want(t, 201, call{
		method: "POST", path: "/v1/partners/acme/staff", as: canaryOlga,
		body: `{"staff":"cleo","contact_name":"canary-Cleo","email":"canary-cleo@secret.example","role":"advisor"}`,
	})
	mailer.broken.Store(false)
	d.want(t, 200, call{method: "POST", path: "/v1/partners/acme/staff/cleo/invitation", as: canaryOlga})
	tokens = append(tokens, d.post.token("canary-cleo@secret.example"))
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/clients", as: canaryAna, body: `{"client":"retail","title":"canary-Retail"}`})
	d.want(t, 201, call{method: "POST", path: "/v1/partners/acme/clients/retail/accounts", as: canaryAna, body: `{"account":"ledger","title":"canary-Ledger"}`})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/clients/retail/staff/ben?dry_run=true", as: canaryAna})
	d.want(t, 200, call{method: "PUT", path: "/v1/partners/acme/clients/retail/staff/ben", as: canaryAna})
	d.want(t, 200, call{method: "POST", path: "/v1/support", key: operate, body: `{"user":"canary-sam@secret.example"}`})
	d.want(t, 200, call{method: "DELETE", path: "/v1/support/canary-sam@secret.example", key: operate})
	return tokens
}

// canaryQuestions asks about canaries, as an application and as a person.
func (d *door) canaryQuestions(t *testing.T) {
	t.Helper()
	about := `"resource":"account:acme/ledger","permission":"access","subject":"user:` + canaryBen + `"`
	for _, c := range []call{
		{method: "POST", path: "/v1/check", body: `{` + about + `}`},
		{method: "POST", path: "/v1/check/bulk", body: `{"checks":[{` + about + `},{` + about + `}]}`},
		{method: "POST", path: "/v1/explain", body: `{` + about + `}`},
		{method: "POST", path: "/v1/list/resources", body: `{"partner":"acme","type":"account","permission":"access","subject":"user:` + canaryBen + `"}`},
		{method: "POST", path: "/v1/list/subjects", body: `{"resource":"account:acme/ledger","permission":"access"}`},
		{method: "POST", path: "/v1/list/permissions", body: `{"resource":"account:acme/ledger","subject":"user:` + canaryBen + `"}`},
		{method: "GET", path: "/v1/partners?user=" + canaryBen},
		{method: "GET", path: "/v1/partners/acme/staff?limit=10", as: canaryOlga},
		{method: "GET", path: "/v1/partners/acme/journal?format=csv&actor=" + canaryAna, as: canaryOlga},
	} {
		for _, key := range []string{"", "jwt-" + canaryOlga} {
			c.key = key
			if key != "" {
				c.as = ""
			}
			if a := d.do(t, c); a.StatusCode != 200 && a.StatusCode != 403 {
				t.Errorf("%s: got %d %s", c.path, a.StatusCode, a.text)
			}
		}
	}
}

// canaryMistakes sends canaries where they don't belong, to every address.
func (d *door) canaryMistakes(t *testing.T, operate string) {
	t.Helper()
	escaped := url.PathEscape("canary /" + canaryAna)
	body, err := json.Marshal(map[string]any{
		"title": canaryAna, "email": canaryBen, "token": "invite_" + canary, "subject": "user:" + canaryAna, "canary-field": canaryOlga, "role": canary,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes(d) {
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if strings.HasPrefix(part, ":") && (part != ":partner" || len(parts) == 4) {
				parts[i] = escaped
			} else if part == ":partner" {
				parts[i] = "acme"
			}
		}
		c := call{method: r.Method, path: strings.Join(parts, "/"), as: canaryAna, header: http.Header{"X-Request-Id": {canaryAna}}}
		if r.Method != http.MethodGet {
			c.body = string(body)
		}
		d.do(t, c)
		c.path += "?canary-query=" + url.QueryEscape(canaryAna)
		d.do(t, c)
	}
	view := call{method: "GET", path: "/v1/partners/acme", as: canaryAna}
	for _, key := range []string{"portico_canary-key", d.app[:len(d.app)-1] + "!", canaryAna, "jwt-", "jwt-down", "none"} {
		d.do(t, view.with(key, canaryAna))
	}
	d.do(t, view.with(operate, canaryAna))
	d.do(t, call{method: "GET", path: "/canary-address/" + canaryAna + "?key=" + d.app})
	d.do(t, call{method: "CANARY-METHOD", path: "/v1/portal"})
	d.do(t, call{method: "POST", path: "/v1/invitations/accept", as: canaryAna, body: `{"token":"invite_canary-token"}`})
}

func TestScrub(t *testing.T) {
	key := "portico_" + strings.Repeat("x", 12) + "_" + strings.Repeat("S", 51)
	for text, want := range map[string]string{
		"entry staff:acme/ana: timeout":             "entry staff:acme/ana: timeout",
		"user:ana@acme.example#...":                 "user:***#...",
		"<ana@acme.example> is unknown":             "<***> is unknown",
		`id:"ana=40acme=2Eexample" relation:"x"`:    `id:"***" relation:"x"`,
		"postgres://portico:pw@db:5432/x refused":   "postgres://portico:***:5432/x refused",
		"Bearer " + key:                             "Bearer ***",
		"invite_staff: invite_" + key:               "invite_staff: ***",
		"portico_domain:acme#applied isn't there":   "portico_domain:acme#applied isn't there",
		"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln": "***",
	} {
		if got := ginapi.Scrub(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
