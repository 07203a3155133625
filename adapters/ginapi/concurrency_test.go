package ginapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// gate is a store in which decisions wait, once it is shut.
type gate struct {
	engine.Store
	mu      sync.Mutex // guards open
	open    chan struct{}
	arrived chan struct{}
}

func (g *gate) Domain(ctx context.Context, d schema.Domain) (engine.DomainState, error) {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	if open != nil {
		g.arrived <- struct{}{}
		<-open
	}
	return g.Store.Domain(ctx, d)
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) unlock() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
	g.open = nil
}

func TestConcurrency(t *testing.T) {
	two := ginapi.Limit{Concurrent: 2}
	check := checkAcme.with("jwt-ben", "")
	tests := map[string]struct {
		limits ginapi.Limits
		status int
		metric string
		over   []call // refused while two checks are under way
		others []call // let in meanwhile
	}{
		"of a person": {
			ginapi.Limits{Key: two},
			429, "key_concurrency",
			[]call{portal.with("jwt-ben", ""), acme.with("jwt-ben", "")},
			[]call{portal, portal.with("jwt-ana", "")},
		},
		"about a partner": {
			ginapi.Limits{Partner: two},
			429, "partner_concurrency",
			[]call{acme, acme.with("jwt-zoe", ""), checkAcme, posting("/v1/check/bulk", checking("other", "acme"))},
			[]call{portal, portal.with("jwt-ben", "")},
		},
		"of the server": {
			ginapi.Limits{Concurrent: 2},
			503, "server_concurrency",
			[]call{portal, portal.with("none", ""), portal.with("jwt-down", "")},
			[]call{{method: "GET", path: "/livez"}, {method: "GET", path: "/metrics"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := &gate{arrived: make(chan struct{})}
			d := serve(t, load(t, builtin(t, "agency")), func(s *setup) {
				g.Store = s.store
				s.store, s.Limits = g, test.limits
			})
			d.firm(t)
			g.shut()
			var checks sync.WaitGroup
			for range 2 {
				checks.Go(func() {
					if a := d.do(t, check); a.StatusCode != 200 {
						t.Errorf("a check that was let in: got %d %s", a.StatusCode, a.text)
					}
				})
				<-g.arrived
			}
			for i, c := range test.over {
				a := d.do(t, c)
				if a.StatusCode != test.status || a.Header.Get("Retry-After") != "1" {
					t.Errorf("over the limit, %d: got %d, retry after %q: %s", i, a.StatusCode, a.Header.Get("Retry-After"), a.text)
				}
				tooMany(t, a)
			}
			for i, c := range test.others {
				if a := d.do(t, c); a.StatusCode != 200 {
					t.Errorf("another, %d: got %d %s", i, a.StatusCode, a.text)
				}
			}
			if got, want := d.total(t, test.metric), fmt.Sprint(len(test.over)); got != want {
				t.Errorf("%s is %s, want %s", test.metric, got, want)
			}
			g.unlock()
			checks.Wait()
			for range 3 {
				d.want(t, 200, check)
			}
		})
	}
}

// unfinished is a body of which nothing comes until it is ended.
type unfinished struct {
	asked chan<- struct{}
	ended <-chan struct{}
}

func (u unfinished) Read([]byte) (int, error) {
	u.asked <- struct{}{}
	<-u.ended
	return 0, io.EOF
}

// TestUnfinishedBodiesHoldNoTurn: who sends a body slowly doesn't keep others
// from the partner that it may be about.
func TestUnfinishedBodiesHoldNoTurn(t *testing.T) {
	d := twoFirms(t).limited(t, ginapi.Limits{Partner: ginapi.Limit{Concurrent: 1}}, nil)
	for _, path := range []string{clientsPath, clientsPath + "/retail/restore", "/v1/operations/create_client", "/v1/check"} {
		asked, ended := make(chan struct{}), make(chan struct{})
		var request sync.WaitGroup
		request.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, unfinished{asked, ended})
			r.Header.Set("Authorization", "Bearer jwt-zoe")
			d.facade.ServeHTTP(httptest.NewRecorder(), r)
		})
		<-asked
		if a := d.do(t, acme); a.StatusCode != 200 {
			t.Errorf("while the body of %s is on its way: got %d %s", path, a.StatusCode, a.text)
		}
		close(ended)
		request.Wait()
	}
}

// TestTurnsComeBack: whatever becomes of a request, the next is let in.
func TestTurnsComeBack(t *testing.T) {
	one := ginapi.Limit{Concurrent: 1}
	d := serve(t, load(t, builtin(t, "agency")), func(s *setup) {
		s.Limits = ginapi.Limits{Concurrent: 1, Key: one, Partner: one}
		s.mailer = panicking{s.mailer}
	})
	d.firm(t)
	bad := call{method: "POST", path: "/v1/partners/acme/staff", as: "olga", body: `{"staff":"eve","contact_name":"Eve","email":"panic@acme.example","role":"admin"}`}
	for range 3 {
		d.want(t, 500, portal.with("jwt-panic", "")) // while it is found out who asks
		d.do(t, bad)
		d.want(t, 404, acme.with("jwt-zoe", ""))
		if a := d.do(t, call{method: "GET", path: "/v1/partners/acme/journal?format=csv", as: "olga"}); a.StatusCode != 200 {
			t.Errorf("a stream: got %d %s", a.StatusCode, a.text)
		}
	}
	if !strings.Contains(d.log.String(), "deliver") {
		t.Error("nothing panicked in an operation")
	}
	d.want(t, 200, acme)
}

// panicking is a mailer that panics at one address.
type panicking struct{ engine.Mailer }

func (p panicking) SendInvitation(ctx context.Context, m engine.InvitationMail) error {
	if m.Email == "panic@acme.example" {
		panic("delivering to " + m.Email)
	}
	return p.Mailer.SendInvitation(ctx, m)
}
