package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

// overHTTP is the HTTP API as a door of the cases. Its application names the
// person who acts; without one the operator does.
type overHTTP struct {
	url, key string
	has      map[string]bool // the portal's operations
	token    func(email string) string
}

var _ enginetest.Door = (*overHTTP)(nil)

// openHTTP serves what serve would, with the portal, the store and the graph.
func openHTTP(t *testing.T, portal string, store DSN, graph SpiceDB) *overHTTP {
	t.Helper()
	config := defaultConfig()
	config.Portal, config.Store, config.SpiceDB, config.Log.Level = portal, store, graph, "error"
	var mail tap
	a, err := openApp(t.Context(), config, parts{stdout: io.Discard, stderr: t.Output(), mailer: mail.into})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	server, err := a.server()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server.Handler)
	t.Cleanup(web.Close)
	scopes := []engine.Scope{engine.ScopeCheck, engine.ScopeAct, engine.ScopeOperate}
	_, key, err := a.engine.CreateKey(t.Context(), engine.NewKey{Name: "cases", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, o := range a.engine.Operations() {
		has[o.Name] = true
	}
	return &overHTTP{url: web.URL, key: key, has: has, token: mail.capture()}
}

// Do implements [enginetest.Door].
func (d *overHTTP) Do(ctx context.Context, as, operation string, params map[string]any) error {
	route, ok := routes[operation]
	switch {
	case !d.has[operation]: // its address may be another operation's in this portal
		route = "POST /v1/operations/" + operation
	case !ok:
		return fmt.Errorf("the door has no route for %s", operation)
	}
	method, path, _ := strings.Cut(route, " ")
	body := map[string]any{}
	for name, value := range params {
		if filled := fillIn(path, name, fmt.Sprint(value)); filled != path {
			path = filled
		} else {
			body[name] = value
		}
	}
	return d.send(ctx, as, method, path, body, nil)
}

// fillIn puts a parameter into the path, if the path has it.
func fillIn(path, name, value string) string {
	return strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
}

// Check implements [enginetest.Door].
func (d *overHTTP) Check(ctx context.Context, resource, permission, subject string) (string, error) {
	var answer struct{ Decision string }
	err := d.send(ctx, "", http.MethodPost, "/v1/check", question(resource, permission, subject), &answer)
	return answer.Decision, err
}

// Explain implements [enginetest.Door].
func (d *overHTTP) Explain(ctx context.Context, resource, permission, subject string) (string, error) {
	var answer struct{ Text string }
	err := d.send(ctx, "", http.MethodPost, "/v1/explain", question(resource, permission, subject), &answer)
	return answer.Text, err
}

func question(resource, permission, subject string) map[string]any {
	return map[string]any{"resource": resource, "permission": permission, "subject": subject}
}

// Invitation implements [enginetest.Door].
func (d *overHTTP) Invitation(_ context.Context, email string) (string, error) {
	token := d.token(email)
	if token == "" {
		return "", fmt.Errorf("nothing was mailed to %s", email)
	}
	return token, nil
}

// List implements [enginetest.Door].
func (d *overHTTP) List(ctx context.Context, as, view string, params map[string]string) ([]string, error) {
	v, ok := views[view]
	if !ok {
		return nil, fmt.Errorf("the door has no view %s", view)
	}
	path, query, _ := strings.Cut(v.path, "?")
	for name, value := range params {
		if filled := fillIn(path, name, value); filled != path {
			path = filled
		} else {
			query += "&" + url.Values{name: {value}}.Encode()
		}
	}
	var answer shown
	if err := d.send(ctx, as, http.MethodGet, path+"?"+strings.TrimPrefix(query, "&"), nil, &answer); err != nil {
		return nil, err
	}
	if v.read != nil {
		return v.read(&answer), nil
	}
	return answer.all(), nil
}

// send sends one request and reads the answer, unless that is nil.
func (d *overHTTP) send(ctx context.Context, as, method, path string, body map[string]any, answer any) error {
	var content io.Reader
	if len(body) > 0 {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.url+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+d.key)
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		request.Header.Set("Portico-Actor", "user:"+as)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode > 299:
		return problemOf(response.StatusCode, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}
