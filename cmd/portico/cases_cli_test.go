package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/portico-authz/portico/engine"
)

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
		args = append(args, "--"+strings.ReplaceAll(name, "_", "-")+"="+typed(value))
	}
	_, err := c.portico(ctx, args...)
	return err
}

// typed is a parameter's value as somebody types it.
func typed(value any) string {
	var parts []string
	switch v := value.(type) {
	case []any:
		for _, x := range v {
			parts = append(parts, typed(x))
		}
	case map[string]any:
		for name, x := range v {
			parts = append(parts, name+"="+typed(x))
		}
	default:
		return fmt.Sprint(v)
	}
	return strings.Join(parts, ",")
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
// refused the view, or asks for a kind: type and permission.
var listed = map[string][]string{
	"clients": {"client", "access"}, "accounts": {"account", "access"}, "groups": {"group", "view"},
	"projects": {"project", "view"}, "records": {"record", "view"}, "events": {"event", "view"},
}

// List implements [enginetest.Door].
func (c commandLine) List(ctx context.Context, as, view string, params map[string]string) ([]string, error) {
	names, err := c.overHTTP.List(ctx, as, view, params)
	same, ok := listed[view]
	if _, kind := params["kind"]; err != nil || !ok || kind {
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
