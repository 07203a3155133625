// In the package itself, unlike the other tests: the doors are opened as the
// binary opens them, by openApp and run.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// TestAgencyOverHTTP: the rules of the agency portal hold for whoever uses the
// HTTP API, wherever it keeps its data.
func TestAgencyOverHTTP(t *testing.T) {
	t.Run("SQLite and SpiceDB in the process", func(t *testing.T) {
		enginetest.Cases(t, "agency", openHTTP(t, newSQLite(t), SpiceDB{}))
	})
	t.Run("PostgreSQL and SpiceDB on PostgreSQL", func(t *testing.T) {
		postgres := loopback.Postgres(t, "track_commit_timestamp=on") // SpiceDB needs it
		endpoint, token := loopback.SpiceDB(t, loopback.SpiceDBOnPostgres(postgres))
		store := DSN(loopback.PostgresDatabase(t, postgres))
		enginetest.Cases(t, "agency", openHTTP(t, store, SpiceDB{Endpoint: endpoint, Token: Secret(token), Insecure: true}))
	})
}

// TestAgencyOverTheCommandLine: they hold for whoever types commands that ask a
// server.
func TestAgencyOverTheCommandLine(t *testing.T) {
	enginetest.Cases(t, "agency", commandLine{openHTTP(t, newSQLite(t), SpiceDB{})})
}

func newSQLite(t *testing.T) DSN {
	t.Helper()
	return DSN(filepath.Join(t.TempDir(), "portico.db"))
}

// routes are the operations' addresses, as the documentation gives them. They
// are written out again here: it is the API's users who would have to change
// theirs.
var routes = map[string]string{
	"sign_up":                 "POST /v1/partners",
	"transfer_ownership":      "POST /v1/partners/{partner}/owner",
	"invite_staff":            "POST /v1/partners/{partner}/staff",
	"edit_staff":              "PATCH /v1/partners/{partner}/staff/{staff}",
	"remove_staff":            "DELETE /v1/partners/{partner}/staff/{staff}",
	"change_role":             "PUT /v1/partners/{partner}/staff/{staff}/role",
	"resend_invitation":       "POST /v1/partners/{partner}/staff/{staff}/invitation",
	"withdraw_invitation":     "DELETE /v1/partners/{partner}/staff/{staff}/invitation",
	"accept_invitation":       "POST /v1/invitations/accept",
	"create_client":           "POST /v1/partners/{partner}/clients",
	"rename_client":           "PATCH /v1/partners/{partner}/clients/{client}",
	"archive_client":          "DELETE /v1/partners/{partner}/clients/{client}",
	"restore_client":          "POST /v1/partners/{partner}/clients/{client}/restore",
	"add_client_staff":        "PUT /v1/partners/{partner}/clients/{client}/staff/{staff}",
	"remove_client_staff":     "DELETE /v1/partners/{partner}/clients/{client}/staff/{staff}",
	"add_account":             "POST /v1/partners/{partner}/clients/{client}/accounts",
	"create_internal_account": "POST /v1/partners/{partner}/accounts",
	"rename_account":          "PATCH /v1/partners/{partner}/accounts/{account}",
	"archive_account":         "DELETE /v1/partners/{partner}/accounts/{account}",
	"switch_account":          "PUT /v1/partners/{partner}/accounts/{account}/staff/{staff}",
	"add_account_staff":       "PUT /v1/partners/{partner}/accounts/{account}/staff/{staff}",
	"remove_account_staff":    "DELETE /v1/partners/{partner}/accounts/{account}/staff/{staff}",
	"create_group":            "POST /v1/partners/{partner}/groups",
	"add_group_account":       "PUT /v1/partners/{partner}/groups/{group}/accounts/{account}",
	"remove_group_account":    "DELETE /v1/partners/{partner}/groups/{group}/accounts/{account}",
	"add_representative":      "PUT /v1/partners/{partner}/groups/{group}/representatives/{staff}",
	"remove_representative":   "DELETE /v1/partners/{partner}/groups/{group}/representatives/{staff}",
	"add_support":             "POST /v1/support",
	"remove_support":          "DELETE /v1/support/{user}",
	"no_such_operation":       "POST /v1/operations/no_such_operation",
}

// views are the views' addresses.
var views = map[string]string{
	"staff":             "/v1/partners/{partner}/staff",
	"invited":           "/v1/partners/{partner}/staff?state=invited",
	"staff_clients":     "/v1/partners/{partner}/staff/{staff}/clients",
	"clients":           "/v1/partners/{partner}/clients",
	"archived_clients":  "/v1/partners/{partner}/clients?state=archived",
	"client_staff":      "/v1/partners/{partner}/clients/{client}/staff",
	"client_accounts":   "/v1/partners/{partner}/clients/{client}/accounts",
	"internal_accounts": "/v1/partners/{partner}/accounts",
	"account_staff":     "/v1/partners/{partner}/accounts/{account}/staff",
	"groups":            "/v1/partners/{partner}/groups",
	"group_accounts":    "/v1/partners/{partner}/groups/{group}/accounts",
	"representatives":   "/v1/partners/{partner}/groups/{group}/representatives",
	"journal":           "/v1/partners/{partner}/journal",
}

// overHTTP is the HTTP API as a door of the cases. Its application names the
// person who acts; without one the operator does.
type overHTTP struct {
	url, key string
	token    func(email string) string
}

var _ enginetest.Door = (*overHTTP)(nil)

// openHTTP serves what serve would, with the store and the graph.
func openHTTP(t *testing.T, store DSN, graph SpiceDB) *overHTTP {
	t.Helper()
	config := defaultConfig()
	config.Store, config.SpiceDB, config.Log.Level = store, graph, "error"
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
	return &overHTTP{url: web.URL, key: key, token: mail.capture()}
}

// Do implements [enginetest.Door].
func (d *overHTTP) Do(ctx context.Context, as, operation string, params map[string]any) error {
	route, ok := routes[operation]
	if !ok {
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
	path, ok := views[view]
	if !ok {
		return nil, fmt.Errorf("the door has no view %s", view)
	}
	for name, value := range params {
		path = fillIn(path, name, value)
	}
	type thing struct{ Object schema.Object }
	var answer struct { // a view has one of these
		Entries []thing
		Grants  []struct{ Staff thing }
		Clients []struct{ Client thing }
		Records []struct{ Operation string }
	}
	err := d.send(ctx, as, http.MethodGet, path, nil, &answer)
	var names []string
	for _, e := range answer.Entries {
		names = append(names, e.Object.Name())
	}
	for _, g := range answer.Grants {
		names = append(names, g.Staff.Object.Name())
	}
	for _, c := range answer.Clients {
		names = append(names, c.Client.Object.Name())
	}
	for _, r := range answer.Records {
		names = append(names, r.Operation)
	}
	return names, err
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

// commandLine is the command line, asking a server, as a door of the cases.
// What it has no command for goes over HTTP.
type commandLine struct{ *overHTTP }

// portico runs the command line and returns what it prints.
func (c commandLine) portico(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(ctx, append(args, "--server="+c.url, "--key="+c.key), &out, io.Discard)
	var wrong *misuse
	switch {
	case errors.Is(err, errDenied): // it was printed, too
		err = nil
	case errors.As(err, &wrong) && strings.HasPrefix(wrong.message, "there is no"):
		err = engine.Errorf(engine.NotFound, "%s", wrong.message)
	case errors.As(err, &wrong):
		err = engine.Errorf(engine.Invalid, "%s", wrong.message)
	}
	return strings.TrimSpace(out.String()), err
}

// Do implements [enginetest.Door].
func (c commandLine) Do(ctx context.Context, as, operation string, params map[string]any) error {
	args := []string{"do", operation}
	if as != "" {
		args = append(args, "--as=user:"+as)
	}
	for name, value := range params {
		args = append(args, fmt.Sprintf("--%s=%v", strings.ReplaceAll(name, "_", "-"), value))
	}
	_, err := c.portico(ctx, args...)
	return err
}

// Check implements [enginetest.Door].
func (c commandLine) Check(ctx context.Context, resource, permission, subject string) (string, error) {
	return c.portico(ctx, "check", resource, permission, subject)
}

// Explain implements [enginetest.Door].
func (c commandLine) Explain(ctx context.Context, resource, permission, subject string) (string, error) {
	return c.portico(ctx, "explain", resource, permission, subject)
}

// listed are the views that list the same as a command, unless the person is
// refused the view: type and permission.
var listed = map[string][]string{"clients": {"client", "access"}, "groups": {"group", "view"}}

// List implements [enginetest.Door].
func (c commandLine) List(ctx context.Context, as, view string, params map[string]string) ([]string, error) {
	names, err := c.overHTTP.List(ctx, as, view, params)
	same, ok := listed[view]
	if err != nil || !ok {
		return names, err
	}
	args := append([]string{"list", "resources"}, same...)
	out, err := c.portico(ctx, append(args, "user:"+as, "--partner="+params["partner"])...)
	names = nil
	for line := range strings.Lines(out) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "/")
		names = append(names, name)
	}
	return names, err
}
