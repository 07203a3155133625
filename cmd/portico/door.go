package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// door is where questions and operations go: the engine over the configured
// store, or a server.
type door interface {
	Check(ctx context.Context, q engine.Query, c engine.Consistency) (engine.Answer, error)
	ListResources(ctx context.Context, d schema.Domain, typ, permission string, subject schema.Subject, p engine.Paging, c engine.Consistency) (engine.ObjectPage, error)
	ListSubjects(ctx context.Context, resource schema.Object, permission, subjectType string, p engine.Paging, c engine.Consistency) (engine.ObjectPage, error)
	ListPermissions(ctx context.Context, resource schema.Object, subject schema.Subject, c engine.Consistency) (engine.PermissionList, error)
	ListPartners(ctx context.Context, user, permission string, c engine.Consistency) ([]schema.Object, error)
	Explain(ctx context.Context, q engine.Query) (*engine.Explanation, error)
	Do(ctx context.Context, actor engine.Actor, op engine.Operation, opts *engine.DoOptions) (*engine.Result, error)
}

var _ door = (*engine.Engine)(nil)

// doorFlags are --server and --key beside those of the store.
type doorFlags struct{ server, key string }

func (f *doorFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.server, "server", "", "URL of a server to ask, instead of opening the store (default "+envServer+", unless --store is given)")
	cmd.Flags().StringVar(&f.key, "key", "", "API key for the server (better in "+envKey+")")
	storeFlags(cmd)
}

// address returns the URL of the server to ask, "" if it is the store: what is
// given beats the environment.
func (f *doorFlags) address(cmd *cobra.Command) (string, error) {
	if err := filled(cmd, "server", "key", "store"); err != nil {
		return "", err
	}
	switch store := cmd.Flag("store").Changed; {
	case store && f.server != "":
		return "", usageError("give --server or --store, not both")
	case store, f.server != "":
		return f.server, nil
	}
	return os.Getenv(envServer), nil
}

// through calls fn with the door that the flags choose, and closes it.
func (c *common) through(cmd *cobra.Command, f *doorFlags, fn func(context.Context, door) error) error {
	server, err := f.address(cmd)
	if err != nil {
		return err
	}
	if server == "" {
		return c.with(cmd, func(ctx context.Context, a *app) error { return fn(ctx, a.engine) })
	}
	key := f.key
	if key == "" {
		key = os.Getenv(envKey)
	}
	client, err := newClient(server, key)
	if err != nil {
		return err
	}
	return fn(cmd.Context(), client)
}

// with calls fn with the configured app, whose store must be there, and closes
// it.
func (c *common) with(cmd *cobra.Command, fn func(context.Context, *app) error) (err error) {
	config, err := c.config(cmd)
	if err != nil {
		return err
	}
	if err := config.Store.exists(); err != nil {
		return err
	}
	a, err := openApp(cmd.Context(), config, parts{stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()})
	if err != nil {
		return inUse(cmd, err)
	}
	defer func() {
		if closing := a.Close(); err == nil {
			err = closing
		}
	}()
	return fn(cmd.Context(), a)
}

// exists keeps a mistyped path from becoming an empty store that denies all.
func (d DSN) exists() error {
	if d.Postgres() {
		return nil
	}
	if _, err := os.Stat(string(d)); err != nil {
		return usageError("there is no store %s; name one with --store, or start portico serve, which makes it", d)
	}
	return nil
}

// inUse mends the store's advice for a command that can't ask a server.
func inUse(cmd *cobra.Command, err error) error {
	if engine.CodeOf(err) != engine.Conflict || cmd.Flag("server") != nil {
		return err
	}
	text, _, taken := strings.Cut(err.Error(), "; stop it")
	if !taken {
		return err
	}
	return engine.Errorf(engine.Conflict, "%s; stop it first: %s needs the store to itself", text, cmd.CommandPath())
}

// parseQuery reads RESOURCE PERMISSION SUBJECT.
func parseQuery(args []string) (engine.Query, error) {
	resource, err := schema.ParseObject(args[0])
	if err != nil {
		return engine.Query{}, usageError("%s", err)
	}
	subject, err := schema.ParseSubject(args[2])
	if err != nil {
		return engine.Query{}, usageError("%s", err)
	}
	return engine.Query{Resource: resource, Permission: args[1], Subject: subject}, nil
}
