package ginapi_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
)

// stopped is a clock that tests move.
type stopped struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (s *stopped) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stopped) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// limited is another façade of d's engine, with limits, that stands at the clock.
func (d *door) limited(t *testing.T, limits ginapi.Limits, clock engine.Clock) *door {
	t.Helper()
	other := *d
	other.facade = ginapi.New(d.engine, &ginapi.Options{Verifier: tokens{}, Limits: limits, Clock: clock})
	other.Server = httptest.NewServer(other.facade)
	t.Cleanup(other.Server.Close)
	return &other
}

// twoFirms is a façade with the firm of [door.firm], and zoe's.
func twoFirms(t *testing.T) *door {
	t.Helper()
	d := open(t, nil)
	d.firm(t)
	d.want(t, 201, call{method: "POST", path: "/v1/partners", as: "zoe", body: `{"partner":"other","title":"Other","contact_name":"Zoe","email":"zoe@other.example"}`})
	return d
}

// total returns how many requests were refused for the limit.
func (d *door) total(t *testing.T, limit string) string {
	t.Helper()
	_, rest, _ := strings.Cut(d.do(t, call{method: "GET", path: "/metrics", key: "none"}).text, `portico_limited_total{limit="`+limit+`"} `)
	n, _, _ := strings.Cut(rest, "\n")
	return n
}

func checking(partners ...string) string {
	checks := make([]string, len(partners))
	for i, p := range partners {
		checks[i] = `{"resource":"partner:` + p + `","permission":"enter","subject":"user:ben"}`
	}
	return `{"checks":[` + strings.Join(checks, ",") + `]}`
}

var (
	portal      = call{method: "GET", path: "/v1/portal"}
	acme        = call{method: "GET", path: "/v1/partners/acme", as: "ana"}
	other       = call{method: "GET", path: "/v1/partners/other", as: "zoe"}
	checkAcme   = call{method: "POST", path: "/v1/check", body: `{"resource":"client:acme/retail","permission":"access","subject":"user:ben"}`}
	explainAcme = call{method: "POST", path: "/v1/explain", body: checkAcme.body}
)

func (c call) with(key, as string) call {
	c.key, c.as = key, as
	return c
}

func posting(path, body string) call { return call{method: "POST", path: path, body: body} }

func TestRates(t *testing.T) {
	type step struct {
		call       call
		status     int
		retryAfter string
	}
	aSecond := func(n float64) ginapi.Limits { return ginapi.Limits{Partner: ginapi.Limit{Rate: n}} }
	byKey := ginapi.Limits{Key: ginapi.Limit{Rate: 1}}
	tests := map[string]struct {
		limits  ginapi.Limits
		refused string // the metric
		steps   func(d *door) []step
	}{
		"a key": {byKey, "key_rate", func(d *door) []step {
			more := d.key(t, "", "act")
			return []step{{portal, 200, ""}, {portal, 429, "1"}, {portal.with("", "ana"), 429, "1"}, {portal.with(more, "ana"), 200, ""}}
		}},
		"a slow key": {ginapi.Limits{Key: ginapi.Limit{Rate: 0.3}}, "key_rate", func(*door) []step {
			return []step{{portal, 200, ""}, {portal, 429, "4"}}
		}},
		"a person": {byKey, "key_rate", func(*door) []step {
			return []step{{portal.with("jwt-ana", ""), 200, ""}, {portal.with("jwt-ana", ""), 429, "1"}, {portal.with("jwt-ben", ""), 200, ""}}
		}},
		"a mistake counts for the key": {byKey, "key_rate", func(*door) []step {
			return []step{{call{method: "GET", path: "/v1/portal?a=1&a=2"}, 400, ""}, {portal, 429, "1"}}
		}},
		"strangers don't count for a key": {byKey, "key_rate", func(d *door) []step {
			forged := d.app[:len(d.app)-1] + "!"
			return []step{{portal.with(forged, ""), 401, ""}, {portal.with("none", ""), 401, ""}, {portal, 200, ""}, {portal, 429, "1"}}
		}},
		"a partner": {aSecond(1), "partner_rate", func(*door) []step {
			return []step{{acme, 200, ""}, {acme, 429, "1"}, {acme.with("jwt-ben", ""), 429, "1"}, {other, 200, ""}, {portal, 200, ""}, {portal, 200, ""}}
		}},
		"a partner, whatever is asked": {aSecond(7), "partner_rate", func(*door) []step {
			return []step{
				{acme, 200, ""},
				{checkAcme, 200, ""},
				{explainAcme, 200, ""},
				{posting("/v1/list/resources", `{"partner":"acme","type":"client","permission":"access","subject":"user:ben"}`), 200, ""},
				{posting("/v1/list/subjects", `{"resource":"client:acme/retail","permission":"access"}`), 200, ""},
				{posting("/v1/list/permissions", `{"resource":"client:acme/retail","subject":"user:ben"}`), 200, ""},
				{posting("/v1/operations/create_client", `{"partner":"acme","title":"A"}`).with("", "ana"), 200, ""},
				{checkAcme, 429, "1"},
				{explainAcme, 429, "1"},
				{posting("/v1/list/subjects", `{"resource":"client:acme/retail","permission":"access"}`), 429, "1"},
				{posting("/v1/operations/create_client", `{"partner":"acme","title":"A"}`).with("", "ana"), 429, "1"},
				{posting("/v1/partners/acme/clients", `{"title":"A"}`).with("", "ana"), 429, "1"},
			}
		}},
		"each partner of a bulk check, once": {aSecond(2), "partner_rate", func(*door) []step {
			return []step{
				{posting("/v1/check/bulk", checking("acme", "acme", "acme", "other")), 200, ""},
				{acme, 200, ""},
				{posting("/v1/check/bulk", checking("other", "acme")), 429, "1"},
				{other, 200, ""}, // it was not counted with the refused
				{other, 429, "1"},
			}
		}},
		"what is refused to strangers doesn't count for the partner": {aSecond(1), "", func(*door) []step {
			return []step{
				{acme.with("jwt-zoe", ""), 404, ""},
				{checkAcme.with("jwt-zoe", ""), 404, ""},
				{posting("/v1/partners/acme/clients", `{"title":"A"}`).with("jwt-zoe", ""), 404, ""},
				{posting("/v1/operations/create_client", `{"partner":"acme","title":"A"}`).with("jwt-zoe", ""), 404, ""},
				{posting("/v1/partners", `{"partner":"acme","title":"A","contact_name":"A","email":"a@a.example"}`).with("jwt-zoe", ""), 409, ""},
				{acme, 200, ""},
			}
		}},
		"a key bound to another partner": {aSecond(1), "", func(d *door) []step {
			bound := d.key(t, "other", "check", "act")
			return []step{{acme, 200, ""}, {acme.with(bound, "ana"), 404, ""}, {checkAcme.with(bound, ""), 404, ""}}
		}},
		"what is refused for a partner doesn't count for the key": {
			ginapi.Limits{Key: ginapi.Limit{Rate: 2}, Partner: ginapi.Limit{Rate: 1}},
			"",
			func(*door) []step {
				return []step{{acme, 200, ""}, {acme, 429, "1"}, {acme, 429, "1"}, {other, 200, ""}, {portal, 429, "1"}}
			},
		},
		"the platform is no partner": {aSecond(1), "", func(d *door) []step {
			check := posting("/v1/check", `{"resource":"platform:main","permission":"manage_support","subject":"user:ben"}`)
			return []step{{check, 200, ""}, {check, 200, ""}}
		}},
		"what is no name": {aSecond(1), "", func(*door) []step {
			bad := call{method: "GET", path: "/v1/partners/a%20b", as: "ana"}
			return []step{{bad, 400, ""}, {bad, 400, ""}}
		}},
	}
	firms := twoFirms(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			clock := &stopped{now: time.Unix(1, 0)}
			d := firms.limited(t, test.limits, clock)
			refused := 0
			for i, s := range test.steps(d) {
				a := d.do(t, s.call)
				if a.StatusCode != s.status || a.Header.Get("Retry-After") != s.retryAfter {
					t.Errorf("step %d: got %d, retry after %q: %s", i, a.StatusCode, a.Header.Get("Retry-After"), a.text)
				}
				if s.status == http.StatusTooManyRequests {
					refused++
					tooMany(t, a)
				}
			}
			if test.refused != "" && d.total(t, test.refused) != strconv.Itoa(refused) {
				t.Errorf("%s: counted %s of %d", test.refused, d.total(t, test.refused), refused)
			}
			clock.pass(time.Hour)
			d.want(t, 200, acme)
		})
	}
}

// tooMany checks the problem of a refusal.
func tooMany(t *testing.T, a answer) {
	t.Helper()
	p := a.object(t)
	if a.Header.Get("Content-Type") != "application/problem+json" || p["type"] != "/docs#unavailable" || p["code"] != "unavailable" ||
		p["status"] != float64(a.StatusCode) || p["title"] == "" || p["request_id"] != a.Header.Get("X-Request-Id") {
		t.Errorf("got %s as %s", a.text, a.Header.Get("Content-Type"))
	}
	if strings.Contains(a.text, "acme") || strings.Contains(a.text, "ana") {
		t.Errorf("tells names: %s", a.text)
	}
}

// TestNoLimits: what machinery asks, and who reads the documentation, is let in
// however much else there is.
func TestNoLimits(t *testing.T) {
	d := open(t, nil).limited(t, ginapi.Limits{Concurrent: 1, Key: ginapi.Limit{Rate: 1e-9}, Partner: ginapi.Limit{Rate: 1e-9}}, nil)
	d.want(t, 200, portal)
	d.want(t, 429, portal)
	for _, path := range []string{"/livez", "/healthz", "/readyz", "/metrics", "/docs", "/docs/docs.js", "/openapi.json"} {
		for range 3 {
			if a := d.do(t, call{method: "GET", path: path}); a.StatusCode != 200 {
				t.Errorf("%s: got %d", path, a.StatusCode)
			}
		}
	}
}
