package ginapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

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

func TestMetricsAndLogHaveNoNames(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.access(t, "ben")
	d.want(t, 400, call{method: "GET", path: "/v1/partners/hidden-partner?limit=1"})
	d.want(t, 404, call{method: "GET", path: "/no/such/thing"})
	metrics := d.do(t, call{method: "GET", path: "/metrics", key: "none"}).text
	for _, line := range []string{
		`portico_checks_total{decision="allow",mode="strict",source="spicedb"} 1`,
		`portico_http_requests_total{method="POST",route="/v1/partners/:partner/staff",status="201"} 2`,
		`portico_http_requests_total{method="",route="unmatched",status="404"} 1`,
		`portico_http_request_duration_seconds_count{method="POST",route="/v1/check"} 1`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	for _, secret := range []string{"acme", "olga", "hidden-partner", d.app, "ledger", "limit=1"} {
		if strings.Contains(metrics, secret) {
			t.Errorf("the metrics tell %q", secret)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, d.log)
		}
	}
}

// TestAccessLog: a line per request, that has these fields and no others.
func TestAccessLog(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	tests := []struct {
		call         call
		level, route string
		method       string
		status       float64
	}{
		{call{method: "GET", path: "/v1/partners/acme/staff?limit=1", as: "ana"}, "DEBUG", "/v1/partners/:partner/staff", "GET", 200},
		{call{method: "GET", path: "/v1/partners/ghost", as: "ana"}, "DEBUG", "/v1/partners/:partner", "GET", 404},
		{call{method: "GET", path: "/v1/portal", key: "none"}, "DEBUG", "/v1/portal", "GET", 401},
		{call{method: "GET", path: "/v1/portal", key: "jwt-down"}, "INFO", "/v1/portal", "GET", 503},
		{call{method: "GET", path: "/v1/portal", key: "jwt-panic"}, "INFO", "/v1/portal", "GET", 500},
		{call{method: "BREW", path: "/pot"}, "DEBUG", "unmatched", "", 404},
	}
	for _, test := range tests {
		a := d.do(t, test.call)
		var got map[string]any
		for line := range strings.Lines(d.log.String()) {
			var entry map[string]any
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			if entry["msg"] == "request" && entry["request"] == a.Header.Get("X-Request-Id") {
				got = entry
			}
		}
		if took, ok := got["duration"].(float64); !ok || took <= 0 {
			t.Errorf("%s: the duration is %v", test.call.path, got["duration"])
		}
		delete(got, "duration")
		delete(got, "time")
		want := map[string]any{
			"level": test.level, "msg": "request", "request": a.Header.Get("X-Request-Id"),
			"method": test.method, "route": test.route, "status": test.status,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.call.path, diff)
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
