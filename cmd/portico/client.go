package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// client is the door to a server: it asks the façade.
type client struct {
	base string
	key  string
	http *http.Client
}

var _ door = (*client)(nil)

// String returns the server's URL, without a password.
func (c *client) String() string {
	u, err := url.Parse(c.base)
	if err != nil {
		return masked // newClient has parsed it
	}
	return u.Redacted()
}

func newClient(server, key string) (*client, error) {
	u, err := url.Parse(server)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, usageError("--server: %q is not a URL, such as http://127.0.0.1:8180", server)
	case key == "":
		return nil, usageError("an API key for %s is missing; put it in %s", server, envKey)
	case u.Scheme == "http" && !loopbackHost(u.Hostname()):
		return nil, usageError("--server: %s would get the API key in the clear; use https", server)
	}
	return &client{
		base: strings.TrimSuffix(server, "/"), key: key,
		http: &http.Client{
			Timeout: time.Minute,
			// A key is for the server that it was given to.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Check implements [door].
func (c *client) Check(ctx context.Context, q engine.Query, how engine.Consistency) (engine.Answer, error) {
	var out ginapi.Decision
	err := c.ask(ctx, "check", ginapi.CheckRequest{Query: queryOf(q), Consistency: consistencyOf(how)}, &out)
	return engine.Answer{Query: q, Decision: out.Decision, Epoch: out.Epoch}, err
}

// ListResources implements [door].
func (c *client) ListResources(ctx context.Context, d schema.Domain, typ, permission string, subject schema.Subject, p engine.Paging, how engine.Consistency) (engine.ObjectPage, error) {
	var out ginapi.ResourceList
	err := c.ask(ctx, "list/resources", ginapi.ResourcesRequest{
		Partner: string(d), Type: typ, Permission: permission, Subject: subject,
		Limit: p.Limit, Cursor: p.Cursor, Consistency: consistencyOf(how),
	}, &out)
	return engine.ObjectPage{Objects: out.Resources, Total: out.Total, Next: out.Next, Epoch: out.Epoch}, err
}

// ListSubjects implements [door].
func (c *client) ListSubjects(ctx context.Context, resource schema.Object, permission, subjectType string, p engine.Paging, how engine.Consistency) (engine.ObjectPage, error) {
	var out ginapi.SubjectList
	err := c.ask(ctx, "list/subjects", ginapi.SubjectsRequest{
		Resource: resource, Permission: permission, Type: subjectType,
		Limit: p.Limit, Cursor: p.Cursor, Consistency: consistencyOf(how),
	}, &out)
	return engine.ObjectPage{Objects: out.Subjects, Total: out.Total, Next: out.Next, Epoch: out.Epoch}, err
}

// ListPermissions implements [door].
func (c *client) ListPermissions(ctx context.Context, resource schema.Object, subject schema.Subject, how engine.Consistency) (engine.PermissionList, error) {
	var out ginapi.PermissionList
	err := c.ask(ctx, "list/permissions", ginapi.PermissionsRequest{Resource: resource, Subject: subject, Consistency: consistencyOf(how)}, &out)
	return engine.PermissionList(out), err
}

// ListPartners implements [door].
func (c *client) ListPartners(ctx context.Context, user, permission string, how engine.Consistency) ([]schema.Object, error) {
	page, err := c.ListResources(ctx, "", schema.TypePartner, permission, schema.Subject{Object: schema.User(user)}, engine.Paging{}, how)
	return page.Objects, err
}

// Explain implements [door].
func (c *client) Explain(ctx context.Context, q engine.Query) (*engine.Explanation, error) {
	var out ginapi.Explanation
	if err := c.ask(ctx, "explain", queryOf(q), &out); err != nil {
		return nil, err
	}
	x := &engine.Explanation{Answer: engine.Answer{Query: q, Decision: out.Decision.Decision, Epoch: out.Epoch}, Text: out.Text}
	for _, s := range out.Steps {
		x.Steps = append(x.Steps, engine.Step(s))
	}
	for _, s := range out.Barred {
		x.Barred = append(x.Barred, engine.Step(s))
	}
	for _, m := range out.Missing {
		x.Missing = append(x.Missing, engine.Missing(m))
	}
	return x, nil
}

// Do implements [door]. Of the actor only a person's id goes to the server.
func (c *client) Do(ctx context.Context, actor engine.Actor, op engine.Operation, opts *engine.DoOptions) (*engine.Result, error) {
	header := http.Header{}
	if actor.Kind == engine.Person {
		header.Set("Portico-Actor", schema.User(actor.User).String())
	}
	if opts.IdempotencyKey != "" {
		header.Set("Idempotency-Key", opts.IdempotencyKey)
	}
	if opts.Reason != "" {
		header.Set("Portico-Reason", url.PathEscape(opts.Reason))
	}
	if opts.ExpectedEpoch != nil {
		header.Set("If-Match", strconv.Quote(strconv.FormatInt(*opts.ExpectedEpoch, 10)))
	}
	path := "operations/" + op.Name()
	if opts.DryRun {
		path += "?dry_run=true"
	}
	var out ginapi.Result
	if err := c.post(ctx, path, header, op, &out); err != nil {
		return nil, err
	}
	return resultOf(out)
}

// resultOf returns what the engine said to the server.
func resultOf(out ginapi.Result) (*engine.Result, error) {
	object, err := schema.ParseObject(out.Object)
	if err != nil {
		return nil, fmt.Errorf("the server's answer: %w", err)
	}
	result := &engine.Result{
		Record: out.Record, Object: object, Epoch: out.Epoch, Token: out.Token, Summary: out.Summary, Notice: out.Notice,
	}
	if i := out.Impact; i != nil {
		result.Impact = &engine.Impact{Updates: i.Updates, Gains: i.Gains, Losses: i.Losses, Truncated: i.Truncated, Hidden: i.Hidden}
		for _, e := range i.Entries {
			result.Impact.Entries = append(result.Impact.Entries, e.Engine())
		}
	}
	return result, nil
}

func queryOf(q engine.Query) ginapi.Query {
	return ginapi.Query{Resource: q.Resource, Permission: q.Permission, Subject: q.Subject}
}

func consistencyOf(c engine.Consistency) ginapi.Consistency {
	return ginapi.Consistency{Mode: c.Mode, MaxAgeMS: c.MaxAge.Milliseconds(), Token: c.Token}
}

func (c *client) ask(ctx context.Context, path string, body, out any) error {
	return c.post(ctx, path, http.Header{}, body, out)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

func (c *client) post(ctx context.Context, path string, header http.Header, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.key)
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("ask the server: %w; is it running?", errors.Unwrap(err))
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		return problemOf(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s doesn't answer like Portico: %w", c.base, err)
	}
	return nil
}

// problemOf makes the engine's error of a problem document.
func problemOf(status int, text []byte) error {
	var p ginapi.Problem
	if err := json.Unmarshal(text, &p); err != nil || p.Code == "" {
		return fmt.Errorf("the server answered %d without a problem document; is --server Portico's URL?", status)
	}
	message := p.Detail
	if message == "" {
		message = p.Title
	}
	for _, f := range p.Errors {
		message += "; " + strings.TrimPrefix(f.Location+": ", "body.") + f.Message
	}
	if status >= http.StatusInternalServerError {
		message += " (request " + p.RequestID + " in the server's log)"
	}
	return engine.Errorf(p.Code, "%s", message)
}
