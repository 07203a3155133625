package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
)

func newServe(c *common) *cobra.Command {
	var fill, show, rollBack bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the façade",
		Long: `Serve the façade over HTTP until it is told to stop (interrupt, SIGTERM).

Nothing needs to be configured: it makes an SQLite file, runs SpiceDB in the
process, listens on loopback only, and on the very first start prints a first
API key, once. What can be configured comes from a YAML file, the environment
(spicedb.endpoint is PORTICO_SPICEDB_ENDPOINT) and flags, the later winning;
secrets have no flag. --print-config shows what it comes to.`,
		Example: `  portico serve
  portico serve --demo
  portico serve --demo --portal studio
  portico serve --config /etc/portico.yaml --print-config
  PORTICO_SPICEDB_TOKEN=… portico serve --store postgres://portico@db/portico --spicedb.endpoint spicedb:50051`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := c.config(cmd)
			if err != nil {
				return err
			}
			var d *demo
			if fill {
				if d, err = chooseDemo(&config); err != nil {
					return err
				}
				if defaults := defaultConfig(); config.Store == defaults.Store && !cmd.Flag("store").Changed {
					config.Store = d.store
				}
			}
			out := newPrinter(cmd.OutOrStdout())
			if show {
				config.print(out)
				return out.err
			}
			return serve(cmd.Context(), config, d, parts{
				stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), serves: true, rollBack: rollBack,
			})
		},
	}
	cmd.Flags().BoolVar(&fill, "demo", false, "fill a store of its own, such as portico-demo.db, with two firms to look at")
	cmd.Flags().BoolVar(&show, "print-config", false, "print the configuration, secrets masked, and end")
	cmd.Flags().BoolVar(&rollBack, "roll-back", false, "go back to a schema that another replica has replaced")
	defaults := defaultConfig()
	for _, s := range settings(&defaults) {
		if !s.secret() {
			keyFlag(cmd, s)
		}
	}
	return cmd
}

// chooseDemo returns the demo of the portal that is configured.
func chooseDemo(config *Config) (*demo, error) {
	portal, err := loadPortal(config.Portal)
	if err != nil {
		return nil, err
	}
	d, err := demoOf(portal)
	return &d, err
}

// serve opens what is configured, fills it with the demo, if there is to be one,
// and serves until ctx ends.
func serve(ctx context.Context, config Config, d *demo, p parts) (err error) {
	var mail tap
	if d != nil {
		p.mailer = mail.into
	}
	a, err := openApp(ctx, config, p)
	if err != nil {
		return err
	}
	defer func() {
		if closing := a.Close(); err == nil {
			err = closing
		}
	}()
	server, err := a.server() //nolint:contextcheck // handlers have their requests' contexts
	if err != nil {
		return err
	}
	listener, err := a.bind(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // Run has closed it, if it came so far
	out := newPrinter(p.stdout)
	a.announce(out)
	if d != nil {
		if err := a.fillDemo(ctx, &mail, p.stderr); err != nil {
			return fmt.Errorf("fill the demo: %w", err)
		}
	}
	key, err := a.firstKey(ctx, out)
	if err != nil {
		return err
	}
	url := a.url(listener.Addr())
	out.f("\nServing %s\nThe API's page: %s/docs\n", url, url)
	if d != nil {
		d.print(out, url, key)
	}
	if out.err != nil {
		return out.err
	}
	return a.Run(ctx, server, listener)
}

// announce tells what was opened.
func (a *app) announce(out *printer) {
	c := &a.config
	graph := "SpiceDB " + builtFrom().SpiceDB + " in the process"
	if c.SpiceDB.Endpoint != "" {
		graph = "SpiceDB at " + c.SpiceDB.Endpoint
	}
	mail := "printed here; nothing is sent"
	switch {
	case c.Mail.SMTP.Address != "":
		mail = "sent by " + c.Mail.SMTP.Address
	case c.Mail.Outbox != "":
		mail = "written to " + c.Mail.Outbox
	case !c.loopback():
		mail = "refused; set mail.smtp.address to send them"
	}
	people := "named by applications with a key (scope act)"
	if c.OIDC.Issuer != "" {
		people = "named by tokens of " + c.OIDC.Issuer + ", or by applications with a key"
	}
	cached := "nowhere"
	if c.Redis.Mode != "" {
		cached = "in Redis, " + c.Redis.Mode + ": " + strings.Join(c.Redis.Addresses, ", ")
	}
	out.f("Portico %s\n", builtFrom().Version)
	out.table([][]string{
		{"  portal", a.portal.Name + " (" + a.portal.Title + ")"},
		{"  store", c.Store.String()},
		{"  graph", graph},
		{"  decisions cached", cached},
		{"  people", people},
		{"  invitations", mail},
	})
}

// firstKey makes a key when there is none at all, so that somebody can begin,
// and returns its text; "" if there is one already.
func (a *app) firstKey(ctx context.Context, out *printer) (string, error) {
	scopes := []engine.Scope{engine.ScopeCheck, engine.ScopeAct, engine.ScopeOperate}
	key, text, err := a.engine.CreateFirstKey(ctx, engine.NewKey{Name: "first", Scopes: scopes})
	if err != nil {
		return "", err
	}
	if text == "" {
		out.f("\nThere are API keys; this makes more: %s\n", a.keysCommand("create --name NAME"))
		return "", out.err
	}
	out.f("\nA first API key, for everything. It is shown this once:\n\n  %s\n\nRevoke it when there are others: %s\n", text, a.keysCommand("revoke "+key.ID))
	return text, out.err
}

// keysCommand is what to call for this store's keys. An SQLite file must be free
// for it.
func (a *app) keysCommand(rest string) string {
	line := "portico keys " + rest
	if a.config.Store.Postgres() {
		return line + ", with this configuration"
	}
	return line + " --store " + quoted(string(a.config.Store)) + ", with the server stopped"
}
