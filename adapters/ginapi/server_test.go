package ginapi_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/schema"
)

func TestDocsNeedNoNetwork(t *testing.T) {
	d := open(t, nil)
	for path, mediaType := range map[string]string{
		"/docs": "text/html", "/docs/docs.css": "text/css", "/docs/docs.js": "text/javascript",
	} {
		a := d.do(t, call{method: "GET", path: path, key: "none"})
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), mediaType) {
			t.Errorf("%s: got %d as %s", path, a.StatusCode, a.Header.Get("Content-Type"))
		}
		if policy := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if found := regexp.MustCompile(`(https?:)?//[a-z0-9-]+\.|innerHTML|<script>|<style|style="| on[a-z]+="`).FindString(a.text); found != "" {
			t.Errorf("%s: has %q", path, found)
		}
	}
	page := d.do(t, call{method: "GET", path: "/docs", key: "none"}).text
	for _, code := range []string{"invalid", "unauthenticated", "forbidden", "not_found", "conflict", "stale", "unavailable", "internal"} {
		if !strings.Contains(page, `id="`+code+`"`) {
			t.Errorf("problems of the type /docs#%s aren't explained", code)
		}
	}
}

func TestHealth(t *testing.T) {
	d := open(t, nil)
	d.want(t, 200, call{method: "GET", path: "/healthz", key: "none"})
	d.want(t, 200, call{method: "GET", path: "/readyz", key: "none"})
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := d.do(t, call{method: "HEAD", path: path, key: "none"}); a.StatusCode != 200 || a.text != "" {
			t.Errorf("HEAD %s: got %d %q", path, a.StatusCode, a.text)
		}
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.want(t, 200, call{method: "GET", path: "/healthz", key: "none"})
	p := d.want(t, 503, call{method: "GET", path: "/readyz", key: "none"})
	if p["detail"] != "the store can't be reached" {
		t.Errorf("got %v", p)
	}
}

func TestMetricsAndLogHaveNoNames(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.access(t, "ben")
	d.want(t, 400, call{method: "GET", path: "/v1/partners/hidden-partner?limit=1"})
	d.want(t, 404, call{method: "GET", path: "/no/such/thing"})
	metrics := d.do(t, call{method: "GET", path: "/metrics", key: "none"}).text
	for _, line := range []string{
		`portico_checks_total{decision="allow"} 1`,
		`portico_http_requests_total{method="POST",route="/v1/partners/:partner/staff",status="201"} 2`,
		`portico_http_requests_total{method="",route="unmatched",status="404"} 1`,
		`portico_http_request_duration_seconds_count{method="POST",route="/v1/check"} 1`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	for _, secret := range []string{"acme", "olga", "hidden-partner", d.app, "ledger", "limit="} {
		if strings.Contains(metrics, secret) {
			t.Errorf("the metrics tell %q", secret)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, d.log)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	d := open(t, nil)
	for given, kept := range map[string]bool{"abc-123": true, "": false, "a b": false, strings.Repeat("x", 65): false} {
		a := d.do(t, call{method: "GET", path: "/healthz", key: "none", header: http.Header{"X-Request-Id": {given}}})
		if got := a.Header.Get("X-Request-Id"); (got == given) != kept || got == "" {
			t.Errorf("given %q: got %q", given, got)
		}
	}
}

func TestPanicsAreProblems(t *testing.T) {
	d := open(t, nil)
	p := d.want(t, 500, call{method: "GET", path: "/v1/portal", key: "jwt-panic"})
	if p["code"] != "internal" {
		t.Errorf("got %v", p)
	}
	log := d.log.String()
	if strings.Contains(log, "a secret") || !strings.Contains(log, p["request_id"].(string)) || !strings.Contains(log, `"panic":"string"`) {
		t.Errorf("the log has %s", log)
	}
}

func TestEscapedNames(t *testing.T) {
	d := open(t, nil)
	operate := d.key(t, "", "operate")
	for _, user := range []string{"sam+x@portal.example", "a/b c%2F"} {
		d.want(t, 200, call{method: "POST", path: "/v1/support", key: operate, body: `{"user":"` + user + `"}`})
	}
	for _, path := range []string{"/v1/support/sam+x@portal.example", "/v1/support/a%2Fb%20c%252F"} {
		d.want(t, 200, call{method: "DELETE", path: path, key: operate})
	}
}

func TestRequire(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	router := gin.New()
	guard := ginapi.Require(d.engine, "access",
		func(c *gin.Context) schema.Object {
			return schema.Obj("account", schema.Domain(c.Param("partner")), c.Param("account"))
		},
		func(c *gin.Context) schema.Subject {
			user := c.GetHeader("Test-User")
			if user == "" {
				return schema.Subject{}
			}
			return schema.Subject{Object: schema.User(user)}
		})
	router.GET("/:partner/:account", guard, func(c *gin.Context) { c.String(http.StatusOK, "the figures") })
	tests := []struct {
		path, user string
		status     int
	}{
		{"/acme/ledger", "ben", 200},
		{"/acme/ledger", "zoe", 403},
		{"/acme/nothing", "ben", 403},
		{"/ghost/ledger", "ben", 403},
		{"/acme/ledger", "", 401},
		{"/acme/*", "ben", 400},
		{"/acme/ledger", "*", 400},
	}
	for _, test := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, test.path, http.NoBody)
		r.Header.Set("Test-User", test.user)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		if w.Code != test.status || strings.Contains(w.Body.String(), "figures") != (test.status == 200) {
			t.Errorf("%s as %q: got %d %s, want %d", test.path, test.user, w.Code, w.Body, test.status)
		}
	}
}

// TestRequestTimeout: what takes too long is unavailable, and never an allow.
func TestRequestTimeout(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	hurried := ginapi.New(d.engine, &ginapi.Options{RequestTimeout: time.Nanosecond})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/check",
		strings.NewReader(`{"resource":"partner:acme","permission":"enter","subject":"user:ana"}`))
	request.Header.Set("Authorization", "Bearer "+d.app)
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	hurried.ServeHTTP(answer, request)
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), `"code":"unavailable"`) {
		t.Errorf("got %d %s", answer.Code, answer.Body)
	}
}
