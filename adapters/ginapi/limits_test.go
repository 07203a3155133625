package ginapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
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

const clientsPath = "/v1/partners/acme/clients"

// aboutAcme are requests about acme, one of each kind.
var aboutAcme = []call{
	acme,
	checkAcme,
	explainAcme,
	posting("/v1/check/bulk", checking("acme")),
	posting("/v1/list/resources", `{"partner":"acme","type":"client","permission":"access","subject":"user:ben"}`),
	posting("/v1/list/subjects", `{"resource":"client:acme/retail","permission":"access"}`),
	posting("/v1/list/permissions", `{"resource":"client:acme/retail","subject":"user:ben"}`),
	posting("/v1/operations/create_client", `{"partner":"acme","title":"A"}`).with("", "ana"),
	posting(clientsPath, `{"title":"B"}`).with("", "ana"),
}

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
		"a partner, whatever is asked": {aSecond(float64(len(aboutAcme))), "partner_rate", func(*door) []step {
			var let, refused []step
			for _, c := range aboutAcme {
				status := http.StatusOK
				if c.path == clientsPath {
					status = http.StatusCreated
				}
				let, refused = append(let, step{c, status, ""}), append(refused, step{c, 429, "1"})
			}
			return append(let, refused...)
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
				{posting(clientsPath, `{"title":"A"}`).with("jwt-zoe", ""), 404, ""},
				{posting("/v1/operations/create_client", `{"partner":"acme","title":"A"}`).with("jwt-zoe", ""), 404, ""},
				{posting("/v1/partners", `{"partner":"acme","title":"A","contact_name":"A","email":"a@a.example"}`).with("jwt-zoe", ""), 409, ""},
				{acme, 200, ""},
			}
		}},
		"what makes no sense doesn't count for the partner": {aSecond(1), "", func(*door) []step {
			form := posting(clientsPath, "title=A").with("jwt-zoe", "")
			form.header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
			return []step{
				{call{method: "GET", path: "/v1/partners/acme?a=1&a=2"}.with("jwt-zoe", ""), 400, ""},
				{call{method: "GET", path: clientsPath + "?limit=all"}.with("jwt-zoe", ""), 400, ""},
				{call{method: "DELETE", path: clientsPath + "/*"}.with("jwt-zoe", ""), 400, ""},
				{posting(clientsPath, `{"title":`).with("jwt-zoe", ""), 400, ""},
				{posting(clientsPath, `{"title":"`+strings.Repeat("x", 2<<20)+`"}`).with("jwt-zoe", ""), 413, ""},
				{form, 415, ""},
				{posting("/v1/check", `{"resource":"partner:acme","permission":"fly","subject":"user:zoe"}`), 400, ""},
				{acme, 200, ""},
				{acme, 429, "1"},
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
				steps := []step{{acme, 200, ""}, {acme, 429, "1"}}
				for _, c := range aboutAcme {
					steps = append(steps, step{c, 429, "1"})
				}
				return append(steps, step{other, 200, ""}, step{portal, 429, "1"})
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

// TestWritesCountForTheirPartner: each address at which something of a partner's
// is written counts for the partner that it names.
func TestWritesCountForTheirPartner(t *testing.T) {
	eachPortal(t, func(t *testing.T, d *door) {
		d.signUp(t)
		full := d.limited(t, ginapi.Limits{Partner: ginapi.Limit{Rate: 1}}, &stopped{})
		full.want(t, 200, call{method: "GET", path: "/v1/partners/acme", as: "olga"})
		var doc map[string]any
		if err := json.Unmarshal([]byte(d.document(t).raw), &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range routes(d) {
			if r.Method == http.MethodGet || !strings.Contains(r.Path, ":partner") {
				continue
			}
			documented := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
			schema := within(doc, "paths", documented, strings.ToLower(r.Method), "requestBody", "content", "application/json", "schema")
			body, err := json.Marshal(sample(doc, schema))
			if err != nil {
				t.Fatal(err)
			}
			c := call{method: r.Method, path: regexp.MustCompile(`:\w+`).ReplaceAllString(r.Path, "acme"), body: string(body), as: "olga"}
			if a := full.do(t, c); a.StatusCode != http.StatusTooManyRequests {
				t.Errorf("%s %s with %s: got %d %s", r.Method, r.Path, body, a.StatusCode, a.text)
			}
		}
	})
}

// within returns the object at a path of names, empty if there is none.
func within(object map[string]any, names ...string) map[string]any {
	for _, name := range names {
		object, _ = object[name].(map[string]any)
	}
	return object
}

// sample is a value as the schema in an OpenAPI document wants it, with no more
// than it must have.
func sample(doc, schema map[string]any) any {
	if ref, ok := schema["$ref"].(string); ok {
		return sample(doc, within(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
	}
	if choice, ok := schema["oneOf"].([]any); ok {
		return sample(doc, choice[0].(map[string]any))
	}
	switch schema["type"] {
	case "boolean":
		return true
	case "array":
		return []any{sample(doc, within(schema, "items"))}
	case "string":
		if schema["format"] == "date-time" {
			return "2999-01-01T00:00:00Z"
		}
		return "acme"
	}
	object := map[string]any{}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		object[name.(string)] = sample(doc, within(schema, "properties", name.(string)))
	}
	return object
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
