package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// keyView is an API key as it is printed. Only create and rotate have the text.
type keyView struct {
	ID      string         `json:"id"`
	Name    string         `json:"name,omitempty"`
	Scopes  []engine.Scope `json:"scopes"`
	Partner string         `json:"partner,omitempty"`
	Created time.Time      `json:"created_at"`
	Expires time.Time      `json:"expires_at,omitzero"`
	Revoked time.Time      `json:"revoked_at,omitzero"`
	Key     string         `json:"key,omitempty"`
}

func viewKey(k engine.Key, text string) keyView {
	return keyView{k.ID, k.Name, k.Scopes, string(k.Partner), k.CreatedAt, k.ExpiresAt, k.RevokedAt, text}
}

func newKeys(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, rotate and revoke API keys",
		Long: `Make, list, rotate and revoke API keys, in the store itself.

A key has scopes: check asks for decisions; act names the person for whom a
request is made, and does what that person may do; operate acts as the operator.
Only a key's hash is kept, so its text is shown once.`,
		Example: `  portico keys create --name shop --scope check --partner acme
  portico keys list
  portico keys rotate 4m2k9v1t0q8x3c7b --grace 24h
  portico keys revoke 4m2k9v1t0q8x3c7b`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysCreate(c), newKeysList(c), newKeysRotate(c), newKeysRevoke(c))
	return cmd
}

// onStore makes a command of one that needs the store and no graph.
func (c *common) onStore(cmd *cobra.Command, fn func(context.Context, *engine.Engine, []string, *printer) error) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := c.json(); err != nil {
			return err
		}
		config, err := c.config(cmd)
		if err != nil {
			return err
		}
		if err := config.Store.exists(); err != nil {
			return err
		}
		a, err := openStore(cmd.Context(), config, parts{stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()})
		if err != nil {
			return inUse(cmd, err)
		}
		out := newPrinter(cmd.OutOrStdout())
		if err := fn(cmd.Context(), a.engine, args, out); err != nil {
			_ = a.Close() // the first error tells
			return err
		}
		if out.err != nil {
			_ = a.Close()
			return out.err
		}
		return a.Close()
	}
	storeFlags(cmd)
	c.outputFlag(cmd)
	return cmd
}

func newKeysCreate(c *common) *cobra.Command {
	var (
		key     engine.NewKey
		scopes  []string
		partner string
		expires time.Time
		life    time.Duration
	)
	var cmd *cobra.Command
	cmd = c.onStore(&cobra.Command{
		Use: "create", Short: "Make an API key and show it, once",
		Example: `  portico keys create --name shop --scope check,act --partner acme --life 2160h`,
		Args:    cobra.NoArgs,
	}, func(ctx context.Context, e *engine.Engine, _ []string, out *printer) error {
		if err := filled(cmd, "partner"); err != nil {
			return err // it would reach all partners
		}
		switch given := cmd.Flag("life").Changed; {
		case given && life <= 0:
			return usageError("--life: %s is no time; leave it out for a key that never ends", life)
		case given && !expires.IsZero():
			return usageError("give --expires or --life, not both")
		case given:
			expires = time.Now().Add(life)
		}
		key.Partner, key.ExpiresAt = schema.Domain(partner), expires
		for _, s := range scopes {
			key.Scopes = append(key.Scopes, engine.Scope(s))
		}
		made, text, err := e.CreateKey(ctx, key)
		if err != nil {
			return err
		}
		c.printNewKey(out, made, text)
		return nil
	})
	flags := cmd.Flags()
	flags.StringVar(&key.Name, "name", "", "what the key is for")
	flags.StringSliceVar(&scopes, "scope", []string{"check"}, "check, act or operate; may be repeated")
	flags.StringVar(&partner, "partner", "", "the only partner that it reaches (default all)")
	flags.TimeVar(&expires, "expires", time.Time{}, []string{time.RFC3339, time.DateOnly}, "when it ends (default never)")
	flags.DurationVar(&life, "life", 0, "how long it works, instead of --expires")
	return cmd
}

func (c *common) printNewKey(out *printer, k engine.Key, text string) {
	if c.output == "json" {
		out.json(viewKey(k, text))
		return
	}
	out.f("%s\n", text)
	out.f("This is key %s (%s). Keep it now: it can't be shown again.\n", k.ID, scopeList(k.Scopes))
}

func newKeysList(c *common) *cobra.Command {
	return c.onStore(&cobra.Command{
		Use: "list", Short: "List API keys, without their secrets",
		Example: `  portico keys list -o json`, Args: cobra.NoArgs,
	}, func(ctx context.Context, e *engine.Engine, _ []string, out *printer) error {
		keys, err := e.Keys(ctx)
		if err != nil {
			return err
		}
		views := []keyView{}
		rows := [][]string{{"ID", "NAME", "SCOPES", "PARTNER", "CREATED", "STATE"}}
		for _, k := range keys {
			views = append(views, viewKey(k, ""))
			rows = append(rows, []string{k.ID, k.Name, scopeList(k.Scopes), orAll(k.Partner), k.CreatedAt.Format(time.DateOnly), keyState(k)})
		}
		if c.output == "json" {
			out.json(views)
			return nil
		}
		out.table(rows)
		return nil
	})
}

func newKeysRotate(c *common) *cobra.Command {
	var grace time.Duration
	cmd := c.onStore(&cobra.Command{
		Use: "rotate ID", Short: "Make a key in place of another, which works for a while yet",
		Example: `  portico keys rotate 4m2k9v1t0q8x3c7b --grace 24h`, Args: cobra.ExactArgs(1),
	}, func(ctx context.Context, e *engine.Engine, args []string, out *printer) error {
		if grace < 0 {
			return usageError("--grace: %s is negative; 0s ends the former key at once", grace)
		}
		made, text, err := e.RotateKey(ctx, args[0], grace)
		if err != nil {
			return err
		}
		c.printNewKey(out, made, text)
		return nil
	})
	cmd.Flags().DurationVar(&grace, "grace", 24*time.Hour, "how long the former key works yet")
	return cmd
}

func newKeysRevoke(c *common) *cobra.Command {
	return c.onStore(&cobra.Command{
		Use: "revoke ID", Short: "End an API key at once",
		Example: `  portico keys revoke 4m2k9v1t0q8x3c7b`, Args: cobra.ExactArgs(1),
	}, func(ctx context.Context, e *engine.Engine, args []string, out *printer) error {
		if err := e.RevokeKey(ctx, args[0]); err != nil {
			return err
		}
		out.f("revoked %s\n", args[0])
		return nil
	})
}

func scopeList(scopes []engine.Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, ",")
}

func orAll(d schema.Domain) string {
	if d == "" {
		return "all"
	}
	return string(d)
}

func keyState(k engine.Key) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked " + k.RevokedAt.Format(time.DateOnly)
	case !k.ExpiresAt.IsZero() && !time.Now().Before(k.ExpiresAt):
		return "expired"
	case !k.ExpiresAt.IsZero():
		return "until " + k.ExpiresAt.Format(time.DateOnly)
	}
	return "works"
}
